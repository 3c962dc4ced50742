"""Space aggregation: several sources, or several groups, as one.

https://docs.datadoghq.com/metrics/types/
"""

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.exact import segment_sums
from ddguard.replay.series import Values


def by_group(values: Values, group: NDArray[np.intp], count: int, method: str) -> Values:
    """`values[source, column]` as `values[group, column]`: avg, sum, min or max of what is there, NaN where nothing is.

    `group[source]` is ascending, in the range of `count`.
    """
    if group.size == count and values.shape[0] == count:
        return values
    result = np.full((count, values.shape[1]), np.nan)
    if not values.size:
        return result
    edges = np.flatnonzero(np.diff(group, prepend=-1))
    result[group[edges]] = _reduced(values, edges, method)
    return result


def _reduced(values: Values, edges: NDArray[np.intp], method: str) -> Values:
    known = ~np.isnan(values)
    counts = np.add.reduceat(known.astype(np.int64), edges, axis=0)
    if method in {"min", "max"}:
        never = np.inf if method == "min" else -np.inf
        choose = np.minimum if method == "min" else np.maximum
        best = choose.reduceat(np.where(known, values, never), edges, axis=0)
        return np.where(counts > 0, best, np.nan)
    longest = int(np.diff(np.append(edges, values.shape[0])).max())
    sums = segment_sums(np.where(known, values, 0.0), edges, longest, axis=0)
    if method == "avg":
        sums = sums / np.maximum(counts, 1)
    return np.where(counts > 0, sums, np.nan)
