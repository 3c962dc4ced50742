"""Carrying out a wish for silence: which calls are made, and what holds in the end.

From the call on that silences somebody, that is told, whatever becomes of the calls after it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from ddguard.cli.remote import waited_for
from ddguard.datadog import Datadog
from ddguard.errors import DatadogError, InterruptedRun, RefusedError
from ddguard.model import Json, LiveDowntime
from ddguard.payload import live_downtime
from ddguard.payload.snoozes import OVER, Snooze, Target, snooze_extension, snooze_in, snooze_request
from ddguard.snooze import Audience, Outcome, Overlap, ends_before, is_shown, oldest_running, settle, times_snoozed

OVERTAKEN = "somebody else set this end, which is earlier than the one asked for: run the command again"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: silence for the target until `end` (UTC), and why."""

    target: Target
    end: datetime
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found before anything is done: who falls silent, names that nobody knows, and what is silent already.

    `raw_monitors` are the stack's, as Datadog lists them. `running` is the snooze of the same target that there is.
    `downtimes` is None where they weren't read.
    """

    raw_monitors: Sequence[Mapping[str, Json]]
    audience: Audience
    unknown: Sequence[str] = ()
    already: Sequence[Overlap] = ()
    downtimes: Sequence[LiveDowntime] | None = None
    running: Snooze | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a wish. `snooze` is None where it was only tried; `times` counts the snoozes of the last week.

    `notes` say what couldn't be done besides. `interrupted`: by Ctrl-C, when the snooze stood already.
    """

    outcome: Outcome
    snooze: Snooze | None
    times: int = 1
    notes: tuple[str, ...] = ()
    interrupted: bool = False


def grant(
    datadog: Datadog,
    wish: Wish,
    raw_monitors: Sequence[Mapping[str, Json]],
    now: datetime,
    known: Sequence[LiveDowntime] | None = None,
    *,
    dry_run: bool,
) -> Granted:
    """What is done for a wish: at most three calls, where nobody else wishes the same at the same time.

    `known` are the downtimes where they were read just now.
    """
    if not dry_run and not is_shown(wish.target, raw_monitors):
        return _create(datadog, wish, now)
    downtimes = read_downtimes(datadog) if known is None else known
    running = oldest_running(downtimes, wish.target)
    times = times_snoozed(downtimes, wish.target, now)
    if running is None:
        return Granted(Outcome.CREATED, None, times + 1) if dry_run else _create(datadog, wish, now)
    if dry_run:
        return Granted(Outcome.EXTENDED if ends_before(running, wish.end) else Outcome.UNCHANGED, running, times)
    return replace(_extend(datadog, wish, running), times=times)


def read_downtimes(datadog: Datadog) -> list[LiveDowntime]:
    """All downtimes that Datadog lists, those that are over included."""
    return [live_downtime(raw) for raw in waited_for(datadog.downtimes)]


# A new snooze


def _create(datadog: Datadog, wish: Wish, now: datetime) -> Granted:
    """Makes a snooze. Should an older one of the same target turn up, that one is extended and this one ends."""
    request = snooze_request(wish.target, wish.end, wish.reason, wish.author)
    with _torn_off():
        made = live_downtime(datadog.create_downtime(request, wish.target.marker).raw)
    snooze = snooze_in(made)
    if snooze is None or not snooze.is_as_made:
        return _settled(datadog, wish, made, now)
    created = Granted(Outcome.CREATED, snooze)
    return _at_least(created, lambda: _settled(datadog, wish, made, now), "it wasn't checked for doubles")


def _settled(datadog: Datadog, wish: Wish, made: LiveDowntime, now: datetime) -> Granted:
    """What holds once the oldest snooze of the target is the only one, and lasts as long as is wished for."""
    by_id = {downtime.remote_id: downtime for downtime in read_downtimes(datadog)}
    downtimes = list(({made.remote_id: made} | by_id).values())
    settlement = settle(downtimes, wish.target, wish.end)
    if settlement is None and by_id.get(made.remote_id, made).status in OVER:
        raise _ended_by_others(made.remote_id, wish.target)
    if settlement is None:
        raise RefusedError(
            f"the downtime {made.remote_id} carries the mark of this snooze, but somebody changed what it silences",
            "look at it in Datadog; `ddguard snooze end` ends it",
        )
    granted = _extended_or_made(datadog, wish, settlement.kept, made)
    kept = granted.snooze or settlement.kept
    spare = settlement.spare_beside(kept)
    if kept.downtime.remote_id == made.remote_id and granted.outcome is Outcome.UNCHANGED:
        granted = replace(granted, outcome=Outcome.CREATED)
    gone = {one.downtime.remote_id for one in spare}
    left = [downtime for downtime in downtimes if downtime.remote_id not in gone]
    granted = replace(granted, times=times_snoozed(left, wish.target, now))
    return granted if granted.interrupted else _alone(datadog, granted, spare)


