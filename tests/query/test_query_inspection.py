"""The questions that everybody asks a query."""

from dataclasses import replace

import pytest

from ddguard.query import (
    calls,
    children,
    comparison,
    group_keys,
    metric_queries,
    monitors,
    parse,
    scope_families,
    threshold,
    walk,
    window,
)
from ddguard.query.nodes import EventMonitor, MonitorNumber, MonitorReference, Number, Window

RATIO = "sum(last_5m):abs(sum:errors{a:1} by {host,env}.as_count()) / sum:hits{*} by {env,az}.as_count() > 0.5"


def test_walk_goes_from_left_to_right() -> None:
    query = parse("query alert", "avg(last_5m):avg:m{!a:1} by {b} + 1 > 5")
    assert " ".join(type(node).__name__ for node in walk(query)) == (
        "MetricMonitor TimeAggregation Window Arithmetic MetricQuery Not Tag GroupKey Number Comparison Number"
    )


def test_children_are_the_next_level_only() -> None:
    tree = parse("query alert", "avg(last_5m):avg:m{*} > 5")
    assert [type(node).__name__ for node in children(tree)] == ["TimeAggregation", "MetricQuery", "Comparison"]


def test_metric_queries() -> None:
    assert [found.metric for found in metric_queries(parse("query alert", RATIO))] == ["errors", "hits"]
    assert metric_queries(parse("composite", "1 && 2")) == ()


def test_calls_before_and_after_the_dot() -> None:
    query = parse("query alert", "avg(last_5m):rollup(avg:a{*}.rollup(sum, 60), 'avg', 60) > 5")
    assert [type(found).__name__ for found in calls(query, "rollup")] == ["Call", "Method"]
    assert calls(query, "fill") == ()


@pytest.mark.parametrize(
    ("kind", "text", "keys"),
    [
        ("query alert", RATIO, ("host", "env", "az")),
        ("query alert", "avg(last_5m):avg:m{*} > 5", ()),
        ("query alert", "avg(last_5m):(-avg:m{*} by {host}) * 2 > 5", ("host",)),
        ("query alert", "avg(last_5m):sum(avg:m{*} by {host,az}, {az}) > 5", ("az",)),
        ("query alert", "avg(last_5m):count_nonzero(avg:m{*} by {host}) > 5", ()),
        ("query alert", "avg(last_5m):top(avg:m{*} by {host}, 10, 'mean', 'desc') > 5", ("host",)),
        ("log alert", 'logs("a").index("*").rollup("count").by("@a, b,").last("5m") > 5', ("@a", "b")),
        ("log alert", 'logs("a").index("*").rollup("count").last("5m") > 5', ()),
        ("data-jobs alert", 'formula("a").by(job,workspace).last(10d) > 5', ("job", "workspace")),
        ("log alert", 'formula("a").by(1).last("10d") > 5', ()),
        ("service check", '"a".over("*").by("host","port").last(2).count_by_status()', ("host", "port")),
        ("service check", '"a".by("*").last(2).count_by_status()', ("*",)),
        ("slo alert", 'error_budget("a").over("7d") > 5', ()),
        ("composite", "1 && 2", ()),
        ("synthetics alert", "no_query", ()),
    ],
)
def test_group_keys(kind: str, text: str, keys: tuple[str, ...]) -> None:
    assert group_keys(parse(kind, text)) == keys


@pytest.mark.parametrize(
    ("kind", "text", "number", "length"),
    [
        ("query alert", RATIO, Number("0.5"), Window("last", 5, "m")),
        ("query alert", "avg(current_1d):avg:m{*} > threshold", None, Window("current", 1, "d")),
        ("query alert", "change(avg(last_5m),1h_ago):avg:m{*} > 5", Number("5"), Window("last", 5, "m")),
        ("log alert", 'logs("a").index("*").last("1d").rollup("count") >= 7', Number("7"), Window("last", 1, "d")),
        ("data-jobs alert", 'formula("a").last(10d) > 0', Number("0"), Window("last", 10, "d")),
        ("slo alert", 'error_budget("a").over("7d") > 5', Number("5"), None),
        ("service check", '"a".by("*").last(2).count_by_status()', None, None),
        ("composite", "1", None, None),
        ("synthetics alert", "no_query", None, None),
    ],
)
def test_threshold_and_window(kind: str, text: str, number: Number | None, length: Window | None) -> None:
    query = parse(kind, text)
    assert threshold(query) == number
    assert window(query) == length


def test_the_window_in_quotes_stands_inside_them() -> None:
    text = 'logs("a").last("15m") > 1'
    found = window(parse("log alert", text))
    assert found is not None
    assert text[found.span.start : found.span.end] == "15m"


def test_a_made_query_may_lack_its_window() -> None:
    query = parse("log alert", 'logs("a").last("15m") > 1')
    assert isinstance(query, EventMonitor)
    assert window(replace(query, methods=())) is None


def test_comparison_of_kinds_with_and_without() -> None:
    found = comparison(parse("slo alert", 'error_budget("a").over("7d") >= 5'))
    assert found is not None
    assert found.comparator == ">="
    assert comparison(parse("composite", "1")) is None


@pytest.mark.parametrize(
    ("scope", "families"),
    [
        ("*", set()),
        ("a:1", set()),
        ("a:1,b:2", {"symbols"}),
        ("!a:1", {"symbols"}),
        ("NOT a:1", {"words"}),
        ("a:1 OR b:2", {"words"}),
        ("a IN (1,2)", {"words"}),
        ("(a:1 AND !b:2)", {"symbols", "words"}),
    ],
)
def test_scope_families(scope: str, families: set[str]) -> None:
    (query,) = metric_queries(parse("query alert", f"avg(last_5m):avg:m{{{scope}}} > 5"))
    assert scope_families(query.scope) == families


def test_monitors_of_a_composite() -> None:
    found = monitors(parse("composite", "1 && (!${monitor:a} || 3)"))
    assert found == (MonitorNumber("1"), MonitorReference("a"), MonitorNumber("3"))
