"""The series behind one metric query: those its filter lets through, by group, ready to be aggregated."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.buckets import Points
from ddguard.replay.filters import lets_through
from ddguard.replay.frames import NEVER, GroupKey
from ddguard.replay.series import MetricType, Series, SeriesSet, Times, Values
from ddguard.replay.terms import Leaf

RATE_INTERVAL = 10
"""Seconds that a rate's value stands for where neither the series nor its points tell: the Agent's flush."""


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The sources of a leaf, in the order of their groups.

    `groups` are sorted; `group[source]` is an index into them, ascending; `born[group]` is the time of a group's first
    point. `times` and `values` are those of each source. `type` is the metric's, None without any series. `aligned`
    says that the sources of each group have their points at the same seconds: there is nothing to interpolate.
    """

    groups: tuple[GroupKey, ...]
    group: NDArray[np.intp]
    born: Times
    times: Sequence[Times]
    values: Sequence[Values]
    type: MetricType | None
    aligned: bool

    @property
    def counts(self) -> bool:
        """Whether as_count() and as_rate() have an effect: not on gauges."""
        return self.type is not MetricType.GAUGE

    def between(self, first: GroupKey, last: GroupKey) -> "Sources":
        """The part with the groups from `first` to `last`, both included."""
        low = bisect_left(self.groups, first)
        high = bisect_left(self.groups, last)
        high += high < len(self.groups) and self.groups[high] == last
        start, end = np.searchsorted(self.group, [low, high]).tolist()
        return Sources(
            self.groups[low:high],
            self.group[start:end] - low,
            self.born[low:high],
            self.times[start:end],
            self.values[start:end],
            self.type,
            self.aligned,
        )

    def within(self, first: int, last: int) -> "Sources":
        """The same sources with only their points from one second to another, both included."""
        edges = {id(times): slice(*np.searchsorted(times, [first, last + 1]).tolist()) for times in self.times}
        cuts = {id(times): times[edges[id(times)]] for times in self.times}
        return replace(
            self,
            times=[cuts[id(times)] for times in self.times],
            values=[values[edges[id(times)]] for times, values in zip(self.times, self.values, strict=True)],
        )

    def points(self) -> Points:
        """All points in three arrays."""
        if not self.times:
            return Points(np.empty(0, np.int64), np.empty(0, np.intp), np.empty(0), 0)
        numbers = np.repeat(np.arange(len(self.times)), [one.size for one in self.times])
        return Points(np.concatenate(self.times), numbers, np.concatenate(self.values), len(self.times))

    def first_after(self, own: tuple[str, ...], by: tuple[str, ...], key: GroupKey, second: int) -> int:
        """The time of the first point after that second of the groups that are `key` by the keys `by`.

        `own` are the keys of these sources' groups, `by` some of them; NEVER without such a point.
        """
        found = NEVER
        for source in self._of_group(own, by, key):
            times = self.times[source]
            place = int(np.searchsorted(times, second, side="right"))
            if place < times.size:
                found = min(found, int(times[place]))
        return found

    def _of_group(self, own: tuple[str, ...], by: tuple[str, ...], key: GroupKey) -> list[int]:
        if own == by:
            row = bisect_left(self.groups, key)
            there = row < len(self.groups) and self.groups[row] == key
            return list(range(*np.searchsorted(self.group, [row, row + there]).tolist()))
        places = [own.index(name) for name in by]
        rows = [row for row, group in enumerate(self.groups) if tuple(group[place] for place in places) == key]
        return np.flatnonzero(np.isin(self.group, rows)).tolist()


def find_sources(leaf: Leaf, series: SeriesSet) -> Sources:
    """The sources of a leaf. Series that lack one of the keys of `by` take no part.

    https://docs.datadoghq.com/monitors/guide/troubleshooting-no-data/
    """
    found: list[tuple[GroupKey, Series]] = []
    for one in series.of(leaf.metric):
        key = group_key(leaf.by, one.tags)
        if key is not None and one.times.size and lets_through(leaf.scope, one.tags):
            found.append((key, one))
    found.sort(key=lambda pair: pair[0])
    groups = tuple(dict.fromkeys(key for key, _ in found))
    row = {key: number for number, key in enumerate(groups)}
    born = np.full(len(groups), NEVER, dtype=np.int64)
    for key, one in found:
        born[row[key]] = min(born[row[key]], one.times[0])
    times = [one.times for _, one in found]
    neighbours = pairwise(found)
    return Sources(
        groups,
        np.array([row[key] for key, _ in found], dtype=np.intp),
        born,
        times,
        [_scaled(leaf, one) for _, one in found],
        found[0][1].type if found else None,
        all(key != other or _same(one.times, next_one.times) for (key, one), (other, next_one) in neighbours),
    )


def _same(left: Times, right: Times) -> bool:
    return left is right or np.array_equal(left, right)


def group_key(by: tuple[str, ...], tags: tuple[str, ...]) -> GroupKey | None:
    """The tags' values for these keys, several of one key joined by commas; None if a key is missing."""
    values = []
    for key in by:
        own = [tag[len(key) + 1 :] for tag in tags if tag.startswith(f"{key}:")]
        if not own:
            return None
        values.append(",".join(own))
    return tuple(values)


def _scaled(leaf: Leaf, series: Series) -> Values:
    """A rate under as_count() counts its value times the seconds that it stands for.

    https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/
    """
    if leaf.counting != "as_count" or series.type is not MetricType.RATE:
        return series.values
    interval = series.interval
    if interval is None:
        interval = int(np.diff(series.times).min()) if series.times.size > 1 else RATE_INTERVAL
    return series.values * interval
