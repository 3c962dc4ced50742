"""Single functions and forms of queries with hand-computed values, and everything that is refused, by name."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from helpers import at, every_minute, one, replay, series, value_at

from ddguard.errors import InputError
from ddguard.query.nodes import Window
from ddguard.replay.buckets import by_calendar
from ddguard.replay.exact import total, window_sums
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import allowed_bucket, default_bucket, pace, rounds
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import Settings
from ddguard.replay.tails import KEY_BITS, all_columns
from ddguard.replay.terms import Calendar

RISING = series(every_minute("m", [1, 2, 4, 8, 16, 32]))
MINUTE = 300
"""The last value's second."""


@pytest.mark.parametrize(
    ("expression", "aggregator", "expected"),
    [
        ("avg:m{*}", "sum", 63),
        ("m{*}", "avg", 10.5),
        ("log2(avg:m{*})", "max", 5),
        ("log10(avg:m{*} * 0)", "max", None),
        ("abs(0 - avg:m{*})", "max", 32),
        ("-avg:m{*}", "min", -32),
        ("+(avg:m{*})", "min", 1),
        ("cutoff_max(avg:m{*}, 4)", "sum", 7),
        ("cutoff_min(avg:m{*}, 4)", "sum", 60),
        ("clamp_max(avg:m{*}, 4)", "sum", 19),
        ("avg:m{*}.clamp_min(4)", "sum", 68),
        ("is_greater(avg:m{*}, 4)", "sum", 3),
        ("is_less(avg:m{*}, 4)", "sum", 2),
        ("is_between(avg:m{*}, 1, 16)", "sum", 3),
        ("throughput(avg:m{*})", "max", 32 / 60),
        ("diff(avg:m{*})", "sum", 31),
        ("monotonic_diff(0 - avg:m{*})", "sum", None),
        ("derivative(avg:m{*})", "max", 16 / 60),
        ("per_second(avg:m{*})", "max", 16 / 60),
        ("per_minute(avg:m{*} + 0)", "max", 16),
        ("per_hour(avg:m{*})", "max", 960),
        ("cumsum(avg:m{*})", "max", 63),
        ("integral(avg:m{*})", "max", 62 * 60),
        ("dt(avg:m{*})", "sum", 300),
        ("ewma_1(avg:m{*})", "max", 32),
        ("ewma_3(avg:m{*})", "min", 1),
        ("median(avg:m{*})", "max", 16),
        ("median_5(avg:m{*})", "max", 8),
        ("rollingavg_5(avg:m{*})", "max", 12.4),
        ("timeshift(avg:m{*}, -60)", "max", 16),
        ("minute(avg:m{*})", "max", "refused"),
        ("moving_rollup(avg:m{*}, 120, 'max')", "min", 1),
        ("moving_rollup(avg:m{*}, 120, 'count')", "max", 2),
        ("min(avg:m{*}, 3)", "sum", 1 + 2 + 3 * 4),
        ("maximum(avg:m{*}, avg:m{*} * 2)", "max", 64),
        ("2 * 3 + avg:m{*}", "min", 7),
        ("avg:m{*}.rollup(sum, 120).rollup(max, 240)", "sum", 60),
        ("(avg:m{*}).fill(last)", "sum", 63),
        ("avg:m{*}.rollup(120)", "max", 24),
        ("count_not_null(avg:m{*})", "sum", 6),
    ],
)
def test_functions(expression: str, aggregator: str, expected: Any) -> None:
    """Over the minutes 0 to 5 in buckets of a minute."""
    query = f"{aggregator}(last_5m):{expression} > 0"
    if expected == "refused":
        with pytest.raises(CannotEvaluateError, match="ddguard doesn't know this function"):
            value_at(query, RISING, MINUTE, bucket=60)
    else:
        assert value_at(query, RISING, MINUTE, bucket=60) == expected


def test_integral_to_the_letter() -> None:
    query = "max(last_5m):integral(avg:m{*}) > 0"
    assert value_at(query, RISING, MINUTE, bucket=60, integral="change") == 31 * 60


