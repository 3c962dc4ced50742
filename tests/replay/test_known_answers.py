"""Datadog's own worked examples: each test names the documentation page that the numbers are from."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from helpers import at, every_minute, letters, one, replay, series, states, story, value_at

from ddguard.query import parse
from ddguard.query.nodes import Composite, Window
from ddguard.replay.buckets import Even, Points, in_buckets
from ddguard.replay.composites import composite_spans, outcome
from ddguard.replay.downtimes import silence
from ddguard.replay.interpolation import filled
from ddguard.replay.rounds import rounds
from ddguard.replay.scopes import parse_scope
from ddguard.replay.settings import Settings
from ddguard.replay.states import Spans, State

ERR = one(
    "err", {at("11:00:30"): 1, at("11:01:30"): 2, at("11:02:40"): 3, at("11:03:30"): 4, at("11:04:40"): 5}, "count"
)
MINUTES = [at("11:00:30"), at("11:01:30"), at("11:02:40"), at("11:03:30"), at("11:04:40")]


def counts(metric: str, values: list[float | None]) -> Any:
    return one(metric, {t: v for t, v in zip(MINUTES, values, strict=True) if v is not None}, "count")


@pytest.mark.parametrize(
    ("query", "tot", "expected"),
    [
        ("sum(last_5m):sum:err{*}.as_rate() / sum:tot{*}.as_rate() > 0", [10] * 5, 1.5),
        ("sum(last_5m):sum:err{*}.as_count() / sum:tot{*}.as_count() > 0", [10] * 5, 0.3),
        ("sum(last_5m):sum:err{*}.as_rate() / sum:tot{*}.as_rate() > 0", [5] * 5, 3),
        ("avg(last_5m):sum:err{*}.as_rate() / sum:tot{*}.as_rate() > 0", [5] * 5, 0.6),
        ("sum(last_5m):sum:err{*}.as_count() / sum:tot{*}.as_count() > 0", [5] * 5, 0.6),
    ],
)
def test_a_b_as_count_and_the_classic_path(query: str, tot: list[float | None], expected: float) -> None:
    """https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/."""
    found = value_at(query, series(ERR, counts("tot", tot)), at("11:05"), bucket=60)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("avg(last_5m):sum:err{*}.as_rate() / sum:tot{*}.as_rate() > 0", 0.35),
        ("sum(last_5m):sum:err{*}.as_count() / sum:tot{*}.as_count() > 0", 0.20),
    ],
)
def test_c_as_count_of_2019(query: str, expected: float) -> None:
    """https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/ (version of 2019).

    The documentation rounds 1.75 / 5 after rounding the shares 1/1, 1/2, 0/3, 1/4, 0/5.
    """
    parts = series(counts("err", [1, 1, 0, 1, 0]), counts("tot", [1, 2, 3, 4, 5]))
    assert value_at(query, parts, at("11:05"), bucket=60) == pytest.approx(expected, abs=1e-12)


def test_d_division_by_zero_and_by_nothing() -> None:
    """https://docs.datadoghq.com/monitors/guide/monitor-arithmetic-and-sparse-metrics/."""
    gauges = series(every_minute("a", [10, 10, 10]), every_minute("b", [0, 1, None]))
    assert value_at("sum(last_5m):sum:a{*} / sum:b{*} > 0", gauges, 180, bucket=60) == 10
    known = series(every_minute("a", [10, 10, 10], "count"), every_minute("b", [0, 1, None], "count"))
    assert value_at("sum(last_5m):sum:a{*}.as_count() / sum:b{*}.as_count() > 0", known, 180, bucket=60) == 30


@pytest.mark.parametrize(("fill", "expected"), [("", 3), (".fill(last)", 5)])
def test_e_misaligned_rates(fill: str, expected: float) -> None:
    """https://docs.datadoghq.com/monitors/guide/monitor-arithmetic-and-sparse-metrics/ (an older version)."""
    parts = series(every_minute("num", [1] * 5, "rate"), every_minute("den", [1, None, 1, None, 1], "rate"))
    query = f"sum(last_5m):sum:num{{*}}.as_rate() / sum:den{{*}}.as_rate(){fill} > 0"
    assert value_at(query, parts, 299, bucket=60) == expected


