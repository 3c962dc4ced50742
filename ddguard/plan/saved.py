"""A plan as a file: written once, approved by people, carried out exactly or not at all.

The file is JSON that people and `jq` read. It holds every change with the object as it shall be, when Datadog says that
each object seen was last written, and a SHA-256 over all of that. It holds no keys.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ddguard.errors import InputError, RefusedError
from ddguard.findings import Position
from ddguard.model import EMPTY, Downtime, Json, LiveDowntime, LiveMonitor, Path, Stack
from ddguard.payload import ABSENT, FieldChange, downtime_changes, downtime_request, has_ended, moves_running_window
from ddguard.plan.matching import GONE
from ddguard.plan.strays import stray_downtimes
from ddguard.plan.unclear import unclear_monitors
from ddguard.plan.values import Action, Change, Kind, Plan, World

FORMAT = "ddguard-plan"
FORMAT_VERSION = 1

_Lives = Mapping[tuple[Kind, str], LiveMonitor | LiveDowntime]
"""Objects in Datadog by their kind and remote id."""


def saved_plan(plan: Plan, site: str) -> str:
    """The text of a plan file. `site` is the API's URL on the server that the plan was made on.

    What is no UTF-8, such as half of a surrogate pair in a name, stands as JSON's escape.
    """
    needed = {need for change in plan.changes for need in change.needs}
    body = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "project": plan.stack.project,
        "environment": plan.stack.environment,
        "site": site,
        "fingerprint": plan.fingerprint,
        "summary": plan.summary,
        "changes": [_saved_change(change) for change in plan.changes],
        "unchanged": plan.unchanged,
        "numbers": {name: number for name, number in sorted(plan.numbers.items()) if name in needed},
        "notes": list(plan.notes),
    }
    text = json.dumps({**body, "sha256": _digest(body)}, indent=2, ensure_ascii=False) + "\n"
    return text.encode(errors="backslashreplace").decode()


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
    """The plan in a file and the site that it was made on.

    Raises InputError if the file is no plan, RefusedError if it was changed after it was written.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{path} is no plan file: it isn't JSON", "`ddguard plan --out FILE` writes one") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise InputError(f"{path} is no plan file", "`ddguard plan --out FILE` writes one")
    if body.get("version") != FORMAT_VERSION:
        raise InputError(f"{path} was written by another version of ddguard", "plan again")
    if body.pop("sha256", None) != _digest(body):
        raise RefusedError(f"{path} was changed after it was written: its SHA-256 doesn't fit", "plan again")
    try:
        return _read_plan(body), str(body["site"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is no plan file that ddguard wrote", "plan again") from None


def _read_plan(body: Mapping[str, Any]) -> Plan:
    return Plan(
        stack=Stack(body["project"], body["environment"]),
        changes=tuple(_read_change(change) for change in body["changes"]),
        unchanged=body["unchanged"],
        numbers=dict(body["numbers"]),
        notes=tuple(body["notes"]),
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


def on_the_same_world(plan: Plan, world: World, now: datetime) -> Plan:
    """The plan with the objects that it changes as they are now.

    Raises RefusedError, naming everything that moved since the plan was made, and every downtime that comes too late.
    """
    standing = [live for live in world.downtimes if live.status not in GONE]
    lives: _Lives = {
        **{(Kind.MONITOR, str(live.remote_id)): live for live in (*world.monitors, *world.adopted.values())},
        **{(Kind.DOWNTIME, live.remote_id): live for live in standing},
    }
    unclear = unclear_monitors(plan.stack, world, ())
    strays = [stray for stray in stray_downtimes(world, ()) if stray.is_of(plan.stack)]
    taken = _identities(plan.stack, lives)
    taken |= {(Kind.MONITOR, name) for one in unclear for name in one.ids}
    taken |= {(Kind.DOWNTIME, name) for stray in strays for name in stray.ids}
    both = [(change, lives.get((change.kind, change.remote_id or ""))) for change in plan.changes]
    told = (_moved(change, live, taken) or _late(change, live, plan.stack, now) for change, live in both)
    moved = [*filter(None, told), *_moved_numbers(plan, lives)]
    if moved:
        raise RefusedError(f"the plan is stale: {'; '.join(moved)}", "plan again, and have the new plan approved")
    return replace(
        plan,
        changes=tuple(replace(change, live=live) for change, live in both),
    )


def _identities(stack: Stack, lives: _Lives) -> frozenset[tuple[Kind, str]]:
    """The specs of the stack that have an object in Datadog."""
    named = ((kind, live.identity) for (kind, _), live in lives.items())
    return frozenset((kind, one.id) for kind, one in named if one is not None and one.stack == stack.name)


def _moved(change: Change, live: LiveMonitor | LiveDowntime | None, taken: frozenset[tuple[Kind, str]]) -> str:
    """What is not as the plan saw it; empty where all is."""
    if change.action is Action.CREATE:
        return f"{change.id} exists meanwhile" if (change.kind, change.id) in taken else ""
    if live is None:
        return f"{change.id} ({change.remote_id}) is gone"
    return f"{change.id} ({change.remote_id}) was changed meanwhile" if live.version != change.version else ""


@dataclass(frozen=True, slots=True)
class _Unplaced:
    """The source of a spec of which only what it wants is known."""

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:  # noqa: ARG002 - a source's method
        return Position("", 1, 1)

    def key_at(self, path: Path) -> Position:
        return self.at(path)


def _late(change: Change, live: LiveMonitor | LiveDowntime | None, stack: Stack, now: datetime) -> str:
    """Which time of a downtime has passed since the plan was made; empty where none matters.

    A start that was past already then is sent as "now", and means the now of the apply.
    """
    if change.kind is not Kind.DOWNTIME or change.wanted is None:
        return ""
    wanted = Downtime(change.id, change.wanted, _Unplaced())
    if has_ended(wanted, now):
        return f"{change.id} would be over already"
    if change.action is Action.UPDATE and isinstance(live, LiveDowntime):
        if moves_running_window(change.wanted, live, now):
            return f"{change.id} ({change.remote_id}) has begun meanwhile"
        if not any(_is_start(field) for field in downtime_changes(change.wanted, live, now)):
            return ""
    as_of_now = downtime_request(wanted, stack, EMPTY, now)
    return "" if _schedule(as_of_now) == _schedule(change.wanted) else f"the start of {change.id} has passed"


def _is_start(field: FieldChange) -> bool:
    """Whether it is when a downtime begins, or recurrences that are added or taken away with their starts."""
    return field.path[0] == "schedule" and field.path[-1] in {"start", "recurrences"}


def _schedule(attributes: Mapping[str, Json]) -> dict[str, Json]:
    """A schedule without what is left open."""
    return {key: value for key, value in (attributes.get("schedule") or EMPTY).items() if value is not None}


def _moved_numbers(plan: Plan, lives: _Lives) -> list[str]:
    """The monitors that the plan refers to by number and that are gone."""
    needed = {need for change in plan.changes for need in change.needs}
    return [
        f"the monitor {name} ({number}) is gone"
        for name, number in sorted(plan.numbers.items())
        if name in needed and (Kind.MONITOR, str(number)) not in lives
    ]
