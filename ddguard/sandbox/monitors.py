"""`/api/v1/monitor`: monitors as Datadog creates, shows, changes and deletes them."""

from collections.abc import Mapping
from typing import Any

from ddguard.model import Json
from ddguard.sandbox.calls import Answer, Change, Outcome, RefusalError, Request, found, instant_text
from ddguard.sandbox.live import Moment, group_states
from ddguard.sandbox.normalise import merged, normalised
from ddguard.sandbox.queries import composed_of
from ddguard.sandbox.state import ORG_ID, USER, State
from ddguard.sandbox.validate import check_definition, check_duplicate, check_shapes, check_type_change

ASSET: Mapping[str, Json] = {"template_variables": {}, "options": {}}
"""What answers to a write add to each asset."""


def create(state: State, request: Request) -> Outcome:
    """POST."""
    definition = sent(request)
    check_definition(definition, state)
    monitor = normalised(definition)
    check_duplicate(monitor, state)
    made = state.next_monitor_id
    written = instant_text(request.now)
    monitor |= {
        "id": made,
        "org_id": ORG_ID,
        "created": written,
        "created_at": int(request.now.timestamp()) * 1000,
        "modified": written,
        "deleted": None,
        "creator": {"id": USER["number"], "name": USER["name"], "handle": USER["handle"], "email": USER["email"]},
    }
    change = Change("monitors", made, monitor)
    return found(write_answer(state, request, monitor), change, state.counted("monitors_made"))


def one(state: State, request: Request, text: str) -> Outcome:
    """GET of one monitor."""
    moment = Moment.of(state, request.now)
    return found(read_answer(moment, known(state, text), request.query))


def update(state: State, request: Request, text: str) -> Outcome:
    """PUT: `modified` moves even where nothing changes."""
    monitor = known(state, text)
    definition = sent(request)
    check_type_change(monitor["type"], definition.get("type", monitor["type"]))
    changed = merged(monitor, definition)
    check_definition(changed, state)
    row = dict(monitor) | normalised(changed) | {"modified": instant_text(request.now)}
    answer = write_answer(state, request, row)
    answer.pop("creator")
    return found(answer, Change("monitors", monitor["id"], row))


def delete(state: State, request: Request, text: str) -> Outcome:
    """DELETE; without `force=true` a monitor that a composite refers to stays."""
    monitor = known(state, text)
    if request.query.get("force", "").lower() != "true":
        blockers = references(state, monitor)
        if blockers:
            return Outcome(refused_delete({monitor["id"]: blockers}, []))
    gone = (Change("monitors", monitor["id"], None), Change("groups", monitor["id"], None))
    return found({"deleted_monitor_id": monitor["id"]}, *gone)


def can_delete(state: State, request: Request) -> Outcome:
    """GET can_delete: 409 where one of `monitor_ids` is referred to."""
    wanted = request.query.get("monitor_ids", "")
    if not wanted:
        raise RefusalError(400, "monitor_ids are required")
    monitors = [known(state, part) for part in wanted.split(",")]
    blocked = {monitor["id"]: references(state, monitor) for monitor in monitors}
    blocked = {monitor_id: reasons for monitor_id, reasons in blocked.items() if reasons}
    free = [monitor["id"] for monitor in monitors if monitor["id"] not in blocked]
    return Outcome(refused_delete(blocked, free)) if blocked else found({"data": {"ok": free}, "errors": None})


def validate_new(state: State, request: Request) -> Outcome:
    """POST validate."""
    check_definition(sent(request), state)
    return found({})


def validate_existing(state: State, request: Request, text: str) -> Outcome:
    """POST {id}/validate."""
    known(state, text)
    check_definition(sent(request), state)
    return found({})


def sent(request: Request) -> Mapping[str, Json]:
    """The monitor in the body."""
    definition = request.body if isinstance(request.body, Mapping) else {}
    check_shapes(definition)
    return definition


def known(state: State, text: str) -> Mapping[str, Json]:
    """The stored monitor of that number, or Datadog's refusal."""
    monitor = state.monitor(text)
    if monitor is None:
        raise RefusalError(404, "Monitor not found")
    return monitor


def read_answer(moment: Moment, monitor: Mapping[str, Json], query: Mapping[str, str]) -> dict[str, Any]:
    """A monitor as GET and list show it: assets, downtimes and group states where they are asked for."""
    shown = moment.shown(monitor)
    assets = shown.pop("assets")
    if query.get("with_assets") == "true":
        shown["assets"] = [{key: value for key, value in asset.items() if key != "monitor_id"} for asset in assets]
    if query.get("with_restricted_roles") == "false":
        shown.pop("restricted_roles")
    if query.get("with_downtimes") == "true":
        shown["matching_downtimes"] = moment.matching_downtimes(monitor)
    if query.get("group_states"):
        shown["state"] = group_states(moment, monitor, query["group_states"])
    return shown


def write_answer(state: State, request: Request, monitor: Mapping[str, Json]) -> dict[str, Any]:
    """The answer to a write: the whole monitor."""
    shown = Moment.of(state, request.now).shown(monitor)
    assets = [dict(ASSET) | {"monitor_id": monitor["id"]} | asset for asset in shown["assets"]]
    return shown | {"assets": assets, "restriction_policy": None}


def references(state: State, monitor: Mapping[str, Json]) -> list[str]:
    """Why a monitor can't be deleted, one sentence for each composite that refers to it."""
    told = f"monitor [{monitor['id']},{monitor['name']}] is referenced in composite monitors"
    return [
        f"{told}: [{other['id']},{other['name']}]"
        for other in state.monitors.values()
        if other["type"] == "composite" and monitor["id"] in composed_of(other["query"])
    ]


def refused_delete(blocked: Mapping[int, list[str]], free: list[int]) -> Answer:
    """The 409 of can_delete, whose `errors` is an object."""
    return Answer(
        409, {"data": {"ok": free}, "errors": {str(monitor_id): reasons for monitor_id, reasons in blocked.items()}}
    )
