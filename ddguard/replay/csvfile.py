"""Series from CSV: `metric,timestamp,value,tags` and an optional `type`, one point a row."""

import csv
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO

import numpy as np

from ddguard.replay.findings import Complaints, Types
from ddguard.replay.series import LATEST, MetricType, Reading, Series, normal_tags, series_set

REQUIRED = ("metric", "timestamp", "value", "tags")
COLUMNS = (*REQUIRED, "type")
LONGEST_QUOTE = 60
"""Characters of a cell that a message repeats."""


@dataclass(slots=True)
class _Points:
    """The points of one series as they come."""

    line: int
    type: str
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


class _BadRowError(ValueError):
    """Why a row can't be used."""


def read_csv(text: str, path: str) -> Reading:
    """The series of a CSV file; each row that can't be used is a finding with its line."""
    complaints = Complaints(path)
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, str], _Points] = {}
    try:
        columns = _header(next(rows, []), complaints)
        if columns is None:
            return Reading(series_set(()), complaints.all())
        for row in rows:
            if row:
                _take(row, rows.line_num, columns, found, complaints)
    except csv.Error as error:
        complaints.error(f"this is no CSV: {error}", rows.line_num)
    parts = _typed(found, complaints)
    return Reading(series_set(parts), complaints.all())


def _header(names: Sequence[str], complaints: Complaints) -> dict[str, int] | None:
    own = [name.strip().lower().removeprefix("\ufeff") for name in names]
    columns = {name: index for index, name in enumerate(own)}
    missing = [name for name in REQUIRED if name not in columns]
    odd = [f"an unknown column {_cut(name)}" for name in own if name not in COLUMNS]
    odd += [f"two columns {name!r}" for name in COLUMNS if own.count(name) > 1]
    if missing or odd:
        wrong = f"without {', '.join(missing)}" if missing else f"with {odd[0]}"
        complaints.error(f"a header {wrong}", 1, 1, "the first line must be metric,timestamp,value,tags[,type]")
        return None
    return columns


def _take(
    row: list[str],
    line: int,
    columns: Mapping[str, int],
    found: dict[tuple[str, str], _Points],
    complaints: Complaints,
) -> None:
    try:
        points = _series_of(row, line, columns, found)
        seconds, value = _time(row[columns["timestamp"]]), _value(row[columns["value"]])
    except _BadRowError as error:
        complaints.error(str(error), line)
        return
    if math.isnan(value):
        complaints.warning("NaN is no point: the row is left out", line)
        return
    points.times.append(seconds)
    points.values.append(value)


def _series_of(row: list[str], line: int, columns: Mapping[str, int], found: dict[tuple[str, str], _Points]) -> _Points:
    if len(row) != len(columns):
        raise _BadRowError(f"{len(row)} columns where the header has {len(columns)}")
    metric = row[columns["metric"]].strip()
    if not metric:
        raise _BadRowError("no metric")
    kind = (row[columns["type"]].strip().lower() if "type" in columns else "") or MetricType.GAUGE.value
    points = found.setdefault((metric, row[columns["tags"]]), _Points(line, kind))
    if points.type != kind:
        raise _BadRowError(f"type {_cut(kind)} where line {points.line} has {_cut(points.type)}")
    return points


def _time(text: str) -> int:
    text = text.strip()
    try:
        seconds = int(text) if text.isdigit() else _other_time(text)
    except (ValueError, OverflowError):
        raise _BadRowError(f"timestamp {_cut(text)} is neither seconds since 1970 nor ISO 8601") from None
    if not 0 <= seconds <= LATEST:
        raise _BadRowError(f"timestamp {_cut(text)} is no second between 1970 and 9998 (are these milliseconds?)")
    return seconds


def _other_time(text: str) -> int:
    if "_" in text:
        raise ValueError(text)
    try:
        return math.floor(float(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
        return math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _value(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _BadRowError(f"value {_cut(text.strip())} is no number") from None
    if "_" in text:
        raise _BadRowError(f"value {_cut(text.strip())} is no number: leave the _ away")
    if math.isinf(value):
        raise _BadRowError(f"value {_cut(text.strip())} is not finite")
    return value


def _cut(text: str) -> str:
    """A text in quotes, without most of it if it is long."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "...")


def _typed(found: Mapping[tuple[str, str], _Points], complaints: Complaints) -> list[Series]:
    parts = []
    names = {kind.value for kind in MetricType}
    types = Types()
    for (metric, tags), points in found.items():
        if points.type not in names:
            complaints.error(f"type {_cut(points.type)} is none of {', '.join(MetricType)}", points.line)
            continue
        kind = MetricType(points.type)
        clash = types.clash(metric, kind, f"line {points.line}")
        if clash is not None:
            complaints.error(clash, points.line)
            continue
        times = np.array(points.times, dtype=np.int64)
        values = np.array(points.values, dtype=np.float64)
        if times.size:
            parts.append(Series(metric, normal_tags(tags.split()), kind, times, values))
    return parts
