"""Which object in Datadog belongs to which spec."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ddguard.model import Downtime, LiveDowntime, LiveMonitor, Monitor, Stack
from ddguard.payload import type_may_change
from ddguard.plan.values import Refusal, World

Live = TypeVar("Live", LiveMonitor, LiveDowntime)

GONE = frozenset({"canceled", "ended"})
"""Statuses of downtimes that Datadog still lists although they are over."""


@dataclass(frozen=True, slots=True)
class Matched(Generic[Live]):
    """`kept` is the object of each spec id, `orphans` have no spec, `extras` double an object that is kept."""

    kept: Mapping[str, Live]
    orphans: tuple[Live, ...]
    extras: tuple[Live, ...]
    notes: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def match_monitors(
    stack: Stack, monitors: Sequence[Monitor], ids: frozenset[str], world: World
) -> Matched[LiveMonitor]:
    """Pairs monitors by identity tag, or by `remote_id` where a spec adopts one. `ids` are those of all specs."""
    own = [live for live in world.monitors if live.identity and live.identity.stack == stack.name]
    groups = _by_id(own)
    kept: dict[str, LiveMonitor] = {}
    extras: list[LiveMonitor] = []
    notes: list[str] = []
    refusals: list[Refusal] = []
    for monitor in monitors:
        if monitor.remote_id is not None:
            adopted, refusal = _adopted(stack, monitor, world)
            refusals += [refusal] if refusal else []
            if adopted is None:
                continue
            candidates = [live for live in groups.pop(monitor.id, []) if live.remote_id != adopted.remote_id]
            kept[monitor.id], doubles = adopted, candidates
        elif monitor.id in groups:
            kept[monitor.id], doubles = _oldest(groups.pop(monitor.id), monitor)
        else:
            continue
        extras += doubles
        notes += _double_notes(monitor.id, kept[monitor.id], doubles)
    orphans = tuple(live for spec_id, lives in sorted(groups.items()) if spec_id not in ids for live in lives)
    return Matched(kept, orphans, tuple(extras), tuple(notes), tuple(refusals))


def _by_id(lives: Sequence[Live]) -> dict[str, list[Live]]:
    groups: dict[str, list[Live]] = defaultdict(list)
    for live in lives:
        if live.identity is not None:
            groups[live.identity.id].append(live)
    return groups


def _adopted(stack: Stack, monitor: Monitor, world: World) -> tuple[LiveMonitor | None, Refusal | None]:
    """The monitor that `remote_id` names, or why it can't be taken over."""
    position = monitor.source.at(("remote_id",))
    live = world.adopted.get(monitor.remote_id or 0)
    if live is None:
        hint = "leave remote_id out to create a new monitor"
        return None, Refusal(f"remote_id: Datadog has no monitor {monitor.remote_id}", hint, position)
    owner = live.identity
    if owner is not None and (owner.stack, owner.id) != (stack.name, monitor.id):
        message = f"remote_id: the monitor {live.remote_id} belongs to {owner.id} of the stack {owner.stack}"
        return None, Refusal(message, "one monitor can't have two owners", position)
    return live, None


def _oldest(lives: Sequence[LiveMonitor], monitor: Monitor) -> tuple[LiveMonitor, list[LiveMonitor]]:
    """The one to keep and the others: the oldest whose type fits, since a replacement may have stopped half-way."""
    in_order = sorted(lives, key=lambda live: (not _fits(live, monitor), live.remote_id))
    return in_order[0], in_order[1:]


def _fits(live: LiveMonitor, monitor: Monitor) -> bool:
    return type_may_change(str(live.definition.get("type")), monitor.type)


def _double_notes(
    spec_id: str, kept: LiveMonitor | LiveDowntime, doubles: Sequence[LiveMonitor | LiveDowntime]
) -> list[str]:
    kept_text = f"{kept.remote_id}, the oldest, which is kept"
    return [f"{spec_id}: {double.remote_id} doubles {kept_text}; --prune deletes the double" for double in doubles]


def match_downtimes(
    stack: Stack, downtimes: Sequence[Downtime], ids: frozenset[str], world: World
) -> Matched[LiveDowntime]:
    """Pairs downtimes by the marker in their message; those that are over count no more."""
    own = [live for live in world.downtimes if live.identity and live.identity.stack == stack.name]
    running = _by_id([live for live in own if live.status not in GONE])
    kept: dict[str, LiveDowntime] = {}
    extras: list[LiveDowntime] = []
    notes: list[str] = []
    for downtime in downtimes:
        if downtime.id in running:
            first, *doubles = sorted(running.pop(downtime.id), key=_age)
            kept[downtime.id] = first
            extras += doubles
            notes += _double_notes(downtime.id, first, doubles)
    orphans = tuple(live for spec_id, lives in sorted(running.items()) if spec_id not in ids for live in lives)
    return Matched(kept, orphans, tuple(extras), tuple(notes))


def _age(live: LiveDowntime) -> tuple[str, str]:
    return (str(live.attributes.get("created", "")), live.remote_id)