def test_f_gauges_with_gaps() -> None:
    """https://docs.datadoghq.com/monitors/guide/monitor-arithmetic-and-sparse-metrics/."""
    norm = one("norm", {at("12:00"): 1, at("12:10"): 0, at("12:20"): 1, at("12:30"): 1})
    offset = one("offset", {at("11:55"): 1, at("12:05"): 1, at("12:15"): 1, at("12:25"): 1})
    plain = "sum(last_30m):sum:norm{*} / sum:offset{*} > 0"
    assert value_at(plain, series(norm, offset), at("12:30"), bucket=300) is None
    carried = "sum(last_30m):sum:norm{*}.fill(last,900) / sum:offset{*}.fill(last,900) > 0"
    assert value_at(carried, series(norm, offset), at("12:30"), bucket=300) == 5


def test_g_rollup_buckets() -> None:
    """https://docs.datadoghq.com/dashboards/functions/rollup/."""
    times = np.array([at("11:00"), at("11:01"), at("11:01:30"), at("11:02:30")], dtype=np.int64)
    points = Points(times, np.zeros(4, dtype=np.intp), np.array([1.0, 2.0, 1.0, 1.0]), 1)
    starts, values = in_buckets(points, Even(60), "sum")
    assert starts.tolist() == [at("11:00"), at("11:01"), at("11:02")]
    assert values.tolist() == [[1, 3, 1]]


@pytest.mark.parametrize(
    ("end", "value", "state"),
    [("17:23:02", 100, "OK"), ("17:24:02", 0, "Alert"), ("17:25:02", 100, "OK"), ("17:26:02", 100, "OK")],
)
def test_h_rollup_and_the_window(end: str, value: float, state: str) -> None:
    """https://docs.datadoghq.com/monitors/guide/why-rollup-should-not-be-used-in-monitors/."""
    points = dict.fromkeys(range(at("17:00"), at("17:30")), 0.0)
    points |= {at("17:14:50"): 100.0, at("17:24:20"): 100.0}
    query = "max(last_10m):sum:m{*}.rollup(sum,60) < 1"
    found = replay(query, series(one("m", points)), at(end), first=at(end), every=1, offset=0).groups[0]
    assert (found.value_in(0), found.state) == (value, state)
    plain = replay(
        "max(last_10m):sum:m{*} < 1", series(one("m", points)), at(end), first=at(end), every=1, offset=0, bucket=1
    )
    assert (plain.groups[0].value_in(0), plain.groups[0].state) == (100, "OK")


AGGREGATED = every_minute("m", [10, 15, 12, 8, 11, 14, 13, 25, 37, 45, 50])


@pytest.mark.parametrize(
    ("query", "value", "state"),
    [
        ("avg(last_10m):avg:m{*} > 30", 240 / 11, "OK"),
        ("max(last_10m):avg:m{*} > 40", 50, "Alert"),
        ("max(last_10m):avg:m{*} > 50", 50, "OK"),
        ("min(last_10m):avg:m{*} > 10", 8, "OK"),
        ("sum(last_10m):avg:m{*} > 250", 240, "OK"),
    ],
)
def test_i_time_aggregations(query: str, value: float, state: str) -> None:
    """https://docs.datadoghq.com/monitors/guide/monitor_aggregators/."""
    found = replay(query, series(AGGREGATED), 600, first=600, offset=0).groups[0]
    assert (found.value_in(0), found.state) == (value, state)


