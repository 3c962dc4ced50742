"""Queries and the PromQL that they become; queries that become none, and why."""

import pytest
from promql_tools import expression, rules

from ddguard.promql import CannotExportError

EXPRESSIONS = {
    "sum(last_1h):sum:a.b{env:p} by {tenant}.as_count() > 100":
        'sum by (tenant) (increase(a_b_total{env="p",tenant!=""}[1h])) > 100',
    "sum(last_1d):sum:a.total{*}.as_count() > 0.50": "sum(increase(a_total[1d])) > 0.5",
    "max(last_90m):max:m{*} by {Kube-Host} >= 3": 'max by (kube_host) (max_over_time(m{kube_host!=""}[90m])) >= 3',
    "avg(last_5m):m{*} < 1": "avg_over_time(avg(m)[5m:1m]) < 1",
    "avg(last_5m):-m{a:1}.abs() + 2 < 1": 'avg_over_time((-1 * abs(avg(m{a="1"})) + 2)[5m:1m]) < 1',
    "avg(last_5m):sum:m{a:1 OR b:2} by {g} > 1":
        'avg_over_time(sum by (g) (m{a="1",g!=""} or m{b="2",g!=""})[5m:1m]) > 1',
    "max(last_5m):max:m{a:1 OR b:2} > 1": 'max(max_over_time(m{a="1"}[5m]) or max_over_time(m{b="2"}[5m])) > 1',
    "avg(last_5m):(avg:a{*} by {g} + 1) / (avg:b{*} by {g} - 2) > 1":
        'avg_over_time(((avg by (g) (a{g!=""}) + 1) / (avg by (g) (b{g!=""}) - 2 != 0))[5m:1m]) > 1',
    "avg(last_5m):avg:a{*} by {g} / avg:b{*} > 1":
        'avg_over_time((avg by (g) (a{g!=""}) / on () group_left () (avg(b) != 0))[5m:1m]) > 1',
    "avg(last_5m):avg:a{*} - avg:b{*} by {g} > 1":
        'avg_over_time((avg(a) - on () group_right () avg by (g) (b{g!=""}))[5m:1m]) > 1',
    "max(last_5m):top_of(1) + 1 > 2": None,
    "max(last_10m):timeshift(max:m{*}, -60) > 1": "max_over_time(max(m offset 1m)[10m:1m]) > 1",
    "max(last_10m):max:m{*}.week_before() > 1": "max_over_time(max(m offset 1w)[10m:1m]) > 1",
    "max(last_10m):max(max:m{*}, 5) > 1": None,
    "max(last_10m):maximum(sum:a{*}, sum:b{*}) > 1": "max_over_time((sum(a) >= sum(b) or sum(b) > sum(a))[10m:1m]) > 1",
    "max(last_10m):log2(sum:a{*}) > 1": "max_over_time(log2(sum(a) > 0)[10m:1m]) > 1",
    "max(last_10m):cutoff_min(sum:a{*}, 3) > 1": "max_over_time((sum(a) >= 3)[10m:1m]) > 1",
    "max(last_10m):count_nonzero(sum:a{*} by {h}) > 1":
        'max_over_time(sum(sum by (h) (a{h!=""}) != bool 0)[10m:1m]) > 1',
    "max(last_10m):count_not_null(sum:a{*} by {h}) > 1": 'max_over_time(count(sum by (h) (a{h!=""}))[10m:1m]) > 1',
    "max(last_10m):sum(avg:a{*} by {h,z}, {z}) > 1":
        'max_over_time(sum by (z) (avg by (h, z) (a{h!="",z!=""}))[10m:1m]) > 1',
    "max(last_10m):default_zero(max:a{*} by {h}) >= 1": 'max by (h) (max_over_time(a{h!=""}[10m])) >= 1',
    "change(avg(last_5m),last_1h):sum:a{*} > 1": "avg_over_time((sum(a) - sum(a offset 1h))[5m:1m]) > 1",
    "change(sum(last_5m),1h_ago):sum:a{*}.as_count() > 1":
        "sum(increase(a_total[5m])) - (sum(increase(a_total[5m] offset 1h)) or sum(increase(a_total[5m])) * 0) > 1",
    "pct_change(sum(last_5m),last_5m):sum:a{*}.as_count() > 50":
        "(sum(increase(a_total[5m])) - sum(increase(a_total[5m] offset 5m))) / "
        "(sum(increase(a_total[5m] offset 5m)) != 0) * 100 > 50",
}  # fmt: skip


@pytest.mark.parametrize("query", [query for query, text in EXPRESSIONS.items() if text])
def test_expression(query: str) -> None:
    found = rules(query)
    assert found.differences == ()
    assert found.rules[0].expression == EXPRESSIONS[query]


