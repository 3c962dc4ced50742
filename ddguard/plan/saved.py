"""A plan as a file: written once, approved by people, carried out exactly or not at all.

The file is JSON that people and `jq` read. It holds every change with the object as it shall be, the versions of what
was seen, and a SHA-256 over all of that. It holds no keys.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ddguard.errors import InputError, RefusedError
from ddguard.findings import Position
from ddguard.model import Json, LiveDowntime, LiveMonitor, Stack
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan.matching import GONE
from ddguard.plan.values import Action, Change, Kind, Plan, World

FORMAT = "ddguard-plan"
FORMAT_VERSION = 1


def saved_plan(plan: Plan, site: str) -> str:
    """The text of a plan file. `site` is the server that the plan was made on."""
    body = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "project": plan.stack.project,
        "environment": plan.stack.environment,
        "site": site,
        "summary": plan.summary,
        "changes": [_saved_change(change) for change in plan.changes],
        "unchanged": plan.unchanged,
        "numbers": dict(plan.numbers),
        "notes": list(plan.notes),
    }
    return json.dumps({**body, "sha256": _digest(body)}, indent=2, ensure_ascii=False) + "\n"


def _digest(body: Mapping[str, Json]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _saved_change(change: Change) -> dict[str, Json]:
    return {
        "action": change.action.value,
        "kind": change.kind.value,
        "id": change.id,
        "remote_id": change.remote_id,
        "name": change.name,
        "saw": change.version,
        "fields": [_saved_field(field) for field in change.fields],
        "wanted": None if change.wanted is None else dict(change.wanted),
        "needs": sorted(change.needs),
        "position": [change.position.path, change.position.line, change.position.column] if change.position else None,
    }


def _saved_field(field: FieldChange) -> dict[str, Json]:
    """A field; `before` or `after` is left out where there is nothing."""
    sides = {"before": field.before, "after": field.after}
    return {"path": list(field.path), **{side: value for side, value in sides.items() if value is not ABSENT}}


def read_saved_plan(path: str, text: str) -> tuple[Plan, str]:
    """The plan in a file and the site that it was made on; `InputError` if the file is no plan or was changed."""
    try:
        body = json.loads(text)
    except ValueError:
        raise InputError(f"{path} is no plan file: it isn't JSON", "`ddguard plan --out FILE` writes one") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise InputError(f"{path} is no plan file", "`ddguard plan --out FILE` writes one")
    if body.get("version") != FORMAT_VERSION:
        raise InputError(f"{path} was written by another version of ddguard", "plan again")
    if body.pop("sha256", None) != _digest(body):
        raise RefusedError(f"{path} was changed after it was written: its SHA-256 doesn't fit", "plan again")
    return (
        Plan(
            stack=Stack(body["project"], body["environment"]),
            changes=tuple(_read_change(change) for change in body["changes"]),
            unchanged=body["unchanged"],
            numbers=body["numbers"],
            notes=tuple(body["notes"]),
        ),
        body["site"],
    )


def _read_change(saved: Mapping[str, Any]) -> Change:
    return Change(
        action=Action(saved["action"]),
        kind=Kind(saved["kind"]),
        id=saved["id"],
        name=saved["name"],
        fields=tuple(
            FieldChange(tuple(field["path"]), field.get("before", ABSENT), field.get("after", ABSENT))
            for field in saved["fields"]
        ),
        remote_id=saved["remote_id"],
        version=saved["saw"],
        wanted=saved["wanted"],
        needs=frozenset(saved["needs"]),
        position=Position(*saved["position"]) if saved["position"] else None,
    )


def on_the_same_world(plan: Plan, world: World) -> Plan:
    """The plan with the objects that it changes as they are now; `RefusedError` names everything that moved since."""
    moved = [told for change in plan.changes if (told := _moved(plan.stack, change, world))]
    moved += _moved_numbers(plan, world)
    if moved:
        raise RefusedError(f"the plan is stale: {'; '.join(moved)}", "plan again, and have the new plan approved")
    changes = tuple(_with_live(change, world) for change in plan.changes)
    return Plan(plan.stack, changes, plan.unchanged, plan.numbers, plan.notes)


def _live(change: Change, world: World) -> LiveMonitor | LiveDowntime | None:
    if change.kind is Kind.DOWNTIME:
        return next((live for live in world.downtimes if live.remote_id == change.remote_id), None)
    lives = [*world.monitors, *world.adopted.values()]
    return next((live for live in lives if str(live.remote_id) == change.remote_id), None)


def _moved(stack: Stack, change: Change, world: World) -> str:
    """What is not as the plan saw it; empty where all is."""
    if change.action is Action.CREATE:
        return f"{change.id} exists meanwhile" if _exists(stack, change, world) else ""
    live = _live(change, world)
    if live is None:
        return f"{change.id} ({change.remote_id}) is gone"
    return f"{change.id} ({change.remote_id}) was changed meanwhile" if live.version != change.version else ""


def _exists(stack: Stack, change: Change, world: World) -> bool:
    if change.kind is Kind.DOWNTIME:
        identities = [live.identity for live in world.downtimes if live.status not in GONE]
    else:
        identities = [live.identity for live in world.monitors]
    return any(one is not None and (one.stack, one.id) == (stack.name, change.id) for one in identities)


def _moved_numbers(plan: Plan, world: World) -> list[str]:
    """Monitors that the plan refers to by number and that are gone."""
    there = {live.remote_id for live in (*world.monitors, *world.adopted.values())}
    needed = {need for change in plan.changes for need in change.needs}
    return [
        f"the monitor {spec_id} ({number}) is gone"
        for spec_id, number in sorted(plan.numbers.items())
        if spec_id in needed and number not in there
    ]


def _with_live(change: Change, world: World) -> Change:
    return change if change.action is Action.CREATE else replace(change, live=_live(change, world))
