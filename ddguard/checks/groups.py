"""The groups of a monitor, also where they stand in `options.variables` and not in the query."""

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Subject
from ddguard.model import Json
from ddguard.query import QueryError, group_keys, parse
from ddguard.query.nodes import EventMonitor, FormulaMonitor, MetricMonitor, ServiceCheck


def keys_of(subject: Subject) -> tuple[str, ...] | None:
    """The keys that a monitor is grouped by, each once; empty for a simple alert, None where it can't be told.

    A service check by all its tags has the one key `*`.
    """
    query = subject.query
    if isinstance(query, MetricMonitor | EventMonitor | ServiceCheck):
        return group_keys(query)
    if isinstance(query, FormulaMonitor):
        return group_keys(query) or _keys_of_variables(subject)
    return None


def _keys_of_variables(subject: Subject) -> tuple[str, ...] | None:
    variables = subject.options.get("variables")
    if not variables:
        return None
    try:
        return tuple(dict.fromkeys(key for variable in variables for key in _keys_of_variable(variable)))
    except QueryError:
        return None


def _keys_of_variable(variable: Mapping[str, Json]) -> Iterator[str]:
    """The keys of one of the formula's queries: of its `group_by`, or inside its own query text."""
    for part in (variable, variable.get("base_query") or {}):
        for group in part.get("group_by") or ():
            yield str(group.get("facet")) if isinstance(group, Mapping) else str(group)
        if part.get("query"):
            yield from group_keys(parse("query alert", f"avg(last_5m):{part['query']} > 0"))