DIFFERENT = {
    "sum(last_5m):sum:a{*} > 1": ("sum-over-gauge", "sum(sum_over_time(a[5m])) > 1"),
    "sum(last_5m):avg:a{*} > 1": ("sum-over-gauge", "sum_over_time(avg(a)[5m:1m]) > 1"),
    "max(last_1d):max:a{*} > 1": ("bucket-averages", "max(max_over_time(a[1d])) > 1"),
    "avg(last_5m):sum:a{*}.as_rate() > 1": ("as-rate", "sum(rate(a_total[5m])) > 1"),
    "sum(last_5m):avg:a{*}.as_count() > 1": ("avg-of-counts", "avg(increase(a_total[5m])) > 1"),
    "max(last_5m):max:a{*}.rollup(max, 300) > 1": ("rollup", "max(max_over_time(a[5m])) > 1"),
    "max(last_5m):avg:a{*}.rollup(min) > 1": ("rollup", "max_over_time(avg(a)[5m:1m]) > 1"),
    "avg(last_5m):avg:a{*}.fill(zero) > 1": ("fill", "avg_over_time(avg(a)[5m:1m]) > 1"),
    "avg(last_5m):(avg:a{*} + 1).fill('last', 60) > 1": ("fill", "avg_over_time((avg(a) + 1)[5m:1m]) > 1"),
    "avg(last_5m):default_zero(avg:a{*}) > 1": ("default-zero", "avg_over_time(avg(a)[5m:1m]) > 1"),
    "max(last_5m):default_zero(max:a{*}) > -1": ("default-zero", "max_over_time(max(a)[5m:1m]) > -1"),
    "max(last_5m):clamp_max(max:a{*}, 9) > 1": ("clamped-gaps", "max_over_time(clamp_max(max(a), 9)[5m:1m]) > 1"),
    "sum(last_5m):sum:a{*}.as_count() < 1": ("gone-counter", "sum(increase(a_total[5m])) < 1"),
}


@pytest.mark.parametrize("query", DIFFERENT)
def test_what_differs_is_named(query: str) -> None:
    code, text = DIFFERENT[query]
    found = rules(query)
    assert [difference.code for difference in found.differences] == [code]
    assert found.rules[0].expression == text


REFUSED = {
    "percentile(last_5m):p95:a{*} > 1": "percentiles need Datadog's sketches",
    "avg(current_1d):avg:a{*} > 1": "current_1d is no range",
    "avg(last_5m):p95:a{*} > 1": "p95: needs Datadog's sketches of a distribution",
    "avg(last_5m):avg:a{*}.as_count() > 1": "avg() of as_count() depends on Datadog's buckets",
    "max(last_5m):sum:a{*}.as_rate() > 1": "max() of as_rate() depends on Datadog's buckets",
    "sum(last_5m):max:a{*}.as_count() > 1": "max: of as_count() depends on Datadog's buckets",
    "sum(last_5m):sum:a{*}.as_count().rollup(max, 60) > 1": ".rollup(max) depends on how many points Datadog has",
    "max(last_5m):max:a{*}.rollup(count) > 1": ".rollup(count) depends on how many points Datadog has",
    "max(last_5m):max:a{*}.rollup(max, daily, 'UTC') > 1": "a rollup by the calendar is no range in PromQL",
    "max(last_5m):ewma_5(max:a{*}) > 1": "ewma_5() has no counterpart in PromQL",
    "max(last_5m):timeshift(max:a{*}, 60) > 1": "timeshift() into the future has no data",
    "max(last_5m):timeshift(max:a{*}, 'x') > 1": "timeshift() takes a number",
    "sum(last_5m):abs(sum:a{*}.as_count()) > 1": "abs() of counts works on Datadog's buckets",
    "sum(last_5m):sum(sum:a{*} by {h}.as_count(), {h}) > 1": "sum() by fewer keys works on Datadog's buckets",
    "max(last_5m):avg:a{*} by {g} - avg:a{*} by {h} > 1": "{g} meets {h} in its arithmetic",
    "max(last_5m):minimum(avg:a{*} by {g}, avg:a{*} by {h}) > 1": "it takes the extreme of two different groupings",
    "max(last_5m):max:a{*} by {a.b,a_b} > 1": "two of its group keys are the same label in Prometheus",
    "max(last_5m):max:a{example} > 1": "the tag 'example' has no key, so it is no label in Prometheus",
    "max(last_5m):max:a{*} by {severity} > 1": "it is grouped by severity, a label that alerts have for something else",
    "max(last_5m):1 + 2 > 1": "it has no metric in it",
    "avg(last_5m) max:a{*} > 1": "its query can't be read: ",
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_said(query: str) -> None:
    with pytest.raises(CannotExportError) as stopped:
        rules(query)
    assert stopped.value.reason.startswith(REFUSED[query])


def test_numbers_and_extremes_of_scalars() -> None:
    assert expression("max(last_5m):minimum(sum:a{*}, 5) > 1") == "max_over_time(clamp_max(sum(a), 5)[5m:1m]) > 1"
    assert expression("max(last_5m):max(2, sum:a{*}) > 1") == "max_over_time(clamp_min(sum(a), 2)[5m:1m]) > 1"
    assert expression("max(last_5m):sum:a{*} * (2 + 1) > 1") == "max_over_time((sum(a) * (2 + 1))[5m:1m]) > 1"


def test_an_evaluation_delay_is_an_offset() -> None:
    delayed = {"evaluation_delay": 900}
    assert expression("max(last_5m):max:a{*} > 1", delayed) == "max(max_over_time(a[5m] offset 15m)) > 1"
    assert expression("avg(last_5m):max:a{*} > 1", delayed) == "avg_over_time(max(a)[5m:1m] offset 15m) > 1"
    assert expression("change(sum(last_5m),last_5m):sum:a{*}.as_count() > 1", delayed).startswith(
        "sum(increase(a_total[5m] offset 15m)) - (sum(increase(a_total[5m] offset 20m)) or"
    )
