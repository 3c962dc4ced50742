"""Downtimes: from a spec to the API's attributes, and from Datadog's answer to what differs.

https://docs.datadoghq.com/api/latest/downtimes/
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from ddguard.model import EMPTY, Downtime, Identity, Json, LiveDowntime, Path, Stack
from ddguard.payload.changes import FieldChange, compared
from ddguard.payload.identity import marked_message
from ddguard.payload.normal import parsed_time, value_at
from ddguard.payload.recurrences import begin_alike, is_over, next_start, run_on_alike
from ddguard.payload.references import as_sent
from ddguard.payload.tables import DOWNTIME_FIELDS_OF_DATADOG, DOWNTIME_RULES, Kind
from ddguard.payload.values import ABSENT, plain
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
    sides = compared(wanted, live.attributes, DOWNTIME_RULES)
    for place, key in _starts_that_stand(wanted, live, now):
        before = value_at(sides.live_form, (*place, key))
        after = value_at(sides.wanted_form, place)
        if before is not ABSENT and isinstance(after, dict):
            after[key] = before
    return tuple(sides.changes())


def _starts_that_stand(wanted: Mapping[str, Json], live: LiveDowntime, now: datetime) -> Iterator[tuple[Path, str]]:
    """The mapping and the key of each start in the live schedule that is as good as the wanted one.

    It is where the spec leaves the start open, where both are past, or where a recurrence goes on in the same rhythm,
    be it by another rule: the start of one that runs can't be changed.
    """
    asked, given = _schedule(wanted), _schedule(live.attributes)
    open_start = "start" not in asked
    runs = _is_past(given.get("start"), now) and (asked.get("start") is None or _is_past(asked["start"], now))
    if "start" in given and "recurrences" not in asked and (open_start or runs):
        yield ("schedule",), "start"
    zone = zone_of(asked.get("timezone"))
    for place, (one, other) in enumerate(zip(_recurrences(asked), _recurrences(given), strict=False)):
        keeps_window = live.status == "active" and run_on_alike(one, other, zone, now)
        if one.get("start") is None or begin_alike(one, other, zone, now) or keeps_window:
            yield ("schedule", "recurrences", place), "start"


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
    schedule: dict[str, Any] = plain(_schedule(wanted))
    if "recurrences" not in schedule:
        schedule = {"start": None, "end": None, **schedule}
    for place, key in _starts_that_stand(wanted, live, now):
        parent = value_at({"schedule": schedule}, place)
        start = value_at(live.attributes, (*place, key))
        if isinstance(parent, dict) and start is not ABSENT:
            parent[key] = start
    return schedule
