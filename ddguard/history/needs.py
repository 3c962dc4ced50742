"""What a replay needs to know of the past: which metric queries, and from when on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ddguard.model import Json
from ddguard.query import metric_queries, parse, walk
from ddguard.query.nodes import Call, Change, Method, MetricMonitor, MetricQuery, Number
from ddguard.replay.refusals import CannotEvaluateError

CARRY = 300
"""Seconds before a window from which a value may still reach into it by interpolation."""
SHIFTS = {"hour_before": 3600, "day_before": 86_400, "week_before": 7 * 86_400, "month_before": 28 * 86_400}


@dataclass(frozen=True, slots=True)
class Needs:
    """The metric queries of some monitors, each once, and how many seconds before the first round they reach back.

    `window` is the shortest window in seconds: what its buckets need is fine enough for all.
    """

    queries: tuple[MetricQuery, ...]
    reach: int
    window: int


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
        reach = max(reach, query.window.seconds + delay + _shift(query))
    return Needs(tuple(queries), reach + CARRY, min(windows, default=3600))


def _shift(query: MetricMonitor) -> int:
    own = query.aggregation.shift.seconds if isinstance(query.aggregation, Change) else 0
    return own + sum(_seconds(one) for one in walk(query.expression) if isinstance(one, Call | Method))


def _seconds(function: Call | Method) -> int:
    if function.name == "timeshift":
        return sum(abs(int(one.value)) for one in function.arguments if isinstance(one, Number))
    return SHIFTS.get(function.name, 0)
