"""Which values a query can come to at all: what counts and shares are bounded by, carried through arithmetic.

Missing data may be evaluated as 0, so 0 always belongs to a range.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ddguard.query.nodes import (
    Argument,
    Arithmetic,
    Call,
    Change,
    EventMonitor,
    Group,
    Method,
    MetricMonitor,
    MetricQuery,
    Number,
    Query,
    SloMonitor,
    Text,
    Unary,
    Word,
)


class Range(NamedTuple):
    """All values from `low` to `high`, both included where they are finite."""

    low: float
    high: float


ANY = Range(-math.inf, math.inf)
COUNTS = Range(0, math.inf)
SHARES = Range(0, 1)

BOUNDED: Mapping[str, Range] = {
    "anomalies": SHARES,
    "as_count": COUNTS,
    "count_nonzero": COUNTS,
    "count_nonzero_finite": COUNTS,
    "count_not_null": COUNTS,
    "is_between": SHARES,
    "is_greater": SHARES,
    "is_less": SHARES,
    "monotonic_diff": COUNTS,
    "outliers": SHARES,
}
"""Functions whose result has bounds of its own. https://docs.datadoghq.com/dashboards/functions/"""

JUDGED_ALONE = frozenset({"anomalies", "outliers"})
"""Functions whose monitors compare a share of points, whatever the time aggregation."""

COUNTED = frozenset({"count", "cardinality"})
EVENT_METHODS = frozenset({"by", "index", "last", "over", "rollup", "source"})
"""Methods of event monitors that leave a count a count."""


def range_of(query: Query) -> Range:
    """The values that the compared number can have; ANY where nothing is known."""
    if isinstance(query, MetricMonitor):
        found = _metric_range(query)
    elif isinstance(query, EventMonitor):
        found = _event_range(query)
    elif isinstance(query, SloMonitor) and query.measure == "burn_rate":
        found = COUNTS
    else:
        found = ANY
    return _with_zero(found)


def _with_zero(one: Range) -> Range:
    return Range(min(one.low, 0), max(one.high, 0))


def _metric_range(query: MetricMonitor) -> Range:
    if isinstance(query.aggregation, Change):
        return ANY
    inner = _range(query.expression)
    alone = isinstance(query.expression, Call) and query.expression.name in JUDGED_ALONE
    return _summed(inner) if query.aggregation.aggregator == "sum" and not alone else inner


def _event_range(query: EventMonitor) -> Range:
    if any(method.name not in EVENT_METHODS for method in query.methods):
        return ANY
    kinds = [method.arguments[0] for method in query.methods if method.name == "rollup" and method.arguments]
    return COUNTS if any(isinstance(kind, Text) and kind.value in COUNTED for kind in kinds) else ANY


def _summed(one: Range) -> Range:
    return Range(0 if one.low >= 0 else -math.inf, 0 if one.high <= 0 else math.inf)


def _range(node: Argument) -> Range:
    if isinstance(node, Number):
        return Range(node.value, node.value)
    if isinstance(node, MetricQuery):
        counts = (node.aggregator or "").startswith("count")
        return _modified(COUNTS if counts else ANY, node.modifiers)
    if isinstance(node, Call):
        return _modified(_applied(node.name, _range(node.arguments[0]), node.arguments[1:]), node.modifiers)
    if isinstance(node, Group):
        return _modified(_range(node.inner), node.modifiers)
    if isinstance(node, Unary):
        inner = _range(node.operand)
        return Range(-inner.high, -inner.low) if node.operator == "-" else inner
    return _arithmetic(node) if isinstance(node, Arithmetic) else ANY


def _modified(one: Range, methods: Sequence[Method]) -> Range:
    for method in methods:
        one = _applied(method.name, one, method.arguments)
    return one


def _applied(name: str, one: Range, arguments: Sequence[Argument]) -> Range:
    """The range of a function's result; `arguments` are those after the series."""
    if name in BOUNDED:
        return BOUNDED[name]
    if name == "rollup":
        return _rolled_up(one, arguments)
    limit = arguments[0] if arguments else None
    if name in LIMITED and isinstance(limit, Number):
        return LIMITED[name](one, limit.value)
    return CHANGED.get(name, _unknown)(one)


def _unknown(_: Range) -> Range:
    return ANY


CHANGED: Mapping[str, Callable[[Range], Range]] = {
    **dict.fromkeys(("as_rate", "default_zero", "exclude_null", "fill", "hour_before", "timeshift"), _with_zero),
    "abs": lambda one: Range(0, max(abs(one.low), abs(one.high))),
}
"""Functions that keep values, or make zeros of some, and those that change them in a known way."""


def _at_most(one: Range, limit: float) -> Range:
    return Range(min(one.low, limit), min(one.high, limit))


def _at_least(one: Range, limit: float) -> Range:
    return Range(max(one.low, limit), max(one.high, limit))


LIMITED: Mapping[str, Callable[[Range, float], Range]] = {
    "clamp_max": _at_most,
    "clamp_min": _at_least,
    "cutoff_max": _at_most,
    "cutoff_min": _at_least,
}
"""Functions that keep values on one side of a limit."""


def _rolled_up(one: Range, arguments: Sequence[Argument]) -> Range:
    words = [argument.text for argument in arguments if isinstance(argument, Text | Word)]
    how = words[0] if words else "avg"
    if how == "count":
        return COUNTS
    return _summed(one) if how == "sum" else one


def _arithmetic(node: Arithmetic) -> Range:
    result = _range(node.operands[0])
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        result = OPERATORS[operator](result, _range(operand))
    return result


def _product(one: Range, other: Range) -> Range:
    corners = [0.0 if 0 in (a, b) else a * b for a in one for b in other]
    return Range(min(corners), max(corners))


def _quotient(one: Range, other: Range) -> Range:
    return ANY if other.low < 0 < other.high else _product(one, _reciprocal(other))


def _reciprocal(one: Range) -> Range:
    """Division by 0 gives no value: a divisor may come as near to 0 as it likes."""
    if one.high <= 0:
        mirrored = _reciprocal(Range(-one.high, -one.low))
        return Range(-mirrored.high, -mirrored.low)
    return Range(1 / one.high, 1 / one.low if one.low else math.inf)


OPERATORS: Mapping[str, Callable[[Range, Range], Range]] = {
    "+": lambda one, other: Range(one.low + other.low, one.high + other.high),
    "-": lambda one, other: Range(one.low - other.high, one.high - other.low),
    "*": _product,
    "/": _quotient,
}
