"""Mistakes in the times of downtimes and monitors that no form tells: days, their order, and time zones."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ddguard.findings import Finding
from ddguard.model import Json, Path, Source
from ddguard.spec.rrules import recurrences_in
from ddguard.spec.wording import quoted
from ddguard.spec.wrong_values import wrong_value
from ddguard.spec.zones import is_time_zone, meant_time_zone

ZONES: Mapping[str, tuple[Path, ...]] = {
    "downtime": (("display_timezone",), ("schedule", "timezone")),
    "monitor": (("options", "scheduling_options", "evaluation_window", "timezone"),),
}
"""Where a spec names a time zone, its recurrences aside."""

INSTANTS: tuple[Path, ...] = (("schedule", "start"), ("schedule", "end"))


def odd_schedules(kind: str, value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for each time zone that there is not, and for a start and an end that can't both be meant."""
    for path in _zones(kind, value):
        name = _at(value, path)
        if isinstance(name, str) and name and not is_time_zone(name):
            yield wrong_value(path, f"there is no time zone {quoted(name)}", meant_time_zone(name), source)
    if kind == "downtime":
        yield from _odd_times(value, source)


def _zones(kind: str, value: Mapping[str, Json]) -> Iterator[Path]:
    yield from ZONES[kind]
    if kind == "monitor":
        yield from ((*path, "timezone") for path, _, _ in recurrences_in(kind, value))


def _odd_times(value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    texts = {path: text for path in INSTANTS if isinstance(text := _at(value, path), str)}
    moments = {path: _instant(text) for path, text in texts.items()}
    for path, moment in moments.items():
        if moment is None:
            yield wrong_value(path, f"the calendar has no {texts[path]}", "", source)
    start, end = (moments.get(path) for path in INSTANTS)
    if start and end and end <= start:
        begin, path = texts[INSTANTS[0]], INSTANTS[1]
        message = f"expected a time later than schedule.start, {begin}, not {texts[path]}"
        yield wrong_value(path, message, "are the two the wrong way round?" if end < start else "", source)


def _instant(text: str) -> datetime | None:
    """The instant that a text means; None where the calendar has none, or the text not the form of one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _at(value: Json, path: Path) -> Json:
    for key in path:
        value = _part(value, key)
    return value


def _part(value: Json, key: str | int) -> Json:
    if isinstance(key, int):
        return value[key] if isinstance(value, list) else None
    return value.get(key) if isinstance(value, dict) else None
