"""The recurrences of a downtime: when the next one begins, and whether two mean the same from now on.

Datadog may refuse a recurrence whose start is past, so one is moved on to its next occurrence before it is sent. From
then on the spec and Datadog have different starts that stand for the same occurrences.

A recurrence is `{"start", "rrule", "duration"}`, its start local to the schedule's time zone.
https://docs.datadoghq.com/monitors/guide/suppress-alert-with-downtimes/
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from ddguard.model import Json
from ddguard.payload.normal import parsed_time

SLOW = re.compile(r"FREQ=(?:HOURLY|MINUTELY|SECONDLY)", re.IGNORECASE)
"""Downtimes don't recur this often, and counting through years of it would take long."""

COUNT = re.compile(r"\bCOUNT=", re.IGNORECASE)
UNTIL = re.compile(r"(UNTIL=\d{8}T\d{6})Z", re.IGNORECASE)
OCCURRENCES_COMPARED = 5


def local_now(timezone: Json, now: datetime) -> datetime:
    """The wall clock of a time zone (UTC where there is no such zone), without its offset."""
    try:
        zone = ZoneInfo(timezone)
    except (TypeError, ValueError, OSError, KeyError):
        return now.astimezone(UTC).replace(tzinfo=None)
    return now.astimezone(zone).replace(tzinfo=None)


def next_start(recurrence: Mapping[str, Json], local: datetime) -> Json:
    """The start to send: the recurrence's own, or its next occurrence where that is past.

    A recurrence that counts its occurrences keeps its start: from a later one it would have more of them.
    """
    start, rule = parsed_time(recurrence.get("start")), _rule(recurrence)
    if start is None or rule is None or start > local or COUNT.search(recurrence["rrule"]):
        return recurrence.get("start")
    following = rule.after(local)
    return recurrence["start"] if following is None else following.isoformat()


def is_over(recurrence: Mapping[str, Json], local: datetime) -> bool:
    """Whether no occurrence will begin any more. A recurrence that can't be read is not over."""
    rule = _rule(recurrence)
    return rule is not None and rule.after(local) is None


def begin_alike(one: Mapping[str, Json], other: Mapping[str, Json], local: datetime) -> bool:
    """Whether two recurrences have one rule and begin at the same times from now on."""
    if one.get("rrule") != other.get("rrule"):
        return False
    rules = (_rule(one), _rule(other))
    coming = [list(islice(rule.xafter(local), OCCURRENCES_COMPARED)) for rule in rules if rule is not None]
    return len(coming) == 2 and coming[0] == coming[1]


def _rule(recurrence: Mapping[str, Json]) -> rrule | None:
    start, text = parsed_time(recurrence.get("start")), recurrence.get("rrule")
    if start is None or start.tzinfo is not None or not isinstance(text, str) or SLOW.search(text):
        return None
    try:
        rule = rrulestr(UNTIL.sub(r"\1", text), dtstart=start)
    except (ValueError, TypeError):
        return None
    return rule if isinstance(rule, rrule) else None
