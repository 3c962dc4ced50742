"""What holds once snoozes of a target were ended: which of them did end, who is heard again, and who isn't."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ddguard.errors import DdguardError
from ddguard.model import Json
from ddguard.payload.snoozes import Snooze, Target
from ddguard.snooze.audience import Audience, audience_of, wholly_silenced
from ddguard.snooze.listing import Listed, ReadScope


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a snooze that was to end. `error` is why it goes on; None where it ended."""

    snooze: Snooze
    error: DdguardError | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Who is audible again, and the downtimes of others that silence the target all the same.

    `audible` is None where that couldn't be read; `unread` says why.
    """

    audible: Audience | None
    still: tuple[Listed, ...] = ()
    unread: str = ""


def aftermath(
    target: Target,
    endings: Sequence[Ending],
    entries: Sequence[Listed],
    raw_monitors: Sequence[Mapping[str, Json]],
    read: ReadScope,
) -> Aftermath:
    """What the endings come to. `entries` are the downtimes of the stack that are left."""
    everything = {raw["id"] for raw in raw_monitors}
    about = _numbers([one.snooze for one in endings], everything) if endings else everything
    ended = _numbers([one.snooze for one in endings if one.error is None], everything)
    concerned = _members(audience_of(target.terms, raw_monitors, about))
    silent = [concerned & _silenced(entry, target, raw_monitors, read) for entry in entries]
    own = {one.snooze.downtime.remote_id for one in endings}
    return Aftermath(
        audible=audience_of(target.terms, raw_monitors, ended.difference(*silent)),
        still=tuple(
            entry
            for entry, numbers in zip(entries, silent, strict=True)
            if numbers and entry.downtime.remote_id not in own
        ),
    )


def _numbers(snoozes: Sequence[Snooze], everything: set[int]) -> set[int]:
    """The monitors that the snoozes were about."""
    numbers = {one.target.monitor for one in snoozes}
    return everything if None in numbers else {number for number in numbers if number is not None}


def _members(audience: Audience | None) -> set[int]:
    return {member.number for member in audience.members} if audience else set()


def _silenced(entry: Listed, target: Target, raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope) -> set[int]:
    """The monitors of which a downtime silences all of the target's groups now."""
    terms = read(entry.scope)
    if terms is None or entry.downtime.status != "active" or not _members(entry.audience):
        return set()
    kinds = (wholly_silenced(terms, tags, raw_monitors) for tags in _kinds_of_groups(target))
    return _members(entry.audience).intersection(*kinds)


def _kinds_of_groups(target: Target) -> Iterator[frozenset[str]]:
    """The tags by which the target's groups are named: one set for each choice among alternatives."""
    choices = ([f"{term.key}:{value}" for value in term.values] for term in target.terms if not term.negated)
    return (frozenset(chosen) for chosen in product(*choices))
