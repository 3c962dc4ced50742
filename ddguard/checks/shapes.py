"""What several checks ask about the shape of a metric monitor's query."""

from collections.abc import Iterator

from ddguard.checks.base import Subject
from ddguard.query import metric_queries
from ddguard.query.nodes import Arithmetic, Change, Expression, MetricMonitor, Query, TimeAggregation

MODELS = ("anomalies", "forecast", "outliers")
"""Functions that learn from the series: the window before them is for the graph or the model."""


def time_aggregation(query: Query | None) -> TimeAggregation | None:
    """How a metric monitor makes one number of its window, inside of a change too; None for all other queries."""
    if not isinstance(query, MetricMonitor):
        return None
    outer = query.aggregation
    return outer.aggregation if isinstance(outer, Change) else outer


def is_modelled(subject: Subject) -> bool:
    """Whether a model looks at the series."""
    return bool(subject.calls(*MODELS))


def divisors(subject: Subject) -> Iterator[Expression]:
    """What metrics are divided by that is itself measured, in a metric monitor."""
    if isinstance(subject.query, MetricMonitor):
        for node in subject.found(Arithmetic):
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                if operator == "/" and metric_queries(operand):
                    yield operand
