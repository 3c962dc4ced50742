"""Time aggregation: the points of each source in buckets.

https://docs.datadoghq.com/dashboards/functions/rollup/
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from ddguard.errors import InputError
from ddguard.replay.exact import segment_sums
from ddguard.replay.series import Times, Values
from ddguard.replay.terms import Calendar

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Even:
    """Buckets of `width` seconds that begin on multiples of it since the epoch."""

    width: int

    def start_of(self, times: Times) -> Times:
        """The start of the bucket that holds each time."""
        return times // self.width * self.width

    def first_from(self, second: int) -> int:
        """The first start at or after that second."""
        return -(-second // self.width) * self.width

    def end_of(self, start: int) -> int:
        """Where the bucket ends that begins at `start`."""
        return start + self.width

    def later(self, starts: Times, seconds: int) -> Times:
        """The starts of the buckets that many seconds later."""
        return self.start_of(starts + seconds)

    def grid(self, first: int, last: int) -> Times:
        """All starts from `first` to `last`."""
        return np.arange(self.first_from(first), last + 1, self.width, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ByCalendar:
    """Days, weeks or months of a time zone; `starts` are their beginnings, enough for the run."""

    starts: tuple[int, ...]
    width: int

    def start_of(self, times: Times) -> Times:
        """The start of the bucket that holds each time; the first one for times before all buckets."""
        starts = np.array(self.starts, dtype=np.int64)
        return starts[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)]

    def first_from(self, second: int) -> int:
        """The first start at or after that second."""
        return int(self.starts[min(bisect_right(self.starts, second - 1), len(self.starts) - 1)])

    def end_of(self, start: int) -> int:
        """Where the bucket ends that begins at `start`."""
        return int(self.starts[min(bisect_right(self.starts, start), len(self.starts) - 1)])

    def later(self, starts: Times, seconds: int) -> Times:
        """The starts nearest to that many seconds later: a week before a clock change isn't 7 times 24 hours long."""
        known = np.array(self.starts, dtype=np.int64)
        wanted = starts + seconds
        after = np.clip(np.searchsorted(known, wanted), 1, known.size - 1)
        before = known[after - 1]
        return np.where(wanted - before <= known[after] - wanted, before, known[after])

    def grid(self, first: int, last: int) -> Times:
        """All starts from `first` to `last`."""
        return np.array([start for start in self.starts if first <= start <= last], dtype=np.int64)


Buckets = Even | ByCalendar
PERIOD_SECONDS = {"daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400}


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of `count` sources, by source and within each by time."""

    times: Times
    sources: Numbers
    values: Values
    count: int


def by_calendar(calendar: Calendar, first: int, last: int) -> ByCalendar:
    """The calendar's buckets around the seconds `first` to `last`."""
    try:
        zone = ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(f"there is no time zone {calendar.zone!r}") from None
    day = datetime.fromtimestamp(first, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day -= timedelta(days=40)
    until = datetime.fromtimestamp(last, zone).replace(tzinfo=None) + timedelta(days=40)
    starts = []
    while day < until:
        if _begins(calendar, day):
            starts.append(int(day.replace(tzinfo=zone).timestamp()))
        day += timedelta(days=1)
    return ByCalendar(tuple(starts), PERIOD_SECONDS[calendar.period])


def _begins(calendar: Calendar, day: datetime) -> bool:
    if calendar.period == "monthly":
        return day.day == 1
    return calendar.period == "daily" or day.weekday() == calendar.weekday


def reduce_segments(values: Values, starts: Numbers, method: str) -> Values:
    """Each segment of the last axis as one value; segments begin at `starts` and none is empty."""
    lengths = np.diff(np.append(starts, values.shape[-1]))
    if method == "count":
        return np.broadcast_to(lengths.astype(np.float64), (*values.shape[:-1], lengths.size)).copy()
    longest = int(lengths.max(initial=0))
    if longest <= 1:
        return values
    if method == "min":
        return np.asarray(np.minimum.reduceat(values, starts, axis=-1))
    if method == "max":
        return np.asarray(np.maximum.reduceat(values, starts, axis=-1))
    sums = segment_sums(values, starts, longest)
    return sums / lengths if method == "avg" else sums


def in_buckets(points: Points, buckets: Buckets, method: str) -> tuple[Times, Values]:
    """The starts of all buckets that hold a point, and `values[source, bucket]`, NaN where a source has none."""
    begins = buckets.start_of(points.times)
    changes = np.flatnonzero((np.diff(begins) != 0) | (np.diff(points.sources) != 0)) + 1
    edges = np.concatenate([np.zeros(min(begins.size, 1), dtype=np.intp), changes])
    cells = reduce_segments(points.values, edges, method)
    starts, column = _distinct(begins[edges])
    table = np.full((points.count, starts.size), np.nan)
    table[points.sources[edges], column] = cells
    return starts, table


def in_shared_buckets(times: Times, values: Sequence[Values], buckets: Buckets, method: str) -> tuple[Times, Values]:
    """The same for sources that all have their points at the same times."""
    begins = buckets.start_of(times)
    edges = np.flatnonzero(np.diff(begins, prepend=begins[:1] - 1)) if begins.size else np.zeros(0, dtype=np.intp)
    return begins[edges], reduce_segments(np.stack(values), edges, method)


def _distinct(begins: Times) -> tuple[Times, Numbers]:
    """The distinct numbers in order, and where each of `begins` stands among them; quick where they lie close."""
    if not begins.size:
        return begins, np.zeros(0, dtype=np.intp)
    low, high = int(begins.min()), int(begins.max())
    if high - low > 8 * begins.size:
        starts, place = np.unique(begins, return_inverse=True)
        return starts, place.reshape(-1)
    here = np.zeros(high - low + 1, dtype=np.bool_)
    here[begins - low] = True
    return np.flatnonzero(here) + low, (np.cumsum(here) - 1)[begins - low]
