"""The monitor's own aggregation: the points of a window as one number, and whether the window is full enough.

https://docs.datadoghq.com/monitors/guide/monitor_aggregators/
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.exact import window_extremes, window_sums
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


def aggregate(frame: Frame, windows: Windows, last: tuple[Times, Values] | None = None) -> Frame:
    """`values[group, round]`: avg, sum, min or max over the columns that begin in each round's window.

    `last` is given where the bucket around the end of a window is only partly known: its start and `values[group,
    round]` as known at each round; the frame's own columns then count only before it.
    """
    low = np.searchsorted(frame.starts, windows.low)
    high = np.searchsorted(frame.starts, windows.high, side="right")
    if last is not None:
        begins, extra = last
        high = np.minimum(high, np.searchsorted(frame.starts, begins))
        last = begins, np.where(begins >= windows.low, extra, np.nan)
    high = np.maximum(high, low)
    known = ~np.isnan(frame.values)
    full = None if windows.check is None else _full(frame.starts, known, windows, last)
    values = _summaries(frame.values, known, (low, high), None if last is None else last[1], windows.method)
    return replace(frame, starts=np.arange(windows.low.size), values=finite(values), full=full)


def _summaries(
    values: Values,
    known: NDArray[np.bool_],
    edges: tuple[NDArray[np.intp], NDArray[np.intp]],
    extra: Values | None,
    method: str,
) -> Values:
    low, high = edges
    gaps = not known.all()
    if method in {"min", "max"}:
        return _extremes(values, known, edges, extra, method)
    filled = np.where(known, values, 0.0) if gaps else values
    with np.errstate(all="ignore"):
        sums = window_sums(filled, low, high, None if extra is None else np.nan_to_num(extra))
        counts = _counts(known, low, high) if gaps else np.broadcast_to(high - low, sums.shape)
        if extra is not None:
            counts = counts + ~np.isnan(extra)
        if method == "avg":
            sums = sums / np.maximum(counts, 1)
    return np.where(counts > 0, sums, np.nan) if (counts == 0).any() else sums


def _extremes(
    values: Values,
    known: NDArray[np.bool_],
    edges: tuple[NDArray[np.intp], NDArray[np.intp]],
    extra: Values | None,
    method: str,
) -> Values:
    never = -np.inf if method == "max" else np.inf
    best = window_extremes(np.where(known, values, never), *edges, largest=method == "max")
    if extra is not None:
        choose = np.fmax if method == "max" else np.fmin
        best = choose(best, extra)
    return np.where(np.isinf(best), np.nan, best)


def _counts(known: NDArray[np.bool_], low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.int64]:
    running = np.zeros((known.shape[0], known.shape[1] + 1), dtype=np.int64)
    np.cumsum(known, axis=1, out=running[:, 1:])
    return running[:, high] - running[:, low]


def _full(
    starts: Times, known: NDArray[np.bool_], windows: Windows, last: tuple[Times, Values] | None
) -> NDArray[np.bool_]:
    """Whether the oldest stretch of each window holds a point and at most MOST_EMPTY of all stretches don't."""
    check = windows.check or 1
    stretches = np.maximum((windows.high - windows.low) // check, 1)
    empty = np.zeros((known.shape[0], windows.low.size), dtype=np.int64)
    oldest = np.zeros(empty.shape, dtype=np.bool_)
    for number in range(int(stretches.max(initial=0))):
        begin = windows.low + number * check
        end = np.where(number == stretches - 1, windows.high + 1, begin + check)
        edges = np.searchsorted(starts, begin), np.searchsorted(starts, end)
        if last is not None:
            edges = (
                np.minimum(edges[0], np.searchsorted(starts, last[0])),
                np.minimum(edges[1], np.searchsorted(starts, last[0])),
            )
        held = _counts(known, edges[0], np.maximum(edges[1], edges[0])) > 0
        if last is not None:
            held |= ~np.isnan(last[1]) & (last[0] >= begin) & (last[0] < end)
        empty += ~held & (number < stretches)
        if number == 0:
            oldest = held
    return oldest & (empty <= MOST_EMPTY)
