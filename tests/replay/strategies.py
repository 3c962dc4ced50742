"""Random series, queries and options for the comparison of the evaluator with the oracle."""

import math
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from oracle_points import Source

GROUPS = ("a", "b", "c")
TYPES = {"g": "gauge", "c": "count", "r": "rate"}


@dataclass(frozen=True)
class Case:
    """One comparison."""

    query: str
    options: dict[str, Any]
    sources: list[Source]
    last: int
    every: int
    offset: int
    bucket: int
    assume: dict[str, str]
    silences: list[dict[str, Any]]


whole = st.integers(-5, 20).map(float)
decimal = st.decimals(-20, 20, places=2).map(float)
wide = st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False).map(lambda value: round(value, 9))


@st.composite
def sources(draw: st.DrawFn, metrics: list[str], every: int, last: int) -> list[Source]:
    found = []
    values = draw(st.sampled_from([whole, whole, decimal, wide]))
    for metric in metrics:
        for number in range(draw(st.sampled_from([1, 2, 3, 4, 4, 0]))):
            group = draw(st.sampled_from(GROUPS))
            step = draw(st.sampled_from([every // 6 or 1, every // 3 or 1, every, every, 2 * every]))
            shift = draw(st.integers(-5, step))
            count = draw(st.integers(1, min(60, last // step + 2)))
            seconds = [shift + step * place + draw(st.sampled_from([0, 0, 0, 7])) for place in range(count)]
            kept = [second for second in seconds if second >= 0 and draw(st.integers(0, 9)) < 8]
            if number and draw(st.integers(0, 2)) == 0:
                kept = list(found[-1].points)
            points = {second: draw(values) for second in kept}
            tags = tuple(sorted((f"g:{group}", f"h:{draw(st.sampled_from('12'))}", f"n:{number}")))
            interval = draw(st.sampled_from([None, 10])) if metric == "r" else None
            found.append(Source(metric, tags, TYPES[metric], points, interval))
    return found


@st.composite
def queries(draw: st.DrawFn) -> str:
    window = draw(st.sampled_from(["last_1m", "last_5m", "last_5m", "last_10m", "last_15m", "last_1h"]))
    aggregator = draw(st.sampled_from(["avg", "sum", "min", "max"]))
    by = draw(st.sampled_from(["", " by {g}", " by {g}", " by {g,h}"]))
    expression = draw(expressions(by, draw(st.integers(0, 2))))
    if draw(st.integers(0, 5)) == 0:
        shift = draw(st.sampled_from(["last_5m", "10m_ago", "last_1h"]))
        head = f"{draw(st.sampled_from(['change', 'pct_change']))}({aggregator}({window}),{shift})"
    else:
        head = f"{aggregator}({window})"
    threshold = draw(st.integers(-3, 12))
    return f"{head}:{expression} {draw(st.sampled_from(['>', '>=', '<', '<=', '==', '!=']))} {threshold}"


@st.composite
def expressions(draw: st.DrawFn, by: str, depth: int) -> str:
    if depth == 0:
        return draw(metric_queries(by))
    inner = draw(expressions(by, depth - 1))
    choice = draw(st.integers(0, 11))
    if choice < 5:
        regrouped = "count_no" in inner or "{g})" in inner
        other = draw(expressions("" if regrouped else draw(st.sampled_from([by, by, ""])), 0))
        return f"({inner} {draw(st.sampled_from('+-*/'))} {other})"
    if choice == 5:
        return f"{inner} {draw(st.sampled_from('*/'))} {draw(st.sampled_from(['2', '100', '0.5']))}"
    if choice == 6 and by == " by {g,h}" and "count_no" not in inner and "{g})" not in inner:
        return f"{draw(st.sampled_from(['sum', 'max']))}({inner}, {{g}})"
    function = draw(st.sampled_from(FUNCTIONS))
    return function.replace("Q", inner)


FUNCTIONS = (
    "abs(Q)", "clamp_min(Q, 3)", "clamp_max(Q, 2)", "cutoff_min(Q, 1)", "cutoff_max(Q, 4)", "is_greater(Q, 2)",
    "is_between(Q, 0, 5)", "default_zero(Q)", "timeshift(Q, -120)", "hour_before(Q)", "moving_rollup(Q, 120, 'sum')",
    "cumsum(Q)", "integral(Q)", "ewma_5(Q)", "median_3(Q)", "rollingavg_5(Q)", "count_nonzero(Q)", "count_not_null(Q)",
    "diff(Q)",
)  # fmt: skip


@st.composite
def metric_queries(draw: st.DrawFn, by: str) -> str:
    metric = draw(st.sampled_from("gcr"))
    space = draw(st.sampled_from(["avg", "sum", "min", "max"]))
    scope = draw(st.sampled_from(["*", "*", "*", "g:a", "!g:b", "g:a OR h:1", "h:1,!n:0"]))
    modifiers = draw(st.sampled_from(["", "", ".as_count()", ".as_count()", ".as_rate()"]))
    modifiers += draw(
        st.sampled_from(["", "", ".rollup(sum, 60)", ".rollup(max)", ".rollup(avg, 120)", ".rollup(count, 60)"])
    )
    if draw(st.integers(0, 4)) == 0:
        modifiers += draw(st.sampled_from([".fill(last)", ".fill(linear, 120)", ".fill(zero, 60)", ".fill(null)"]))
    elif draw(st.integers(0, 5)) == 0:
        modifiers += draw(st.sampled_from([".diff()", ".monotonic_diff()", ".derivative()", ".per_minute()"]))
    return f"{space}:{metric}{{{scope}}}{by}{modifiers}"


@st.composite
def options(draw: st.DrawFn, critical: float, operator: str, by: bool) -> dict[str, Any]:  # noqa: C901
    found: dict[str, Any] = {}
    direction = -1 if ">" in operator else 1
    thresholds: dict[str, float] = {"critical": critical}
    if draw(st.booleans()):
        thresholds["warning"] = critical + 2 * direction
    if draw(st.booleans()):
        thresholds["critical_recovery"] = critical + draw(st.integers(1, 4)) * direction
    if "warning" in thresholds and draw(st.booleans()):
        thresholds["warning_recovery"] = critical + 4 * direction
    found["thresholds"] = thresholds
    missing = draw(st.sampled_from(["default", "show_no_data", "show_and_notify_no_data", "resolve", None, "legacy"]))
    if missing == "legacy":
        found["notify_no_data"] = True
        if draw(st.booleans()):
            found["no_data_timeframe"] = draw(st.sampled_from([2, 10, 20]))
    elif missing:
        found["on_missing_data"] = missing
    found["evaluation_delay"] = draw(st.sampled_from([0, 0, 0, 60, 100, 300]))
    found["require_full_window"] = draw(st.sampled_from([False, False, False, True]))
    if by and draw(st.booleans()):
        found["new_group_delay"] = draw(st.sampled_from([0, 60, 300]))
    if draw(st.integers(0, 2)) == 0:
        found["timeout_h"] = draw(st.sampled_from([1, 24]))
    if draw(st.integers(0, 2)) == 0:
        found["renotify_interval"] = draw(st.sampled_from([10, 60]))
        found["renotify_statuses"] = draw(st.sampled_from([["alert"], ["alert", "warn", "no data"]]))
        if draw(st.booleans()):
            found["renotify_occurrences"] = draw(st.integers(1, 3))
    return found


ASSUME = {
    "as-count-path": "division",
    "default-zero-empty": "nothing",
    "legacy-no-data": "keep",
    "no-data-timeframe": "1",
    "critical-recovery": "warn",
    "warning-recovery-after-alert": "warn",
    "recovery-memory": "keep",
    "last-bucket": "truncated",
    "count-queries": "sum",
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    every = draw(st.sampled_from([60, 60, 60, 60, 600, 3600]))
    last = every * draw(st.integers(5, 40))
    query = draw(queries())
    operator, number = query.rsplit(" ", 2)[1:]
    silences = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        start = draw(st.integers(0, last))
        silences.append({
            "scope": draw(st.sampled_from(["*", "g:a", "g:(a OR b)", "-g:a g:*"])),
            "start": start,
            "end": start + draw(st.integers(1, math.ceil(last / 2))),
            "first": draw(st.booleans()),
            "expired": draw(st.sampled_from([True, True, False])),
            "states": draw(st.sampled_from([("alert", "warn", "no data"), ("alert",)])),
        })  # fmt: skip
    return Case(
        query,
        draw(options(float(number), operator, "by {" in query)),
        draw(sources([metric for metric in "gcr" if f":{metric}{{" in query], every, last)),
        last,
        every,
        draw(st.sampled_from([0, 1, 1, 2, 30])),
        draw(st.sampled_from([10, 20, 60, 300])),
        {name: value for name, value in ASSUME.items() if draw(st.integers(0, 4)) == 0},
        silences,
    )