def _extended_or_made(datadog: Datadog, wish: Wish, kept: Snooze, made: LiveDowntime) -> Granted:
    """The snooze that is kept, extended; the one that was made where somebody else ends the kept one meanwhile."""
    try:
        return _extend(datadog, wish, kept)
    except RefusedError:
        snooze = snooze_in(made)
        if snooze is None or kept.downtime.remote_id == made.remote_id:
            raise
        return Granted(Outcome.CREATED, snooze)


def _alone(datadog: Datadog, granted: Granted, spare: Sequence[Snooze]) -> Granted:
    """The granted snooze, once the spare ones have ended."""

    def end() -> Granted:
        for one in spare:
            datadog.cancel_downtime(one.downtime.remote_id)
        return granted

    return _at_least(granted, end, "its doubles didn't all end")


# A longer snooze


def _extend(datadog: Datadog, wish: Wish, running: Snooze) -> Granted:
    """Lets a snooze run on to the end that is wished for. One that ends later stays as it is."""
    if not ends_before(running, wish.end):
        return Granted(Outcome.UNCHANGED, running)
    with _torn_off():
        longer = _set(datadog, wish, running)
    extended = Granted(Outcome.EXTENDED, longer)
    return _at_least(extended, lambda: _kept(datadog, wish, longer), "its end wasn't checked")


def _kept(datadog: Datadog, wish: Wish, longer: Snooze) -> Granted:
    """The extended snooze as it is now. Where somebody else set an earlier end meanwhile, it is extended once more."""
    found = _read_again(datadog, longer)
    if ends_before(found, wish.end):
        found = _read_again(datadog, _set(datadog, wish, found))
    return Granted(Outcome.EXTENDED, found, notes=(OVERTAKEN,) if ends_before(found, wish.end) else ())


def _set(datadog: Datadog, wish: Wish, snooze: Snooze) -> Snooze:
    changes = snooze_extension(snooze, wish.end, wish.reason, wish.author)
    return _snooze(datadog.update_downtime(snooze.downtime.remote_id, changes))


def _read_again(datadog: Datadog, snooze: Snooze) -> Snooze:
    raw = waited_for(datadog.downtime, snooze.downtime.remote_id)
    found = None if raw is None else _snooze(raw)
    if found is None or not found.runs:
        raise _ended_by_others(snooze.downtime.remote_id, snooze.target)
    return found


def _snooze(raw: Mapping[str, Json]) -> Snooze:
    snooze = snooze_in(live_downtime(raw))
    if snooze is None:
        raise DatadogError("the downtime lost the mark of its snooze while it was extended", "look at it in Datadog")
    return snooze


# What goes wrong


def _ended_by_others(remote_id: str, target: Target) -> RefusedError:
    return RefusedError(
        f"somebody ended the snooze {remote_id} at the same moment",
        f"run the command again if {target.scope} shall be silent all the same",
    )


def _at_least(done: Granted, rest: Callable[[], Granted], unless: str) -> Granted:
    """What the rest comes to; where Datadog or Ctrl-C stops it, what is done already, and `unless` as a note."""
    try:
        return rest()
    except (DatadogError, InterruptedRun, KeyboardInterrupt) as error:
        interrupted = not isinstance(error, DatadogError)
        reason = "interrupted" if interrupted else str(error)
        return replace(done, notes=(f"{unless}: {reason}",), interrupted=interrupted)


@contextmanager
def _torn_off() -> Iterator[None]:
    """Says of a call that Ctrl-C tears off that it may have been carried out."""
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedRun(
            "interrupted", "Datadog may have done it all the same: `ddguard snooze list` tells"
        ) from None
