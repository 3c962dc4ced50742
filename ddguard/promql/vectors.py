"""Pieces of PromQL and how they are put together: parentheses where the precedence asks for them, labels that match.

https://prometheus.io/docs/prometheus/latest/querying/operators/
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ddguard.promql.names import length
from ddguard.promql.reasons import CannotExportError

OR, AND, COMPARISON, SUM, PRODUCT, ATOM = range(6)
"""How tightly an operator binds."""

LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


@dataclass(frozen=True, slots=True)
class Vector:
    """An instant vector: its text, how tightly its outermost operator binds, and the labels of its elements."""

    text: str
    level: int = ATOM
    labels: tuple[str, ...] = ()

    def at_least(self, level: int) -> str:
        """The text as an operand that binds at least that tightly."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, or arithmetic of numbers."""

    text: str
    level: int = ATOM

    def at_least(self, level: int) -> str:
        """The text as an operand that binds at least that tightly."""
        return self.text if self.level >= level else f"({self.text})"


Piece = Vector | Scalar


def arithmetic(operator: str, left: Piece, right: Piece) -> Piece:
    """Both sides, element by element. A division by 0 has no result, as in Datadog."""
    level = LEVELS[operator]
    divisor = Vector(f"({right.text} != 0)") if operator == "/" and isinstance(right, Vector) else right
    first, second = left.at_least(level), divisor.at_least(level + 1)
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(f"{first} {operator} {second}", level)
    labels = _labels(left) or _labels(right)
    return Vector(f"{first} {operator}{_matching(left, right)} {second}", level, labels)


def extreme(comparator: str, left: Piece, right: Piece) -> Piece:
    """The smaller (`<`) or the larger (`>`) of both, element by element."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        raise CannotExportError("two-numbers", "it takes the extreme of two numbers")
    if isinstance(left, Scalar):
        return extreme(comparator, right, left)
    if isinstance(right, Scalar):
        return call("clamp_max" if comparator == "<" else "clamp_min", left, right.text)
    if set(left.labels) != set(right.labels):
        raise CannotExportError("groupings", "it takes the extreme of two different groupings")
    one, other = left.at_least(SUM), right.at_least(SUM)
    return Vector(f"({one} {comparator}= {other} or {other} {comparator} {one})", ATOM, left.labels)


def call(function: str, vector: Vector, *arguments: str) -> Vector:
    """A function of each element."""
    return Vector(f"{function}({', '.join((vector.text, *arguments))})", ATOM, vector.labels)


def aggregated(method: str, vector: Vector, labels: Sequence[str]) -> Vector:
    """Elements with the same labels as one."""
    by = f" by ({', '.join(labels)}) " if labels else ""
    return Vector(f"{method}{by}({vector.text})", ATOM, tuple(labels))


def over_time(method: str, vector: Vector, window: int, step: int, delay: int) -> Vector:
    """The vector's values at each step of the window as one."""
    return Vector(
        f"{method}_over_time({vector.at_least(ATOM)}[{length(window)}:{length(step)}]{shifted(delay)})",
        ATOM,
        vector.labels,
    )


def shifted(seconds: int) -> str:
    """What looks that many seconds back; empty for none."""
    return f" offset {length(seconds)}" if seconds else ""


def any_of(vectors: Sequence[str]) -> Vector:
    """The elements of all vectors; one that several have counts once."""
    return Vector(" or ".join(vectors), ATOM if len(vectors) == 1 else OR)


def on(labels: Sequence[str]) -> str:
    """By which labels elements of both sides belong together."""
    return f"on ({', '.join(labels)})"


def _labels(piece: Piece) -> tuple[str, ...]:
    return piece.labels if isinstance(piece, Vector) else ()


def _matching(left: Piece, right: Piece) -> str:
    if isinstance(left, Scalar) or isinstance(right, Scalar) or set(left.labels) == set(right.labels):
        return ""
    if left.labels and right.labels:
        raise CannotExportError(
            "groupings", f"{{{','.join(left.labels)}}} meets {{{','.join(right.labels)}}} in its arithmetic"
        )
    return " on () group_left ()" if left.labels else " on () group_right ()"
