"""The monitor's own aggregation: the points of a window as one number, and whether the window is full enough.

https://docs.datadoghq.com/monitors/guide/monitor_aggregators/
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.exact import Extra, window_extremes, window_sums
from ddguard.replay.frames import Frame, finite
from ddguard.replay.series import Times, Values

MOST_EMPTY = 3
"""Check buckets that may be empty in a window that counts as full. https://docs.datadoghq.com/monitors/types/metric/"""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The windows `[low, high]` of some rounds, both ends included, and how each becomes one number.

    `check` is the length of the stretches that `require_full_window` looks at, None if it isn't required.
    """

    low: Times
    high: Times
    method: str
    check: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The last buckets of each round's window as they are known at that round: those from `since[round]` on.

    `values[group, column]` of the bucket at `starts[column]` in the window of `rounds[column]`, by round and start.
    """

    since: Times
    rounds: NDArray[np.intp]
    starts: Times
    values: Values

    def inside(self, low: Times) -> "Tail":
        """Only the buckets that begin in the window, from `low[round]` on."""
        here = self.starts >= low[self.rounds]
        return Tail(self.since, self.rounds[here], self.starts[here], self.values[:, here])

    @property
    def first(self) -> NDArray[np.intp]:
        """The first column of each round that has any."""
        return np.flatnonzero(np.diff(self.rounds, prepend=-1))


def aggregate(frame: Frame, windows: Windows, tail: Tail | None = None) -> Frame:
    """`values[group, round]`: avg, sum, min or max over the columns that begin in each round's window.

    With a tail the frame's own columns count only before it.
    """
    low = np.searchsorted(frame.starts, windows.low)
    high = np.searchsorted(frame.starts, windows.high, side="right")
    if tail is not None:
        high = np.minimum(high, np.searchsorted(frame.starts, tail.since))
        tail = tail.inside(windows.low)
    high = np.maximum(high, low)
    known = ~np.isnan(frame.values)
    full = None if windows.check is None else _full(frame.starts, known, windows, tail)
    values = _summaries(frame.values, known, (low, high), tail, windows.method)
    return replace(frame, starts=np.arange(windows.low.size), values=finite(values), full=full)


def _summaries(
    values: Values,
    known: NDArray[np.bool_],
    edges: tuple[NDArray[np.intp], NDArray[np.intp]],
    tail: Tail | None,
    method: str,
) -> Values:
    low, high = edges
    gaps = not known.all()
    if method in {"min", "max"}:
        return _extremes(values, known, edges, tail, method)
    filled = np.where(known, values, 0.0) if gaps else values
    with np.errstate(all="ignore"):
        extra = None if tail is None else Extra(np.nan_to_num(tail.values), tail.first, tail.rounds[tail.first])
        sums = window_sums(filled, low, high, extra)
        counts = _counts(known, low, high) if gaps else np.broadcast_to(high - low, sums.shape)
        if tail is not None:
            counts = counts.astype(np.int64)
            more = np.add.reduceat((~np.isnan(tail.values)).astype(np.int64), tail.first, axis=1)
            counts[:, tail.rounds[tail.first]] += more
        if method == "avg":
            sums = sums / np.maximum(counts, 1)
    return np.where(counts > 0, sums, np.nan) if (counts == 0).any() else sums


def _extremes(
    values: Values,
    known: NDArray[np.bool_],
    edges: tuple[NDArray[np.intp], NDArray[np.intp]],
    tail: Tail | None,
    method: str,
) -> Values:
    never = -np.inf if method == "max" else np.inf
    best = window_extremes(np.where(known, values, never), *edges, largest=method == "max")
    if tail is not None:
        choose = np.fmax if method == "max" else np.fmin
        rounds = tail.rounds[tail.first]
        best[:, rounds] = choose(best[:, rounds], choose.reduceat(tail.values, tail.first, axis=1))
    return np.where(np.isinf(best), np.nan, best)


def _counts(known: NDArray[np.bool_], low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.int64]:
    running = np.zeros((known.shape[0], known.shape[1] + 1), dtype=np.int64)
    np.cumsum(known, axis=1, out=running[:, 1:])
    return running[:, high] - running[:, low]


def _full(starts: Times, known: NDArray[np.bool_], windows: Windows, tail: Tail | None) -> NDArray[np.bool_]:
    """Whether the oldest stretch of each window holds a point and at most MOST_EMPTY of all stretches don't."""
    check = windows.check or 1
    stretches = np.maximum((windows.high - windows.low) // check, 1)
    empty = np.zeros((known.shape[0], windows.low.size), dtype=np.int64)
    oldest = np.zeros(empty.shape, dtype=np.bool_)
    for number in range(int(stretches.max(initial=0))):
        begin = windows.low + number * check
        end = np.where(number == stretches - 1, windows.high + 1, begin + check)
        edges = np.searchsorted(starts, begin), np.searchsorted(starts, end)
        if tail is not None:
            until = np.searchsorted(starts, tail.since)
            edges = np.minimum(edges[0], until), np.minimum(edges[1], until)
        held = _counts(known, edges[0], np.maximum(edges[1], edges[0])) > 0
        if tail is not None:
            here = (tail.starts >= begin[tail.rounds]) & (tail.starts < end[tail.rounds])
            found = np.logical_or.reduceat(~np.isnan(tail.values) & here, tail.first, axis=1)
            held[:, tail.rounds[tail.first]] |= found
        empty += ~held & (number < stretches)
        if number == 0:
            oldest = held
    return oldest & (empty <= MOST_EMPTY)
