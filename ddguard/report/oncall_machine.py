"""Snoozes and holds as JSON objects."""

from collections.abc import Sequence
from datetime import datetime

from ddguard.holds import Held
from ddguard.model import Json
from ddguard.payload.snoozes import Snooze, Target
from ddguard.report.machine import time_text
from ddguard.snooze import Aftermath, Alerting, Audience, Ending, Listed, Outcome


def snooze_object(
    outcome: Outcome,
    target: Target,
    snooze: Snooze | None,
    audience: Audience,
    asked: tuple[datetime, datetime, str, str],
) -> dict[str, Json]:
    """What became of a wish for silence. `asked` is start, end, reason and author of one that was only tried."""
    start, end, reason, author = asked
    return {
        "action": outcome.value,
        "downtime_id": snooze.downtime.remote_id if snooze else None,
        **_target(target),
        "start": _time(snooze.start) if snooze else time_text(start),
        "end": _time(snooze.end) if snooze else time_text(end),
        "reason": snooze.reason if snooze else reason,
        "by": snooze.author if snooze else author,
        **audience_object(audience),
    }


def _target(target: Target) -> dict[str, Json]:
    return {
        "scope": target.scope,
        "monitor_tags": target.identifier.get("monitor_tags", []),
        "monitor_id": target.monitor,
    }


def audience_object(audience: Audience) -> dict[str, Json]:
    """Who falls silent, as numbers, and which of their groups are alerting now."""
    return {
        "monitors": [member.number for member in audience.members],
        "monitors_unread": [member.number for member in audience.unread],
        "alerting_groups": [alerting_object(group) for group in audience.alerting],
    }


def alerting_object(group: Alerting) -> dict[str, Json]:
    """One alerting group; `monitor` is its monitor's number."""
    return {"monitor": group.monitor, "group": group.group, "state": group.state, "since": _time(group.since)}


def listed_object(entry: Listed, now: datetime) -> dict[str, Json]:
    """One downtime that silences something. `seconds_left` is null without an end."""
    left = None if entry.end is None else max(0, int((entry.end - now).total_seconds()))
    numbers = None if entry.audience is None else [member.number for member in entry.audience.members]
    return {
        "downtime_id": entry.downtime.remote_id,
        "status": entry.downtime.status,
        "scope": entry.scope,
        "monitor_tags": list(entry.monitor_tags),
        "monitor_id": entry.monitor,
        "start": _time(entry.start),
        "end": _time(entry.end),
        "seconds_left": left,
        "reason": entry.reason,
        "by": entry.author or None,
        "foreign": entry.is_foreign,
        "spec": entry.spec or None,
        "was_for": entry.was_for or None,
        "monitors": numbers,
    }


def ended_object(target: Target, endings: Sequence[Ending], after: Aftermath) -> dict[str, Json]:
    """Which downtimes were ended and which weren't, what is audible again (null if unknown), and what isn't."""
    unknown = {"monitors": None, "monitors_unread": None, "alerting_groups": None}
    return {
        "stack": target.stack,
        "scope": target.scope,
        "ended": [one.snooze.downtime.remote_id for one in endings if one.error is None],
        "failed": [
            {"downtime_id": one.snooze.downtime.remote_id, "error": str(one.error)} for one in endings if one.error
        ],
        "still_silenced_by": [entry.downtime.remote_id for entry in after.still],
        **(unknown if after.audible is None else audience_object(after.audible)),
    }


def hold_object(held: Held) -> dict[str, Json]:
    """One group that carries the flag, for a review queue."""
    return {
        "monitor": held.monitor,
        "name": held.name,
        "group": held.group,
        "since": _time(held.since),
        "state": held.state,
        "review": held.review,
        "silenced_by": list(held.silenced_by),
        "url": held.url,
    }


def _time(moment: datetime | None) -> str | None:
    return time_text(moment) if moment else None