def test_j_linear_interpolation() -> None:
    """https://docs.datadoghq.com/metrics/guide/interpolation-the-fill-modifier-explained/."""
    starts = np.array([0, 10, 30, 40], dtype=np.int64)
    a, b = filled(starts, np.array([[15, np.nan, 25, np.nan], [np.nan, 10, np.nan, 40]]), "linear", 300)
    assert (a[1], b[2]) == (pytest.approx(18.3, abs=0.04), 30)
    parts = series(
        one("m", {at("3:00"): 15, at("3:00:30"): 25}, tags="h:a"),
        one("m", {at("3:00:10"): 10, at("3:00:40"): 40}, tags="h:b"),
    )
    window = replay(
        "max(last_1m):sum:m{*} > 0", parts, at("3:00:41"), first=at("3:00:41"), every=1, offset=0, bucket=10
    )
    assert window.groups[0].value_in(0) == 55
    first = value_at("max(last_1m):cutoff_max(sum:m{*}, 35) > 0", parts, at("3:00:41"), bucket=10)
    assert first == pytest.approx(28.3, abs=0.04)


def test_k_default_zero_on_a_gauge() -> None:
    """https://docs.datadoghq.com/dashboards/functions/interpolation/."""
    parts = series(one("m", {at("17:45"): 1}))
    ones = "sum(last_30m):default_zero(avg:m{*}) > 0"
    assert value_at(ones, parts, at("18:00"), bucket=60) == 6
    assert value_at("sum(last_30m):count_not_null(default_zero(avg:m{*})) > 0", parts, at("17:59:59"), bucket=60) == 30


@pytest.mark.parametrize(("empty", "whole"), [((), True), ((0,), False), ((1, 2, 3), True), ((0, 1, 2, 7, 8), False)])
def test_l_require_full_window(empty: tuple[int, ...], whole: bool) -> None:
    """https://docs.datadoghq.com/monitors/types/metric/ (a window of 2 hours in 12 buckets)."""
    first = at("1:00") - 7200
    points = {first + 600 * number + 300: 9.0 for number in range(12) if number not in empty}
    chosen = {"require_full_window": True}
    found = replay(
        "avg(last_2h):avg:m{*} > 5", series(one("m", points)), at("1:00"), chosen, first=at("1:00"), offset=0
    )
    assert [group.state for group in found.groups] == (["Alert"] if whole else [])


@pytest.mark.parametrize(("delay", "low", "high"), [(900, "6:40", "6:45"), (300, "6:50", "6:55")])
def test_m_evaluation_delay(delay: int, low: str, high: str) -> None:
    """https://docs.datadoghq.com/monitors/configuration/."""
    found = rounds(at("7:00"), at("7:00"), Window("last", 5, "m"), delay, Settings(offset=0), {})
    assert (found.low.tolist(), found.high.tolist()) == ([at(low)], [at(high)])


def test_n_percent_change() -> None:
    """https://docs.datadoghq.com/monitors/types/metric/."""
    parts = series(every_minute("m", [2, 2, 2, 2, 2, 4, 4, 4]))
    assert value_at("pct_change(avg(last_1m),last_5m):avg:m{*} > 50", parts, 419, bucket=60) == 100
    assert value_at("change(avg(last_1m),last_5m):avg:m{*} > 50", parts, 419, bucket=60) == 2


RECOVERING = {"critical": 80, "warning": 60, "critical_recovery": 70, "warning_recovery": 50}


@pytest.mark.parametrize(
    ("comparator", "values", "expected"),
    [
        (">", [90, 75, 71, 70, 40], ["Alert", "Alert", "Alert", "Warn", "OK"]),
        (">=", [90, 75, 70, 69, 40], ["Alert", "Alert", "Alert", "Warn", "OK"]),
        (">", [65, 55, 51, 50], ["Warn", "Warn", "Warn", "OK"]),
        (">=", [65, 55, 50, 49], ["Warn", "Warn", "Warn", "OK"]),
    ],
)
def test_o_recovery_thresholds(comparator: str, values: list[float | None], expected: list[str]) -> None:
    """https://docs.datadoghq.com/monitors/guide/recovery-thresholds/."""
    query = f"avg(last_1m):avg:m{{*}} {comparator} 80"
    found = replay(query, series(every_minute("m", values)), 60 * (len(values) - 1), {"thresholds": RECOVERING})
    assert states(found.groups[0]) == expected