def grouped(expression: str, aggregator: str = "sum") -> dict[str, float | None]:
    values: dict[str, list[float | None]] = {"a": [5, 1], "b": [2, 2], "c": [0, 9], "d": [7, None]}
    parts = series(*(every_minute("m", line, tags=f"g:{name} h:1") for name, line in values.items()))
    found = replay(f"{aggregator}(last_5m):{expression} > 0", parts, 60, {"new_group_delay": 1}, first=60, bucket=60)
    return {group.group: group.value_in(0) for group in found.groups}


def test_functions_over_groups() -> None:
    assert grouped("top(avg:m{*} by {g}, 2, 'max', 'desc')") == {"g:c": 9, "g:d": 7}
    assert grouped("top(avg:m{*} by {g}, 2, 'mean', 'asc')") == {"g:b": 4, "g:a": 6}
    assert grouped("top5_last(avg:m{*} by {g})") == {"g:a": 6, "g:b": 4, "g:c": 9, "g:d": 7}
    assert grouped("bottom5_l2norm(avg:m{*} by {g})") == {"g:a": 6, "g:b": 4, "g:c": 9, "g:d": 7}
    assert grouped("count_nonzero(avg:m{*} by {g})") == {"*": 6}
    assert grouped("sum(avg:m{*} by {g,h}, {h})") == {"h:1": 26}
    assert grouped("exclude_null(avg:m{g IN (a, b)} by {g})") == {"g:a": 6, "g:b": 4}
    assert grouped("avg:m{g NOT IN (a, b)} by {g}") == {"g:c": 9, "g:d": 7}
    assert grouped("avg:m{g:* AND (NOT g:a)} by {h,g} / avg:m{*} by {g,h}", "min") == {
        "h:1,g:b": 1,
        "h:1,g:c": 1,
        "h:1,g:d": 1,
    }
    assert grouped("avg:m{none:1} by {g} + avg:m{*}") == {}
    assert grouped("avg:m{*} + avg:m{g:a} by {g}") == {"g:a": 13.5}


def test_a_number_with_series_only_in_the_other_operand() -> None:
    counted = series(every_minute("c", [2, 4], "count"))
    assert value_at("sum(last_5m):clamp_max(sum:c{*}.as_count() / 4, 1) > 0", counted, 60, bucket=60) == 1
    assert value_at("sum(last_5m):sum:c{*}.as_count() * 2 > 0", counted, 60, bucket=60, as_count_path="division") == 12


def test_shifts_of_days_and_of_the_calendar() -> None:
    points = {at("10:00", day): float(day) for day in range(40)}
    parts = series(one("m", points))

    def shifted(function: str, day: int = 35) -> float | None:
        return value_at(f"max(last_5m):{function} > 0", parts, at("10:01", day), bucket=60)

    assert [shifted(f"{name}_before(avg:m{{*}})") for name in ("day", "week", "month")] == [34, 28, 7]
    assert [shifted(f"calendar_shift(avg:m{{*}}, '{by}', 'UTC')") for by in ("-1d", "-7d", "-30d", "-4w", "-1mo")] == [
        34, 28, 5, 7, 4,
    ]  # fmt: skip
    with pytest.raises(InputError, match="there is no time zone 'Mars'"):
        shifted("calendar_shift(avg:m{*}, '-1d', 'Mars')")
    with pytest.raises(CannotEvaluateError, match="known are -1d, -7d, -30d, -4w and -1mo"):
        shifted("calendar_shift(avg:m{*}, '-2d', 'UTC')")


