"""Asking Datadog's own validation about the monitors that an apply would create or change."""

from collections.abc import Iterator

from ddguard.checks.refused_by_datadog import refusal
from ddguard.cli import clock
from ddguard.cli.options import Common
from ddguard.cli.output import say
from ddguard.cli.remote import READERS, plan_for, settings_for
from ddguard.datadog import Datadog, Readers
from ddguard.errors import AnswerError
from ddguard.findings import Finding
from ddguard.model import Monitor, monitors_referred_to
from ddguard.plan import Action, Change, Kind, Plan
from ddguard.spec.load import Specs

REFUSED = 400
"""The HTTP status by which Datadog says that it won't have a monitor."""


def remote_findings(specs: Specs, common: Common) -> list[Finding]:
    """What Datadog says about changed monitors, several asked at a time; those that are unchanged it has taken already.

    Raises DatadogError where it can't be asked.
    """
    monitors = {monitor.id: monitor for monitor in specs.monitors}
    with Datadog(settings_for(common, specs)) as datadog:
        plan = plan_for(specs, datadog, clock.now(), prune=False, max_deletes=None)
        changes = list(_askable(plan, common))

        def ask(change: Change) -> list[Finding]:
            return _answer(datadog, change, monitors[change.id])

        with Readers(READERS) as readers:
            return [finding for findings in readers.each(ask, changes) for finding in findings]


def _askable(plan: Plan, common: Common) -> Iterator[Change]:
    """The monitors to be written; a composite whose parts don't exist yet can't be asked about."""
    for change in plan.changes:
        if change.kind is not Kind.MONITOR or change.wanted is None:
            continue
        waiting = sorted(monitors_referred_to(change.wanted.get("query")))
        if waiting:
            say(f"{change.id}: Datadog can be asked once it has {', '.join(waiting)}", common)
        else:
            yield change


def _answer(datadog: Datadog, change: Change, monitor: Monitor) -> list[Finding]:
    """Datadog's words, none if it would take the monitor. A replacement is asked about as a new one."""
    number = int(change.remote_id) if change.remote_id and change.action is Action.UPDATE else None
    try:
        datadog.validate_monitor(change.wanted or {}, number)
    except AnswerError as error:
        if error.status != REFUSED:
            raise
        return [refusal(monitor, reason) for reason in error.reasons or (error.message,)]
    return []