def test_p_without_recovery_thresholds() -> None:
    """https://docs.datadoghq.com/monitors/configuration/."""
    found = replay("avg(last_1m):avg:m{*} > 3", series(every_minute("m", [4, 3, 4, 2])), 180)
    assert states(found.groups[0]) == ["Alert", "OK", "Alert", "OK"]


def test_r_series_without_a_group_key_take_no_part() -> None:
    """https://docs.datadoghq.com/dashboards/functions/exclusion/ and https://docs.datadoghq.com/monitors/types/metric/."""
    keys = [
        (f"account:{a}" if a else "", f"region:{r}" if r else "") for a in ("1", "2", "") for r in ("x", "y", "z", "")
    ]
    parts = series(*(every_minute("m", [1, 1, 1], tags=f"{a} {r} n:{n}") for n, (a, r) in enumerate(keys)))
    found = replay("avg(last_1m):exclude_null(avg:m{*} by {account,region}) > 0", parts, 60)
    assert [group.group for group in found.groups] == [f"account:{a},region:{r}" for a in "12" for r in "xyz"]


def test_s_as_rate_and_as_count() -> None:
    """https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/."""
    parts = series(one("c", {0: 1, 20: 1, 40: 1, 60: 1}, "count"), one("r", {0: 1.5}, "rate", interval=10))
    assert value_at("min(last_1m):sum:c{*}.as_rate() > 0", parts, 60, bucket=20) == 0.05
    assert value_at("max(last_1m):sum:c{*}.as_rate() > 0", parts, 60, bucket=20) == 0.05
    assert value_at("sum(last_1m):sum:r{*}.as_count() > 0", parts, 60, bucket=20) == 15


ALERT, WARN, OK, NO_DATA = State.ALERT, State.WARN, State.OK, State.NO_DATA


@pytest.mark.parametrize(
    ("a", "b", "operator", "tells", "expected"),
    [
        (ALERT, WARN, "&&", False, WARN), (ALERT, WARN, "||", False, ALERT),
        (ALERT, OK, "&&", False, OK), (ALERT, OK, "||", False, ALERT),
        (WARN, OK, "&&", False, OK), (WARN, OK, "||", False, WARN),
        (NO_DATA, WARN, "&&", True, NO_DATA), (NO_DATA, WARN, "||", True, WARN),
        (NO_DATA, WARN, "&&", False, None), (NO_DATA, WARN, "||", False, WARN),
        (NO_DATA, OK, "&&", False, OK), (NO_DATA, OK, "||", False, None),
        (NO_DATA, OK, "&&", True, OK), (NO_DATA, OK, "||", True, NO_DATA),
        (NO_DATA, NO_DATA, "&&", True, NO_DATA), (NO_DATA, NO_DATA, "||", True, NO_DATA),
    ],
)  # fmt: skip
def test_t_composite_states(a: State, b: State, operator: str, tells: bool, expected: State | None) -> None:
    """https://docs.datadoghq.com/monitors/types/composite/ (None: the last known state stays)."""
    query = parse("composite", f"1 {operator} 2")
    assert isinstance(query, Composite)
    for known, before in ((State.ALERT, State.ALERT), (State.OK, State.OK)):
        start: Spans = ((0, known), (1, a))
        found = composite_spans(query, {"1": {"*": start}, "2": {"*": ((0, known), (1, b))}}, 2, tells_no_data=tells)
        last = found["*"][-1][1]
        assert last is (before if expected is None else expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1 && !2", {(ALERT, ALERT): OK, (ALERT, OK): ALERT, (OK, ALERT): OK}),
        ("!1 && 2", {(ALERT, ALERT): OK, (ALERT, OK): OK, (OK, ALERT): ALERT}),
        ("1 && 2", {(ALERT, ALERT): ALERT, (ALERT, OK): OK, (OK, ALERT): OK}),
        ("!1", {(NO_DATA, OK): NO_DATA, (WARN, OK): OK, (OK, OK): ALERT}),
    ],
)
def test_t_composite_use_cases(query: str, expected: dict[tuple[State, State], State]) -> None:
    """https://docs.datadoghq.com/monitors/guide/composite_use_cases/."""
    parsed = parse("composite", query)
    assert isinstance(parsed, Composite)
    for (a, b), state in expected.items():
        assert outcome(parsed.expression, {"1": a, "2": b}) is state


