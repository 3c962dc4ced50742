"""`ddguard apply`."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

import click

from ddguard.apply import carry_out
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show
from ddguard.cli.plan_command import tell_plan
from ddguard.cli.project import load_specs, sound_specs
from ddguard.cli.remote import plan_for, read_world, settings_for
from ddguard.datadog import Datadog
from ddguard.errors import ExitCode, InterruptedRun, RefusedError, UsageError
from ddguard.plan import Outcome, Plan, Result, on_the_same_world, read_saved_plan
from ddguard.spec.files import read_text

DEFAULT_WORKERS = 8


@click.command("apply")
@click.argument("plan_file", metavar="[PLAN]", required=False)
@click.option("--yes", is_flag=True, help="Don't ask. Needed where there is no terminal.")
@click.option("--prune", is_flag=True, help="Delete what has no spec any more.")
@click.option("--max-deletes", type=click.IntRange(0), metavar="N", help="With --prune: allow up to N deletes.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=DEFAULT_WORKERS,
    show_default=True,
    metavar="N",
    help="How many calls may run at the same time.",
)
@common_options("text", "json")
def command(
    common: Common, plan_file: str | None, yes: bool, prune: bool, max_deletes: int | None, workers: int
) -> int:
    """Make Datadog hold what the specs say; with a PLAN file, carry out exactly that plan or nothing.

    Exit codes: 0 done, 3 refused by a safety rule (nothing was changed), 4 partly applied.
    """
    if plan_file and (prune or max_deletes is not None):
        raise UsageError("a plan file says already what is deleted", "give --prune to `ddguard plan`")
    specs = load_specs(common) if plan_file else sound_specs(common)
    now = datetime.now(UTC)
    settings = settings_for(common, specs, workers)
    with Datadog(settings) as datadog:
        if plan_file:
            plan, site = read_saved_plan(plan_file, read_text(plan_file))
            _require_same_target(plan, site, specs.stack.name, settings.host)
            plan = on_the_same_world(plan, read_world(datadog, specs))
        else:
            plan = plan_for(specs, datadog, now, prune=prune, max_deletes=max_deletes)
        return _apply(plan, datadog, now, workers, common, asks=not yes)


def _require_same_target(plan: Plan, site: str, stack: str, here: str) -> None:
    if plan.stack.name != stack:
        raise RefusedError(f"the plan is for {plan.stack.name}, not for {stack}", "choose the environment with --env")
    if site != here:
        raise RefusedError(f"the plan was made on {site}, not on {here}", "plan again on this site")


def _apply(plan: Plan, datadog: Datadog, now: datetime, workers: int, common: Common, *, asks: bool) -> int:
    from ddguard.report import machine, plan_machine, plans

    if common.format == "text" and (common.loudness >= 0 or plan.refusals):
        tell_plan(plan, common)
    if plan.refusals:
        if common.format == "json":
            emit(machine.as_json("apply", plan_machine.apply_object(plan, ())))
        return ExitCode.REFUSED
    if plan.changes and asks:
        _ask(plan)
    outcomes: list[Outcome] = []
    interrupted = False
    with suppress(BrokenPipeError):
        try:
            for outcome in _watched(carry_out(plan, datadog, workers, now), len(plan.changes), common):
                outcomes.append(outcome)
                if common.format == "text":
                    show([plans.outcome_text(outcome)], common)
        except InterruptedRun:
            interrupted = True
    if common.format == "json":
        emit(machine.as_json("apply", plan_machine.apply_object(plan, outcomes)))
    elif plan.changes:
        emit(plans.outcomes_summary(plan.stack.name, outcomes))
    return _exit_code(outcomes, interrupted=interrupted)


def _watched(outcomes: Iterable[Outcome], total: int, common: Common) -> Iterable[Outcome]:
    """The outcomes as they are; on a terminal a bar on stderr grows with them."""
    if total < 2 or not sys.stderr.isatty() or common.loudness < 0 or os.environ.get("TERM") == "dumb":
        yield from outcomes
        return
    with click.progressbar(length=total, label="applying", file=sys.stderr) as bar:
        for outcome in outcomes:
            sys.stderr.write("\r\x1b[K")
            yield outcome
            bar.update(1)


def _ask(plan: Plan) -> None:
    from ddguard.report.plans import changes_question

    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "give --yes to apply without a question")
    if not click.confirm(changes_question(plan), default=False, err=True):
        raise RefusedError("not applied: the question was not answered with yes")


def _exit_code(outcomes: list[Outcome], *, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if all(outcome.result is Result.DONE for outcome in outcomes) else ExitCode.PARTLY
