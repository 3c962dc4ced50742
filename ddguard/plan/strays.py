"""Downtimes that no spec owns and that may be a spec's all the same: somebody changed the line that says so.

To make such a downtime a second time would leave the first one to silence people for as long as nobody looks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ddguard.model import ID_TAG, STACK_TAG, Identity, LiveDowntime, Stack
from ddguard.payload import downtime_changes
from ddguard.payload.identity import identity_tags
from ddguard.payload.snoozes import OVER, snooze_in
from ddguard.plan.values import Action, Change, Kind, Refusal, World

NAMED = re.compile(rf"\b({STACK_TAG}|{ID_TAG}):([\w./-]*\w)", re.IGNORECASE)
"""What a message says of a stack or a spec, wherever it stands and however it is written."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A downtime without an owner. `names` are the stacks and ids in its message, as tags in lower-case keys."""

    live: LiveDowntime
    names: tuple[str, ...]

    def is_of(self, stack: Stack) -> bool:
        """Whether the message names the stack."""
        return f"{STACK_TAG}:{stack.name}" in self.names

    @property
    def ids(self) -> frozenset[str]:
        """The specs that the message names."""
        tags = (name.partition(":") for name in self.names)
        return frozenset(value for key, _, value in tags if key == ID_TAG)


def stray_downtimes(world: World, kept: Iterable[LiveDowntime]) -> list[Stray]:
    """The downtimes that aren't over, without those that are `kept`, are a spec's, or are snoozes."""
    known = {live.remote_id for live in kept}
    return [
        Stray(live, _names(live))
        for live in world.downtimes
        if live.identity is None and live.remote_id not in known and live.status not in OVER and snooze_in(live) is None
    ]


def _names(live: LiveDowntime) -> tuple[str, ...]:
    found = NAMED.findall(str(live.attributes.get("message") or ""))
    return tuple(dict.fromkeys(f"{key.lower()}:{value}" for key, value in found))


def stray_notes(stack: Stack, changes: Sequence[Change], strays: Sequence[Stray], now: datetime) -> Iterator[str]:
    """A sentence for each that names the stack, and for each that does the same as one that is created."""
    for stray in strays:
        if stray.is_of(stack):
            yield (
                f"downtime {stray.live.remote_id} is left alone: its message names {', '.join(stray.names)}, "
                "but the last line isn't as ddguard wrote it"
            )
    for change, stray in _pairs(changes, strays):
        if not stray.is_of(stack) and _is_alike(change, stray.live, now):
            number = stray.live.remote_id
            yield (
                f"{change.id}: downtime {number} silences the same at the same times and has no spec; "
                f"`remote_id: {number}` takes it over"
            )


def refused_strays(
    stack: Stack, changes: Sequence[Change], strays: Sequence[Stray], now: datetime
) -> Iterator[Refusal]:
    """Creates of what may be there already."""
    for change, stray in _pairs(changes, strays):
        if stray.is_of(stack) and (change.id in stray.ids or _is_alike(change, stray.live, now)):
            yield _refused(change, stray, " ".join(identity_tags(Identity(stack.name, change.id), protect=False)))


def _refused(change: Change, stray: Stray, marker: str) -> Refusal:
    number = stray.live.remote_id
    return Refusal(
        f"{change.id} may exist already: downtime {number} names {', '.join(stray.names)}, "
        "but not exactly in the last line of its message",
        f"let that line be `{marker}` in Datadog again, or take the downtime over with `remote_id: {number}`",
        change.position,
    )


def _pairs(changes: Sequence[Change], strays: Sequence[Stray]) -> Iterator[tuple[Change, Stray]]:
    created = (change for change in changes if change.kind is Kind.DOWNTIME and change.action is Action.CREATE)
    return ((change, stray) for change in created for stray in strays)


def _is_alike(change: Change, live: LiveDowntime, now: datetime) -> bool:
    """Whether the downtime is all that the spec wants, but for what its message says. Most differ in their scope."""
    wanted = change.wanted or {}
    if wanted.get("scope") != live.attributes.get("scope"):
        return False
    return {field.path[0] for field in downtime_changes(wanted, live, now)} <= {"message"}
