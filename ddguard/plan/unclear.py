"""Monitors of the stack whose spec can't be told, since somebody added to their identity tags or took from them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ddguard.model import ID_TAG, STACK_TAG, LiveMonitor, Stack
from ddguard.payload import named_in_tags
from ddguard.plan.values import Action, Change, Kind, Refusal, World


@dataclass(frozen=True, slots=True)
class Unclear:
    """A monitor that carries the tag of the stack and names other than one stack and one spec."""

    remote_id: int
    stacks: frozenset[str]
    ids: frozenset[str]

    @property
    def tags(self) -> str:
        """The tags that say whose it is, for a reader."""
        stacks = (f"{STACK_TAG}:{stack}" for stack in sorted(self.stacks))
        return ", ".join([*stacks, *(f"{ID_TAG}:{one}" for one in sorted(self.ids))])


def unclear_monitors(stack: Stack, world: World, kept: Iterable[LiveMonitor]) -> list[Unclear]:
    """The monitors of the stack whose identity can't be read, but for those that are `kept` by their number."""
    known = {live.remote_id for live in kept}
    found = (
        Unclear(live.remote_id, *named_in_tags(live.definition.get("tags")))
        for live in world.monitors
        if live.identity is None and live.remote_id not in known
    )
    return [one for one in found if stack.name in one.stacks]


def unclear_notes(monitors: Sequence[Unclear]) -> Iterator[str]:
    """A sentence for each of them: no plan touches it."""
    for one in monitors:
        yield f"monitor {one.remote_id} is left alone: its tags don't name exactly one stack and one spec: {one.tags}"


def refused_seconds(changes: Sequence[Change], monitors: Sequence[Unclear]) -> Iterator[Refusal]:
    """Creates of what may be there already."""
    for change in changes:
        if change.kind is not Kind.MONITOR or change.action is not Action.CREATE:
            continue
        for one in monitors:
            if change.id in one.ids:
                yield Refusal(
                    f"{change.id} may exist already: monitor {one.remote_id} names it, but not it alone: {one.tags}",
                    f"correct these tags in Datadog, or take the monitor over with `remote_id: {one.remote_id}`",
                    change.position,
                )
