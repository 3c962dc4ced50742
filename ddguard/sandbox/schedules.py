"""When a downtime runs: its schedule as Datadog stores it and shows it, and its status at an instant."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ddguard.model import Json
from ddguard.rhythm import Rhythm, rhythm
from ddguard.sandbox.calls import RefusalError, instant_text

DURATION = re.compile(r"(\d+)([mhdw])")
RULE = re.compile(r"(?:RRULE:)?(?:.*;)?FREQ=(?:HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)\b", re.IGNORECASE)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MAX_RECURRENCES = 5
LAST_YEAR_WITH_SUMMER_TIME = 2037
Span = tuple[datetime, datetime | None]
"""Start and end; an end of None never comes."""


def stored_schedule(asked: Json, now: datetime) -> dict[str, Json]:
    """A schedule as it is kept: `start` and `end`, or `timezone` and `recurrences`. What has no start begins now."""
    asked = {} if asked is None else asked
    if not isinstance(asked, Mapping):
        raise RefusalError(400, f"{asked!r} is not of type 'object'")
    if "recurrences" in asked:
        return recurring(asked, now)
    start = instant(asked["start"], "start") if asked.get("start") else now
    end = instant(asked["end"], "end") if asked.get("end") else None
    if end is not None and end <= start:
        raise RefusalError(400, "Downtime end must be after its start")
    return {"start": instant_text(start), "end": instant_text(end) if end else None}


def recurring(asked: Mapping[str, Json], now: datetime) -> dict[str, Json]:
    """A schedule of recurrences; each start is local to the time zone and has whole seconds."""
    zone = asked.get("timezone") or "UTC"
    recurrences = asked["recurrences"]
    if not isinstance(recurrences, list) or not 1 <= len(recurrences) <= MAX_RECURRENCES:
        raise RefusalError(400, f"A downtime has 1 to {MAX_RECURRENCES} recurrences")
    local_now = now.astimezone(time_zone(zone)).replace(tzinfo=None, microsecond=0)
    if not all(isinstance(recurrence, Mapping) for recurrence in recurrences):
        raise RefusalError(400, "A recurrence is not of type 'object'")
    stored = [
        {
            "duration": recurrence.get("duration"),
            "rrule": recurrence.get("rrule"),
            "start": recurrence.get("start") or local_now.isoformat(),
        }
        for recurrence in recurrences
    ]
    schedule = {"timezone": zone, "recurrences": stored}
    next(occurrences(schedule, now), None)
    return schedule


def time_zone(name: Json) -> ZoneInfo:
    """The zone of that name in the IANA database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise RefusalError(400, f"Invalid timezone: {name}") from error


def instant(text: Json, field: str) -> datetime:
    """An instant with an offset, in ISO 8601."""
    try:
        parsed = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise RefusalError(400, f"Invalid {field}: {text!r}") from error
    if parsed.tzinfo is None:
        raise RefusalError(400, f"Invalid {field}: {text!r} has no offset")
    return parsed.astimezone(UTC)


def length(text: Json) -> timedelta:
    """`2h` as a length of time; `m` is minutes."""
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or not int(match[1]):
        raise RefusalError(400, f"Invalid duration: {text!r}")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def followed(recurrence: Mapping[str, Json], zone: ZoneInfo) -> Rhythm:
    """How a recurrence goes on; its start stands beside the rule, and nothing recurs more often than hourly."""
    rule = recurrence["rrule"]
    try:
        start = datetime.fromisoformat(recurrence["start"])
    except (TypeError, ValueError) as error:
        raise RefusalError(400, f"Invalid recurrence: {rule!r}") from error
    found = rhythm(rule, start, zone) if isinstance(rule, str) and RULE.match(rule) else None
    if found is None:
        raise RefusalError(400, f"Invalid recurrence: {rule!r}")
    return found


def in_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as UTC. Datadog's tables end with 2037: from then on it knows no summer time."""
    placed = local.replace(tzinfo=zone)
    if local.year > LAST_YEAR_WITH_SUMMER_TIME:
        placed += placed.dst() or timedelta()
    return placed.astimezone(UTC)


def occurrences(schedule: Mapping[str, Json], now: datetime) -> Iterator[Span]:
    """For each recurrence the occurrence that runs at `now`, else its next one."""
    zone = time_zone(schedule["timezone"])
    for recurrence in schedule["recurrences"]:
        duration = length(recurrence["duration"])
        begin = next(followed(recurrence, zone).begins_after(now - duration), None)
        if begin is not None:
            begin = in_utc(begin, zone)
            yield begin, begin + duration


def span(schedule: Mapping[str, Json], now: datetime) -> Span | None:
    """The time that the schedule covers now or will cover next; None once all of it is over."""
    if "recurrences" in schedule:
        return min(occurrences(schedule, now), default=None, key=lambda found: found[0])
    start = datetime.fromisoformat(schedule["start"])
    end = datetime.fromisoformat(schedule["end"]) if schedule["end"] else None
    return (start, end) if end is None or now < end else None


def check_running(before: Mapping[str, Json], after: Mapping[str, Json], now: datetime) -> None:
    """Raise `RefusalError` where a downtime runs and nothing of its new schedule begins when that began."""
    running = span(before, now)
    if running is not None and running[0] <= now and not begins_at(after, running[0]):
        raise RefusalError(400, "Start times of downtimes in progress cannot be changed")


def begins_at(schedule: Mapping[str, Json], moment: datetime) -> bool:
    """Whether the downtime, or an occurrence of it, begins at that instant."""
    if "recurrences" not in schedule:
        return datetime.fromisoformat(schedule["start"]) == moment
    zone = time_zone(schedule["timezone"])
    earlier = moment - timedelta(seconds=1)
    begins = (next(followed(one, zone).begins_after(earlier), None) for one in schedule["recurrences"])
    return any(begin is not None and in_utc(begin, zone) == moment for begin in begins)


def status(attributes: Mapping[str, Json], now: datetime) -> str:
    """`canceled`, `ended`, `active` or `scheduled`."""
    if attributes["canceled"]:
        return "canceled"
    current = span(attributes["schedule"], now)
    if current is None:
        return "ended"
    return "active" if current[0] <= now else "scheduled"


def shown_schedule(schedule: Mapping[str, Json], now: datetime) -> dict[str, Any]:
    """A schedule as an answer has it; a recurring one tells its current or next occurrence."""
    if "recurrences" not in schedule:
        return dict(schedule)
    current = span(schedule, now)
    start, end = current or (None, None)
    return dict(schedule) | {
        "current_downtime": {
            "start": instant_text(start) if start else None,
            "end": instant_text(end) if end else None,
        }
    }