def test_buckets_by_the_calendar() -> None:
    points = {at("10:00", day): 1.0 for day in range(70)}
    parts = series(one("m", points, "count"))
    end = at("12:00", 60)

    def rolled(arguments: str) -> float | None:
        query = f"max(last_1mo):sum:m{{*}}.as_count().rollup({arguments}) > 0"
        return replay(query, parts, end, first=end, every=600).groups[0].value_in(0)

    assert rolled("sum, daily") == 1
    assert rolled("sum, weekly, monday, 'Europe/Paris'") == 7
    assert rolled("sum, monthly") == 28
    assert rolled("sum, monthly, 'Asia/Tokyo'") == 28
    filled = "sum(last_1mo):default_zero(sum:m{*}.rollup(sum, weekly)) > 0"
    assert replay(filled, parts, end, first=end, every=600).groups[0].value_in(0) == 30
    with pytest.raises(InputError, match="there is no time zone 'Mars'"):
        rolled("sum, daily, 'Mars'")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sum(last_2d):sum:m{*}.rollup(sum, daily, 'Europe/Paris')", 40 + 41),
        ("change(sum(last_2d),last_1d):sum:m{*}.rollup(sum, daily, 'Europe/Paris')", 2),
        ("sum(last_2d):day_before(sum:m{*}.rollup(sum, daily, 'Europe/Paris'))", 39 + 40),
        ("sum(last_14d):sum:m{*}.rollup(sum, weekly)", sum(range(32, 42))),
        ("change(sum(last_14d),last_7d):sum:m{*}.rollup(sum, weekly)", sum(range(32, 42)) - sum(range(25, 39))),
        ("sum(last_14d):timeshift(sum:m{*}.rollup(sum, weekly), -604800)", sum(range(25, 39))),
        ("sum(last_1mo):timeshift(sum:m{*}.rollup(sum, monthly), -2592000)", sum(range(1, 32))),
    ],
)
def test_buckets_by_the_calendar_are_shifted_by_whole_ones(query: str, expected: float) -> None:
    """On day n of 1970, a Thursday, the count is n. At noon of the 41st, 10 February, Paris is an hour ahead of UTC."""
    parts = series(one("m", {at("10:00", day): day + 1.0 for day in range(60)}, "count"))
    found = replay(f"{query} > 0", parts, at("12:00", 40), first=at("12:00", 40))
    assert found.groups[0].value_in(0) == expected


def test_days_are_shifted_over_a_clock_change() -> None:
    """Paris has 25 hours on 25 October 2026."""
    parts = series(one("m", {at_utc(f"2026-10-{day}T12:00"): float(day) for day in (23, 24, 25, 26, 27)}, "count"))
    end = at_utc("2026-10-27T18:00")
    query = "sum(last_3d):day_before(sum:m{*}.rollup(sum, daily, 'Europe/Paris')) > 0"
    assert replay(query, parts, end, first=end).groups[0].value_in(0) == 24 + 25 + 26


def test_a_group_that_is_not_there_yet_is_not_clamped() -> None:
    parts = series(every_minute("m", [1] * 20, tags="h:a r:x"), one("m", {900: 1.0}, tags="h:b r:x"))
    found = replay("max(last_1m):sum(clamp_min(avg:m{*} by {h,r}, 5), {r}) > 6", parts, 1080, bucket=60)
    assert [found.groups[0].value_at(60 * minute) for minute in (2, 14, 15, 18)] == [5, 5, 10, 10]


def test_weeks_begin_on_sunday_unless_told() -> None:
    first, last = (int(datetime(2026, 1, day, tzinfo=UTC).timestamp()) for day in (1, 31))
    names = {
        datetime.fromtimestamp(start, UTC).strftime("%a")
        for start in by_calendar(Calendar("weekly"), first, last).starts
    }
    assert names == {"Sun"}
    buckets = by_calendar(Calendar("daily"), first, last)
    assert buckets.end_of(buckets.first_from(first + 1)) - first == 2 * 86400
    assert buckets.start_of(np.array([first + 5])).tolist() == [first]


