"""Datadog's monitor queries as values. Knows no YAML and no HTTP.

`parse` makes a tree (`ddguard.query.nodes`) of a text, `to_text` a text of a tree; the rest asks trees questions.
"""

from ddguard.query.inspection import (
    calls,
    children,
    comparison,
    group_keys,
    metric_queries,
    monitors,
    scope_families,
    threshold,
    walk,
    window,
)
from ddguard.query.mistakes import Place, QueryError
from ddguard.query.parser import parse, parse_series
from ddguard.query.printer import to_text
from ddguard.query.windows import duration, named_window

__all__ = [
    "Place",
    "QueryError",
    "calls",
    "children",
    "comparison",
    "duration",
    "group_keys",
    "metric_queries",
    "monitors",
    "named_window",
    "parse",
    "parse_series",
    "scope_families",
    "threshold",
    "to_text",
    "walk",
    "window",
]
