"""Which object in Datadog belongs to which spec."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from ddguard.model import Downtime, Identity, Json, LiveDowntime, LiveMonitor, Monitor, Stack
from ddguard.payload import downtime_request, moves_running_window, type_may_change
from ddguard.plan.values import Refusal, World

Spec = TypeVar("Spec", Monitor, Downtime)
Live = TypeVar("Live", LiveMonitor, LiveDowntime)

GONE = frozenset({"canceled", "ended"})
"""Statuses of downtimes that Datadog still lists although they are over."""


@dataclass(frozen=True, slots=True)
class Double(Generic[Live]):
    """An object with the identity of another one, `kept`. `why` finishes a sentence about the double."""

    live: Live
    why: str


@dataclass(frozen=True, slots=True)
class Matched(Generic[Live]):
    """`kept` is the object of each spec id, `orphans` have no spec, `doubles` repeat an object that is kept.

    `refused` are the ids of specs whose `remote_id` can't be taken over, `refusals` say why.
    """

    kept: Mapping[str, Live]
    orphans: tuple[Live, ...]
    doubles: tuple[Double[Live], ...]
    refused: frozenset[str] = frozenset()
    refusals: tuple[Refusal, ...] = ()

    @property
    def total(self) -> int:
        """How many objects of the stack there are in Datadog."""
        return len(self.kept) + len(self.orphans) + len(self.doubles)


def match_monitors(
    stack: Stack, monitors: Sequence[Monitor], ids: frozenset[str], world: World
) -> Matched[LiveMonitor]:
    """Pairs monitors by identity tag, or by `remote_id` where a spec adopts one. `ids` are those of all specs.

    Of several with one identity that one is kept whose type fits (a replacement may have stopped half-way), and of
    those the oldest.
    """
    by_number = {str(live.remote_id): live for live in (*world.monitors, *world.adopted.values())}
    return _matched(_Room(stack, ids, world.monitors, by_number, _monitor_rank, _monitor_double), monitors)


def _monitor_rank(live: LiveMonitor, spec: Monitor) -> tuple[bool, int]:
    return (not _fits(live, spec), live.remote_id)


def _fits(live: LiveMonitor, spec: Monitor) -> bool:
    return type_may_change(str(live.definition.get("type")), spec.type)


def _monitor_double(double: LiveMonitor, kept: LiveMonitor, spec: Monitor) -> str:
    return _double(spec, kept.remote_id, is_left_over=_fits(kept, spec) and not _fits(double, spec))


def match_downtimes(
    stack: Stack, downtimes: Sequence[Downtime], ids: frozenset[str], world: World, now: datetime
) -> Matched[LiveDowntime]:
    """Pairs downtimes by the marker in their message, or by `remote_id`; those that are over count no more.

    Of several with one identity that one is kept whose start may stay or be changed, and of those the oldest.
    """
    standing = [live for live in world.downtimes if live.status not in GONE]
    by_number = {live.remote_id: live for live in standing}

    def fits(live: LiveDowntime, spec: Downtime) -> bool:
        return not moves_running_window(downtime_request(spec, stack, {}, now), live, now)

    def rank(live: LiveDowntime, spec: Downtime) -> tuple[bool, str, str]:
        return (not fits(live, spec), *age(live))

    def double(live: LiveDowntime, kept: LiveDowntime, spec: Downtime) -> str:
        return _double(spec, kept.remote_id, is_left_over=fits(kept, spec) and not fits(live, spec))

    return _matched(_Room(stack, ids, standing, by_number, rank, double), downtimes)


def equal_monitors(
    wanted: Mapping[str, Json], identity: Identity, monitors: Iterable[LiveMonitor]
) -> list[LiveMonitor]:
    """The monitors with an identity that can become what is wanted: the first is to be kept, the others double it."""
    return sorted(
        (
            live
            for live in monitors
            if live.identity == identity and type_may_change(str(live.definition.get("type")), str(wanted.get("type")))
        ),
        key=lambda live: live.remote_id,
    )


def equal_downtimes(
    wanted: Mapping[str, Json], identity: Identity, downtimes: Iterable[LiveDowntime], now: datetime
) -> list[LiveDowntime]:
    """The downtimes with an identity that can become what is wanted: the first is to be kept, the others double it."""
    return sorted(
        (
            live
            for live in downtimes
            if live.identity == identity and live.status not in GONE and not moves_running_window(wanted, live, now)
        ),
        key=age,
    )


def age(live: LiveDowntime) -> tuple[str, str]:
    """Sorts downtimes, the oldest first."""
    return (str(live.attributes.get("created", "")), live.remote_id)


def _double(spec: Monitor | Downtime, kept: object, *, is_left_over: bool) -> str:
    if spec.remote_id is not None:
        return f"doubles {kept}, which remote_id names, and which is kept"
    return (
        f"is left over from a replacement by {kept}" if is_left_over else f"doubles {kept}, the oldest, which is kept"
    )


@dataclass(frozen=True, slots=True)
class _Room(Generic[Spec, Live]):
    """What one kind of objects is paired in: the lowest `rank` is kept."""

    stack: Stack
    ids: frozenset[str]
    lives: Sequence[Live]
    by_number: Mapping[str, Live]
    rank: Callable[[Live, Spec], tuple[Hashable, ...]]
    double: Callable[[Live, Live, Spec], str]


def _matched(room: _Room[Spec, Live], specs: Sequence[Spec]) -> Matched[Live]:
    groups = _own_by_id(room)
    adopters = _first_adopters(specs)
    kept: dict[str, Live] = {}
    doubles: list[Double[Live]] = []
    refusals: dict[str, Refusal] = {}
    for spec in specs:
        own = groups.pop(spec.id, [])
        if len(own) > 1:
            own = sorted(own, key=lambda live: room.rank(live, spec))
        named = _adopted(room, spec, adopters) if spec.remote_id is not None else next(iter(own), None)
        if isinstance(named, Refusal):
            refusals[spec.id] = named
        elif named is not None:
            kept[spec.id] = named
            others = [live for live in own if live.remote_id != named.remote_id]
            doubles += [Double(live, room.double(live, named, spec)) for live in others]
    taken = {live.remote_id for live in kept.values()}
    left = (live for spec_id, lives in sorted(groups.items()) if spec_id not in room.ids for live in lives)
    orphans = tuple(live for live in left if live.remote_id not in taken)
    return Matched(kept, orphans, tuple(doubles), frozenset(refusals), tuple(refusals.values()))


def _own_by_id(room: _Room[Spec, Live]) -> dict[str, list[Live]]:
    groups: dict[str, list[Live]] = defaultdict(list)
    for live in room.lives:
        if live.identity is not None and live.identity.stack == room.stack.name:
            groups[live.identity.id].append(live)
    return groups


def _first_adopters(specs: Sequence[Spec]) -> dict[str, str]:
    """The id of the first spec that names each `remote_id`."""
    first: dict[str, str] = {}
    for spec in specs:
        if spec.remote_id is not None:
            first.setdefault(str(spec.remote_id), spec.id)
    return first


def _adopted(room: _Room[Spec, Live], spec: Spec, adopters: Mapping[str, str]) -> Live | Refusal:
    """The object that `remote_id` names, or why it can't be taken over."""
    position = spec.source.at(("remote_id",))
    kind = "monitor" if isinstance(spec, Monitor) else "downtime"
    adopter = adopters[str(spec.remote_id)]
    live = room.by_number.get(str(spec.remote_id))
    if live is None:
        hint = f"leave remote_id out to create a new {kind}"
        return Refusal(f"remote_id: Datadog has no {kind} {spec.remote_id}", hint, position)
    if adopter != spec.id:
        message = f"remote_id: the {kind} {spec.remote_id} is adopted by {adopter} already"
        return Refusal(message, f"one {kind} can't have two owners", position)
    owner = live.identity
    if owner is None or owner == Identity(room.stack.name, spec.id) or _is_orphaned(room, owner):
        return live
    message = f"remote_id: the {kind} {spec.remote_id} belongs to {owner.id} of the stack {owner.stack}"
    return Refusal(message, f"one {kind} can't have two owners", position)


def _is_orphaned(room: _Room[Spec, Live], owner: Identity) -> bool:
    """Whether it is a spec of the stack that is gone: another id goes on with what it left."""
    return owner.stack == room.stack.name and owner.id not in room.ids