REFUSED = {
    "avg(last_5m):anomalies(avg:m{*}, 'basic', 2) >= 1": (
        "anomalies()",
        "how Datadog makes its bands isn't published",
    ),
    "avg(last_5m):avg:m{*}.weighted() > 1": (
        "weighted()",
        "it needs the interval that Datadog keeps for each metric",
    ),
    "avg(last_5m):p95:m{*} > 1": (
        "the space aggregation p95",
        "it needs a distribution, which Datadog keeps as sketches",
    ),
    "percentile(last_5m):p95:m{*} > 1": (
        "the space aggregation p95",
        "it needs a distribution, which Datadog keeps as sketches",
    ),
    "percentile(last_5m):avg:m{*} > 1": (
        "percentile() over a window",
        "percentiles need Datadog's sketches",
    ),
    "avg(next_1w):avg:m{*} > 1": (
        "a window in the future",
        "Datadog's models aren't published",
    ),
    "avg(current_2h):avg:m{*} > 1": (
        "the window current_2h",
        "Datadog documents no such one",
    ),
    "avg(last_5m):avg:m{*} > threshold": (
        "a dynamic threshold",
        "it comes from another query",
    ),
    "avg(last_5m):1 + 2 > 1": (
        "the query",
        "it has no series in it",
    ),
    "avg(last_5m):abs(avg:m{*}).as_count() > 1": (
        ".as_count() after a function",
        "it belongs to a metric query",
    ),
    "avg(last_5m):avg:m{*}.rollup(sum, 60).rollup(avg) > 1": (
        "a second .rollup()",
        "without a number of seconds it can't be reproduced",
    ),
    **{
        f"avg(last_5m):{expression} > 1": (
            f"{name}()",
            "its seconds are no whole number, too few, or more than a century",
        )
        for name, expression in (
            ("fill", "avg:m{*}.fill(last, 1e300)"),
            ("fill", "fill(avg:m{*}, 'last', -5)"),
            ("rollup", "avg:m{*}.rollup(avg, 99999999999999999999)"),
            ("rollup", "avg:m{*}.rollup(avg, 0.5)"),
            ("rollup", "rollup(avg:m{*}.rollup(avg, 60), 'avg', 1e300)"),
            ("timeshift", "timeshift(avg:m{*}, -1e300)"),
            ("moving_rollup", "moving_rollup(avg:m{*}, 0, 'avg')"),
        )
    },
    "avg(last_5m):top(avg:m{*} by {g}, -1, 'max', 'desc') > 1": (
        "top()",
        "it leaves no group at all",
    ),
    "avg(last_5m):avg:m{*}.rollup(p95, 60) > 1": (
        ".rollup(p95)",
        "known are avg, sum, min, max, count",
    ),
    "avg(last_5m):avg:m{*}.rollup(sum, 60, 60) > 1": (
        ".rollup()",
        "its arguments are none that Datadog documents",
    ),
    "avg(last_5m):avg:m{*}.fill(cubic) > 1": (
        ".fill(cubic)",
        "known are linear, last, zero, null with a limit in seconds",
    ),
    "avg(last_5m):clamp_max(avg:m{*}) > 1": (
        "clamp_max()",
        "its arguments are none that Datadog documents",
    ),
    "avg(last_5m):top(avg:m{*} by {g}, 5, 'luck', 'desc') > 1": (
        "top()",
        "known are max, mean, min, sum, last, l2norm, area with asc or desc",
    ),
    "avg(last_5m):moving_rollup(avg:m{*}, 60, 'p9') > 1": (
        "moving_rollup()",
        "known are avg, sum, min, max, count",
    ),
    "avg(last_5m):sum(avg:m{*} by {g}, {z}) > 1": (
        "sum(…, {…})",
        "its keys are none of the inner query's",
    ),
    "avg(last_5m):avg:m{*} by {g} + avg:m{*} by {h} > 1": (
        "arithmetic between different groupings",
        "{g} meets {h}",
    ),
    "avg(last_5m):abs(3) + avg:m{*} > 1": (
        "the query",
        "it has a number where a series is due",
    ),
    "avg(last_5m):abs(sum:m{*} by {g}, mode=x) > 1": (
        "abs()",
        "it has an argument that ddguard doesn't know",
    ),
    "avg(last_5m):abs('x') > 1": (
        "abs()",
        "its first argument is no series",
    ),
    "avg(last_5m)avg:m{*} > 1": (
        "the query",
        "it can't be read: ",
    ),
    'formula("query1").last("5m") > 1': (
        "a query alert",
        "its queries are in options.variables, not in the monitor's query",
    ),
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_refused_and_why(query: str) -> None:
    parts = series(every_minute("m", [1, 2, 3], tags="g:1 h:2"))
    with pytest.raises(CannotEvaluateError) as error:
        replay(query, parts, 120)
    what, reason = REFUSED[query]
    assert error.value.what == what
    assert error.value.reason.startswith(reason)
    assert error.value.message == f"{what} can't be evaluated locally: {error.value.reason}"


def test_a_fill_of_an_expression() -> None:
    """Points at 1 and 5 minutes: 6 carried on for two minutes, then 10 for one."""
    parts = series(one("m", {60: 3.0, 300: 5.0}))
    assert value_at("sum(last_5m):fill(avg:m{*} + avg:m{*}, 'last', 120) > 0", parts, 360, bucket=60) == 3 * 6 + 2 * 10


@pytest.mark.parametrize("expression", ["avg:m{*}.fill(last, 3000000000)", "fill(avg:m{*}, 'last', 3000000000)"])
def test_a_fill_without_end_needs_no_more_than_the_points(expression: str) -> None:
    parts = series(one("m", {60: 3.0, 120: 5.0}))
    found = replay(f"sum(last_1m):{expression} > 1", parts, 86400, first=86400, bucket=1)
    assert found.groups[0].value_in(0) == 61 * 5


def test_a_custom_schedule_is_refused() -> None:
    with pytest.raises(CannotEvaluateError, match="a custom schedule can't be evaluated locally"):
        replay(
            "avg(last_5m):avg:m{*} > 1", RISING, 60, {"scheduling_options": {"custom_schedule": {"recurrences": []}}}
        )


# Rounds


def cumulative(window: str, second: int, **evaluation_window: Any) -> int:
    """Where the window began that a round at that second looks at."""
    kind = Window("current", 1, "h" if window == "h" else "d" if window == "d" else "mo")
    options = {"scheduling_options": {"evaluation_window": evaluation_window}}
    return int(rounds(second, second, kind, 0, Settings(every=1, offset=0), options).low[0])


def test_cumulative_windows() -> None:
    """https://docs.datadoghq.com/monitors/configuration/."""
    assert cumulative("h", at("7:45"), hour_starts=30) == at("7:30")
    assert cumulative("h", at("7:15"), hour_starts=30) == at("6:30")
    assert cumulative("h", at("7:15")) == at("7:00")
    assert cumulative("d", at("7:15", 3), day_starts="09:00") == at("9:00", 2)
    assert cumulative("d", at("9:15", 3), day_starts="09:00") == at("9:00", 3)
    assert cumulative("d", at("23:30", 3), timezone="Europe/Paris") == at("23:00", 3)
    assert cumulative("mo", at("0:00", 40), month_starts=1) == at("0:00", 31)
    assert cumulative("mo", at("1:00", 31), day_starts="09:00") == at("9:00", 0)
    assert cumulative("mo", at("1:00", 0) + 86400 * 365, day_starts="09:00") == at("9:00", 334)
    found = replay("sum(current_1h):sum:m{*}.as_count() > 50", series(every_minute("m", [1] * 200, "count")), 7500)
    assert [found.groups[0].value_at(60 * minute) for minute in (0, 59, 60, 119, 125)] == [1, 60, 1, 60, 6]


def at_utc(text: str) -> int:
    """The second of a moment in UTC: `2026-10-25T01:10`."""
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


@pytest.mark.parametrize(
    ("window", "now", "begun"),
    [
        ("h", "2026-10-25T01:10", "2026-10-25T01:00"),
        ("h30", "2026-10-25T01:10", "2026-10-25T00:30"),
        ("h30", "2026-03-29T01:10", "2026-03-29T00:30"),
        ("d", "2026-10-25T00:20", "2026-10-24T00:30"),
        ("d", "2026-10-25T01:10", "2026-10-25T00:30"),
        ("d", "2026-10-25T01:40", "2026-10-25T00:30"),
        ("d", "2026-03-29T01:10", "2026-03-28T01:30"),
        ("d", "2026-03-30T01:10", "2026-03-30T00:30"),
    ],
)
def test_cumulative_windows_where_the_clock_is_changed(window: str, now: str, begun: str) -> None:
    """In Paris at 01:00 UTC: on 29 March 2026 there is no half past two, on 25 October 2026 there are two."""
    start = {"h": {"hour_starts": 0}, "h30": {"hour_starts": 30}, "d": {"day_starts": "02:30"}}[window]
    assert cumulative(window[0], at_utc(now), timezone="Europe/Paris", **start) == at_utc(begun)


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"timezone": "Mars"}, "there is no time zone 'Mars'"),
        ({"hour_starts": 60}, "hour_starts 60 is no minute from 0 to 59"),
        ({"day_starts": "9 am"}, "day_starts '9 am' is no time of day: write 09:30"),
    ],
)
def test_cumulative_windows_that_cannot_be_followed(window: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        cumulative("h", 0, **window)
    assert error.value.message == message


def test_the_pace_and_the_buckets() -> None:
    """https://docs.datadoghq.com/monitors/configuration/ and https://docs.datadoghq.com/dashboards/functions/rollup/."""
    assert [pace(seconds) for seconds in (60, 86399, 86400, 172799, 172800)] == [60, 60, 600, 600, 1800]
    lengths = (60, 300, 301, 900, 1800, 3600, 14400, 86400, 172800, 604800, 2628000, 31 * 86400, 9999999)
    assert [default_bucket(seconds, Settings()) for seconds in lengths] == [
        1, 2, 5, 5, 10, 20, 60, 300, 600, 3600, 14400, 14400, 86400,
    ]  # fmt: skip
    assert default_bucket(300, Settings(assume={"bucket-table": "bar"})) == 5
    assert default_bucket(300, Settings(bucket=7)) == 7
    assert [allowed_bucket(1, seconds) for seconds in (300, 1500, 1501, 3600, 10**9)] == [1, 1, 2, 5, 86400]


def test_a_run_without_rounds_or_series_is_empty() -> None:
    assert replay("avg(last_5m):avg:m{*} > 1", RISING, 50, first=10).groups == ()
    assert replay("avg(last_5m):avg:m{*} by {g} > 1", series(), 600).groups == ()
    assert replay("avg(last_5m):avg:m{*}.rollup(sum, daily) > 1", series(), 50, first=10).groups == ()


def test_assumptions_are_named_when_they_decide() -> None:
    twice = series(one("m", {0: 1, 1: 3, 60: 1}))
    touched = [one.name for one in replay("max(last_5m):avg:m{*} > 1", twice, 60).assumptions]
    assert touched == ["bucket-table"]
    assert replay("max(last_5m):avg:m{*}.rollup(avg, 60) > 1", twice, 60).assumptions == ()
    late = replay(
        "max(last_5m):avg:m{*}.rollup(avg, 60) > 1", series(one("m", {0: 1, 50: 3})), 300, {"evaluation_delay": 30}
    )
    assert [one.name for one in late.assumptions] == ["last-bucket"]


def test_functions_that_rest_on_an_assumption_name_it() -> None:
    for function, name in (("ewma_3", "ewma-alpha"), ("per_minute", "monotonic-diff")):
        for expression in (f"{function}(avg:m{{*}})", f"{function}(avg:m{{*}} + 1)"):
            found = replay(f"max(last_5m):{expression} > 1", RISING, 300, bucket=60)
            assert [one.name for one in found.assumptions] == [name]


@pytest.mark.parametrize(
    "query",
    [
        "sum(last_5m):sum:c{*} by {g}.as_count() > 40",
        "sum(last_5m):sum:c{*} by {g}.as_count() / sum:d{*}.as_count() > 0.5",
        "sum(last_5m):sum:c{*} by {g}.as_count() / sum:e{*} by {g}.as_count() > 2",
        "avg(last_5m):sum:c{*} by {g}.rollup(sum, 300) > 9",
    ],
)
def test_blocks_of_groups_make_no_difference(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(value) for value in range(20)]
    parts = series(
        *(every_minute("c", values[number:], "count", f"g:{number}") for number in range(9)),
        *(every_minute("e", values[number:], "count", f"g:{number}") for number in range(4, 12)),
        every_minute("d", values, "count"),
    )
    whole = replay(query, parts, 1200, {"require_full_window": True})
    monkeypatch.setattr("ddguard.replay.blocks.CELLS_A_BLOCK", 40)
    blocks = replay(query, parts, 1200, {"require_full_window": True})
    assert [group.group for group in blocks.groups] == [group.group for group in whole.groups]
    assert [group.spans for group in blocks.groups] == [group.spans for group in whole.groups]
    assert all(
        np.array_equal(a.values, b.values, equal_nan=True) for a, b in zip(blocks.groups, whole.groups, strict=True)
    )
    assert blocks.transitions == whole.transitions
    assert blocks.notifications == whole.notifications


SPREAD = [
    "avg(last_5m):avg:m{*} by {g}",
    "max(last_5m):sum:m{*}",
    "sum(last_15m):avg:m{*} by {g}.fill(linear, 120)",
    "sum(last_5m):avg:m{*} by {g}.fill(last, 40) / avg:m{*} by {g}",
    "min(last_5m):avg:m{*} by {g}.fill(zero) + hour_before(avg:m{*} by {g})",
    "pct_change(avg(last_5m),last_10m):avg:m{*} by {g}",
]


def scattered() -> SeriesSet:
    """Two groups of three hosts for two hours: every host has a point about every 50 seconds, and pauses."""
    random = np.random.default_rng(7)
    parts = []
    for number in range(6):
        times = np.unique(np.cumsum(random.integers(20, 80, 150)))
        times = times[(times < 2000) | (times > 2000 + 200 * number)]
        points = {int(second): float(random.integers(0, 99)) for second in times}
        parts.append(one("m", points, tags=f"g:{number % 2} h:{number}"))
    return series(*parts)


@pytest.mark.parametrize("query", SPREAD)
@pytest.mark.parametrize("options", [{}, {"evaluation_delay": 90, "require_full_window": True}])
def test_all_ways_to_values_between_points_are_the_same(
    query: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def values() -> list[Any]:
        found = replay(f"{query} > 50", scattered(), 7200, options)
        return [(group.group, group.spans, group.values.tolist()) for group in found.groups]

    at_once = repr(values())
    monkeypatch.setattr("ddguard.replay.blocks.SPREAD_CELLS", 2000)
    assert repr(values()) == at_once
    monkeypatch.setattr("ddguard.replay.values.is_open", lambda _: False)
    assert repr(values()) == at_once


def test_the_end_of_a_window_has_no_buckets_before_1970() -> None:
    keys = all_columns(np.array([-120, -60, 0]), np.array([0, 60, 120]), 60)
    assert [divmod(key, 1 << KEY_BITS) for key in keys.tolist()] == [
        (0, 0), (1, 0), (1, 60), (2, 0), (2, 60), (2, 120),
    ]  # fmt: skip


def test_a_query_that_goes_round_by_round_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddguard.replay.values.MOST_VALUES", 11)
    parts = series(*(every_minute("m", [1] * 5, tags=f"g:{name}") for name in "ab"))
    assert len(replay("avg(last_5m):avg:m{*} by {g} > 1", parts, 300).groups) == 2
    with pytest.raises(InputError, match="2 groups in 6 rounds are more than 11 values, and this query needs each"):
        replay("avg(last_5m):ewma_3(avg:m{*} by {g}) > 1", parts, 300)


def test_few_points_need_little_memory_over_many_rounds() -> None:
    parts = series(one("m", {0: 1.0, 3600: 2.0, 86400: 3.0}, tags="g:a"))
    found = replay("avg(last_5m):avg:m{*} by {g} > 1", parts, 86400).groups[0]
    assert found.row.kept.nbytes < 100
    assert [found.value_at(second) for second in (0, 299, 300, 3599, 3600, 3900, 86399, 86400)] == [
        1, 1, None, None, 2, None, None, 3,
    ]  # fmt: skip
    assert np.count_nonzero(~np.isnan(found.values)) == 5 + 5 + 1


def test_the_last_bucket_may_be_cut_at_the_delay() -> None:
    parts = series(one("m", {0: 1, 50: 3}))
    query = "max(last_5m):avg:m{*}.rollup(avg, 60) > 1"
    full = replay(query, parts, 60, {"evaluation_delay": 30}, first=60)
    cut = replay(query, parts, 60, {"evaluation_delay": 30}, first=60, assume={"last-bucket": "truncated"})
    assert (full.groups[0].value_in(0), cut.groups[0].value_in(0)) == (2, 1)


def test_sums_of_numbers_far_apart_are_exact_and_too_large_ones_are_none() -> None:
    values = np.array([[1e30, 1.0, 1e-30, -1e30]])
    assert window_sums(values, np.array([0, 1]), np.array([4, 4]))[0].tolist() == [1.0, -1e30]
    assert total([np.array([1e308]), np.array([1e308]), np.array([1e308])]).tolist() != [0]
    assert value_at("sum(last_5m):avg:m{*} > 1", series(every_minute("m", [1.7e308, 1.7e308])), 60, bucket=60) is None
