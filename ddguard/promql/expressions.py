"""A query's expression as PromQL.

Where every operand is aggregated over the window first (the as_count path, and aggregations whose order doesn't matter)
a range selector says it; all else is a subquery: at each step what Datadog computes for a bucket, then the monitor's
aggregation. https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ddguard.promql.fetching import FETCHING, SPACE, Fetch, Names, commutes, counting_of
from ddguard.promql.names import label_name
from ddguard.promql.reasons import CLAMPED_GAPS, DEFAULT_ZERO, FILL, CannotExportError, Difference
from ddguard.promql.vectors import PRODUCT, SUM, Piece, Scalar, Vector, aggregated, arithmetic, call, extreme
from ddguard.query import metric_queries, walk
from ddguard.query.nodes import (
    Argument,
    Arithmetic,
    Call,
    Change,
    Expression,
    Group,
    Method,
    MetricMonitor,
    MetricQuery,
    Number,
    TagSet,
    Unary,
)

SHIFTS = {"hour_before": 3600, "day_before": 86_400, "week_before": 7 * 86_400, "month_before": 28 * 86_400}
"""https://docs.datadoghq.com/dashboards/functions/timeshift/."""
EXTREMES = {"min": "<", "minimum": "<", "max": ">", "maximum": ">"}
CUTOFFS = {"cutoff_min": ">=", "cutoff_max": "<="}


class Form(StrEnum):
    """How a value looks at its window: increases of counters, a range of samples, or a subquery's steps."""

    COUNTS = "counts"
    RANGE = "range"
    SUBQUERY = "subquery"


@dataclass(frozen=True, slots=True)
class Translation:
    """The monitor's value as PromQL, and what differs. `selectors` select the series of its first metric query.

    `metrics` are the Prometheus names of all its metrics by Datadog's names.
    """

    value: Vector
    differences: tuple[Difference, ...]
    selectors: tuple[str, ...]
    form: Form
    metrics: Mapping[str, str]


def translate(query: MetricMonitor, delay: int, names: Names, *, zero_matters: bool) -> Translation:
    """What a metric monitor compares with its thresholds.

    `delay` is its evaluation delay in seconds; `zero_matters` says whether a 0 among the values could change its state.
    Raises CannotExportError for what PromQL can't say.
    """
    aggregation = query.aggregation.aggregation if isinstance(query.aggregation, Change) else query.aggregation
    if aggregation.aggregator not in SPACE:
        raise CannotExportError("percentile", "percentiles need Datadog's sketches")
    if query.window.kind != "last":
        raise CannotExportError("window", f"{query.window.kind}_{query.window.count}{query.window.unit} is no range")
    expression = _nested(query.expression)
    if not zero_matters and isinstance(expression, Call) and expression.name == "default_zero":
        expression = _operand(expression)
    found = metric_queries(expression)
    if not found:
        raise CannotExportError("no-metric", "it has no metric in it")
    by_window = any(map(counting_of, found)) or _is_bare(expression, aggregation.aggregator, query)
    fetch = Fetch(aggregation.aggregator, query.window.seconds, delay, names, by_window)
    value = _changed(query.aggregation, expression, fetch) if isinstance(query.aggregation, Change) else None
    value = value or _whole(_walk(expression, fetch), fetch)
    counting = any(map(counting_of, found))
    return Translation(
        value,
        tuple(dict.fromkeys(fetch.differences)),
        fetch.selectors(found[0]),
        Form.COUNTS if counting else Form.RANGE if by_window else Form.SUBQUERY,
        {one.metric: fetch.name(one) for one in found},
    )


def _is_bare(expression: Expression, method: str, query: MetricMonitor) -> bool:
    plain = isinstance(expression, MetricQuery) and commutes(expression, method)
    return plain and not isinstance(query.aggregation, Change)


def _whole(piece: Piece, fetch: Fetch) -> Vector:
    vector = _vector(piece)
    return vector if fetch.by_window else fetch.over_window(vector)


def _changed(change: Change, expression: Expression, fetch: Fetch) -> Vector:
    """The change against some time before: of the aggregated values for counts, else at each step.

    https://docs.datadoghq.com/monitors/types/change-alert/
    """
    now = _vector(_walk(expression, fetch))
    before = _vector(_walk(expression, fetch.earlier(change.shift.seconds)))
    if fetch.by_window and change.function == "change":
        nothing = f"{now.at_least(PRODUCT)} * 0"
        before = Vector(f"({before.text} or {nothing})", labels=before.labels)
    difference = arithmetic("-", now, before)
    if change.function == "pct_change":
        difference = arithmetic("*", arithmetic("/", difference, before), Scalar("100"))
    return _whole(difference, fetch)


def _vector(piece: Piece) -> Vector:
    if isinstance(piece, Scalar):
        raise CannotExportError("no-metric", "it has a number where a series is due")
    return piece


# Functions after a dot as functions before their argument


def _nested(node: Expression) -> Expression:
    """The same expression with every function before its argument; what says how points are fetched stays."""
    match node:
        case MetricQuery(modifiers=modifiers):
            places = [place for place, one in enumerate(modifiers) if one.name not in FETCHING]
            first = places[0] if places else len(modifiers)
            return _applied(replace(node, modifiers=modifiers[:first]), modifiers[first:])
        case Call(arguments=arguments, modifiers=modifiers):
            inner = tuple(_nested(one) if isinstance(one, EXPRESSIONS) else one for one in arguments)
            return _applied(Call(node.name, inner), modifiers)
        case Group(inner=inside, modifiers=modifiers):
            return _applied(Group(_nested(inside)), modifiers) if modifiers else Group(_nested(inside))
        case Unary(operand=operand):
            return replace(node, operand=_nested(operand))
        case Arithmetic(operands=operands):
            return replace(node, operands=tuple(map(_nested, operands)))
        case _:
            return node