def test_t_composite_groups() -> None:
    """https://docs.datadoghq.com/monitors/types/composite/."""
    up: Spans = ((0, ALERT),)
    a = {f"host:web0{n}": up for n in range(1, 6)}
    b = {f"host:web0{n}": up for n in range(4, 10)}
    two, three = parse("composite", "1 && 2"), parse("composite", "1 && 2 && 3")
    assert isinstance(two, Composite)
    assert isinstance(three, Composite)
    assert list(composite_spans(two, {"1": a, "2": b}, 1, tells_no_data=False)) == ["host:web04", "host:web05"]
    with_service = {"1": a, "2": b, "3": {"service:web04": up}}
    assert list(composite_spans(three, with_service, 1, tells_no_data=False)) == ["host:web04"]


def test_t_composite_groups_of_several_keys() -> None:
    """Per `device,host` and per `host` go together, per `host,url` doesn't go with the first.

    https://docs.datadoghq.com/monitors/types/composite/
    """
    up: Spans = ((0, ALERT),)
    hosts = {"host:a": ((0, WARN),), "host:b": up}
    disks = {"device:sda,host:a": up, "device:sdb,host:a": ((0, OK),), "device:sda,host:c": up}
    pages = {"host:a,url:x": up}
    query = parse("composite", "1 && 2")
    assert isinstance(query, Composite)
    for first, second in ((hosts, disks), (disks, hosts)):
        found = composite_spans(query, {"1": first, "2": second}, 1, tells_no_data=False)
        assert found == {"device:sda,host:a": ((0, WARN),), "device:sdb,host:a": ((0, OK),)}
    assert composite_spans(query, {"1": disks, "2": pages}, 1, tells_no_data=False) == {}


@pytest.mark.parametrize(
    ("scope", "tags", "muted"),
    [
        ("service:web-store", "host:A service:web-store", True),
        ("service:web-store", "host:A host:B service:synthesizer service:demo service:web-store", True),
        ("service:web-store", "host:A host:B service:synthesizer", False),
        ("env:prod service:web-store", "env:prod service:web-store", True),
        ("env:prod service:web-store", "env:prod env:dev service:synthesizer service:demo service:web-store", True),
        ("env:prod service:web-store", "env:dev env:demo service:web-store", False),
        ("env:prod service:web-store", "env:prod env:demo service:synthesizer", False),
        ("env:(dev OR staging)", "env:staging service:x", True),
        ("env:(dev OR staging)", "env:dev env:prod", True),
        ("env:(dev OR staging)", "env:demo env:staging", True),
        ("env:(dev OR staging)", "env:demo env:prod", False),
        ("env:* -env:prod", "env:dev", True),
        ("env:* -env:prod", "env:prod", False),
        ("env:* -env:prod", "service:x", False),
    ],
)
def test_v_downtime_scopes(scope: str, tags: str, muted: bool) -> None:
    """https://docs.datadoghq.com/monitors/guide/scoping_downtimes/."""
    assert parse_scope(scope).covers({tag.lower() for tag in tags.split()}) is muted


@pytest.mark.parametrize(
    ("query", "muted"),
    [("avg(last_1m):avg:m{service:web} by {host} > 1", {"host:a", "host:b"}),
     ("avg(last_1m):avg:m{*} by {service} > 1", {"service:web"})],
)  # fmt: skip
def test_v_the_filter_counts_as_tags_of_all_groups(query: str, muted: set[str]) -> None:
    """https://docs.datadoghq.com/monitors/guide/scoping_downtimes/ (monitors A and B)."""
    parts = series(
        *(
            every_minute("m", [5] * 5, tags=tags)
            for tags in ("host:a service:web", "host:b service:web", "host:c service:db")
        )
    )
    held = silence({"scope": "service:web"}, 0, 300)
    found = replay(query, parts, 240, silences=[held])
    assert {letter.group for letter in found.notifications if letter.suppressed_by} == muted


