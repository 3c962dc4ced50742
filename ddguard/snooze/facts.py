"""What a monitor's query says of its groups: which keys they have, and which tags all of them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ddguard.model import Json
from ddguard.query import QueryError, group_keys, metric_queries, monitors, parse
from ddguard.query.nodes import (
    AllOf,
    Composite,
    EventMonitor,
    MetricMonitor,
    MonitorNumber,
    Query,
    Scope,
    ScopeGroup,
    ServiceCheck,
    Tag,
    TagIn,
    Text,
)

MANY = 10_000
"""Monitors whose queries are kept as read."""


class AnyTerm(Protocol):
    """A term of a scope."""

    @property
    def key(self) -> str:
        """The tag's key."""

    @property
    def negated(self) -> bool:
        """Whether a group must not match."""

    def holds(self, tags: Collection[str]) -> bool:
        """Whether a group with these tags satisfies it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a query says about its groups: the keys they have, and the tags that all of them have.

    `perhaps` are tags that they may have besides: Datadog doesn't say whether a composite's groups carry what the
    filters of its constituents fix. `read` is False where the query doesn't say all of it.
    """

    keys: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()
    read: bool = True

    def say_of(self, term: AnyTerm) -> bool | None:
        """Whether all groups satisfy a term about none of their keys; None where that can't be told."""
        least, most = term.holds(self.fixed), term.holds(self.fixed | self.perhaps)
        return least if least == most and (self.read or term.negated != least) else None


UNREAD = Facts(read=False)


def facts_of(
    monitor: Mapping[str, Json], by_number: Mapping[int, Mapping[str, Json]], above: frozenset[int] = frozenset()
) -> Facts:
    """What a monitor's query says. `by_number` are the monitors at hand, `above` those that this one is a part of."""
    told = _told(str(monitor.get("type")), str(monitor.get("query")))
    return told if isinstance(told, Facts) else _composite_facts(told, by_number, above | {monitor["id"]})


@lru_cache(maxsize=MANY)
def _told(kind: str, text: str) -> Facts | Composite:
    """What a query says by itself; a composite as it is. It is asked for with every downtime, and read once."""
    try:
        query = parse(kind, text)
    except QueryError:
        return UNREAD
    if isinstance(query, Composite):
        return query
    keys = frozenset(group_keys(query))
    if isinstance(query, MetricMonitor):
        return Facts(keys, _fixed_everywhere(query))
    if isinstance(query, ServiceCheck) and "*" not in keys:
        return Facts(keys, frozenset(_arguments(query, "over")))
    return Facts(keys, read=isinstance(query, EventMonitor) and bool(keys))


def _composite_facts(query: Query, by_number: Mapping[int, Mapping[str, Json]], above: frozenset[int]) -> Facts:
    """A composite has the groups of its constituents; one that isn't at hand may have any."""
    numbers = [int(found.text) for found in monitors(query) if isinstance(found, MonitorNumber)]
    parts = [
        facts_of(by_number[number], by_number, above) if number in by_number and number not in above else UNREAD
        for number in numbers
    ]
    return Facts(
        keys=frozenset().union(*(part.keys for part in parts)),
        perhaps=frozenset().union(*(part.fixed | part.perhaps for part in parts)),
        read=all(part.read for part in parts),
    )


def _fixed_everywhere(query: MetricMonitor) -> frozenset[str]:
    """The tags that the filters of all metrics fix."""
    filters = [frozenset(_fixed(metric.scope)) for metric in metric_queries(query)]
    return frozenset.intersection(*filters) if filters else frozenset()


def _fixed(scope: Scope) -> Iterator[str]:
    if isinstance(scope, AllOf):
        for operand in scope.operands:
            yield from _fixed(operand)
    elif isinstance(scope, ScopeGroup):
        yield from _fixed(scope.inner)
    elif isinstance(scope, Tag) and scope.key and "*" not in scope.value:
        yield f"{scope.key}:{scope.value}".lower()
    elif isinstance(scope, TagIn) and len(scope.values) == 1 and scope.words[0].upper() == "IN":
        yield f"{scope.key}:{scope.values[0]}".lower()


def _arguments(query: ServiceCheck, name: str) -> Iterator[str]:
    for method in query.methods:
        if method.name == name:
            yield from (argument.text.lower() for argument in method.arguments if isinstance(argument, Text))
