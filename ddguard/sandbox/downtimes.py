"""`/api/v2/downtime`: downtimes as Datadog keeps, shows, lists and cancels them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from ddguard.model import Json
from ddguard.sandbox.calls import Answer, Change, Outcome, RefusalError, Request, found, instant_text, whole
from ddguard.sandbox.live import Moment
from ddguard.sandbox.schedules import check_running, instant, shown_schedule, status, stored_schedule
from ddguard.sandbox.scopes import parsed_scope
from ddguard.sandbox.state import USER, State

END_STATES = ("alert", "no data", "warn")
DEFAULTS: Mapping[str, Json] = {
    "display_timezone": "UTC",
    "message": None,
    "mute_first_recovery_notification": False,
    "notify_end_states": list(END_STATES),
    "notify_end_types": ["expired"],
}
SHAPES: Mapping[str, tuple[type, str]] = {
    "display_timezone": (str, "string"),
    "message": (str, "string"),
    "mute_first_recovery_notification": (bool, "boolean"),
    "notify_end_states": (list, "array"),
    "notify_end_types": (list, "array"),
    "scope": (str, "string"),
}
WRITABLE = (*DEFAULTS, "monitor_identifier", "schedule", "scope")
PAGE_LIMIT = 30
TOLERANCE = timedelta(minutes=1)
"""How far back a new downtime may start: clocks differ."""


def listed(state: State, request: Request) -> Outcome:
    """GET: the downtimes from `page[offset]` on, oldest first, canceled ones too unless `current_only=true`."""
    offset, limit = whole(request.query, "page[offset]", 0), whole(request.query, "page[limit]", PAGE_LIMIT)
    shown = [resource(state, uuid, request) for uuid in state.downtimes]
    if request.query.get("current_only") == "true":
        shown = [downtime for downtime in shown if downtime["attributes"]["status"] == "active"]
    page = {"data": shown[offset : offset + limit], "meta": {"page": {"total_filtered_count": len(shown)}}}
    included = {"included": [user()]} if "created_by" in includes(request) else {}
    return found(page | included)


def one(state: State, request: Request, uuid: str) -> Outcome:
    """GET of one downtime, canceled ones too."""
    known(state, uuid)
    downtime = {"data": resource(state, uuid, request)}
    return found(downtime | ({"included": [user()]} if "created_by" in includes(request) else {}))


def matches(state: State, request: Request, text: str) -> Outcome:
    """GET /api/v2/monitor/{id}/downtime_matches: the running downtimes that mute something of a monitor."""
    monitor = state.monitor(text)
    if monitor is None:
        raise RefusalError(404, f"Monitor with id {text} not found")
    offset, limit = whole(request.query, "page[offset]", 0), whole(request.query, "page[limit]", PAGE_LIMIT)
    found_matches = [
        {
            "type": "downtime_match",
            "id": downtime.uuid,
            "attributes": {
                "groups": list(groups),
                "scope": downtime.attributes["scope"],
                "start": instant_text(downtime.time[0]),
                "end": instant_text(downtime.time[1]) if downtime.time[1] else None,
            },
        }
        for downtime, groups in Moment.of(state, request.now).matches(monitor)
    ]
    page = {"page": {"total_filtered_count": len(found_matches)}}
    return found({"data": found_matches[offset : offset + limit], "meta": page})


def create(state: State, request: Request) -> Outcome:
    """POST."""
    sent = sent_attributes(request)
    written = instant_text(request.now)
    schedule = stored_schedule(sent.get("schedule"), request.now)
    if "start" in schedule and instant(schedule["start"], "start") < request.now - TOLERANCE:
        raise RefusalError(400, "Downtime cannot be scheduled in the past")
    attributes = defaulted(dict(DEFAULTS) | sent) | {
        "schedule": schedule,
        "canceled": None,
        "created": written,
        "modified": written,
    }
    check_target(state, attributes)
    check_duplicate(state, attributes)
    uuid = state.next_downtime_id
    change = Change("downtimes", uuid, attributes)
    return written_answer(state, request, uuid, change, state.counted("downtimes_made"))


def update(state: State, request: Request, uuid: str) -> Outcome:
    """PATCH: only what is sent changes; a schedule is replaced as a whole."""
    attributes = known(state, uuid)
    if attributes["canceled"]:
        raise RefusalError(400, "Canceled downtimes can't be changed")
    sent = sent_attributes(request)
    changed = defaulted(dict(attributes) | sent) | {"modified": instant_text(request.now)}
    if "schedule" in sent:
        changed["schedule"] = stored_schedule(sent["schedule"], request.now)
        check_running(attributes["schedule"], changed["schedule"], request.now)
    if sent.keys() & {"scope", "monitor_identifier"}:
        check_target(state, changed)
    return written_answer(state, request, uuid, Change("downtimes", uuid, changed))


def cancel(state: State, request: Request, uuid: str) -> Outcome:
    """DELETE: the downtime ends now and stays in the list as canceled."""
    if uuid not in state.downtimes:
        raise RefusalError(404, f"Downtime {uuid} not found")
    attributes = state.downtimes[uuid]
    if attributes["canceled"]:
        return Outcome(Answer(204))
    when = instant_text(request.now)
    return Outcome(Answer(204), (Change("downtimes", uuid, attributes | {"canceled": when, "modified": when}),))


def known(state: State, uuid: str) -> Mapping[str, Json]:
    """The stored attributes of that downtime, or Datadog's refusal."""
    try:
        UUID(uuid)
    except ValueError as error:
        raise RefusalError(400, "Invalid URL param: downtime_id must be an uuid") from error
    if uuid not in state.downtimes:
        raise RefusalError(404, "Downtime not found")
    attributes: Mapping[str, Json] = state.downtimes[uuid]
    return attributes


