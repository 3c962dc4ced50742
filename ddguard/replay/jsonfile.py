"""Series from Datadog's own JSON: what `POST /api/v2/series` takes and what `GET /api/v1/query` answers."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeGuard

import numpy as np

from ddguard.model import Json
from ddguard.replay.findings import Complaints
from ddguard.replay.series import LATEST, MetricType, Reading, Series, normal_tags, series_set

INTAKE_TYPES = {0: MetricType.GAUGE, 1: MetricType.COUNT, 2: MetricType.RATE, 3: MetricType.GAUGE}
"""https://docs.datadoghq.com/api/latest/metrics/#submit-metrics (0 is unspecified)."""

Point = tuple[int, float]


def read_json(text: str, path: str) -> Reading:
    """The series of either kind of file; whatever can't be used is a finding that names its place in the JSON."""
    complaints = Complaints(path)
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        complaints.error(f"this is no JSON: {error.msg}", error.lineno, error.colno)
        body = {"series": []}
    except RecursionError:
        complaints.error("this JSON is nested too deeply")
        body = {"series": []}
    listed = body.get("series") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        hint = "the body of POST /api/v2/series and the answer of GET /api/v1/query both have one"
        complaints.error("there is no list `series`", hint=hint)
        listed = []
    parts = []
    for index, entry in enumerate(listed):
        part = _series(entry, f"series[{index}]", complaints)
        if part is not None and part.times.size:
            parts.append(part)
    return Reading(series_set(parts), complaints.all())


def _series(entry: Json, place: str, complaints: Complaints) -> Series | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("metric"), str):
        complaints.error(f"{place} has no metric")
        return None
    if "pointlist" in entry:
        points = list(_answered(entry["pointlist"], place, complaints))
        kind, tags = MetricType.GAUGE, _answer_tags(entry)
    elif isinstance(entry.get("points"), list):
        points = list(_submitted(entry["points"], place, complaints))
        kind, tags = _intake_type(entry.get("type", 0), place, complaints), _intake_tags(entry)
    else:
        complaints.error(f"{place} has neither points nor a pointlist")
        return None
    times = np.array([seconds for seconds, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points], dtype=np.float64)
    interval = entry.get("interval")
    seconds = interval if isinstance(interval, int) and interval > 0 else None
    return Series(entry["metric"], normal_tags(tags), kind, times, values, seconds)


def _intake_type(given: Json, place: str, complaints: Complaints) -> MetricType:
    with suppress(ValueError):
        return MetricType(given)
    with suppress(KeyError, TypeError):
        return INTAKE_TYPES[given]
    complaints.error(f"{place}.type {given!r} is none of 0, 1 (count), 2 (rate), 3 (gauge)")
    return MetricType.GAUGE


def _intake_tags(entry: Mapping[str, Json]) -> list[str]:
    tags = [str(tag) for tag in entry.get("tags") or ()]
    resources = [item for item in entry.get("resources") or () if isinstance(item, Mapping)]
    return tags + [f"{item.get('type', 'host')}:{item['name']}" for item in resources if item.get("name")]


def _answer_tags(entry: Mapping[str, Json]) -> list[str]:
    tags = entry.get("tag_set")
    if isinstance(tags, list):
        return [str(tag) for tag in tags]
    return [tag for tag in str(entry.get("scope", "")).split(",") if tag != "*"]


def _submitted(points: list[Json], place: str, complaints: Complaints) -> Iterator[Point]:
    for index, point in enumerate(points):
        seconds, value = (point.get("timestamp"), point.get("value")) if isinstance(point, Mapping) else (None, None)
        if _is_number(seconds) and 0 <= seconds <= LATEST and _is_number(value):
            yield math.floor(seconds), float(value)
        else:
            complaints.error(f"{place}.points[{index}] needs a timestamp in seconds and a finite value")


def _answered(points: Json, place: str, complaints: Complaints) -> Iterator[Point]:
    for index, point in enumerate(points if isinstance(points, list) else ()):
        milliseconds, value = point if isinstance(point, list) and len(point) == 2 else (None, None)
        if _is_number(milliseconds) and 0 <= milliseconds <= LATEST * 1000 and _is_number(value):
            yield math.floor(milliseconds / 1000), float(value)
        elif value is not None or not _is_number(milliseconds):
            complaints.error(f"{place}.pointlist[{index}] is no pair of milliseconds and a finite value")


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
