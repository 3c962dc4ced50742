"""When a recurrence begins: its rule (RFC 5545) on the wall clock of a time zone.

The calendar repeats itself every 400 years, weekdays included. A rule is followed as many years later as keep it
within the last years that there are: so the search for an occurrence soon ends, also where none comes. And it begins
shortly before the moment that is asked for: a rule goes on alike from a later start that its interval leads to.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

LENGTH = re.compile(r"([0-9]{1,9})([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
INTERVAL = re.compile(r"0*[1-9][0-9]{0,8}")
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
"""No downtime recurs this often, and counting through years of it would take long."""

CYCLE = 400
CYCLE_DAYS = 146_097
STEPS: Mapping[str, int] = {"HOURLY": 1, "DAILY": 1, "WEEKLY": 7}
"""So many days later (times the interval) a rule of that frequency begins alike; of any other, a cycle later."""

FIRST_COUNTED = 1900
"""A rule that counts its occurrences has to be followed from its start on, and none begins before this year."""

FORESEEN = 2400
"""A recurrence that begins before this year is followed up to it."""

LAST = datetime(MAXYEAR, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a wall clock
"""The last second of the calendar."""

CLOCKS_DIFFER = timedelta(days=2)
"""More than the wall clock of a zone ever lies beside that of another one, or is put back."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A recurrence that can be followed: its rule and start, `years` later than they are meant, and its time zone.

    The rule goes on alike from a start that is `step` days later, or a multiple of them; a `step` of 0 tells that it
    doesn't, as it counts its occurrences. None begins later than `until`.
    """

    rule: rrule
    start: datetime
    step: int
    until: datetime | None
    years: int
    zone: tzinfo

    def begins_after(self, moment: datetime) -> Iterator[datetime]:
        """The beginnings later than an instant, in their order, as wall clocks (without offset)."""
        local = _moved(moment.astimezone(self.zone).replace(tzinfo=None) - CLOCKS_DIFFER, self.years)
        for begin in _in_the_calendar(self._from_shortly_before(local).xafter(local)):
            found = _moved(begin, -self.years)
            if self.instant(found) > moment:
                yield found

    def _from_shortly_before(self, local: datetime) -> rrule:
        """The rule from the last start but one that is before a wall clock: its first period may be cut short."""
        steps = (local - self.start).days // self.step - 1 if self.step else 0
        return self.rule.replace(dtstart=self.start + timedelta(steps * self.step)) if steps > 0 else self.rule

    def begins_at_all(self) -> bool:
        """Whether there is any occurrence, ever, as the last cycles of the calendar have it."""
        later = max(0, (MAXYEAR - self.start.year) // CYCLE - 1) * CYCLE
        ends = self.until is not None and self.until.year + later <= MAXYEAR
        until = _moved(self.until, later) if self.until and ends else None
        rule = self.rule.replace(dtstart=_moved(self.start, later), until=until)
        return next(_in_the_calendar(iter(rule)), None) is not None

    def instant(self, local: datetime) -> datetime:
        """A wall clock of the zone as an instant: the first of two, and one that was left out by the clock before."""
        try:
            return local.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            return local.replace(tzinfo=UTC)


def _in_the_calendar(begins: Iterator[datetime]) -> Iterator[datetime]:
    """The beginnings up to the last year that there is: beyond it the search for the next one may raise."""
    try:
        yield from begins
    except (ValueError, OverflowError):
        return


def rhythm(rule: object, start: datetime, zone: tzinfo) -> Rhythm | None:
    """How a rule goes on from its start, a wall clock of the zone without offset; None where that can't be followed."""
    parts = _parts(rule)
    until = parts.pop("UNTIL", "")
    if start.tzinfo or not _can_be_followed(parts) or ("COUNT" in parts and (until or start.year < FIRST_COUNTED)):
        return None
    years = max(0, MAXYEAR - max(start.year, FORESEEN - 1)) // CYCLE * CYCLE
    try:
        last = _local_until(until, zone, years) if until else None
        found = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=_moved(start, years))
    except (ValueError, TypeError, OverflowError):
        return None
    if not isinstance(found, rrule):
        return None
    interval = int(parts.get("INTERVAL", "1"))
    return Rhythm(
        rule=found.replace(until=last) if last else found,
        start=_moved(start, years),
        step=0 if "COUNT" in parts else interval * STEPS.get(parts["FREQ"], CYCLE_DAYS),
        until=last,
        years=years,
        zone=zone,
    )


def _parts(rule: object) -> dict[str, str]:
    text = rule.upper().removeprefix("RRULE:") if isinstance(rule, str) else ""
    return dict(part.partition("=")[::2] for part in text.split(";"))


def _can_be_followed(parts: Mapping[str, str]) -> bool:
    if parts.get("FREQ") in TOO_OFTEN or "BYEASTER" in parts:
        return False
    return INTERVAL.fullmatch(parts.get("INTERVAL", "1")) is not None


def _local_until(text: str, zone: tzinfo, years: int) -> datetime:
    """The last possible beginning, which a rule has as a day, as a wall clock, or with a `Z` in UTC.

    It is so many `years` later, but no later than the calendar's end: 9999 in a rule means for ever.
    """
    until = datetime.fromisoformat(text)
    try:
        local = until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until
        return _moved(local, years) if local.year + years <= MAXYEAR else LAST
    except OverflowError:
        return LAST


def _moved(local: datetime, years: int) -> datetime:
    return local.replace(year=local.year + years)


def zone_of(name: object) -> tzinfo:
    """The time zone of that name; UTC where there is none."""
    try:
        return ZoneInfo(name) if isinstance(name, str) else UTC
    except (ValueError, OSError, KeyError):
        return UTC


def length_of(text: object) -> timedelta:
    """How long an occurrence lasts: `30m` (minutes), `2h`, `1d`, `1w`; no time at all for anything else."""
    found = LENGTH.fullmatch(text) if isinstance(text, str) else None
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else timedelta()
