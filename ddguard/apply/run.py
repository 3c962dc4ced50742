"""One run of a plan: what is done for each change, and what becomes of it."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from ddguard.apply.doubles import Made, Others, Waiting, perhaps_not_alone, reason, settled
from ddguard.apply.remote import Body, Remote
from ddguard.apply.steps import in_order
from ddguard.errors import AnswerError, DatadogError, InterruptedRun
from ddguard.model import Identity, LiveDowntime, LiveMonitor
from ddguard.payload import (
    downtime_update,
    live_downtime,
    live_monitor,
    monitor_update,
    with_numbers,
)
from ddguard.plan import (
    Action,
    Change,
    Kind,
    Outcome,
    Plan,
    Result,
    numbers_needed,
    removals_in_order,
    users_gone_first,
)

Ended = TypeVar("Ended")
Live = TypeVar("Live", LiveMonitor, LiveDowntime)

INTERRUPTED = "interrupted"
TAKEN_OVER = "the spec stands for it since this run, so it is kept"
MANY = 50
"""Objects to be made: from so many on one look for the doubles of several costs less than one each."""
UNFINISHED = "nothing is deleted where something else failed or was skipped"


def carry_out(
    plan: Plan, remote: Remote, workers: int, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> Iterator[Outcome]:
    """Does everything in the plan, up to `workers` calls at a time, and yields each outcome as it happens.

    Creates and updates run as soon as what they need is done; deletes begin after the last of them, and only where all
    of them were done: what failed may be what should have taken the place of the deleted. Once `stopping` says so, the
    running calls end, the rest is yielded as skipped, and InterruptedRun is raised at the end.
    """
    run = _Run(plan, remote, now)
    yield from run.wishes(workers, stopping)
    yield from run.removals(workers, stopping)
    if run.interrupted:
        raise InterruptedRun("interrupted", "what was done is told above; apply again for the rest")


class _Run:
    """What is known in the course of a run. The main thread writes it; workers read what was there before they began.

    `_numbers` are the monitors' numbers by spec id, `_made` the outcomes of replacements whose old object is still
    there. `_known` are the remote ids that the plan names for each spec, `_kept` those that its specs stand for now.
    """

    def __init__(self, plan: Plan, remote: Remote, now: datetime) -> None:
        self.interrupted = False
        self._plan = plan
        self._remote = remote
        self._now = now
        self._numbers = dict(plan.numbers)
        self._made: dict[tuple[Kind, str], Outcome] = {}
        self._known: defaultdict[tuple[Kind, str], set[str]] = defaultdict(set)
        for change in plan.changes:
            self._known[change.kind, change.id].add(change.remote_id or "")
        self._kept: set[tuple[Kind, str | None]] = set()
        self._is_unfinished = False

    def wishes(self, workers: int, stopping: Callable[[], bool]) -> Iterator[Outcome]:
        """Every change but the deletes, each as soon as the monitors that it refers to have their numbers.

        Where many objects are made that nothing waits for, their doubles are looked for together, after many of them.
        """
        wishes = [change for change in self._plan.changes if change.action is not Action.DELETE]
        needs = numbers_needed(wishes)
        later = _settled_later(wishes, needs)
        waiting = Waiting()
        wish = partial(self._wish, wishes, later)
        for step in in_order(needs, wish, _is_done, workers, stopping):
            ended = step.result or self._skipped(
                wishes[step.place],
                step.blocked_by,
                lambda blocker: f"needs the monitor {wishes[blocker].id}, which could not be made",
            )
            if isinstance(ended, Made):
                waiting.add(ended, monotonic())
            else:
                yield from self._learned([ended])
            yield from self._learned(self._settled(waiting.due(monotonic())))
        yield from self._learned(self._settled(waiting.all()))

    def _learned(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Remembers what matters to the changes that are still to come; those whose old object still has to go wait."""
        for outcome in outcomes:
            self._learn(outcome)
            if (outcome.change.kind, outcome.change.id) not in self._made:
                yield outcome

    def _learn(self, outcome: Outcome) -> None:
        change = outcome.change
        if not _is_done(outcome):
            self._is_unfinished = True
            return
        self._kept.add((change.kind, outcome.remote_id))
        if change.kind is Kind.MONITOR:
            self._numbers[change.id] = int(outcome.remote_id or 0)
        if change.action is Action.REPLACE:
            self._made[change.kind, change.id] = outcome

    def removals(self, workers: int, stopping: Callable[[], bool]) -> Iterator[Outcome]:
        """The deletes, and the old objects of the replacements that were made."""
        doomed = removals_in_order(
            [
                change
                for change in self._plan.changes
                if change.action is Action.DELETE or (change.kind, change.id) in self._made
            ]
        )
        needs = users_gone_first(doomed)
        for step in in_order(needs, lambda place: self._remove(doomed[place]), _is_done, workers, stopping):
            change = doomed[step.place]
            outcome = step.result or self._skipped(
                change,
                step.blocked_by,
                lambda blocker: f"the composite {doomed[blocker].id} is made of it and is still there",
            )
            yield self._replaced(outcome) if change.action is Action.REPLACE else outcome

    def _skipped(self, change: Change, blocked_by: int | None, told: Callable[[int], str]) -> Outcome:
        """The outcome of a change that was never begun."""
        if blocked_by is None:
            self.interrupted = True
            return Outcome(change, Result.SKIPPED, change.remote_id, INTERRUPTED)
        return Outcome(change, Result.SKIPPED, change.remote_id, told(blocked_by))

    def _replaced(self, removal: Outcome) -> Outcome:
        """The outcome of a replacement, out of what became of the old object."""
        change, made = removal.change, self._made[removal.change.kind, removal.change.id]
        if _is_done(removal):
            return made
        error = f"{made.remote_id} was made, but the old one, {change.remote_id}, is still there: {removal.error}"
        return Outcome(change, Result.FAILED, made.remote_id, error, removal.hint)

    def _wish(self, wishes: Sequence[Change], later: Container[int], place: int) -> Outcome | Made:
        """Makes or changes one object, and looks for its doubles if that isn't done `later`. Runs in a worker."""
        change = wishes[place]
        known = {need: self._numbers[need] for need in change.needs if need in self._numbers}
        wanted = with_numbers(change.wanted or {}, known)
        carry = self._carry_monitor if change.kind is Kind.MONITOR else self._carry_downtime
        done = _told(change, lambda: carry(change, wanted))
        return done if isinstance(done, Outcome) or place in later else self._settled([done])[0]

    def _carry_monitor(self, change: Change, wanted: Body) -> Outcome | Made:
        if change.action is Action.UPDATE and isinstance(change.live, LiveMonitor):
            self._remote.update_monitor(change.live.remote_id, monitor_update(wanted, change.live))
            return Outcome(change, Result.DONE, change.remote_id)
        identity, known = self._identity(change), self._known[change.kind, change.id]
        created = self._remote.create_monitor(wanted, identity, {int(one) for one in known if one})
        return _made(Made(change, identity, wanted, live_monitor(created.raw), created.adopted, known))

    def _carry_downtime(self, change: Change, wanted: Body) -> Outcome | Made:
        if change.action is Action.UPDATE and isinstance(change.live, LiveDowntime):
            self._remote.update_downtime(change.live.remote_id, downtime_update(wanted, change.live, self._now))
            return Outcome(change, Result.DONE, change.remote_id)
        known = self._known[change.kind, change.id]
        created = self._remote.create_downtime(wanted, _marker(wanted), known)
        live = live_downtime(created.raw)
        return _made(Made(change, self._identity(change), wanted, live, created.adopted, known))

    def _identity(self, change: Change) -> Identity:
        return Identity(self._plan.stack.name, change.id)

    def _settled(self, made: Sequence[Made]) -> list[Outcome]:
        """The outcome of each of these, after one look for the doubles of all of them."""
        try:
            others = self._others(made) if made else Others({}, {})
        except DatadogError as error:
            return [perhaps_not_alone(one, error) for one in made]
        return [_told(one.change, partial(settled, one, others, self._remote, self._now)) for one in made]

    def _others(self, made: Sequence[Made]) -> Others:
        """What stands for the specs of these now. A monitor alone is found by its own tag, several by the stack's."""
        numbered = [one for one in made if one.change.kind is Kind.MONITOR]
        raw_monitors: Sequence[Body] = ()
        if len(numbered) == 1:
            raw_monitors = self._remote.monitors_with(numbered[0].identity)
        elif numbered:
            raw_monitors = self._remote.monitors_of(self._plan.stack)
        raw_downtimes = self._remote.downtimes() if len(numbered) < len(made) else ()
        return Others(_by_identity(map(live_monitor, raw_monitors)), _by_identity(map(live_downtime, raw_downtimes)))

    def _remove(self, change: Change) -> Outcome:
        """Deletes one object, for a replacement the old one. Runs in a worker."""
        if change.action is Action.DELETE:
            if (change.kind, change.remote_id) in self._kept:
                return Outcome(change, Result.SKIPPED, change.remote_id, TAKEN_OVER, "plan again")
            if self._is_unfinished:
                return Outcome(change, Result.SKIPPED, change.remote_id, UNFINISHED, "apply again once that is mended")

        def remove() -> Outcome:
            if change.kind is Kind.MONITOR:
                self._remote.delete_monitor(int(change.remote_id or 0))
            else:
                self._remote.cancel_downtime(change.remote_id or "")
            return Outcome(change, Result.DONE, change.remote_id)

        return _told(change, remove)


