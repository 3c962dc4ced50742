"""Tag keys of a monitor: of its groups, also where those stand in `options.variables`, and of its filters."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ddguard.model import Json
from ddguard.query import QueryError, children, group_keys, parse
from ddguard.query.nodes import (
    EventMonitor,
    FormulaMonitor,
    MetricMonitor,
    MetricQuery,
    Node,
    Not,
    Query,
    ServiceCheck,
    Tag,
    TagIn,
    Text,
)

GROUPED_ALIKE = frozenset(
    {"aggregate_augmented_query", "aggregate_filtered_query", "audit", "ci_pipelines", "ci_tests", "cloud_cost"}
    | {"data_quality_metrics", "database_queries", "events", "logs", "metrics", "network", "network_path", "rum"}
    | {"spans"}
)
"""The data sources whose queries name their groups in `group_by`, or inside their own query text."""
SEARCH_KEY = re.compile(r"@?([A-Za-z_][\w.-]*):")


def keys_of(query: Query | None, options: Mapping[str, Json]) -> tuple[str, ...] | None:
    """The keys that a monitor is grouped by, each once; empty for a simple alert, None where it can't be told.

    A service check by all its tags has the one key `*`.
    """
    if isinstance(query, MetricMonitor | EventMonitor | ServiceCheck):
        return group_keys(query)
    if isinstance(query, FormulaMonitor):
        return group_keys(query) or _keys_of_variables(options)
    return None


def _keys_of_variables(options: Mapping[str, Json]) -> tuple[str, ...] | None:
    variables = options.get("variables")
    if not variables:
        return None
    try:
        keys = tuple(dict.fromkeys(key for variable in variables for key in _keys_of_variable(variable)))
    except QueryError:
        return None
    known = all(variable.get("data_source") in GROUPED_ALIKE for variable in variables)
    return keys if keys or known else None


def _keys_of_variable(variable: Mapping[str, Json]) -> Iterator[str]:
    """The keys of one of the formula's queries: of its `group_by`, or inside its own query text."""
    for part in (variable, variable.get("base_query") or {}):
        for group in part.get("group_by") or ():
            yield str(group.get("facet")) if isinstance(group, Mapping) else str(group)
        if part.get("query"):
            yield from group_keys(parse("query alert", f"avg(last_5m):{part['query']} > 0"))


def fixed_keys(query: Query | None, parts: Sequence[MetricQuery]) -> Iterator[str]:
    """The keys that a query's filters fix: their values are known in every alert. `parts` are its metric queries."""
    for part in parts:
        yield from _in_scope(part.scope)
    if isinstance(query, ServiceCheck):
        yield "host"
        yield from _over(query)
    elif isinstance(query, EventMonitor):
        yield from SEARCH_KEY.findall(query.search.text)


def _in_scope(scope: Node) -> Iterator[str]:
    if isinstance(scope, Tag):
        yield from () if scope.key is None else (scope.key,)
    elif isinstance(scope, TagIn):
        yield from () if scope.negated else (scope.key,)
    elif not isinstance(scope, Not):
        for part in children(scope):
            yield from _in_scope(part)


def _over(query: ServiceCheck) -> Iterator[str]:
    for method in query.methods:
        if method.name == "over":
            tags = (argument.text for argument in method.arguments if isinstance(argument, Text))
            yield from (tag.partition(":")[0] for tag in tags if ":" in tag)
