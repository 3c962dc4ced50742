"""Points as they were sent: what every reader of series makes, and all that the evaluation reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ddguard.findings import Finding

Times = NDArray[np.int64]
Values = NDArray[np.float64]

LATEST = 253_370_764_799
"""The last second of the year 9998: later times are milliseconds, or mistakes. A year is left for time zones."""


class MetricType(StrEnum):
    """Datadog's metric types, distributions aside.

    https://docs.datadoghq.com/metrics/types/
    """

    COUNT = "count"
    RATE = "rate"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The points of one source: `times[i]`, seconds since the epoch, ascending and distinct; `values[i]`, finite.

    `tags` are lower case and sorted. `interval` is the number of seconds that a rate's value stands for, if told.
    """

    metric: str
    tags: tuple[str, ...]
    type: MetricType
    times: Times
    values: Values
    interval: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SeriesSet:
    """All series of a run, one for each metric and set of tags, in the order of their first appearance."""

    series: tuple[Series, ...] = ()

    @property
    def first(self) -> int | None:
        """The time of the earliest point, None without any."""
        return min((int(series.times[0]) for series in self.series if series.times.size), default=None)

    @property
    def last(self) -> int | None:
        """The time of the latest point, None without any."""
        return max((int(series.times[-1]) for series in self.series if series.times.size), default=None)

    @property
    def nbytes(self) -> int:
        """Bytes of all times and values; times that several series share count once."""
        times = {id(series.times): series.times.nbytes for series in self.series}
        return sum(times.values()) + sum(series.values.nbytes for series in self.series)

    def of(self, metric: str) -> tuple[Series, ...]:
        """The series of one metric."""
        return tuple(series for series in self.series if series.metric == metric)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a reader made of a file: the series it could use, and what was wrong with the rest."""

    series: SeriesSet
    findings: tuple[Finding, ...] = ()


def series_of(metric: str, tags: Iterable[str], kind: MetricType, points: Mapping[int, float]) -> Series:
    """A series from its finite points by second."""
    seconds = sorted(points)
    times = np.array(seconds, dtype=np.int64)
    return Series(metric, normal_tags(tags), kind, times, np.array([points[one] for one in seconds], dtype=np.float64))


def normal_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as Datadog stores them for this purpose: lower case, sorted, each once."""
    return tuple(sorted({tag.strip().lower() for tag in tags} - {""}))


def ordered_points(times: Times, values: Values) -> tuple[Times, Values]:
    """The points by time. Of several at the same second the last one stays, as at Datadog's intake; NaN is no point."""
    known = ~np.isnan(values)
    if not known.all():
        times, values = times[known], values[known]
    steps = np.diff(times)
    if (steps > 0).all():
        return times, values
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    last_of_second = np.append(np.diff(times) > 0, True)[: times.size]
    return times[last_of_second], values[last_of_second]


def series_set(parts: Sequence[Series]) -> SeriesSet:
    """One series for each metric and set of tags; parts with equal times share one array."""
    merged: dict[tuple[str, tuple[str, ...]], list[Series]] = {}
    for part in parts:
        merged.setdefault((part.metric, part.tags), []).append(part)
    shared: dict[tuple[int, int, int], Times] = {}
    return SeriesSet(tuple(_sharing(_one(same), shared) for same in merged.values()))


def _one(parts: Sequence[Series]) -> Series:
    times, values = parts[0].times, parts[0].values
    if len(parts) > 1:
        times = np.concatenate([part.times for part in parts])
        values = np.concatenate([part.values for part in parts])
    times, values = ordered_points(times, values)
    return replace(parts[0], times=times, values=values)


def _sharing(series: Series, shared: dict[tuple[int, int, int], Times]) -> Series:
    if not series.times.size:
        return series
    key = (series.times.size, int(series.times[0]), int(series.times[-1]))
    kept = shared.setdefault(key, series.times)
    if kept is not series.times and np.array_equal(kept, series.times):
        return replace(series, times=kept)
    return series
