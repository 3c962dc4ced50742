"""Series from Datadog's own JSON: what `POST /api/v2/series` takes and what `GET /api/v1/query` answers."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from ddguard.model import Json
from ddguard.replay.findings import Complaints, Types
from ddguard.replay.series import LATEST, MetricType, Reading, Series, normal_tags, series_set

INTAKE_TYPES = {0: MetricType.GAUGE, 1: MetricType.COUNT, 2: MetricType.RATE, 3: MetricType.GAUGE}
"""https://docs.datadoghq.com/api/latest/metrics/#submit-metrics (0 is unspecified)."""

LONGEST_QUOTE = 60
"""Characters of a value that a message repeats."""

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
    except ValueError:
        complaints.error("this JSON holds a whole number with thousands of digits")
        body = {"series": []}
    listed = body.get("series") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        hint = "the body of POST /api/v2/series and the answer of GET /api/v1/query both have one"
        complaints.error("there is no list `series`", hint=hint)
        listed = []
    types = Types()
    parts = []
    for index, entry in enumerate(listed):
        place = f"series[{index}]"
        part = _series(entry, place, complaints)
        if part is None or not part.times.size:
            continue
        told = "pointlist" in entry or bool(entry.get("type"))
        clash = types.clash(part.metric, part.type, place) if told else None
        if clash is not None:
            complaints.error(f"{place}: {clash}")
        parts.append((part, told))
    return Reading(series_set([part if told else _as_known(part, types) for part, told in parts]), complaints.all())


def _as_known(part: Series, types: Types) -> Series:
    """A series whose type isn't told, with the one that another series of the metric tells."""
    kind, _ = types.known.get(part.metric, (part.type, ""))
    return replace(part, type=kind)


def _series(entry: Json, place: str, complaints: Complaints) -> Series | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("metric"), str):
        complaints.error(f"{place} has no metric")
        return None
    if "pointlist" in entry:
        points = list(_answered(entry["pointlist"], place, complaints))
        kind, tags = MetricType.GAUGE, _answer_tags(entry, place, complaints)
    elif "points" in entry:
        points = list(_submitted(entry["points"], place, complaints))
        kind, tags = _intake_type(entry.get("type", 0), place, complaints), _intake_tags(entry, place, complaints)
    else:
        complaints.error(f"{place} has neither points nor a pointlist")
        return None
    times = np.array([seconds for seconds, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points], dtype=np.float64)
    return Series(entry["metric"], normal_tags(tags), kind, times, values, _interval(entry, place, complaints))


def _interval(entry: Mapping[str, Json], place: str, complaints: Complaints) -> int | None:
    """Seconds; Datadog takes 0 for none told."""
    given = entry.get("interval")
    if given is None or given == 0:
        return None
    if _is_number(given) and 1 <= given <= LATEST and given == int(given):
        return int(given)
    complaints.error(f"{place}.interval {_quoted(given)} is no whole number of seconds")
    return None


def _quoted(value: Json) -> str:
    text = repr(value) if not isinstance(value, int) or abs(value) <= LATEST * 1000 else "so large"
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _intake_type(given: Json, place: str, complaints: Complaints) -> MetricType:
    with suppress(ValueError):
        return MetricType(given)
    with suppress(KeyError, TypeError):
        return INTAKE_TYPES[given]
    complaints.error(f"{place}.type {_quoted(given)} is none of 0, 1 (count), 2 (rate), 3 (gauge)")
    return MetricType.GAUGE


def _intake_tags(entry: Mapping[str, Json], place: str, complaints: Complaints) -> list[str]:
    resources = entry.get("resources") or []
    if not isinstance(resources, list) or not all(isinstance(item, Mapping) for item in resources):
        complaints.error(f"{place}.resources is no list of objects with a type and a name")
        resources = []
    named = [f"{item.get('type', 'host')}:{item['name']}" for item in resources if item.get("name")]
    return [*_texts(entry, "tags", place, complaints), *named]


def _answer_tags(entry: Mapping[str, Json], place: str, complaints: Complaints) -> list[str]:
    if entry.get("tag_set") is not None:
        return _texts(entry, "tag_set", place, complaints)
    return [tag for tag in str(entry.get("scope", "")).split(",") if tag != "*"]


def _texts(entry: Mapping[str, Json], key: str, place: str, complaints: Complaints) -> list[str]:
    texts = entry.get(key) or []
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return texts
    complaints.error(f"{place}.{key} is no list of texts such as env:prod")
    return []


def _submitted(points: Json, place: str, complaints: Complaints) -> Iterator[Point]:
    if not isinstance(points, list):
        complaints.error(f"{place}.points is no list")
        return
    for index, point in enumerate(points):
        seconds, value = (point.get("timestamp"), point.get("value")) if isinstance(point, Mapping) else (None, None)
        if _is_number(seconds) and 0 <= seconds <= LATEST and _is_number(value):
            yield math.floor(seconds), float(value)
        else:
            complaints.error(f"{place}.points[{index}] needs a timestamp in seconds and a finite value")


def _answered(points: Json, place: str, complaints: Complaints) -> Iterator[Point]:
    if not isinstance(points, list):
        complaints.error(f"{place}.pointlist is no list")
        return
    for index, point in enumerate(points):
        milliseconds, value = point if isinstance(point, list) and len(point) == 2 else (None, None)
        if _is_number(milliseconds) and 0 <= milliseconds <= LATEST * 1000 and _is_number(value):
            yield math.floor(milliseconds / 1000), float(value)
        elif value is not None or not _is_number(milliseconds):
            complaints.error(f"{place}.pointlist[{index}] is no pair of milliseconds and a finite value")


def _is_number(value: Json) -> TypeGuard[float]:
    """Whether it is one that a value can have: Python's whole numbers go further."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
