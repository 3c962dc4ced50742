"""Values of groups over time, and how two of them meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import Times, Values

GroupKey = tuple[str, ...]
"""The values of a group's tags, in the order of the query's keys; empty for the one group of a query without `by`."""

NEVER = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """`values[group, column]`, NaN where there is none.

    `starts[column]` are where the columns begin, ascending: bucket starts, or rounds once windows are aggregated.
    `born[group]` is the time of a group's first point. `counting` says that a missing value meets others as 0, as
    queries with as_count() and as_rate() do. `width` is a bucket's length in seconds. `full[group, column]` says of
    aggregated windows whether they hold enough data for `require_full_window`; None where nobody asked.
    """

    by: tuple[str, ...]
    groups: tuple[GroupKey, ...]
    born: Times
    starts: Times
    values: Values
    width: int
    counting: bool = False
    full: NDArray[np.bool_] | None = None

    def with_values(self, values: Values) -> "Frame":
        """The same with other values; whatever isn't finite is no value."""
        return replace(self, values=finite(values))


def finite(values: Values) -> Values:
    """The values with NaN in place of the infinities."""
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def since_birth(frame: Frame, before: Frame, now: Times | int) -> Frame:
    """The frame without what a function put into empty places of `before` for groups that aren't there yet.

    `now` are the seconds of the columns, or the one of all.
    """
    there = (frame.born[:, None] <= now) | ~np.isnan(before.values)
    return frame.with_values(np.where(there, frame.values, np.nan))


def _divide(left: Values, right: Values) -> Values:
    empty: Values = np.full(np.broadcast_shapes(left.shape, right.shape), np.nan)
    return np.divide(left, right, out=empty, where=right != 0)


OPERATORS: Mapping[str, Callable[[Values, Values], Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "minimum": np.minimum,
    "maximum": np.maximum,
}
"""NaN on either side gives NaN, and so does a division by 0.

https://docs.datadoghq.com/monitors/guide/monitor-arithmetic-and-sparse-metrics/
"""


def join(operator: str, left: Frame | float, right: Frame | float) -> Frame | float:
    """Both sides, point by point."""
    with np.errstate(all="ignore"):
        if isinstance(left, Frame) and isinstance(right, Frame):
            return _join_frames(operator, left, right)
        work = OPERATORS[operator]
        if isinstance(left, Frame) and not isinstance(right, Frame):
            return left.with_values(work(left.values, np.array(right)))
        if isinstance(right, Frame) and not isinstance(left, Frame):
            return right.with_values(work(np.array(left), right.values))
        return float(work(np.array(left), np.array(right)))


def _join_frames(operator: str, left: Frame, right: Frame) -> Frame:
    left, right = _same_groups(left, right)
    left, right = _same_columns(left, right)
    a, b = left.values, right.values
    a_missing, b_missing = np.isnan(a), np.isnan(b)
    if left.counting:
        a = np.where(a_missing & ~b_missing, 0.0, a)
    if right.counting:
        b = np.where(b_missing & ~a_missing, 0.0, b)
    full = left.full if right.full is None else right.full if left.full is None else left.full | right.full
    width = (gcd if left.counting or right.counting else lcm)(left.width, right.width)
    joined = replace(left, born=np.minimum(left.born, right.born), width=width, full=full)
    return replace(joined, counting=left.counting and right.counting).with_values(OPERATORS[operator](a, b))


def _same_groups(left: Frame, right: Frame) -> tuple[Frame, Frame]:
    """Both with the same groups: those of both sides, and where a side counts also those that only the other has."""
    if left.by == right.by and left.groups == right.groups:
        return left, right
    if left.by and not right.by:
        return left, _spread(right, left)
    if right.by and not left.by:
        return _spread(left, right), right
    right = _in_order(right, left.by)
    known_left, known_right = set(left.groups), set(right.groups)
    wanted = [key for key in left.groups if right.counting or key in known_right]
    if left.counting:
        wanted += [key for key in right.groups if key not in known_left]
    groups = tuple(sorted(wanted))
    return select(left, groups), select(right, groups)


def _spread(single: Frame, like: Frame) -> Frame:
    """A frame without grouping as if every group of `like` had its values."""
    rows = np.zeros(len(like.groups), dtype=np.intp)
    if not single.groups:
        return select(replace(single, by=like.by), like.groups)
    full = None if single.full is None else single.full[rows]
    return replace(single, by=like.by, groups=like.groups, born=like.born, values=single.values[rows], full=full)


def _in_order(frame: Frame, by: tuple[str, ...]) -> Frame:
    """The frame with its keys in another order."""
    if frame.by == by:
        return frame
    if sorted(frame.by) != sorted(by):
        raise CannotEvaluateError(
            "arithmetic between different groupings", f"{{{','.join(by)}}} meets {{{','.join(frame.by)}}}"
        )
    order = [frame.by.index(key) for key in by]
    return replace(frame, by=by, groups=tuple(tuple(key[at] for at in order) for key in frame.groups))


def select(frame: Frame, groups: tuple[GroupKey, ...]) -> Frame:
    """The frame with just these groups, in this order; NaN where it doesn't have one."""
    if frame.groups == groups:
        return frame
    place = {key: row for row, key in enumerate(frame.groups)}
    known = np.array([key in place for key in groups], dtype=np.bool_)
    rows = np.array([place[key] for key in groups if key in place], dtype=np.intp)
    values = np.full((len(groups), frame.starts.size), np.nan)
    born = np.full(len(groups), NEVER, dtype=np.int64)
    values[known], born[known] = frame.values[rows], frame.born[rows]
    full = None
    if frame.full is not None:
        full = np.zeros(values.shape, dtype=np.bool_)
        full[known] = frame.full[rows]
    return replace(frame, groups=groups, born=born, values=values, full=full)


def _same_columns(left: Frame, right: Frame) -> tuple[Frame, Frame]:
    """Both with the same columns: those of both sides, and where a side counts also those that only the other has."""
    if left.starts is right.starts or np.array_equal(left.starts, right.starts):
        return left, right
    if left.counting or right.counting:
        starts = np.union1d(left.starts, right.starts)
    else:
        starts = np.intersect1d(left.starts, right.starts)
    return at_columns(left, starts), at_columns(right, starts)


def at_columns(frame: Frame, starts: Times) -> Frame:
    """The frame with just these columns; NaN where it doesn't have one. Frames of aggregated windows never get here."""
    if frame.starts.size == starts.size and np.array_equal(frame.starts, starts):
        return frame
    values = np.full((len(frame.groups), starts.size), np.nan)
    if frame.starts.size and starts.size:
        place = np.minimum(np.searchsorted(frame.starts, starts), frame.starts.size - 1)
        known = frame.starts[place] == starts
        values[:, known] = frame.values[:, place[known]]
    return replace(frame, starts=starts, values=values)
