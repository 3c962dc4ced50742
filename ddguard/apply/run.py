"""One run of a plan: what is done for each change, and what becomes of it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from ddguard.apply.remote import Body, Remote
from ddguard.apply.steps import Step, in_order
from ddguard.errors import AnswerError, DatadogError, InterruptedRun
from ddguard.model import Identity, LiveDowntime, LiveMonitor
from ddguard.payload import (
    downtime_changes,
    downtime_update,
    live_downtime,
    live_monitor,
    monitor_changes,
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

INTERRUPTED = "interrupted"


def carry_out(
    plan: Plan, remote: Remote, workers: int, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> Iterator[Outcome]:
    """Does everything in the plan, up to `workers` calls at a time, and yields each outcome as it happens.

    Creates and updates run as soon as what they need is done; deletes begin after the last of them. Once `stopping`
    says so, the running calls end, the rest is yielded as skipped, and InterruptedRun is raised at the end.
    """
    run = _Run(plan, remote, now)
    yield from run.wishes(workers, stopping)
    yield from run.removals(workers, stopping)
    if run.interrupted:
        raise InterruptedRun("interrupted", "what was done is told above; apply again for the rest")


class _Run:
    """What is known in the course of a run. The main thread writes it; workers read what was there before they began.

    `_numbers` are the monitors' numbers by spec id, `_made` the outcomes of replacements whose old object is still
    there.
    """

    def __init__(self, plan: Plan, remote: Remote, now: datetime) -> None:
        self.interrupted = False
        self._plan = plan
        self._remote = remote
        self._now = now
        self._numbers = dict(plan.numbers)
        self._made: dict[tuple[Kind, str], Outcome] = {}

    def wishes(self, workers: int, stopping: Callable[[], bool]) -> Iterator[Outcome]:
        """Every change but the deletes, each as soon as the monitors that it refers to have their numbers."""
        wishes = [change for change in self._plan.changes if change.action is not Action.DELETE]
        needs = numbers_needed(wishes)
        for step in in_order(needs, lambda place: self._wish(wishes[place]), _is_done, workers, stopping):
            change = wishes[step.place]
            outcome = step.result or self._skipped(
                change, step, lambda blocker: f"needs the monitor {wishes[blocker].id}, which could not be made"
            )
            if _is_done(outcome) and change.kind is Kind.MONITOR:
                self._numbers[change.id] = int(outcome.remote_id or 0)
            if _is_done(outcome) and change.action is Action.REPLACE:
                self._made[change.kind, change.id] = outcome
            else:
                yield outcome

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
                change, step, lambda blocker: f"the composite {doomed[blocker].id} is made of it and is still there"
            )
            yield self._replaced(outcome) if change.action is Action.REPLACE else outcome

    def _skipped(self, change: Change, step: Step[Outcome], reason: Callable[[int], str]) -> Outcome:
        """The outcome of a change that was never begun."""
        if step.blocked_by is None:
            self.interrupted = True
            return Outcome(change, Result.SKIPPED, change.remote_id, INTERRUPTED)
        return Outcome(change, Result.SKIPPED, change.remote_id, reason(step.blocked_by))

    def _replaced(self, removal: Outcome) -> Outcome:
        """The outcome of a replacement, out of what became of the old object."""
        change, made = removal.change, self._made[removal.change.kind, removal.change.id]
        if _is_done(removal):
            return made
        error = f"{made.remote_id} was made, but the old one, {change.remote_id}, is still there: {removal.error}"
        return Outcome(change, Result.FAILED, made.remote_id, error, removal.hint)

    def _wish(self, change: Change) -> Outcome:
        """Makes or changes one object. Runs in a worker."""
        known = {need: self._numbers[need] for need in change.needs if need in self._numbers}
        wanted = with_numbers(change.wanted or {}, known)
        carry = self._carry_monitor if change.kind is Kind.MONITOR else self._carry_downtime
        return _told(change, lambda: carry(change, wanted))

    def _carry_monitor(self, change: Change, wanted: Body) -> Outcome:
        if change.action is Action.UPDATE and isinstance(change.live, LiveMonitor):
            self._remote.update_monitor(change.live.remote_id, monitor_update(wanted, change.live))
            return Outcome(change, Result.DONE, change.remote_id)
        created = self._remote.create_monitor(wanted, Identity(self._plan.stack.name, change.id))
        live = live_monitor(created.raw)
        if created.adopted and str(live.remote_id) == change.remote_id:
            return _nothing_new(change)
        if created.adopted and monitor_changes(wanted, live):
            self._remote.update_monitor(live.remote_id, monitor_update(wanted, live))
        return Outcome(change, Result.DONE, str(live.remote_id), adopted=created.adopted)

    def _carry_downtime(self, change: Change, wanted: Body) -> Outcome:
        if change.action is Action.UPDATE and isinstance(change.live, LiveDowntime):
            self._remote.update_downtime(change.live.remote_id, downtime_update(wanted, change.live, self._now))
            return Outcome(change, Result.DONE, change.remote_id)
        created = self._remote.create_downtime(wanted, _marker(wanted))
        live = live_downtime(created.raw)
        if created.adopted and live.remote_id == change.remote_id:
            return _nothing_new(change)
        if created.adopted and downtime_changes(wanted, live, self._now):
            self._remote.update_downtime(live.remote_id, downtime_update(wanted, live, self._now))
        return Outcome(change, Result.DONE, live.remote_id, adopted=created.adopted)

    def _remove(self, change: Change) -> Outcome:
        """Deletes one object, for a replacement the old one. Runs in a worker."""

        def remove() -> Outcome:
            if change.kind is Kind.MONITOR:
                self._remote.delete_monitor(int(change.remote_id or 0))
            else:
                self._remote.cancel_downtime(change.remote_id or "")
            return Outcome(change, Result.DONE, change.remote_id)

        return _told(change, remove)


def _is_done(outcome: Outcome) -> bool:
    return outcome.result is Result.DONE


def _marker(wanted: Body) -> str:
    """The line of a downtime's message that says whose it is: the last one."""
    return str(wanted["message"]).rpartition("\n")[2]


def _nothing_new(change: Change) -> Outcome:
    """A replacement whose answer was lost, and of which only the old object is to be found."""
    error = "no answer came, and only the old one is to be found"
    return Outcome(change, Result.FAILED, change.remote_id, error, "apply again")


def _told(change: Change, act: Callable[[], Outcome]) -> Outcome:
    """The outcome of a call, a refusal or a failure told in Datadog's own words."""
    try:
        return act()
    except DatadogError as error:
        reasons = error.reasons if isinstance(error, AnswerError) else ()
        return Outcome(change, Result.FAILED, change.remote_id, "; ".join(reasons) or error.message, error.hint)
