"""What the oracle knows of points: tables of them, arithmetic, gaps, functions, and the leaves of a query."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from ddguard.query import nodes

Points = dict[int, float]
Key = tuple[str, ...]


@dataclass
class Source:
    """One series: `points` by second."""

    metric: str
    tags: tuple[str, ...]
    type: str
    points: Points
    interval: int | None = None


@dataclass
class Look:
    """What one round looks at: buckets that begin from `low` to `high`; points up to `now`."""

    low: int
    high: int
    now: int


@dataclass
class Table:
    """Points of each group by the second at which they stand."""

    by: tuple[str, ...]
    groups: dict[Key, Points]
    born: dict[Key, int]
    width: int
    counting: bool


REDUCE: dict[str, Callable[[list[float]], float]] = {
    "avg": lambda values: math.fsum(values) / len(values),
    "sum": math.fsum,
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
}


def calculate(operator: str, a: float, b: float) -> float:
    if operator == "/":
        return a / b if b else math.nan
    return {"+": a + b, "-": a - b, "*": a * b}[operator]


def drop_bad(points: Points) -> Points:
    return {start: value for start, value in points.items() if math.isfinite(value)}


def spread(table: Table, other: Table) -> Table:
    """A table without groups, as if every group of the other had its values."""
    if table.by or not other.by:
        return table
    points = table.groups.get((), {})
    return Table(other.by, dict.fromkeys(other.groups, points), other.born, table.width, table.counting)


def fill_gaps(points: Points, grid: list[int], method: str, limit: float) -> Points:
    filled = dict(points)
    for start in grid:
        before = [at for at in points if at < start]
        after = [at for at in points if at > start]
        if start in points or not before or start - max(before) > limit:
            continue
        left = max(before)
        if method == "zero":
            filled[start] = 0.0
        elif method == "last":
            filled[start] = points[left]
        elif method == "linear" and after:
            right = min(after)
            filled[start] = points[left] + (points[right] - points[left]) * ((start - left) / (right - left))
    return filled


def counted(name: str, table: Table) -> Table:
    points: Points = {}
    for start in {start for one in table.groups.values() for start in one}:
        values = [one[start] for one in table.groups.values() if start in one]
        points[start] = float(len(values) if name == "count_not_null" else sum(value != 0 for value in values))
    return Table((), {(): points}, {(): min(table.born.values(), default=2**62)}, table.width, counting=False)


def steps(points: list[tuple[int, float]]) -> Iterator[tuple[int, float, int]]:
    for (t0, v0), (t1, v1) in itertools.pairwise(points):
        yield t1, v1 - v0, t1 - t0


def ewma(points: list[tuple[int, float]]) -> Points:
    found: Points = {}
    alpha, last = 2 / 6, None
    for start, value in points:
        last = value if last is None else alpha * value + (1 - alpha) * last
        found[start] = last
    return found


def trailing(count: int, reduce: Callable[[list[float]], float]) -> Callable[[list[tuple[int, float]]], Points]:
    def work(points: list[tuple[int, float]]) -> Points:
        return {
            start: reduce([value for _, value in points[max(0, place - count + 1) : place + 1]])
            for place, (start, _) in enumerate(points)
        }

    return work


OVER_TIME: dict[str, Callable[[list[tuple[int, float]]], Points]] = {
    "diff": lambda points: {start: step for start, step, _ in steps(points)},
    "monotonic_diff": lambda points: {start: step for start, step, _ in steps(points) if step >= 0},
    "derivative": lambda points: {start: step / gap for start, step, gap in steps(points)},
    "per_minute": lambda points: {start: step / gap * 60 for start, step, gap in steps(points) if step >= 0},
    "cumsum": lambda points: {
        start: math.fsum(value for _, value in points[: place + 1]) for place, (start, _) in enumerate(points)
    },
    "integral": lambda points: {
        start: math.fsum((b[0] - a[0]) * b[1] for a, b in itertools.pairwise(points[: place + 1]))
        for place, (start, _) in enumerate(points)
    },
    "ewma_5": ewma,
    "median_3": trailing(3, median),
    "rollingavg_5": trailing(5, lambda values: math.fsum(values) / len(values)),
}
SIMPLE: dict[str, Callable[..., float]] = {
    "abs": abs,
    "clamp_min": max,
    "clamp_max": min,
    "cutoff_min": lambda value, limit: math.nan if value < limit else value,
    "cutoff_max": lambda value, limit: math.nan if value > limit else value,
    "is_greater": lambda value, limit: float(value > limit),
    "is_between": lambda value, low, high: float(low < value < high),
    "default_zero": lambda value: value,
}


def argument_value(argument: Any) -> Any:
    return argument.text if isinstance(argument, nodes.Word) else argument.value


def key_of(by: tuple[str, ...], tags: tuple[str, ...]) -> Key | None:
    values = [[tag.split(":", 1)[1] for tag in tags if tag.split(":", 1)[0] == key] for key in by]
    return tuple(",".join(sorted(found)) for found in values) if all(values) else None


def passes(scope: Any, tags: tuple[str, ...]) -> bool:
    match scope:
        case nodes.Tag(key=key, value=value):
            return f"{key}:{value}" in tags
        case nodes.Not(operand=operand):
            return not passes(operand, tags)
        case nodes.AllOf(operands=operands):
            return all(passes(one, tags) for one in operands)
        case nodes.AnyOf(operands=operands):
            return any(passes(one, tags) for one in operands)
    return isinstance(scope, nodes.Everything)


def leaves(node: Any) -> Iterator[nodes.MetricQuery]:
    match node:
        case nodes.MetricQuery():
            yield node
        case nodes.Arithmetic(operands=children) | nodes.Call(arguments=children):
            for child in children:
                yield from leaves(child)
        case nodes.Group(inner=inner):
            yield from leaves(inner)


def operators(node: Any) -> Iterator[str]:
    match node:
        case nodes.Arithmetic(operands=children, operators=own):
            yield from own
            for child in children:
                yield from operators(child)
        case nodes.Call(arguments=inner):
            for argument in inner:
                yield from operators(argument)
        case nodes.Group(inner=inner):
            yield from operators(inner)
