"""What stands between points: interpolation where sources are combined, `.fill()`, `default_zero()`.

https://docs.datadoghq.com/metrics/guide/interpolation-the-fill-modifier-explained/
"""

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.series import Times, Values

Mask = NDArray[np.bool_]


def filled(starts: Times, values: Values, method: str, limit: int) -> Values:
    """`values[row, column]` with gaps filled that begin at most `limit` seconds after the row's last value.

    `linear` needs a later value, `last` and `zero` work forward, `null` fills nothing.
    """
    if method == "null" or not starts.size:
        return values
    known = ~np.isnan(values)
    before, since = _last_known(starts, known)
    near = ~known & (before >= 0) & (since <= limit)
    rows = np.arange(values.shape[0])[:, None]
    if method == "zero":
        return np.where(near, 0.0, values)
    earlier = values[rows, np.maximum(before, 0)]
    if method == "last":
        return np.where(near, earlier, values)
    after = _next_known(known)
    near &= after < starts.size
    after = np.minimum(after, starts.size - 1)
    first, last = starts[np.maximum(before, 0)], starts[after]
    with np.errstate(all="ignore"):
        share = (starts - first) / (last - first)
        between = earlier + (values[rows, after] - earlier) * share
    return np.where(near, between, values)


def _last_known(starts: Times, known: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The column of the last value up to each column (-1 without), and the seconds since then."""
    columns = np.arange(starts.size, dtype=np.int64)
    before = np.maximum.accumulate(np.where(known, columns, -1), axis=1)
    return before, starts - starts[np.maximum(before, 0)]


def _next_known(known: Mask) -> NDArray[np.int64]:
    """The column of the first value from each column on; the number of columns where there is none."""
    columns = np.arange(known.shape[1], dtype=np.int64)
    later = np.where(known, columns, known.shape[1])
    return np.minimum.accumulate(later[:, ::-1], axis=1)[:, ::-1]


def combined(starts: Times, values: Values, group: NDArray[np.intp], limit: int) -> Values:
    """Sources of the same group made comparable: each interpolated at the columns where another one has a value.

    `values[source, column]`; `group[source]` is ascending.
    """
    if not starts.size or not (np.diff(group) == 0).any():
        return values
    edges = np.flatnonzero(np.diff(group, prepend=-1))
    somewhere = np.logical_or.reduceat(~np.isnan(values), edges, axis=0)
    return np.where(
        somewhere[np.cumsum(np.diff(group, prepend=-1) != 0) - 1], filled(starts, values, "linear", limit), np.nan
    )
