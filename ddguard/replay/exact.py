"""Sums whose result doesn't depend on any order: each is the exact sum, rounded once (as `math.fsum`).

Values are split into limbs: multiples of a power of two, few enough bits that no sum of them is ever rounded. Whole
numbers and most measurements need one limb, decimal fractions two; running totals of a limb can then be subtracted.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.series import Values

Indices = NDArray[np.intp]

LARGEST_WHOLE = 2.0**52
SMALLEST_EXPONENT = -1074


def limbs(values: Values, terms: int) -> Iterator[Values]:
    """Arrays that add up to `values` exactly, of which any `terms` elements add up without rounding.

    `values` has no NaN.
    """
    rest = values
    while True:
        peak = max(float(rest.max(initial=0.0)), -float(rest.min(initial=0.0)))
        if peak == 0.0 or not math.isfinite(peak):
            yield rest
            return
        exponent = max(math.frexp(peak)[1] + max(terms, 1).bit_length() - 52, SMALLEST_EXPONENT)
        part = _rounded_to(rest, exponent)
        if part is rest:
            yield rest
            return
        yield part
        rest = rest - part


def _rounded_to(values: Values, exponent: int) -> Values:
    """The nearest multiples of 2**exponent; the same array if they all are already."""
    if exponent <= 0:
        whole = np.rint(values)
        if np.array_equal(whole, values):
            return values
    rounded: Values = np.ldexp(np.rint(np.ldexp(values, -exponent)), exponent)
    return values if np.array_equal(rounded, values) else rounded


def total(parts: list[Values]) -> Values:
    """The sum of exact parts, rounded once for each element."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return parts[0] + parts[1]
    stacked = np.stack(parts, axis=-1)
    sums = [_fsum(row) for row in stacked.reshape(-1, len(parts)).tolist()]
    return np.array(sums, dtype=np.float64).reshape(stacked.shape[:-1])


def _fsum(numbers: list[float]) -> float:
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return math.nan


def segment_sums(values: Values, starts: Indices, longest: int, axis: int = -1) -> Values:
    """The sum of each segment along the axis; `starts` are the first indices, `longest` the length of the longest."""
    if longest <= 1:
        return values
    return total([np.add.reduceat(limb, starts, axis=axis) for limb in limbs(values, longest)])


class Extra(NamedTuple):
    """What is added to the sums of some windows: `values[row, column]`, the columns of `windows[i]` from `first[i]`."""

    values: Values
    first: Indices
    windows: Indices


def window_sums(values: Values, low: Indices, high: Indices, extra: Extra | None = None) -> Values:
    """`sums[row, window]` of `values[row, low:high]` and what is added to it; without NaN."""
    width = values.shape[1]
    joined = values if extra is None else np.concatenate([values, extra.values], axis=1)
    parts = []
    for limb in limbs(joined, joined.shape[1] + 1):
        running = np.zeros((values.shape[0], width + 1))
        np.cumsum(limb[:, :width], axis=1, out=running[:, 1:])
        sums = np.take(running, high, axis=1)
        sums -= np.take(running, low, axis=1)
        if extra is not None:
            sums[:, extra.windows] += np.add.reduceat(limb[:, width:], extra.first, axis=1)
        parts.append(sums)
    return total(parts)


def window_extremes(values: Values, low: Indices, high: Indices, *, largest: bool) -> Values:
    """The largest or smallest of `values[row, low:high]`; an empty window gives the infinity that never wins.

    Windows are covered by two stretches of a power of two, as in a sparse table, one level in memory at a time.
    """
    choose = np.maximum if largest else np.minimum
    found = np.full((values.shape[0], low.size), -np.inf if largest else np.inf)
    lengths = high - low
    level, reach = values, 1
    while True:
        here = (lengths >= reach) & (lengths < 2 * reach)
        if here.any():
            found[:, here] = choose(np.take(level, low[here], axis=1), np.take(level, high[here] - reach, axis=1))
        if not (lengths >= 2 * reach).any():
            return found
        level = choose(level[:, :-reach], level[:, reach:])
        reach *= 2