def test_w_a_downtime_ends_while_the_monitor_alerts() -> None:
    """https://docs.datadoghq.com/monitors/downtimes/ (example 1)."""
    held = silence({"scope": "*", "schedule": {"start": "1970-01-01T00:03:00Z", "end": "1970-01-01T00:08:00Z"}}, 0, 900)
    parts = series(every_minute("m", [0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9]))
    found = replay("avg(last_1m):avg:m{*} > 5", parts, 600, {"renotify_interval": 3}, silences=[held], bucket=60)
    assert letters(found, "*") == [
        (2, "alert", ()), (5, "renotify", ("*",)), (8, "alert", ()),
    ]  # fmt: skip


def test_w_a_monitor_recovers_during_a_downtime() -> None:
    """https://docs.datadoghq.com/monitors/downtimes/ (example 2)."""
    attributes = {"scope": "*", "schedule": {"start": "1970-01-01T00:03:00Z", "end": "1970-01-01T00:12:00Z"}}
    parts = series(every_minute("m", [0, 9, 9, 9, 9, 0, 0, 9, 9, 0, 0, 0, 0, 0]))
    found = replay("max(last_1m):avg:m{*} > 5", parts, 780, silences=[silence(attributes, 0, 900)], bucket=60)
    assert story(found, "*") == [(1, "OK", "Alert"), (5, "Alert", "OK"), (7, "OK", "Alert"), (9, "Alert", "OK")]
    assert letters(found, "*") == [
        (1, "alert", ()),
        (5, "recovery", ()),
        (7, "alert", ("*",)),
        (9, "recovery", ("*",)),
    ]
    strict = silence({**attributes, "mute_first_recovery_notification": True}, 0, 900)
    found = replay("max(last_1m):avg:m{*} > 5", parts, 780, silences=[strict], bucket=60)
    assert letters(found, "*")[1] == (5, "recovery", ("*",))


def test_aa_buckets_of_a_window_as_the_api_gives_them() -> None:
    """A recorded answer of https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points."""
    grid = Even(300).grid(1641343852, 1641430252)
    assert (grid.size, grid[0], grid[-1], Even(300).end_of(int(grid[-1])) - 1) == (
        288,
        1641344100,
        1641430200,
        1641430499,
    )


def test_ab_the_second_tuesday_of_a_month() -> None:
    """https://docs.datadoghq.com/monitors/guide/suppress-alert-with-downtimes/."""
    recurrence = {"start": "2021-03-09T08:00:00", "duration": "2h", "rrule": "FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU"}
    first, last = int(datetime(2021, 3, 1, tzinfo=UTC).timestamp()), int(datetime(2021, 4, 30, tzinfo=UTC).timestamp())
    found = silence({"scope": "*", "schedule": {"timezone": "UTC", "recurrences": [recurrence]}}, first, last)
    assert found.stretches[0] == (1615276800, 1615284000)
    assert datetime.fromtimestamp(found.stretches[1][0], UTC) == datetime(2021, 4, 13, 8, tzinfo=UTC)


@pytest.mark.parametrize("value", range(2, 11))
def test_ad_values_within_a_range(value: float) -> None:
    """https://docs.datadoghq.com/monitors/guide/monitor-for-value-within-a-range/."""
    parts = series(every_minute("a", [value]))
    outside = replay("avg(last_1m):abs(6 - avg:a{*}) - 2 > 0", parts, 0).groups[0].state
    inside = replay("avg(last_1m):2 - abs(6 - avg:a{*}) > 0", parts, 0).groups[0].state
    assert (outside, inside) == ("OK" if 4 <= value <= 8 else "Alert", "Alert" if 4 < value < 8 else "OK")
    assert value_at("avg(last_1m):is_greater(avg:a{*}, 15) > 0", parts, 0) == 0