EXPRESSIONS = (MetricQuery, Call, Group, Unary, Arithmetic)


def _applied(node: Expression, modifiers: tuple[Method, ...]) -> Expression:
    for modifier in modifiers:
        node = Call(modifier.name, (node, *modifier.arguments))
    return node


# Expressions


def _walk(node: Argument, fetch: Fetch) -> Piece:
    match node:
        case Number(text=text):
            return Scalar(text)
        case MetricQuery():
            return fetch.value(node)
        case Call():
            return _called(node, fetch)
        case Group(inner=inner):
            return _walk(inner, fetch)
        case Unary(operator=sign, operand=operand):
            piece = _walk(operand, fetch)
            return piece if sign == "+" else arithmetic("*", Scalar("-1"), piece)
        case Arithmetic(operands=operands, operators=operators):
            piece = _walk(operands[0], fetch)
            for operator, operand in zip(operators, operands[1:], strict=True):
                piece = arithmetic(operator, piece, _walk(operand, fetch))
            return piece
        case _:
            raise CannotExportError("argument", "it has an argument that PromQL can't take")


def _called(node: Call, fetch: Fetch) -> Piece:
    second = node.arguments[1] if len(node.arguments) == 2 else None
    if node.name in SPACE and isinstance(second, TagSet):
        return _by_fewer(node, second, fetch)
    if node.name in EXTREMES and second is not None:
        return extreme(EXTREMES[node.name], _walk(node.arguments[0], fetch), _walk(second, fetch))
    work = FUNCTIONS.get(node.name)
    if work is None:
        raise CannotExportError("function", f"{node.name}() has no counterpart in PromQL")
    if fetch.by_window and node.name in ON_BUCKETS and not _has_arithmetic(node):
        raise CannotExportError("function", f"{node.name}() of counts works on Datadog's buckets")
    return work(node, fetch)


def _has_arithmetic(node: Call) -> bool:
    return any(isinstance(one, Arithmetic) for one in walk(node))


def _operand(node: Call) -> Expression:
    first = node.arguments[0] if node.arguments else None
    if not isinstance(first, (*EXPRESSIONS, Number)):
        raise CannotExportError("argument", f"{node.name}() has no series to work on")
    return first


def _inner(node: Call, fetch: Fetch) -> Vector:
    return _vector(_walk(_operand(node), fetch))


def _argument(node: Call) -> Number:
    """The function's number."""
    argument = node.arguments[1] if len(node.arguments) == 2 else None
    if not isinstance(argument, Number):
        raise CannotExportError("argument", f"{node.name}() takes a number")
    return argument


def _by_fewer(node: Call, keys: TagSet, fetch: Fetch) -> Vector:
    if fetch.by_window:
        raise CannotExportError("function", f"{node.name}() by fewer keys works on Datadog's buckets")
    return aggregated(node.name, _inner(node, fetch), [label_name(key.key) for key in keys.keys])


def _elementwise(node: Call, fetch: Fetch) -> Vector:
    return call(node.name, _inner(node, fetch))


def _logarithm(node: Call, fetch: Fetch) -> Vector:
    inner = _inner(node, fetch)
    return call(node.name, Vector(f"{inner.at_least(SUM)} > 0", labels=inner.labels))


def _clamped(node: Call, fetch: Fetch) -> Vector:
    fetch.differences.append(CLAMPED_GAPS)
    return call(node.name, _inner(node, fetch), _argument(node).text)


def _cut_off(node: Call, fetch: Fetch) -> Vector:
    inner = _inner(node, fetch)
    return Vector(f"({inner.at_least(SUM)} {CUTOFFS[node.name]} {_argument(node).text})", labels=inner.labels)


def _timeshift(node: Call, fetch: Fetch) -> Piece:
    seconds = SHIFTS.get(node.name) or -int(_argument(node).value)
    if seconds < 0:
        raise CannotExportError("function", "timeshift() into the future has no data")
    return _walk(_operand(node), fetch.earlier(seconds))


def _nonzero(node: Call, fetch: Fetch) -> Vector:
    return Vector(f"sum({_inner(node, fetch).at_least(SUM)} != bool 0)")


def _counted(node: Call, fetch: Fetch) -> Vector:
    return aggregated("count", _inner(node, fetch), ())


def _default_zero(node: Call, fetch: Fetch) -> Piece:
    if not fetch.by_window:
        fetch.differences.append(DEFAULT_ZERO)
    return _walk(_operand(node), fetch)


def _filled(node: Call, fetch: Fetch) -> Piece:
    fetch.differences.append(FILL)
    return _walk(_operand(node), fetch)


def _same(node: Call, fetch: Fetch) -> Piece:
    return _walk(_operand(node), fetch)


FUNCTIONS: Mapping[str, Callable[[Call, Fetch], Piece]] = {
    "abs": _elementwise,
    "log2": _logarithm,
    "log10": _logarithm,
    "clamp_min": _clamped,
    "clamp_max": _clamped,
    "cutoff_min": _cut_off,
    "cutoff_max": _cut_off,
    "timeshift": _timeshift,
    "count_nonzero": _nonzero,
    "count_nonzero_finite": _nonzero,
    "count_not_null": _counted,
    "default_zero": _default_zero,
    "fill": _filled,
    "exclude_null": _same,
} | dict.fromkeys(SHIFTS, _timeshift)
"""https://docs.datadoghq.com/dashboards/functions/; what is missing here has no counterpart in PromQL."""

ON_BUCKETS = frozenset(FUNCTIONS) - {*SHIFTS, "timeshift", "default_zero", "fill", "exclude_null"}
