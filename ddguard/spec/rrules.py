"""Mistakes in the recurrence rules of downtimes and custom schedules (RFC 5545), told at their places.

Datadog is sent no rule that ddguard couldn't follow: when a downtime is over, and when it comes next, is read from it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, datetime

from ddguard.findings import Finding
from ddguard.model import Json, Path, Source
from ddguard.spec.wording import did_you_mean, quoted
from ddguard.spec.wrong_values import wrong_value

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WHOLE = re.compile(r"0*[1-9][0-9]{0,8}")
NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
DAY = re.compile(rf"(?:[+-]?0?[1-9]|[+-]?[1-4][0-9]|[+-]?5[0-3])?(?:{'|'.join(DAYS)})")
UNTIL = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
RANGES: Mapping[str, tuple[int, int, bool]] = {
    "BYSECOND": (0, 59, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
"""The smallest and the largest number of a list, and whether they may be counted from the end, with a `-`."""

NAMES = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *RANGES)
ALWAYS_OCCUR = frozenset({"FREQ", "INTERVAL", "COUNT", "WKST"})
"""A rule of these parts alone surely has an occurrence."""


def odd_rules(kind: str, value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for each rule that can't be read or never occurs, and for each that begins on no day of the calendar.

    Whether a rule occurs depends on its start: of one that can't be nobody can tell.
    """
    for path, recurrence, zone in recurrences_in(kind, value):
        rule, start = recurrence.get("rrule"), recurrence.get("start")
        odd_start = _odd_start(kind, recurrence, start, zone)
        if odd_start:
            yield wrong_value((*path, "start"), *odd_start, source)
        if isinstance(rule, str):
            odd_rule = rule_mistake(rule) or (_too_often(rule) if kind == "downtime" else None)
            message, hint = odd_rule or (("", "") if odd_start else _never(rule, start, zone))
            if message:
                yield wrong_value((*path, "rrule"), message, hint, source)


def _odd_start(kind: str, recurrence: Mapping[str, Json], start: Json, zone: Json) -> tuple[str, str] | None:
    """What to tell of a start that can't be, of a downtime also of one from which its window has no end."""
    if not isinstance(start, str):
        return None
    if _time(start) is None:
        return f"the calendar has no {start}", ""
    if kind == "downtime" and _outlasts_the_calendar(recurrence, start, zone):
        message = f"a window from {start} on outlasts the calendar, which ends with the year {MAXYEAR} in UTC"
        return message, "is the year right?"
    return None