def _is_done(ended: Outcome | Made) -> bool:
    return isinstance(ended, Made) or ended.result is Result.DONE


def _settled_later(wishes: Sequence[Change], needs: Sequence[frozenset[int]]) -> frozenset[int]:
    """The places of the objects that are made and that nothing waits for, if they are many."""
    awaited = frozenset[int]().union(*needs)
    found = {place for place, change in enumerate(wishes) if change.action is Action.CREATE} - awaited
    return frozenset(found if len(found) >= MANY else ())


def _marker(wanted: Body) -> str:
    """The line of a downtime's message that says whose it is: the last one."""
    return str(wanted["message"]).rpartition("\n")[2]


def _made(made: Made) -> Outcome | Made:
    """The same; a failure where a replacement ends at the very object that it should have replaced."""
    if not made.adopted or str(made.live.remote_id) != made.change.remote_id:
        return made
    error = "no new one was made: only the old one is to be found"
    return Outcome(made.change, Result.FAILED, made.change.remote_id, error, "apply again")


def _by_identity(lives: Iterable[Live]) -> dict[Identity, list[Live]]:
    found: defaultdict[Identity, list[Live]] = defaultdict(list)
    for live in lives:
        if live.identity is not None:
            found[live.identity].append(live)
    return found


def _told(change: Change, act: Callable[[], Ended]) -> Ended | Outcome:
    """The outcome of a call, a refusal or a failure told in Datadog's own words."""
    try:
        return act()
    except DatadogError as error:
        unreached = not (isinstance(error, AnswerError) and error.is_about_the_call)
        return Outcome(change, Result.FAILED, change.remote_id, reason(error), error.hint, unreached=unreached)
