"""The recurrences of a downtime: when the next one begins, and whether two mean the same from now on.

Datadog may refuse a recurrence whose start is past, so one is moved on to its next occurrence before it is sent. From
then on the spec and Datadog have different starts that stand for the same occurrences.

A recurrence is `{"start", "rrule", "duration"}`, its start local to the schedule's time zone.
https://docs.datadoghq.com/monitors/guide/suppress-alert-with-downtimes/
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from ddguard.model import Json
from ddguard.payload.normal import parsed_time
from ddguard.rhythm import Rhythm, length_of, rhythm

HOURLY_BY_PARTS = re.compile(r"(?=.*FREQ=HOURLY).*\bBY", re.IGNORECASE)
"""Where no hour fits its parts, such a rule is followed for centuries before that is known."""

COUNT = re.compile(r"\bCOUNT=", re.IGNORECASE)
OCCURRENCES_COMPARED = 5


def next_start(recurrence: Mapping[str, Json], zone: tzinfo, now: datetime) -> Json:
    """The start to send: the recurrence's own, or its next occurrence where that is past.

    A recurrence that counts its occurrences keeps its start: from a later one it would have more of them.
    """
    start, found = parsed_time(recurrence.get("start")), _rhythm(recurrence, zone)
    if start is None or found is None or found.instant(start) > now or COUNT.search(recurrence["rrule"]):
        return recurrence.get("start")
    following = _begin(found, now)
    return recurrence["start"] if following is None else following.isoformat()


def is_over(recurrence: Mapping[str, Json], zone: tzinfo, now: datetime) -> bool:
    """Whether no occurrence runs or will begin any more. A recurrence that can't be read is not over."""
    found = _rhythm(recurrence, zone)
    return found is not None and _begin(found, now - length_of(recurrence.get("duration"))) is None


def begin_alike(one: Mapping[str, Json], other: Mapping[str, Json], zone: tzinfo, now: datetime) -> bool:
    """Whether two recurrences have one rule and begin at the same times from now on."""
    if one.get("rrule") != other.get("rrule"):
        return False
    rhythms = (_rhythm(one, zone), _rhythm(other, zone))
    coming = [list(islice(found.begins_after(now), OCCURRENCES_COMPARED)) for found in rhythms if found is not None]
    return len(coming) == 2 and coming[0] == coming[1]


def run_on_alike(one: Mapping[str, Json], running: Mapping[str, Json], zone: tzinfo, now: datetime) -> bool:
    """Whether a recurrence that gets the rule of `one` keeps the window that it is in and then begins as `one` does."""
    changed = {**running, "rrule": one.get("rrule")}
    earlier = now - length_of(running.get("duration"))
    rhythms = (_rhythm(changed, zone), _rhythm(running, zone))
    windows = [_begin(found, earlier) for found in rhythms if found is not None]
    return len(windows) == 2 and windows[0] == windows[1] and begin_alike(one, changed, zone, now)


def running_since(recurrence: Mapping[str, Json], zone: tzinfo, now: datetime) -> datetime | None:
    """The instant at which the window began that the recurrence is in; None where it is in none, or can't be read."""
    found = _rhythm(recurrence, zone)
    begin = _begin(found, now - length_of(recurrence.get("duration"))) if found else None
    began = found.instant(begin) if found and begin else None
    return began if began is not None and began <= now else None


def begins_at(recurrence: Mapping[str, Json], zone: tzinfo, moment: datetime) -> bool:
    """Whether an occurrence begins at this instant."""
    found = _rhythm(recurrence, zone)
    begin = _begin(found, moment - timedelta(seconds=1)) if found else None
    return found is not None and begin is not None and found.instant(begin) == moment


def _begin(found: Rhythm, moment: datetime) -> datetime | None:
    return next(found.begins_after(moment), None)


def _rhythm(recurrence: Mapping[str, Json], zone: tzinfo) -> Rhythm | None:
    start, rule = parsed_time(recurrence.get("start")), recurrence.get("rrule")
    if start is None or not isinstance(rule, str) or HOURLY_BY_PARTS.search(rule):
        return None
    return rhythm(rule, start, zone)