def recurrences_in(kind: str, value: Mapping[str, Json]) -> Iterator[tuple[Path, Mapping[str, Json], Json]]:
    """Each recurrence of a spec, with its place and its time zone."""
    place: Path = ("schedule",) if kind == "downtime" else ("options", "scheduling_options", "custom_schedule")
    schedule: Json = value
    for key in place:
        schedule = schedule.get(key) if isinstance(schedule, dict) else None
    entries = schedule.get("recurrences") if isinstance(schedule, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (*place, "recurrences", number), entry, (schedule if kind == "downtime" else entry).get("timezone")


def _outlasts_the_calendar(recurrence: Mapping[str, Json], start: str, zone: Json) -> bool:
    from ddguard.rhythm import length_of, zone_of

    local = _time(start)
    if local is None or local.tzinfo or local.year < MAXYEAR:
        return False
    latest = datetime.max.replace(tzinfo=UTC) - length_of(recurrence.get("duration"))
    return local.replace(tzinfo=zone_of(zone)) > latest


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def rule_mistake(rule: str) -> tuple[str, str] | None:
    """What is wrong with the text of a rule, and a hint (may be empty); None where nothing is."""
    seen: set[str] = set()
    for part in rule.upper().removeprefix("RRULE:").split(";"):
        name = part.partition("=")[0]
        mistake = _part_mistake(part)
        if mistake:
            return mistake
        if name in seen:
            return f"{name} stands in it twice", "keep one of them"
        seen.add(name)
    if "FREQ" not in seen:
        return "FREQ is missing: how often it comes back", "such as FREQ=WEEKLY;BYDAY=MO"
    return ("COUNT and UNTIL exclude each other", "keep one of them") if {"COUNT", "UNTIL"} <= seen else None


def _part_mistake(part: str) -> tuple[str, str] | None:
    name, equals, text = part.partition("=")
    if not equals:
        return f"expected NAME=VALUE between the semicolons, not {quoted(part)}", "such as FREQ=WEEKLY;BYDAY=MO"
    if name not in NAMES:
        return f"{quoted(name)} is no part of a recurrence rule", did_you_mean(name, NAMES)
    return None if _fits(name, text) else (f"{name} is {quoted(text)}: expected {_expected(name)}", "")


def _fits(name: str, text: str) -> bool:
    if name == "FREQ":
        return text in FREQUENCIES
    if name in {"INTERVAL", "COUNT"}:
        return WHOLE.fullmatch(text) is not None
    if name == "UNTIL":
        return UNTIL.fullmatch(text) is not None and _time(text) is not None
    if name == "WKST":
        return text in DAYS
    fits = _is_day if name == "BYDAY" else _in_range
    return all(fits(name, entry) for entry in text.split(","))


def _is_day(_: str, text: str) -> bool:
    return DAY.fullmatch(text) is not None


def _in_range(name: str, text: str) -> bool:
    smallest, largest, from_the_end = RANGES[name]
    if not NUMBER.fullmatch(text) or (text[0] in "+-" and not from_the_end):
        return False
    return smallest <= abs(int(text)) <= largest


def _expected(name: str) -> str:
    if name in RANGES:
        smallest, largest, from_the_end = RANGES[name]
        return f"numbers from {smallest} to {largest}{', or with a - before them' if from_the_end else ''}"
    return {
        "FREQ": f"one of {', '.join(FREQUENCIES[3:])}",
        "UNTIL": "a time in UTC such as 20270131T230000Z, or a day such as 20270131",
        "WKST": f"one of {', '.join(DAYS)}",
        "BYDAY": f"days, {', '.join(DAYS)}, with a number before them for one of the month's or year's, such as 2TU",
    }.get(name, "a whole number above 0")


def _too_often(rule: str) -> tuple[str, str] | None:
    """What to tell of a rule that would have to be followed minute by minute, or hour by hour for those that fit."""
    parts = _parts(rule)
    if parts["FREQ"] in TOO_OFTEN:
        return f"FREQ is {quoted(parts['FREQ'])}: a downtime comes back every hour at most", "write HOURLY or rarer"
    if parts["FREQ"] == "HOURLY" and any(name.startswith("BY") for name in parts):
        return f"{quoted(rule)} would have to be followed hour by hour", "write FREQ=DAILY, and the hours as BYHOUR"
    return None


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=") for part in rule.upper().removeprefix("RRULE:").split(";"))


def _never(rule: str, start: Json, zone: Json) -> tuple[str, str]:
    """What to tell of a rule without an occurrence; two empty texts where it has one."""
    from ddguard.rhythm import FIRST_COUNTED, rhythm, zone_of

    parts = _parts(rule)
    begin = _time(start) if isinstance(start, str) else None
    if "COUNT" in parts and begin and begin.year < FIRST_COUNTED:
        return f"COUNT would be counted from {start} on", f"begin in {FIRST_COUNTED} or later: is the year right?"
    if parts.keys() <= ALWAYS_OCCUR or _too_often(rule):
        return "", ""
    if (begin is None and "UNTIL" in parts) or (begin and begin.tzinfo):
        return "", ""
    found = rhythm(rule, begin or datetime(2000, 1, 1), zone_of(zone))  # noqa: DTZ001 - a wall clock, in a leap year
    if found is None:
        return f"{quoted(rule)} can't be followed", ""
    if found.begins_at_all():
        return "", ""
    hint = "is UNTIL later than the start?" if "UNTIL" in parts else ""
    return f"{quoted(rule)} never occurs", hint
