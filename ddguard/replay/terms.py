"""What a query computes, as a small tree: leaves fetch series, applications and joins work on them.

The query tree (`ddguard.query.nodes`) says how it was written; here both spellings of a function are one, modifiers
that belong to fetching stand in the leaf, parentheses are gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ddguard.query.nodes import (
    Argument,
    Arithmetic,
    Call,
    Expression,
    Group,
    Keyword,
    Method,
    MetricQuery,
    Number,
    Scope,
    TagSet,
    Text,
    Unary,
    Word,
)
from ddguard.replay.functions import FUNCTIONS
from ddguard.replay.refusals import REFUSED_FUNCTIONS, CannotEvaluateError
from ddguard.spec.durations import LONGEST

METHODS = ("avg", "sum", "min", "max", "count")
SPACE = ("avg", "sum", "min", "max")
FILLS = ("linear", "last", "zero", "null")
CALENDAR = ("daily", "weekly", "monthly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CENTURY = LONGEST.total_seconds()
SECONDS_FIRST = {"timeshift": -CENTURY, "moving_rollup": 1}
"""Functions whose first argument beside the query is a number of seconds, with the least that it may be."""
FILL_LIMIT = 300
"""Seconds that a fill reaches without a limit of its own. https://docs.datadoghq.com/dashboards/functions/interpolation/"""
RATES = ("diff", "monotonic_diff", "derivative", "per_second", "per_minute", "per_hour")
"""Computed for each source, before space aggregation. https://docs.datadoghq.com/dashboards/functions/rate/"""
ELEMENTWISE = {"min": "minimum", "max": "maximum", "minimum": "minimum", "maximum": "maximum"}

Value = float | str | tuple[str, ...]
NoExpression = Text | Word | TagSet | Keyword


@dataclass(frozen=True, slots=True)
class Calendar:
    """Buckets that follow the calendar of a time zone; `weekday` counts from Monday and matters to weeks only."""

    period: str
    zone: str = "UTC"
    weekday: int = 6


@dataclass(frozen=True, slots=True)
class Rollup:
    """`.rollup(...)`: None where it doesn't say. https://docs.datadoghq.com/dashboards/functions/rollup/."""

    method: str | None = None
    seconds: int | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """`.fill(method, limit)`, the limit in seconds."""

    method: str
    limit: int = FILL_LIMIT


@dataclass(frozen=True, slots=True)
class Leaf:
    """The series of one metric query, aggregated by time and space.

    `counting` is as_count or as_rate where the query says so; `rates` are functions between the two aggregations.
    """

    metric: str
    space: str
    scope: Scope
    by: tuple[str, ...]
    counting: str | None = None
    rollup: Rollup = Rollup()
    fill: Fill | None = None
    rates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of one series expression, with its other arguments."""

    function: str
    operand: "Term"
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """Two operands, point by point: `+ - * /`, minimum or maximum."""

    operator: str
    left: "Term"
    right: "Term"


Term = Leaf | Constant | Apply | Join


def read_term(expression: Expression) -> Term:
    """What the expression computes. CannotEvaluateError for what isn't reproduced."""
    match expression:
        case Number():
            return Constant(expression.value)
        case MetricQuery():
            return _modified(_leaf(expression), expression.modifiers)
        case Call():
            return _modified(_call(expression), expression.modifiers)
        case Group():
            return _modified(read_term(expression.inner), expression.modifiers)
        case Unary(operator=sign, operand=operand):
            return read_term(operand) if sign == "+" else Join("-", Constant(0.0), read_term(operand))
        case Arithmetic(operands=operands, operators=operators):
            term = read_term(operands[0])
            for operator, operand in zip(operators, operands[1:], strict=True):
                term = Join(operator, term, read_term(operand))
            return term
        case _:
            raise CannotEvaluateError(f"the variable {expression.name}", "it belongs to a formula")


def leaves(term: Term) -> Iterator[Leaf]:
    """The leaves, from left to right."""
    match term:
        case Leaf():
            yield term
        case Apply(operand=operand):
            yield from leaves(operand)
        case Join(left=left, right=right):
            yield from leaves(left)
            yield from leaves(right)


def applications(term: Term) -> Iterator[Apply]:
    """The functions, from the outside in and from left to right."""
    match term:
        case Apply(operand=operand):
            yield term
            yield from applications(operand)
        case Join(left=left, right=right):
            yield from applications(left)
            yield from applications(right)


def operators(term: Term) -> Iterator[str]:
    """The operators of the joins, in the same order."""
    match term:
        case Apply(operand=operand):
            yield from operators(operand)
        case Join(operator=operator, left=left, right=right):
            yield operator
            yield from operators(left)
            yield from operators(right)


def _leaf(query: MetricQuery) -> Leaf:
    space = query.aggregator or "avg"
    if space not in SPACE:
        raise CannotEvaluateError(
            f"the space aggregation {space}", "it needs a distribution, which Datadog keeps as sketches"
        )
    return Leaf(query.metric, space, query.scope, tuple(key.key.lower() for key in query.by))


def _modified(term: Term, modifiers: tuple[Method, ...]) -> Term:
    for modifier in modifiers:
        term = _applied(modifier.name, term, modifier.arguments)
    return term


