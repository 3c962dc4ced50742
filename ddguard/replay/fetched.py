"""A metric query with its sources and its buckets: what both ways to values begin with."""

from dataclasses import dataclass

import numpy as np

from ddguard.replay.buckets import Buckets, Points
from ddguard.replay.frames import Frame
from ddguard.replay.series import MetricType, Times, Values
from ddguard.replay.sources import Sources
from ddguard.replay.space import by_group
from ddguard.replay.terms import FILL_LIMIT, Leaf


@dataclass(frozen=True, slots=True, eq=False)
class Fetched:
    """A leaf with its sources and buckets; `points` are those of all sources by time."""

    leaf: Leaf
    sources: Sources
    buckets: Buckets
    points: Points

    @property
    def method(self) -> str:
        """How points become a bucket's value: counts and rates add up under as_count(), the rest averages."""
        if self.leaf.rollup.method is not None:
            return self.leaf.rollup.method
        adds = self.sources.type is MetricType.COUNT or self.leaf.counting == "as_count"
        return "sum" if self.leaf.counting and self.sources.counts and adds else "avg"

    def rated(self, values: Values) -> Values:
        """Bucket values, divided by a bucket's seconds where they are counts under as_rate()."""
        per_second = self.leaf.counting == "as_rate" and self.sources.type is MetricType.COUNT
        return values / self.buckets.width if per_second else values

    @property
    def interpolated(self) -> bool:
        """Whether sources are interpolated where others have points: gauges with points of their own."""
        plain = self.leaf.fill is None and not self.leaf.rates
        return plain and self.sources.type is MetricType.GAUGE and not self.sources.aligned

    @property
    def reach(self) -> int:
        """How many seconds after a bucket others may still get a value from it."""
        return self.leaf.fill.limit if self.leaf.fill else FILL_LIMIT if self.interpolated else 0

    @property
    def spread(self) -> bool:
        """Whether buckets without a point may get a value."""
        return self.interpolated or (self.leaf.fill is not None and self.leaf.fill.method != "null")

    @property
    def leads_on(self) -> bool:
        """Whether they get it from points before and after them."""
        return self.interpolated or (self.leaf.fill is not None and self.leaf.fill.method == "linear")

    def frame(self, starts: Times, values: Values, sources: Sources) -> Frame:
        """The group's values of `values[source, column]`, for all sources or a part of them."""
        values = by_group(values, sources.group, len(sources.groups), self.leaf.space)
        counting = self.leaf.counting is not None and self.sources.counts
        frame = Frame(self.leaf.by, sources.groups, sources.born, starts, values, self.buckets.width, counting)
        return frame.with_values(values)


def by_time(sources: Sources) -> Points:
    """The points of all sources, by time."""
    points = sources.points()
    order = np.argsort(points.times, kind="stable")
    return Points(points.times[order], points.sources[order], points.values[order], points.count)


def on_grid(starts: Times, table: Values, grid: Times) -> tuple[Times, Values]:
    """The columns of a table, some of those of the grid, among the others of the grid without a value."""
    wide = np.full((table.shape[0], grid.size), np.nan)
    wide[:, np.searchsorted(grid, starts)] = table
    return grid, wide
