"""What holds once snoozes of a target were ended: which of them did end, who is heard again, and who isn't."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ddguard.errors import DdguardError
from ddguard.model import Json
from ddguard.payload.snoozes import Snooze, Target
from ddguard.snooze.audience import Audience, ReadScope, audience_of, together
from ddguard.snooze.listing import Listed, silenced
from ddguard.snooze.overlaps import members_of, silenced_by


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
    """What the endings come to. `entries` are the downtimes of the stack that are left.

    With a snooze that somebody changed all is audible again that it silenced, others than the target too; of these it
    isn't known what else silences them.
    """
    everything = {raw["id"] for raw in raw_monitors}
    about = _numbers([one.snooze for one in endings], everything) if endings else everything
    ended = _numbers([one.snooze for one in endings if one.error is None], everything)
    concerned = members_of(audience_of(target.terms, raw_monitors, about))
    silent = [concerned & silenced_by(entry, target, raw_monitors, read) for entry in entries]
    changed = (one.snooze.downtime for one in endings if one.error is None and not one.snooze.is_as_made)
    others = [found for downtime in changed if (found := silenced(downtime, raw_monitors, read)) is not None]
    own = {one.snooze.downtime.remote_id for one in endings}
    return Aftermath(
        audible=together([audience_of(target.terms, raw_monitors, ended.difference(*silent)), *others]),
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
