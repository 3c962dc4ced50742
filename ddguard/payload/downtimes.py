"""Downtimes: from a spec to the API's attributes, and from Datadog's answer to what differs.

https://docs.datadoghq.com/api/latest/downtimes/
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from ddguard.model import EMPTY, Downtime, Identity, Json, LiveDowntime, Stack
from ddguard.payload.changes import FieldChange, compared
from ddguard.payload.identity import marked_message
from ddguard.payload.normal import parsed_time
from ddguard.payload.recurrences import begin_alike, begins_at, is_over, next_start, run_on_alike, running_since
from ddguard.payload.references import as_sent
from ddguard.payload.tables import DOWNTIME_FIELDS_OF_DATADOG, DOWNTIME_RULES, Kind
from ddguard.payload.values import plain
from ddguard.rhythm import zone_of

DEFAULTS: Mapping[str, Json] = {
    str(rule.path[0]): rule.value for rule in DOWNTIME_RULES if rule.kind is Kind.FILLED and len(rule.path) == 1
}
"""What an update sends for an attribute that the spec dropped."""


def downtime_request(downtime: Downtime, stack: Stack, numbers: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """The attributes that the downtime shall have, as they can be sent at `now`.

    The last line of the message is the identity. A start that is past can't be sent: it becomes null, which means now,
    or for a recurrence its next occurrence. A start that the spec leaves open stays left out. `monitor_identifier`
    names the monitor's number, or `${monitor:ID}` as long as `numbers` doesn't have it.
    """
    wanted = {
        key: plain(value)
        for key, value in downtime.attributes.items()
        if value is not None and key not in DOWNTIME_FIELDS_OF_DATADOG
    }
    identity = Identity(stack.name, downtime.id)
    wanted["message"] = marked_message(str(wanted.get("message", "")), identity, protect=downtime.protect)
    if downtime.monitor is not None:
        wanted["monitor_identifier"] = {"monitor_id": f"${{monitor:{downtime.monitor}}}"}
    if isinstance(wanted.get("schedule"), dict):
        wanted["schedule"] = _schedule_from_now(wanted["schedule"], now)
    sent: dict[str, Any] = as_sent(wanted, numbers)
    return sent


def _schedule_from_now(schedule: Mapping[str, Json], now: datetime) -> dict[str, Json]:
    kept = {key: value for key, value in schedule.items() if value is not None and key != "current_downtime"}
    if _is_past(kept.get("start"), now):
        kept["start"] = None
    if isinstance(kept.get("recurrences"), list):
        zone = zone_of(kept.get("timezone"))
        kept["recurrences"] = [_recurrence_from_now(entry, zone, now) for entry in kept["recurrences"]]
    return kept


def _recurrence_from_now(recurrence: Json, zone: tzinfo, now: datetime) -> Json:
    if not isinstance(recurrence, dict) or recurrence.get("start") is None:
        return recurrence
    return recurrence | {"start": next_start(recurrence, zone, now)}


def _is_past(text: Json, now: datetime) -> bool:
    moment = parsed_time(text)
    return moment is not None and moment.tzinfo is not None and moment <= now


def has_ended(downtime: Downtime, now: datetime) -> bool:
    """Whether nothing of the downtime is to come: its end is past, or the last of its recurrences."""
    schedule = _schedule(downtime.attributes)
    recurrences = schedule.get("recurrences")
    if not recurrences:
        return _is_past(schedule.get("end"), now)
    zone = zone_of(schedule.get("timezone"))
    return all(isinstance(entry, Mapping) and is_over(entry, zone, now) for entry in recurrences)


def downtime_changes(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> tuple[FieldChange, ...]:
    """What has to change in Datadog for the downtime to be as wanted (`downtime_request`) from `now` on."""
    return tuple(compared(_with_starts_that_stand(wanted, live, now), live.attributes, DOWNTIME_RULES).changes())


def moves_running_window(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> bool:
    """Whether Datadog refuses to change the live downtime to what is wanted, since it would change a start in the past.

    Of a downtime that runs it takes every schedule that the window of the moment still begins with, and no other.
    """
    changes = downtime_changes(wanted, live, now)
    if live.status != "active" or not any(change.path[0] == "schedule" for change in changes):
        return False
    before, after = _schedule(live.attributes), _schedule_update(wanted, live, now)
    began = _running_since(before, now)
    if began is None:
        return any(change.path[-1] == "start" for change in changes)
    return not _begins_at(after, began)


def window_missed(downtime: Downtime, sent: Mapping[str, Json], now: datetime) -> datetime | None:
    """When the window of a recurrence began that runs by the spec and that a new downtime (`sent`) doesn't have."""
    asked = _schedule(downtime.attributes)
    if "recurrences" not in asked or _running_since(_schedule(sent), now) is not None:
        return None
    return _running_since(asked, now)


