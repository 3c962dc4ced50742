"""What a replay needs to know of the past: which metric queries, and from when on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ddguard.model import Json
from ddguard.query import metric_queries, parse, walk
from ddguard.query.nodes import Call, Change, Method, MetricMonitor, MetricQuery, Number, Text
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import span_seconds

CARRY = 300
"""Seconds before a window from which a value may still reach into it by interpolation."""
HOUR, DAY = 3600, 86_400
SHIFTS = {
    "hour_before": HOUR,
    "day_before": DAY,
    "week_before": 7 * DAY,
    "month_before": 28 * DAY,
    "fill": CARRY,
    "default_zero": CARRY,
}
"""Seconds that functions look back at least."""
CALENDAR = {"-1d": DAY, "-7d": 7 * DAY, "-30d": 30 * DAY, "-4w": 28 * DAY, "-1mo": 31 * DAY}
"""Seconds of calendar_shift(), but for the hour of a clock change."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The metric queries of some monitors, each once, and how many seconds before the first round they reach back.

    `window` is the shortest window in seconds: what its buckets need is fine enough for all.
    """

    queries: tuple[MetricQuery, ...]
    reach: int
    window: int


LENGTHS = ("timeshift", "fill", "moving_rollup")
"""Functions that are told how many seconds they look back."""


def needs_of(definitions: Iterable[Mapping[str, Json]]) -> Needs:
    """What metric monitors (API objects) look at; composites are left to their parts.

    Raises CannotEvaluateError for monitors of other types.
    """
    queries: dict[MetricQuery, None] = {}
    reach, windows = 0, []
    for definition in definitions:
        if definition.get("type") == "composite":
            continue
        query = parse(str(definition.get("type")), str(definition.get("query")))
        if not isinstance(query, MetricMonitor):
            raise CannotEvaluateError(f"a {definition.get('type')}", "it doesn't look at metrics")
        queries |= dict.fromkeys(metric_queries(query.expression))
        windows.append(query.window.seconds)
        delay = int((definition.get("options") or {}).get("evaluation_delay") or 0)
        reach = max(reach, span_seconds(query.window) + delay + _shift(query))
    return Needs(tuple(queries), reach + CARRY, min(windows, default=3600))


def _shift(query: MetricMonitor) -> int:
    own = query.aggregation.shift.seconds if isinstance(query.aggregation, Change) else 0
    return own + sum(_seconds(one) for one in walk(query.expression) if isinstance(one, Call | Method))


def _seconds(function: Call | Method) -> int:
    if function.name == "calendar_shift":
        return HOUR + sum(CALENDAR.get(one.value, 0) for one in function.arguments if isinstance(one, Text))
    told = sum(abs(int(one.value)) for one in function.arguments if isinstance(one, Number))
    return max(told if function.name in LENGTHS else 0, SHIFTS.get(function.name, 0))
