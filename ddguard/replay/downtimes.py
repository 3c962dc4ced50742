"""Downtimes on a time line: when each is in force, and for which monitors and groups.

https://docs.datadoghq.com/monitors/downtimes/
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ddguard.errors import InputError
from ddguard.model import Json
from ddguard.replay.scopes import Scope, parse_scope
from ddguard.rhythm import Rhythm, rhythm
from ddguard.spec.durations import parse_duration

DURATION = re.compile(r"[0-9]+[mhdw]")
ENDLESS = re.compile(r"FREQ=(SECOND|MINUTE)LY|INTERVAL=0*(;|$)", re.IGNORECASE)
"""Rules with so many occurrences that looking for those of a run wouldn't end."""
FOREVER = 2**62
END_STATES = ("alert", "warn", "no data")
END_TYPES = ("expired",)

Stretch = tuple[int, int]
"""In force from the first second up to, not including, the last one."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A downtime as the notifications see it.

    `name` is how it is told of; `stretches` lie by start. A notification is sent at the end of a stretch if `expired`
    is among `end_types` and the group's state among `end_states`.
    """

    name: str
    scope: Scope
    stretches: tuple[Stretch, ...]
    mute_first_recovery: bool = False
    end_states: tuple[str, ...] = END_STATES
    end_types: tuple[str, ...] = END_TYPES

    def covering(self, second: int) -> bool:
        """Whether it is in force at that second."""
        return any(start <= second < end for start, end in self.stretches)


def silence(attributes: Mapping[str, Json], first: int, last: int, name: str = "") -> Silence:
    """A downtime of the API's shape, with its stretches between the seconds `first` and `last`.

    Without a start it is in force from `first` on. What can't be followed is an InputError.
    """
    scope = parse_scope(str(attributes.get("scope") or "*"))
    schedule = attributes.get("schedule") or {}
    stretches = _recurring(schedule, first, last) if schedule.get("recurrences") else _once(schedule, first)
    states, types = attributes.get("notify_end_states"), attributes.get("notify_end_types")
    return Silence(
        name or scope.text,
        scope,
        tuple(sorted(stretch for stretch in stretches if stretch[1] > first and stretch[0] <= last)),
        bool(attributes.get("mute_first_recovery_notification")),
        END_STATES if states is None else tuple(states),
        END_TYPES if types is None else tuple(types),
    )


def concerns(attributes: Mapping[str, Json], tags: Collection[str], number: int | None = None) -> bool:
    """Whether the downtime is for a monitor with these monitor tags, or with that number in Datadog.

    A monitor must carry all the tags; `*` stands for every monitor; without an identifier it is for every monitor.
    """
    identifier = attributes.get("monitor_identifier") or {}
    if identifier.get("monitor_id") is not None:
        return number is not None and identifier["monitor_id"] == number
    wanted = identifier.get("monitor_tags") or ["*"]
    known = {tag.lower() for tag in tags}
    return all(tag == "*" or str(tag).lower() in known for tag in wanted)


def covering(silences: Iterable[Silence], tags: Collection[str], second: int) -> tuple[Silence, ...]:
    """The downtimes in force at that second for a group with these tags."""
    return tuple(one for one in silences if one.covering(second) and one.scope.covers(tags))


def _once(schedule: Mapping[str, Json], first: int) -> list[Stretch]:
    start, end = schedule.get("start"), schedule.get("end")
    return [(first if start is None else _second(start), FOREVER if end is None else _second(end))]


def _second(text: Json) -> int:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise InputError(f"{str(text)!r} is no time of a downtime: write 2026-01-05T10:00:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _recurring(schedule: Mapping[str, Json], first: int, last: int) -> Iterator[Stretch]:
    name = str(schedule.get("timezone") or "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(f"there is no time zone {name!r}") from None
    for recurrence in schedule["recurrences"]:
        yield from _occurrences(recurrence, zone, first, last)


def _occurrences(recurrence: Mapping[str, Json], zone: ZoneInfo, first: int, last: int) -> Iterator[Stretch]:
    """The stretches of one rule. The rule runs on the zone's wall clock; the length of a stretch is in real time."""
    length = duration(recurrence.get("duration"))
    begin = recurrence.get("start")
    start = datetime.fromtimestamp(first, zone) if begin is None else _wall_clock(begin, zone)
    latest = datetime.fromtimestamp(last, zone).replace(tzinfo=None)
    followed = _followed(str(recurrence.get("rrule") or ""), start.replace(tzinfo=None), zone)
    for moment in followed.begins_after(datetime.fromtimestamp(first, UTC) - length):
        if moment > latest:
            return
        second = int(moment.replace(tzinfo=zone).timestamp())
        yield second, second + int(length.total_seconds())


def _wall_clock(text: Json, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise InputError(f"{str(text)!r} is no start of a recurrence: write 2026-01-05T10:00:00") from None
    return moment.astimezone(zone) if moment.tzinfo else moment


def _followed(text: str, start: datetime, zone: ZoneInfo) -> Rhythm:
    for word in ("DTSTART", "DTEND", "DURATION"):
        if word in text.upper():
            raise InputError(f"the recurrence {text!r} has a {word}, which Datadog doesn't allow")
    if ENDLESS.search(text):
        raise InputError(f"the recurrence {text!r} comes too often to be followed")
    found = rhythm(text, start, zone)
    if found is None:
        raise InputError(f"the recurrence {text!r} is no RRULE that can be followed")
    return found


def duration(text: Json) -> timedelta:
    """The length that `30m`, `2h`, `1d` or `1w` stands for (`m` is minutes)."""
    if DURATION.fullmatch(str(text)) is None:
        raise InputError(f"{str(text)!r} is no duration of a downtime: write 30m, 2h, 1d or 1w")
    try:
        return parse_duration(str(text))
    except ValueError as error:
        raise InputError(f"the duration of a downtime can't be followed: {error}") from None