def _running_since(schedule: Mapping[str, Json], now: datetime) -> datetime | None:
    """When what runs began, None where that can't be told."""
    if "recurrences" not in schedule:
        return parsed_time(schedule.get("start"))
    zone = zone_of(schedule.get("timezone"))
    windows = (running_since(entry, zone, now) for entry in _recurrences(schedule))
    return min((began for began in windows if began is not None), default=None)


def _begins_at(schedule: Mapping[str, Json], moment: datetime) -> bool:
    if "recurrences" not in schedule:
        return parsed_time(schedule.get("start")) == moment
    zone = zone_of(schedule.get("timezone"))
    return any(begins_at(entry, zone, moment) for entry in _recurrences(schedule))


def _with_starts_that_stand(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> Mapping[str, Json]:
    """What is wanted, with the live start wherever that is as good as the wanted one: there it may stay.

    It is where the spec leaves the start open, where both are past, or where a recurrence goes on in the same rhythm,
    be it by another rule: the start of one that runs can't be changed. What runs has begun, whatever our clock says.
    """
    asked, given = _schedule(wanted), _schedule(live.attributes)
    if isinstance(asked.get("recurrences"), list):
        zone = zone_of(asked.get("timezone"))
        runs = live.status == "active"
        entries = [
            _with_start_that_stands(entry, _counterparts(entry, place, _recurrences(given)), zone, now, runs=runs)
            for place, entry in enumerate(asked["recurrences"])
        ]
        return {**wanted, "schedule": {**asked, "recurrences": entries}}
    open_start = "start" not in asked
    has_begun = live.status == "active" or _is_past(given.get("start"), now)
    may_have_begun = asked.get("start") is None or _is_past(asked["start"], now)
    if "start" in given and (open_start or (has_begun and may_have_begun)):
        return {**wanted, "schedule": {**asked, "start": given["start"]}}
    return wanted


def _counterparts(one: Json, place: int, others: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The live recurrences that may be the wanted one: those with its rule first, of them that at its place first.

    Where it leaves its start open only those with its rule, or the one at its place, say when it began.
    """
    if not isinstance(one, Mapping):
        return []
    ranked = sorted(enumerate(others), key=lambda pair: (pair[1].get("rrule") != one.get("rrule"), pair[0] != place))
    may_be_any = one.get("start") is not None
    return [other for at, other in ranked if may_be_any or at == place or other.get("rrule") == one.get("rrule")]


def _with_start_that_stands(
    one: Json, others: Sequence[Mapping[str, Json]], zone: tzinfo, now: datetime, *, runs: bool
) -> Json:
    """A wanted recurrence with the start of the first of its counterparts that may stay for it."""
    for other in others:
        keeps_window = runs and run_on_alike(one, other, zone, now)
        if "start" in other and (one.get("start") is None or begin_alike(one, other, zone, now) or keeps_window):
            return {**one, "start": other["start"]}
    return one


def _schedule(attributes: Mapping[str, Json]) -> Mapping[str, Json]:
    schedule = attributes.get("schedule")
    return schedule if isinstance(schedule, Mapping) else EMPTY


def _recurrences(schedule: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    found = schedule.get("recurrences")
    return [entry if isinstance(entry, Mapping) else EMPTY for entry in found] if isinstance(found, list) else []


def downtime_update(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> dict[str, Any]:
    """The attributes of the PATCH that makes the live downtime as wanted: those that differ.

    A schedule is replaced whole, and one that is sent without a start begins anew: starts that may stand are sent back.
    """
    fields = dict.fromkeys(str(change.path[0]) for change in downtime_changes(wanted, live, now))
    body = {field: plain(wanted.get(field, DEFAULTS.get(field))) for field in fields}
    if "schedule" in body:
        body["schedule"] = _schedule_update(wanted, live, now)
    return body


def _schedule_update(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> dict[str, Json]:
    schedule: dict[str, Json] = plain(_schedule(_with_starts_that_stand(wanted, live, now)))
    return schedule if "recurrences" in schedule else {"start": None, "end": None, **schedule}
