"""One run of a plan: what is done for each change, and what becomes of it."""

from collections import defaultdict
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
    equal_downtimes,
    equal_monitors,
    numbers_needed,
    removals_in_order,
    users_gone_first,
)

INTERRUPTED = "interrupted"
TAKEN_OVER = "the spec stands for it since this run, so it is kept"
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
        """Every change but the deletes, each as soon as the monitors that it refers to have their numbers."""
        wishes = [change for change in self._plan.changes if change.action is not Action.DELETE]
        needs = numbers_needed(wishes)
        for step in in_order(needs, lambda place: self._wish(wishes[place]), _is_done, workers, stopping):
            change = wishes[step.place]
            outcome = step.result or self._skipped(
                change, step, lambda blocker: f"needs the monitor {wishes[blocker].id}, which could not be made"
            )
            self._learn(outcome)
            if (change.kind, change.id) not in self._made:
                yield outcome

    def _learn(self, outcome: Outcome) -> None:
        """Remembers what matters to the changes that are still to come."""
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
        known = {int(one) for one in self._known[change.kind, change.id] if one}
        created = self._remote.create_monitor(wanted, self._identity(change), known)
        made = live_monitor(created.raw)
        if created.adopted and str(made.remote_id) == change.remote_id:
            return _nothing_new(change)
        try:
            live = self._only_monitor(change, wanted, made)
        except DatadogError as error:
            return _perhaps_not_alone(change, str(made.remote_id), error)
        adopted = created.adopted or live.remote_id != made.remote_id
        if adopted and monitor_changes(wanted, live):
            self._remote.update_monitor(live.remote_id, monitor_update(wanted, live))
        return Outcome(change, Result.DONE, str(live.remote_id), adopted=adopted)

    def _only_monitor(self, change: Change, wanted: Body, made: LiveMonitor) -> LiveMonitor:
        """The monitor that is left where several runs made one at the same time: the oldest.

        Datadog refuses doubles that are equal, but not what another state of the specs makes of one. Each run deletes
        what it made itself, or may have made where an answer was lost: that is as it wants it.
        """
        identity = self._identity(change)
        listed = {live.remote_id: live for live in map(live_monitor, self._remote.monitors_with(identity))}
        known = self._known[change.kind, change.id]
        candidates = (live for number, live in ({made.remote_id: made} | listed).items() if str(number) not in known)
        kept, *doubles = equal_monitors(wanted, identity, candidates) or [made]
        for double in doubles:
            if not monitor_changes(wanted, double):
                self._remote.delete_monitor(double.remote_id)
        return kept

    def _identity(self, change: Change) -> Identity:
        return Identity(self._plan.stack.name, change.id)

    def _carry_downtime(self, change: Change, wanted: Body) -> Outcome:
        if change.action is Action.UPDATE and isinstance(change.live, LiveDowntime):
            self._remote.update_downtime(change.live.remote_id, downtime_update(wanted, change.live, self._now))
            return Outcome(change, Result.DONE, change.remote_id)
        known = self._known[change.kind, change.id]
        created = self._remote.create_downtime(wanted, _marker(wanted), known)
        made = live_downtime(created.raw)
        if created.adopted and made.remote_id == change.remote_id:
            return _nothing_new(change)
        try:
            live = self._only_downtime(change, wanted, made)
        except DatadogError as error:
            return _perhaps_not_alone(change, made.remote_id, error)
        adopted = created.adopted or live.remote_id != made.remote_id
        if adopted and downtime_changes(wanted, live, self._now):
            self._remote.update_downtime(live.remote_id, downtime_update(wanted, live, self._now))
        return Outcome(change, Result.DONE, live.remote_id, adopted=adopted)

    def _only_downtime(self, change: Change, wanted: Body, made: LiveDowntime) -> LiveDowntime:
        """The downtime that is left where several runs made one at the same time: the oldest; the others are canceled.

        Datadog refuses doubles that are equal; those that begin with their creation never are.
        """
        listed = {live.remote_id: live for live in map(live_downtime, self._remote.downtimes())}
        known = self._known[change.kind, change.id]
        candidates = (live for number, live in ({made.remote_id: made} | listed).items() if number not in known)
        kept, *doubles = equal_downtimes(wanted, self._identity(change), candidates, self._now) or [made]
        for double in doubles:
            self._remote.cancel_downtime(double.remote_id)
        return kept

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


def _is_done(outcome: Outcome) -> bool:
    return outcome.result is Result.DONE


def _marker(wanted: Body) -> str:
    """The line of a downtime's message that says whose it is: the last one."""
    return str(wanted["message"]).rpartition("\n")[2]


def _nothing_new(change: Change) -> Outcome:
    """A replacement that ends at the very object that it should have replaced."""
    error = "no new one was made: only the old one is to be found"
    return Outcome(change, Result.FAILED, change.remote_id, error, "apply again")


def _perhaps_not_alone(change: Change, made: str, error: DatadogError) -> Outcome:
    """What was made, where the look for others that stand for the same spec failed."""
    told = f"{made} was made, but it may not be the only one: {_reason(error)}"
    return Outcome(change, Result.FAILED, made, told, error.hint)


def _told(change: Change, act: Callable[[], Outcome]) -> Outcome:
    """The outcome of a call, a refusal or a failure told in Datadog's own words."""
    try:
        return act()
    except DatadogError as error:
        unreached = not (isinstance(error, AnswerError) and error.is_about_the_call)
        return Outcome(change, Result.FAILED, change.remote_id, _reason(error), error.hint, unreached=unreached)


def _reason(error: DatadogError) -> str:
    """Datadog's own words, where it said any."""
    reasons = error.reasons if isinstance(error, AnswerError) else ()
    return "; ".join(reasons) or error.message
