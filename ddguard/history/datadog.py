"""Series out of Datadog: what `GET /api/v1/query` answers, in pieces short enough to keep its resolution.

https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ddguard.errors import DatadogError, InputError
from ddguard.history.needs import Needs
from ddguard.model import Json
from ddguard.query import to_text
from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    GroupKey,
    Method,
    MetricMonitor,
    MetricQuery,
    Not,
    Number,
    Scope,
    ScopeGroup,
    Tag,
    TagIn,
    TimeAggregation,
    Window,
)
from ddguard.replay.filters import fixed_tags
from ddguard.replay.rounds import BUCKETS
from ddguard.replay.series import MetricType, Series, SeriesSet, series_of, series_set

Ask = Callable[[str, int, int], Json]
"""The answer of Datadog to a query between two seconds, as JSON."""

NOTHING = "N/A"
"""What Datadog says for a group's key that a series doesn't have."""


def series_from(ask: Ask, needs: Needs, first: int, last: int) -> SeriesSet:
    """The series that a replay from the second `first` to `last` needs, as Datadog aggregates them by group.

    Each query is asked in pieces no longer than the monitors' window, so that Datadog's own table of resolutions gives
    the buckets that a monitor has. Raises InputError for filters whose groups can't be told apart afterwards.
    """
    begin = first - needs.reach
    piece = next((length for length, _ in BUCKETS["api"] if length >= needs.window), needs.window)
    parts: list[Series] = []
    for query in needs.queries:
        text = query_text(query, [one for one in needs.queries if one.metric == query.metric])
        for start in range(begin, last + 1, piece):
            parts += _read(ask(text, start, min(start + piece, last + 1)), query)
    return series_set(parts)


def query_text(query: MetricQuery, together: Sequence[MetricQuery] = ()) -> str:
    """The query as it is asked: grouped also by what its filter chooses by, so that the filter holds afterwards.

    `together` are all queries of the metric. If they differ, each is grouped by all that any of them names: an answer
    of one holds nothing then that the others would count twice.
    """
    others = [one for one in together if (one.scope, one.by) != (query.scope, query.by)]
    for one in together:
        if _way(one) != _way(query):
            raise InputError(
                f"the history of {query.metric} can't be read: it is taken as {_way(query)} and as {_way(one)}",
                "export the series and use --series",
            )
    named = [key for one in [query, *others] for key in _names(one)] if others else []
    wanted = dict.fromkeys([*_chosen_by(query.scope), *named])
    further = [key for key in wanted if key not in {one.key for one in query.by}]
    if further and (query.aggregator or "avg") == "avg":
        raise InputError(
            f"the history of {query.metric} can't be read: avg: over a filter that chooses by {', '.join(further)}",
            "group by it, or export the series and use --series",
        )
    asked = replace(query, by=(*query.by, *map(GroupKey, further)), modifiers=_kept(query))
    window = TimeAggregation("avg", Window("last", 5, "m"))
    whole = to_text(MetricMonitor(window, asked, Comparison(">", Number("0"))))
    return whole.removeprefix("avg(last_5m):").removesuffix(" > 0")


def _kept(query: MetricQuery) -> tuple[Method, ...]:
    return tuple(one for one in query.modifiers if one.name in {"as_count", "as_rate"})


def _way(query: MetricQuery) -> str:
    """How the query puts series together: `sum as_count`."""
    return " ".join([query.aggregator or "avg", *(one.name for one in _kept(query))])


def _names(query: MetricQuery) -> Iterator[str]:
    """The keys that a query groups and chooses by."""
    yield from (one.key for one in query.by)
    yield from _every_key(query.scope)


def _chosen_by(scope: Scope) -> tuple[str, ...]:
    """The keys whose values decide in a filter and that it doesn't fix to one value."""
    return tuple(dict.fromkeys(_deciding(scope)))


def _deciding(scope: Scope) -> Iterator[str]:
    match scope:
        case Tag(key=str(key), value=value) if "*" in value:
            yield key
        case TagIn(key=key, negated=False):
            yield key
        case AllOf(operands=operands):
            for operand in operands:
                yield from _deciding(operand)
        case ScopeGroup(inner=inner):
            yield from _deciding(inner)
        case AnyOf() | Not(operand=AnyOf() | AllOf() | ScopeGroup()):
            yield from _every_key(scope)
        case _:
            return


def _every_key(scope: Scope) -> Iterator[str]:
    match scope:
        case Tag(key=str(key)) | TagIn(key=key):
            yield key
        case AllOf(operands=operands) | AnyOf(operands=operands):
            for operand in operands:
                yield from _every_key(operand)
        case ScopeGroup(inner=inner) | Not(operand=inner):
            yield from _every_key(inner)
        case _:
            return


def _read(answer: Json, query: MetricQuery) -> Iterator[Series]:
    listed = answer.get("series") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise DatadogError(f"could not read the history of {query.metric}: the answer has no series")
    counting = any(one.name in {"as_count", "as_rate"} for one in query.modifiers)
    per_second = any(one.name == "as_rate" for one in query.modifiers)
    for entry in listed:
        known = {
            int(moment // 1000): float(value)
            for moment, value in _pairs(entry, query)
            if isinstance(value, (int, float)) and math.isfinite(value)
        }
        kind = MetricType.RATE if per_second else MetricType.COUNT if counting else MetricType.GAUGE
        yield series_of(query.metric, _tags(entry, query), kind, known)


def _pairs(entry: Json, query: MetricQuery) -> Iterator[tuple[float, Json]]:
    listed = entry.get("pointlist") if isinstance(entry, dict) else None
    for pair in listed if isinstance(listed, list) else (None,):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], (int, float)):
            raise DatadogError(f"could not read the history of {query.metric}: the answer has points of no known form")
        yield pair[0], pair[1]


def _tags(entry: Json, query: MetricQuery) -> list[str]:
    """The group's tags, and those that the filter fixes."""
    told = entry.get("tag_set")
    own = told if isinstance(told, list) else str(entry.get("scope", "")).split(",")
    tags = [str(tag) for tag in own if tag != "*" and not str(tag).endswith(f":{NOTHING}")]
    return [*tags, *sorted(fixed_tags(query.scope))]