def _call(call: Call) -> Term:
    if call.name in REFUSED_FUNCTIONS:
        raise CannotEvaluateError(f"{call.name}()", REFUSED_FUNCTIONS[call.name])
    first = call.arguments[0] if call.arguments else Word("")
    if isinstance(first, NoExpression):
        raise CannotEvaluateError(f"{call.name}()", "its first argument is no series")
    second = call.arguments[1] if len(call.arguments) == 2 else Word("")
    if call.name in ELEMENTWISE and not isinstance(second, NoExpression):
        return Join(ELEMENTWISE[call.name], read_term(first), read_term(second))
    return _applied(call.name, read_term(first), call.arguments[1:])


def _applied(name: str, term: Term, arguments: tuple[Argument, ...]) -> Term:
    if name in REFUSED_FUNCTIONS:
        raise CannotEvaluateError(f"{name}()", REFUSED_FUNCTIONS[name])
    values = tuple(_value(name, argument) for argument in arguments)
    if isinstance(term, Leaf) and (leaf := _in_leaf(name, term, values)):
        return leaf
    if name in SPACE and len(values) == 1 and isinstance(values[0], tuple):
        return Apply("space", term, (name, values[0]))
    if name in {"as_count", "as_rate"}:
        raise CannotEvaluateError(f".{name}() after a function", "it belongs to a metric query")
    if name == "exclude_null":
        return term
    if name == "fill":
        fill = _fill(values)
        return Apply("fill", term, (fill.method, float(fill.limit)))
    if name == "rollup":
        rollup = _rollup(values)
        if rollup.seconds is None:
            raise CannotEvaluateError("a second .rollup()", "without a number of seconds it can't be reproduced")
        return Apply("rollup", term, (rollup.method or "avg", float(rollup.seconds)))
    return _function(name, term, values)


def _function(name: str, term: Term, values: tuple[Value, ...]) -> Term:
    if name not in FUNCTIONS:
        raise CannotEvaluateError(f"{name}()", "ddguard doesn't know this function")
    FUNCTIONS[name].check(name, values)
    if name in SECONDS_FIRST:
        _seconds(name, values[0], SECONDS_FIRST[name])
    return Apply(name, term, values)


def _in_leaf(name: str, leaf: Leaf, values: tuple[Value, ...]) -> Leaf | None:
    """The leaf with the modifier in it, if it belongs there."""
    if name in {"as_count", "as_rate"}:
        return replace(leaf, counting=name)
    if name == "rollup" and leaf.rollup == Rollup() and not leaf.rates:
        return replace(leaf, rollup=_rollup(values))
    if name == "fill" and leaf.fill is None and not leaf.rates:
        return replace(leaf, fill=_fill(values))
    if name in RATES and leaf.fill is None:
        return replace(leaf, rates=(*leaf.rates, name))
    return None


def _value(name: str, argument: Argument) -> Value:
    match argument:
        case Number():
            return argument.value
        case Text():
            return argument.value
        case Word(text=text):
            return text
        case TagSet(keys=keys):
            return tuple(key.key.lower() for key in keys)
        case _:
            raise CannotEvaluateError(f"{name}()", "it has an argument that ddguard doesn't know")


def _seconds(name: str, value: Value, least: float) -> int:
    """A number of seconds as an argument of a function."""
    if not isinstance(value, float) or not least <= value <= CENTURY or not value.is_integer():
        raise CannotEvaluateError(f"{name}()", "its seconds are no whole number, too few, or more than a century")
    return int(value)


def _fill(values: tuple[Value, ...]) -> Fill:
    method = str(values[0]).lower() if values else "linear"
    limit = values[1] if len(values) > 1 else float(FILL_LIMIT)
    if method not in FILLS or not isinstance(limit, float) or len(values) > 2:
        raise CannotEvaluateError(f".fill({method})", f"known are {', '.join(FILLS)} with a limit in seconds")
    return Fill(method, _seconds("fill", limit, 0))


def _rollup(values: tuple[Value, ...]) -> Rollup:
    """`(sum)`, `(sum, 60)`, `(60)`, or `(sum, weekly, monday, 'Europe/Paris')`."""
    words = [value for value in values if isinstance(value, str)]
    seconds = [value for value in values if isinstance(value, float)]
    method = words[0].lower() if words else None
    if method is not None and method not in METHODS:
        raise CannotEvaluateError(f".rollup({method})", f"known are {', '.join(METHODS)}")
    if len(words) > 1 and not seconds and words[1].lower() in CALENDAR:
        return Rollup(method, calendar=_calendar([word.lower() for word in words[1:3]], words[2:]))
    if len(words) > 1 or len(seconds) > 1 or len(words) + len(seconds) < len(values):
        raise CannotEvaluateError(".rollup()", "its arguments are none that Datadog documents")
    return Rollup(method, _seconds("rollup", seconds[0], 1) if seconds else None)


def _calendar(words: list[str], rest: list[str]) -> Calendar:
    aligned = len(words) > 1 and words[1] in WEEKDAYS
    zones = rest[1:] if aligned else rest
    return Calendar(words[0], zones[0] if zones else "UTC", WEEKDAYS.index(words[1]) if aligned else 6)
