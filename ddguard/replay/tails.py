"""The end of each round's window: the buckets whose values depend on points that aren't known yet.

The last bucket may be partly known. Between a source's last known bucket and its next one there is nothing to
interpolate towards until that one comes. Everything before is as it will always be.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.series import Times, Values

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
KEY_BITS = 40
"""Where the source or the round stands in a key: starts of buckets are smaller, up to the year 9998."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The buckets of some sources that hold points: `sources[i]`, `starts[i]`, `values[i]`, by source and time."""

    sources: NDArray[np.intp]
    starts: Times
    values: Values
    count: int

    @classmethod
    def of(cls, starts: Times, table: Values) -> "Cells":
        """Those of `table[source, column]`."""
        sources, columns = np.nonzero(~np.isnan(table))
        return cls(sources, starts[columns], table[sources, columns], table.shape[0])

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """A number for each cell, ascending."""
        return (self.sources.astype(np.int64) << KEY_BITS) + self.starts

    def last_up_to(self, sources: Indices, starts: Times) -> Indices:
        """For each pair of a source and a start the number of the last cell up to there, perhaps another source's."""
        return np.searchsorted(self.keys, (sources.astype(np.int64) << KEY_BITS) + starts, side="right") - 1

    def belong(self, cells: Indices, sources: Indices) -> Mask:
        """Which of some numbers are those of a cell of the source."""
        own: Mask = np.take(self.sources, cells, mode="clip") == sources
        return own & (cells >= 0) & (cells < self.sources.size)


def columns_of(cells: Cells, since: Times, begins: Times) -> NDArray[np.int64]:
    """The columns in which some source has a point, as keys: each round's from `since` to `begins`."""
    starts = np.unique(cells.starts)
    first = np.searchsorted(begins, starts)
    counts = np.maximum(np.searchsorted(since, starts, side="right") - first, 0)
    rounds = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts - first, counts)
    keys: Times = (rounds << KEY_BITS) + np.repeat(starts, counts)
    return np.sort(keys)


def all_columns(since: Times, begins: Times, width: int) -> NDArray[np.int64]:
    """The same for all buckets since 1970: there are no points before."""
    counts = (begins - since) // width + 1
    rounds = np.repeat(np.arange(counts.size), counts)
    places = np.arange(rounds.size) - np.repeat(np.cumsum(counts) - counts, counts)
    starts: Times = since[rounds] + width * places
    there = starts >= 0
    return (rounds[there].astype(np.int64) << KEY_BITS) + starts[there]


def slots(cells: Cells, begins: Times, low: Times, width: int, limit: int) -> int:
    """How many of the last buckets of any round have nothing to lead to yet, from the first of them on.

    `begins[round]` are the starts of the last ones, `low[round]` those of the windows; `limit` is how many seconds
    after a bucket something may be interpolated.
    """
    if not cells.sources.size:
        return 0
    rows = np.arange(cells.count)[:, None]
    before = cells.last_up_to(rows, begins - 1)
    since = np.take(cells.starts, before, mode="clip")
    waiting = cells.belong(before, rows) & cells.belong(before + 1, rows) & (since + limit >= low)
    deep = np.minimum((begins - since) // width, (begins - low) // width + 1)
    return int(np.where(waiting, deep, 0).max(initial=0))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Buckets at the end of windows: `starts[column]` in the window of `rounds[column]`, by round and start.

    `begins[round]` are the starts of the last ones.
    """

    rounds: Indices
    starts: Times
    begins: Times

    @property
    def last(self) -> Times:
        """The start of the last bucket of each column's window."""
        return self.begins[self.rounds]


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The values of such buckets; `latest[source, round]` are those of the last ones as they are known then."""

    columns: Columns
    latest: Values

    def known(self, cells: Cells) -> Values:
        """`values[source, column]` of the buckets that hold known points."""
        starts, rounds = self.columns.starts, self.columns.rounds
        values = np.full((cells.count, starts.size), np.nan)
        if cells.sources.size:
            rows = np.arange(cells.count)[:, None]
            place = cells.last_up_to(rows, starts)
            here = cells.belong(place, rows) & (np.take(cells.starts, place, mode="clip") == starts)
            values[here] = cells.values[place[here]]
        last = starts == self.columns.last
        values[:, last] = self.latest[:, rounds[last]]
        return values

    def filled(self, cells: Cells, values: Values, wanted: Mask, method: str, limit: int) -> Values:
        """The known values with the wanted others filled from them, as `interpolation.filled` does it."""
        if not cells.sources.size or method == "null":
            return values
        rows, columns = np.nonzero(wanted & np.isnan(values))
        here = self.columns.starts[columns]
        before = cells.last_up_to(rows, here - (here == self.columns.last[columns]))
        first = np.take(cells.starts, before, mode="clip")
        near = cells.belong(before, rows) & (here - first <= limit)
        rows, columns, before = rows[near], columns[near], before[near]
        found = values.copy()
        found[rows, columns] = self._between(cells, rows, columns, before, method)
        return found

    def _between(self, cells: Cells, rows: Indices, columns: Indices, before: Indices, method: str) -> Values:
        """What is filled into some buckets of which `before` are the known cells before them."""
        earlier = cells.values[before]
        if method != "linear":
            return earlier if method == "last" else np.zeros(before.size)
        latest = self.columns.last[columns]
        last = np.take(cells.starts, before + 1, mode="clip")
        later = np.take(cells.values, before + 1, mode="clip")
        later = np.where(last == latest, self.latest[rows, self.columns.rounds[columns]], later)
        comes = cells.belong(before + 1, rows) & (last <= latest)
        with np.errstate(all="ignore"):
            share = (self.columns.starts[columns] - cells.starts[before]) / (last - cells.starts[before])
            return np.where(comes, earlier + (later - earlier) * share, np.nan)