def sent_attributes(request: Request) -> dict[str, Any]:
    """What the body sets; keys that no downtime has are refused."""
    data = request.body.get("data") if isinstance(request.body, Mapping) else None
    sent = data.get("attributes") if isinstance(data, Mapping) else None
    if not isinstance(sent, Mapping):
        raise RefusalError(400, "'data' is a required property")
    unknown = sorted(set(sent) - set(WRITABLE))
    if unknown:
        verb = "was" if len(unknown) == 1 else "were"
        names = ", ".join(repr(name) for name in unknown)
        raise RefusalError(400, f"Additional properties are not allowed ({names} {verb} unexpected)")
    for field, (shape, name) in SHAPES.items():
        if sent.get(field) is not None and not isinstance(sent[field], shape):
            raise RefusalError(400, f"{sent[field]!r} is not of type '{name}'")
    return dict(sent)


def defaulted(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes with Datadog's value where none, or an empty time zone, was given."""
    for field, value in DEFAULTS.items():
        if attributes.get(field) is None or (field == "display_timezone" and not attributes[field]):
            attributes[field] = value
    return attributes


def check_target(state: State, attributes: Mapping[str, Json]) -> None:
    """The scope is `*` or made of `key:value` terms; the monitors are one that exists, or those with some tags."""
    for required in ("scope", "monitor_identifier"):
        if not attributes.get(required):
            raise RefusalError(400, f"'{required}' is a required property")
    parsed_scope(attributes["scope"])
    identifier = attributes["monitor_identifier"]
    if isinstance(identifier, Mapping) and len(identifier) == 1:
        monitor, tags = identifier.get("monitor_id"), identifier.get("monitor_tags")
        if isinstance(monitor, int):
            if monitor not in state.monitors:
                raise RefusalError(400, f"Monitor with id {monitor} not found")
            return
        if isinstance(tags, list) and tags and all(isinstance(tag, str) for tag in tags):
            return
    raise RefusalError(400, "monitor_identifier must have exactly one of monitor_id, monitor_tags")


def check_duplicate(state: State, attributes: Mapping[str, Json]) -> None:
    """A downtime that says the same as one that still stands is refused."""
    same = ("scope", "monitor_identifier", "schedule", "message")
    twins = [
        uuid
        for uuid, other in state.downtimes.items()
        if not other["canceled"] and all(other[field] == attributes[field] for field in same)
    ]
    if twins:
        raise RefusalError(400, f"The downtime being created is a duplicate of one or more existing downtimes: {twins}")


def resource(state: State, uuid: str, request: Request) -> dict[str, Any]:
    """A downtime as answers show it: the order of `notify_end_states` changes from answer to answer, as Datadog's."""
    stored = state.downtimes[uuid]
    attributes = dict(stored) | {
        "schedule": shown_schedule(stored["schedule"], request.now),
        "status": status(stored, request.now),
        "notify_end_states": turned(stored["notify_end_states"], request.turn),
        "notify_end_types": turned(stored["notify_end_types"], request.turn),
    }
    shown: dict[str, Any] = {"type": "downtime", "id": uuid, "attributes": attributes}
    if includes(request) or request.method in {"POST", "PATCH"}:
        shown["relationships"] = relationships(stored)
    return shown


def turned(values: list[Json], turn: int) -> list[Json]:
    """The same values, beginning at another one."""
    start = turn % len(values) if values else 0
    return values[start:] + values[:start]


def relationships(attributes: Mapping[str, Json]) -> dict[str, Any]:
    """Who made the downtime, and which monitor it is for."""
    monitor = attributes["monitor_identifier"].get("monitor_id")
    return {
        "created_by": {"data": {"type": "users", "id": USER["id"]}},
        "monitor": {"data": {"type": "monitor", "id": str(monitor)} if monitor is not None else None},
    }


def written_answer(state: State, request: Request, uuid: str, *changes: Change) -> Outcome:
    """The answer to a write: the downtime, its maker and its monitor."""
    after = state.after(changes)
    included = [user()]
    monitor = after.monitors.get(after.downtimes[uuid]["monitor_identifier"].get("monitor_id"))
    if monitor:
        included.append({"type": "monitor", "id": monitor["id"], "attributes": {"name": monitor["name"]}})
    return found({"data": resource(after, uuid, request), "included": included}, *changes)


def user() -> dict[str, Any]:
    """The only user there is, with the fields that Datadog tells."""
    since = "2020-01-01T00:00:00+00:00"
    attributes = {
        "name": USER["name"],
        "handle": USER["handle"],
        "email": USER["email"],
        "created_at": since,
        "modified_at": since,
        "icon": "",
        "title": None,
        "verified": True,
        "service_account": False,
        "disabled": False,
        "allowed_login_methods": [],
        "status": "Active",
    }
    return {"type": "users", "id": USER["id"], "attributes": attributes}


def includes(request: Request) -> frozenset[str]:
    """What `include` asks for."""
    return frozenset(filter(None, request.query.get("include", "").split(",")))
