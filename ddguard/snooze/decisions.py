"""What has to be done for one snooze, given the downtimes that there are.

Two people, or a hundred processes, may snooze the same tenant at once, and an answer may get lost. So the oldest live
downtime with the snooze's marker is the one that counts: it is extended where that is needed, every other one ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ddguard.model import LiveDowntime
from ddguard.payload.snoozes import Snooze, Target, snooze_in, target_in

RECENT = timedelta(days=7)
SHORTEST = timedelta(minutes=1)
"""What ended sooner than this was a slip, or the loser of a race."""


class Outcome(StrEnum):
    """What became of a wish for silence."""

    CREATED = "created"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Settlement:
    """Which of several snoozes of one target stays, whether it has to be extended, and which other ones then end."""

    kept: Snooze
    too_short: bool
    spare: tuple[Snooze, ...]

    def spare_beside(self, kept: Snooze) -> list[Snooze]:
        """The spare ones that may end beside the snooze that is kept, as it is now."""
        others = (one for one in self.spare if one.downtime.remote_id != kept.downtime.remote_id)
        return [one for one in others if one.end is None or not ends_before(kept, one.end)]


def own_snoozes(downtimes: Iterable[LiveDowntime], stack: str) -> list[Snooze]:
    """The snoozes of a stack that silence something now or later, the oldest first."""
    found = (snooze_in(downtime) for downtime in downtimes)
    running = [snooze for snooze in found if snooze and snooze.runs and snooze.target.stack == stack]
    return sorted(running, key=lambda snooze: snooze.age)


def oldest_running(downtimes: Iterable[LiveDowntime], target: Target) -> Snooze | None:
    """The snooze of exactly this target that counts; None if there is none.

    One whose scope or monitors were changed in Datadog afterwards is another downtime: to extend it would extend what
    somebody else meant.
    """
    return next(iter(_same(downtimes, target)), None)


def settle(downtimes: Iterable[LiveDowntime], target: Target, end: datetime) -> Settlement | None:
    """What remains to be done for silence until `end`; None where there is no snooze of this target.

    A spare one that lasts longer than the one that is kept will is left to whoever made it.
    """
    same = _same(downtimes, target)
    if not same:
        return None
    kept = same[0]
    last = end if ends_before(kept, end) else kept.end
    spare = (one for one in same[1:] if last is None or (one.end is not None and one.end <= last))
    return Settlement(kept, ends_before(kept, end), tuple(spare))


def ends_before(snooze: Snooze, end: datetime) -> bool:
    """Whether the snooze ends before that moment."""
    return snooze.end is not None and snooze.end < end


def _same(downtimes: Iterable[LiveDowntime], target: Target) -> list[Snooze]:
    return [one for one in own_snoozes(downtimes, target.stack) if one.target == target and one.is_as_made]


def times_snoozed(downtimes: Sequence[LiveDowntime], target: Target, now: datetime) -> int:
    """How many snoozes of the target began within the last seven days, this one included."""
    same = (
        downtime
        for downtime in downtimes
        if (of := target_in(downtime.attributes.get("message"))) is not None
        and (of.stack, of.terms) == (target.stack, target.terms)
    )
    return sum(1 for downtime in same if _counts(downtime, now))


def _counts(downtime: LiveDowntime, now: datetime) -> bool:
    snooze = snooze_in(downtime)
    if snooze is None or snooze.start is None or snooze.start < now - RECENT:
        return False
    if downtime.status != "canceled":
        return True
    canceled = _canceled(downtime)
    return canceled is not None and canceled - snooze.start >= SHORTEST


def _canceled(downtime: LiveDowntime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(downtime.attributes.get("canceled")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
