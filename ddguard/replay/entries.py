"""Series from a test file's `series` list: metric, type, tags, and `values` or `generate`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ddguard.findings import Position, Severity
from ddguard.model import Json, Path
from ddguard.replay.findings import Complaints, Types
from ddguard.replay.generate import GenerateError, generate_values
from ddguard.replay.notation import NotationError, checked_values
from ddguard.replay.series import LATEST, MetricType, Reading, Series, Times, Values, normal_tags, series_set


class Places(Protocol):
    """Knows where a value of the list stands."""

    def __call__(self, path: Path, offset: int = 0, width: int = 0) -> Position:
        """The place of the value at `path` (from the list: `(0, "values")`), or of some characters of its text."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When the first value stands and how many seconds lie between values; `length` is the values `generate` makes."""

    start: int
    interval: int = 60
    length: int | None = None


class _EntryError(ValueError):
    """What is wrong with an entry, and where in it."""

    def __init__(self, message: str, path: Path, offset: int = 0, width: int = 0) -> None:
        super().__init__(message)
        self.path = path
        self.offset = offset
        self.width = width


def read_entries(entries: Sequence[Json], clock: Clock, places: Places) -> Reading:
    """The series of the list; entries that can't be used are findings at their place."""
    complaints = Complaints(places(()).path)
    parts: list[Series] = []
    grids: dict[tuple[int, int], Times] = {}
    context = _Before()
    for index, entry in enumerate(entries):
        try:
            part = _series(entry, clock, grids)
            context.check(part, index)
            parts.append(part)
        except _EntryError as error:
            place = places((index, *error.path), error.offset, error.width)
            complaints.at(place, Severity.ERROR, str(error))
    return Reading(series_set(parts), complaints.all())


@dataclass(slots=True)
class _Before:
    """What an entry must go together with: the entries before it."""

    types: Types = field(default_factory=Types)
    sources: dict[tuple[str, tuple[str, ...]], list[tuple[int, Times]]] = field(default_factory=dict)

    def check(self, part: Series, index: int) -> None:
        """_EntryError for another type of the same metric, and for a second value of a source in a second."""
        clash = self.types.clash(part.metric, part.type, f"series[{index}]")
        if clash is not None:
            raise _EntryError(clash, ())
        same = self.sources.setdefault((part.metric, part.tags), [])
        for other, times in same:
            if np.intersect1d(times, part.times, assume_unique=True).size:
                told = f"metric and tags are those of series[{other}], and both have values at the same times"
                raise _EntryError(f"{told}: give it a tag of its own, or put _ where the other has values", ())
        same.append((index, part.times))


def _series(entry: Json, clock: Clock, grids: dict[tuple[int, int], Times]) -> Series:
    if not isinstance(entry, Mapping):
        raise _EntryError("a series needs metric, tags, and values or generate", ())
    metric = entry.get("metric")
    if not isinstance(metric, str) or not metric:
        raise _EntryError("a series needs a metric", ())
    interval = _seconds(entry.get("interval", clock.interval))
    values = _values(entry, clock)
    if clock.start + interval * max(values.size - 1, 1) > LATEST:
        raise _EntryError("the last value stands after the year 9998: is a unit wrong somewhere?", ())
    key = (interval, values.size)
    if key not in grids:
        grids[key] = clock.start + interval * np.arange(values.size, dtype=np.int64)
    times, values = _without_gaps(grids[key], values)
    tags = entry.get("tags") or ()
    if isinstance(tags, str) or not isinstance(tags, Sequence):
        raise _EntryError("tags must be a list", ("tags",))
    return Series(metric, normal_tags(str(tag) for tag in tags), _type(entry), times, values, interval)


def _without_gaps(times: Times, values: Values) -> tuple[Times, Values]:
    known = ~np.isnan(values)
    return (times, values) if known.all() else (times[known], values[known])


def _seconds(interval: Json) -> int:
    if not isinstance(interval, int) or isinstance(interval, bool) or interval < 1:
        raise _EntryError("interval must be a whole number of seconds from 1", ("interval",))
    return interval


def _type(entry: Mapping[str, Json]) -> MetricType:
    given = entry.get("type", MetricType.GAUGE.value)
    if given == "distribution":
        raise _EntryError("distributions can't be evaluated locally: Datadog keeps sketches, not values", ("type",))
    try:
        return MetricType(given)
    except ValueError:
        raise _EntryError(f"type {given!r} is none of {', '.join(MetricType)}", ("type",)) from None


def _values(entry: Mapping[str, Json], clock: Clock) -> Values:
    if ("values" in entry) == ("generate" in entry):
        raise _EntryError("a series needs either values or generate", ())
    if "values" in entry:
        try:
            return checked_values(str(entry["values"]))
        except NotationError as error:
            raise _EntryError(str(error), ("values",), error.offset, error.width) from None
    wish = entry["generate"]
    if not isinstance(wish, Mapping):
        raise _EntryError("generate takes shapes such as constant or poisson", ("generate",))
    try:
        return generate_values(wish, clock.length)
    except GenerateError as error:
        raise _EntryError(str(error), ("generate", error.key) if error.key else ("generate",)) from None
