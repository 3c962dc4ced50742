"""Where one downtime silences already what another one is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ddguard.model import Json
from ddguard.payload.snoozes import Target, snooze_in
from ddguard.snooze.audience import Audience, ReadScope, wholly_silenced
from ddguard.snooze.listing import Listed


@dataclass(frozen=True, slots=True)
class Overlap:
    """A downtime that silences a target already, on so many of the monitors that are meant; `is_whole`: on all."""

    entry: Listed
    monitors: int
    is_whole: bool


def overlaps(
    target: Target,
    audience: Audience,
    entries: Sequence[Listed],
    raw_monitors: Sequence[Mapping[str, Json]],
    read: ReadScope,
) -> tuple[Overlap, ...]:
    """The downtimes that silence the target now, without the snooze of exactly this target."""
    wanted = members_of(audience)
    others = (entry for entry in entries if not _is_snooze_of(entry, target))
    silent = ((entry, wanted & silenced_by(entry, target, raw_monitors, read)) for entry in others)
    return tuple(Overlap(entry, len(numbers), numbers == wanted) for entry, numbers in silent if numbers)


def _is_snooze_of(entry: Listed, target: Target) -> bool:
    snooze = snooze_in(entry.downtime)
    return snooze is not None and snooze.target == target and snooze.is_as_made


def members_of(audience: Audience | None) -> set[int]:
    """The numbers of the monitors that fall silent; none where that isn't known."""
    return {member.number for member in audience.members} if audience else set()


def silenced_by(entry: Listed, target: Target, raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope) -> set[int]:
    """The monitors of which a downtime silences all of the target's groups now."""
    terms = read(entry.scope)
    if terms is None or entry.downtime.status != "active" or not members_of(entry.audience):
        return set()
    kinds = (wholly_silenced(terms, tags, raw_monitors) for tags in _kinds_of_groups(target))
    return members_of(entry.audience).intersection(*kinds)


def _kinds_of_groups(target: Target) -> Iterator[frozenset[str]]:
    """The tags by which the target's groups are named: one set for each choice among alternatives."""
    choices = ([f"{term.key}:{value}" for value in term.values] for term in target.terms if not term.negated)
    return (frozenset(chosen) for chosen in product(*choices))
