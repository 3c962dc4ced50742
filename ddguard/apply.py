"""Carries a plan out: in dependency order, several at a time, telling each outcome as it happens."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Protocol

from ddguard.errors import AnswerError, DatadogError, InterruptedRun
from ddguard.model import Identity, Json, LiveDowntime, LiveMonitor
from ddguard.payload import (
    downtime_changes,
    downtime_update,
    live_downtime,
    live_monitor,
    monitor_changes,
    monitor_update,
    with_numbers,
)
from ddguard.plan import Action, Change, Kind, Outcome, Plan, Result, delete_waves

Body = Mapping[str, Json]
INTERRUPTED = "interrupted"


class Created(Protocol):
    """What a create came to: the object, and whether it was there already (an answer was lost, then it was found)."""

    @property
    def raw(self) -> Body:
        """The object as Datadog has it now."""

    @property
    def adopted(self) -> bool:
        """Whether it was found instead of made."""


class Remote(Protocol):
    """The calls that carrying out a plan takes; each raises `DatadogError`."""

    def create_monitor(self, definition: Body, identity: Identity) -> Created:
        """Makes a monitor, or finds the one with this identity that an earlier call made."""

    def update_monitor(self, remote_id: int, definition: Body) -> Body:
        """Changes a monitor in place."""

    def delete_monitor(self, remote_id: int) -> None:
        """Deletes a monitor; one that is gone already is no error."""

    def create_downtime(self, attributes: Body, marker: str) -> Created:
        """Makes a downtime, or finds the one with this marker that an earlier call made."""

    def update_downtime(self, remote_id: str, attributes: Body) -> Body:
        """Changes a downtime in place."""

    def cancel_downtime(self, remote_id: str) -> None:
        """Cancels a downtime; one that is gone already is no error."""


def carry_out(plan: Plan, remote: Remote, workers: int, now: datetime) -> Iterator[Outcome]:
    """Does everything in the plan and yields each outcome as it happens.

    Creates and updates run as soon as what they need is done; deletes begin after the last of them. On an
    interruption the running calls end, the rest is yielded as skipped, and `InterruptedRun` is raised at the end.
    """
    run = _Run(plan, remote, now)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="apply") as pool:
        yield from run.creates_and_updates(pool)
        for wave in delete_waves(plan.changes):
            yield from run.deletes(pool, wave)
    if run.interrupted:
        raise InterruptedRun("interrupted", "what was done is told above; apply again for the rest")


class _Run:
    """One run of a plan. Only the main thread reads and writes it; the workers get values and give values back."""

    def __init__(self, plan: Plan, remote: Remote, now: datetime) -> None:
        self.interrupted = False
        self._plan = plan
        self._remote = remote
        self._now = now
        self._numbers = dict(plan.numbers)
        self._unusable: set[str] = set()
        self._replacements: dict[str, Outcome] = {}

    def creates_and_updates(self, pool: ThreadPoolExecutor) -> Iterator[Outcome]:
        """Every change but the deletes, each as soon as the monitors that it refers to have their numbers."""
        waiting = [change for change in self._plan.changes if change.action is not Action.DELETE]
        open_ids = {change.id for change in waiting if change.kind is Kind.MONITOR}
        running: dict[Future[Outcome], Change] = {}
        while waiting or running:
            yield from self._skipped(waiting)
            for change in [change for change in waiting if not (change.needs - {change.id}) & open_ids]:
                waiting.remove(change)
                running[pool.submit(self._wish, change, dict(self._numbers))] = change
            for outcome in self._finished(running):
                if outcome.change.kind is Kind.MONITOR:
                    open_ids.discard(outcome.change.id)
                self._note(outcome)
                if _is_half_a_replacement(outcome):
                    self._replacements[outcome.change.id] = outcome
                else:
                    yield outcome

    def deletes(self, pool: ThreadPoolExecutor, wave: Sequence[Change]) -> Iterator[Outcome]:
        """Deletes that don't depend on each other, among them the old objects of replacements that were made."""
        doomed = [change for change in wave if change.action is Action.DELETE or change.id in self._replacements]
        if self.interrupted:
            yield from (self._not_removed(change, INTERRUPTED) for change in doomed)
            return
        running = {pool.submit(self._remove, change): change for change in doomed}
        while running:
            for outcome in self._finished(running):
                yield self._after_removal(outcome)

    def _after_removal(self, outcome: Outcome) -> Outcome:
        change = outcome.change
        if outcome.result is Result.DONE and change.action is Action.REPLACE:
            return self._replacements[change.id]
        return outcome if outcome.result is Result.DONE else self._not_removed(change, outcome.error)

    def _not_removed(self, change: Change, reason: str) -> Outcome:
        if change.action is Action.DELETE:
            result = Result.SKIPPED if reason == INTERRUPTED else Result.FAILED
            return Outcome(change, result, change.remote_id, reason)
        new = self._replacements[change.id].remote_id
        error = f"{new} was made, but the old monitor {change.remote_id} is still there: {reason}"
        return Outcome(change, Result.FAILED, new, error)

    def _skipped(self, waiting: list[Change]) -> Iterator[Outcome]:
        """Takes out of the waiting list what can't be done any more."""
        while True:
            for change in waiting:
                reason = self._reason_to_skip(change)
                if reason:
                    waiting.remove(change)
                    self._unusable.add(change.id)
                    yield _skip(change, reason)
                    break
            else:
                return

    def _reason_to_skip(self, change: Change) -> str:
        if self.interrupted:
            return INTERRUPTED
        missing = sorted(change.needs & self._unusable)
        return f"needs the monitor {missing[0]}, which could not be made" if missing else ""

    def _finished(self, running: dict[Future[Outcome], Change]) -> Iterator[Outcome]:
        """The outcomes of what has ended since, waiting for at least one; on Ctrl-C it waits on for those running."""
        try:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            self.interrupted = True
            done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda one: self._plan.changes.index(running[one])):
            del running[future]
            yield future.result()

    def _note(self, outcome: Outcome) -> None:
        change = outcome.change
        if outcome.result is not Result.DONE:
            self._unusable.add(change.id)
        elif change.kind is Kind.MONITOR and outcome.remote_id is not None:
            self._numbers[change.id] = int(outcome.remote_id)

    def _wish(self, change: Change, numbers: Mapping[str, int]) -> Outcome:
        """Makes or changes one object. Runs in a worker."""
        wanted = with_numbers(change.wanted or {}, numbers)
        carry = self._carry_monitor if change.kind is Kind.MONITOR else self._carry_downtime
        return _told(change, lambda: carry(change, wanted))

    def _carry_monitor(self, change: Change, wanted: Body) -> Outcome:
        if change.action is Action.UPDATE and isinstance(change.live, LiveMonitor):
            raw = self._remote.update_monitor(change.live.remote_id, monitor_update(wanted, change.live))
            return Outcome(change, Result.DONE, str(raw["id"]))
        created = self._remote.create_monitor(wanted, Identity(self._plan.stack.name, change.id))
        live = live_monitor(created.raw)
        if created.adopted and monitor_changes(wanted, live):
            self._remote.update_monitor(live.remote_id, monitor_update(wanted, live))
        return Outcome(change, Result.DONE, str(live.remote_id), adopted=created.adopted)

    def _carry_downtime(self, change: Change, wanted: Body) -> Outcome:
        if change.action is Action.UPDATE and isinstance(change.live, LiveDowntime):
            self._remote.update_downtime(change.live.remote_id, downtime_update(wanted, change.live, self._now))
            return Outcome(change, Result.DONE, change.live.remote_id)
        created = self._remote.create_downtime(wanted, _marker(wanted))
        live = live_downtime(created.raw)
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


def _marker(wanted: Body) -> str:
    """The line of a downtime's message that says whose it is: the last one."""
    return str(wanted["message"]).rpartition("\n")[2]


def _is_half_a_replacement(outcome: Outcome) -> bool:
    return outcome.change.action is Action.REPLACE and outcome.result is Result.DONE


def _told(change: Change, act: Callable[[], Outcome]) -> Outcome:
    """The outcome of a call, a refusal or a failure told in Datadog's own words."""
    try:
        return act()
    except AnswerError as error:
        return Outcome(change, Result.FAILED, change.remote_id, "; ".join(error.reasons) or error.message)
    except DatadogError as error:
        return Outcome(change, Result.FAILED, change.remote_id, error.message)


def _skip(change: Change, reason: str) -> Outcome:
    return Outcome(change, Result.SKIPPED, change.remote_id, reason)
