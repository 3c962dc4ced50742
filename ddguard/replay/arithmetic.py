"""The value of `{{eval "..."}}`, as far as Datadog documents it.

https://docs.datadoghq.com/monitors/guide/template-variable-evaluation/
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from ddguard.templates.evaluation import Applied, Chain, Expression, Number, Signed, Text
from ddguard.templates.nodes import Name

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MOST_DIGITS = 12
"""Digits after the point that `round` is asked for; messages show no more in all."""

LARGEST = 1e15
"""Numbers from here on are rounded already."""

LookUp = Callable[[Name], str | None]
"""The text of a variable, None where it has none."""


class UndocumentedError(Exception):
    """Datadog doesn't say what this is."""


def evaluated(expression: Expression, look_up: LookUp) -> float | str:
    """The number or the text that an expression comes to. UndocumentedError where that isn't documented."""
    match expression:
        case Number(text=text):
            return float(text)
        case Text(text=text):
            return text
        case Name():
            found = look_up(expression)
            if not found:
                raise UndocumentedError
            return found
        case Signed(operand=operand):
            return -_number(evaluated(operand, look_up))
        case Chain(first=first, rest=rest):
            total = _number(evaluated(first, look_up))
            for operator, operand in rest:
                total = _combined(operator, total, _number(evaluated(operand, look_up)))
            return total
        case Applied(function=function, arguments=arguments):
            most, work = FUNCTIONS.get(function, NONE)
            if len(arguments) > most:
                raise UndocumentedError
            return work(*(evaluated(one, look_up) for one in arguments))


def _number(value: float | str) -> float:
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise UndocumentedError
        value = float(value)
    if not math.isfinite(value):
        raise UndocumentedError
    return value


def _combined(operator: str, left: float, right: float) -> float:
    """`%` of negative numbers, division by 0 and how `^` binds are left open."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/" and right:
        return left / right
    if operator == "%" and left >= 0 and right > 0:
        return math.fmod(left, right)
    raise UndocumentedError


Value = float | str


def _whole(value: Value) -> Value:
    """The digits left of the point, and the next lower whole number: both only from 0 on."""
    number = _number(value)
    if number < 0 and not number.is_integer():
        raise UndocumentedError
    return float(math.floor(number))


def _fraction(value: Value) -> Value:
    number = _number(value)
    if number < 0:
        raise UndocumentedError
    exact = Decimal(repr(number))
    return float(exact - exact.to_integral_value("ROUND_FLOOR"))


def _rounded(value: Value, digits: Value = 0.0) -> Value:
    """The nearest number with so many digits after the point; nothing is said of those that lie halfway."""
    number, count = _number(value), _number(digits)
    if not count.is_integer() or not 0 <= count <= MOST_DIGITS or abs(number) >= LARGEST:
        raise UndocumentedError
    scaled = Decimal(repr(number)).scaleb(int(count))
    if abs(scaled % 1) == Decimal("0.5"):
        raise UndocumentedError
    return float(scaled.to_integral_value().scaleb(-int(count)))


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise UndocumentedError
    return value


NONE: tuple[int, Callable[..., Value]] = (0, _text)
FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "int": (1, _whole),
    "trunc": (1, _whole),
    "floor": (1, lambda value: float(math.floor(_number(value)))),
    "ceil": (1, lambda value: float(math.ceil(_number(value)))),
    "abs": (1, lambda value: abs(_number(value))),
    "dec": (1, _fraction),
    "round": (2, _rounded),
    "upper": (1, lambda value: _text(value).upper()),
    "lower": (1, lambda value: _text(value).lower()),
}
"""With the most arguments that each takes; all take one at least."""
