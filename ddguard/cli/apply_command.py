"""`ddguard apply`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ddguard.apply import carry_out
from ddguard.cli import clock
from ddguard.cli.checked import fit_specs
from ddguard.cli.interrupts import gentle_interrupts, nothing_changed
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show
from ddguard.cli.plan_command import show_plan
from ddguard.cli.progress import progress, told_if_slow
from ddguard.cli.project import load_specs
from ddguard.cli.remote import connected, plan_for, refused_where_held, settings_for, world_of
from ddguard.errors import ExitCode, InputError, InterruptedRun, RefusedError, UsageError
from ddguard.plan import Outcome, Plan, Result, on_the_same_world, read_saved_plan

if TYPE_CHECKING:
    from ddguard.datadog import Datadog, Settings

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

    \b
    Exit codes: 0    done
                3    refused by a safety rule, or by you; nothing was changed
                4    partly applied: the output says what was and what was not
                5    Datadog could not be used; as far as it told, nothing was applied
                130  interrupted: the output says what was done
    """  # noqa: D301 - click takes the \\b for "leave these lines"
    if plan_file is None:
        specs = fit_specs(common)
        settings = settings_for(common, specs, workers)
        with connected(settings) as datadog:
            with nothing_changed(), told_if_slow(common):
                plan = plan_for(specs, datadog, clock.now(), prune=prune, max_deletes=max_deletes)
            return _apply(plan, datadog, workers, common, asks=not yes)
    if prune or max_deletes is not None or common.variables:
        raise UsageError(
            "a plan file says already what is done", "give --prune, --max-deletes and --var to `ddguard plan`"
        )
    plan, settings = _approved_plan(plan_file, common, workers)
    with connected(settings) as datadog:
        with nothing_changed(), told_if_slow(common):
            plan = refused_where_held(on_the_same_world(plan, world_of(plan, datadog), clock.now()), datadog)
        return _apply(plan, datadog, workers, common, asks=not yes)


def _approved_plan(path: str, common: Common, workers: int) -> "tuple[Plan, Settings]":
    """The plan in a file and the Datadog that it was made for, which has to be the one that the project names."""
    plan, site = read_saved_plan(path, _read(path))
    environment = common.environment or plan.stack.environment
    specs = load_specs(replace(common, environment=environment))
    if plan.stack != specs.stack:
        raise RefusedError(
            f"the plan is for {plan.stack.name}, not for {specs.stack.name}", "plan again, for this environment"
        )
    settings = settings_for(common, specs, workers)
    if site != settings.api_url:
        raise RefusedError(f"the plan was made on {site}, not on {settings.api_url}", "plan again, on this site")
    return plan, settings


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{path} is no plan file: it isn't text", "`ddguard plan --out FILE` writes one") from None


def _apply(plan: Plan, datadog: "Datadog", workers: int, common: Common, *, asks: bool) -> int:
    asks = asks and bool(plan.changes) and not plan.refusals
    in_json = common.format == "json"
    if asks or (not in_json and (common.loudness >= 0 or plan.refusals)):
        show_plan(plan, common, err=in_json)
        if plan.changes and not plan.refusals:
            click.echo(err=in_json)
    if asks:
        _ask(plan)
    outcomes, interrupted = ([], False) if plan.refusals else _carry_out(plan, datadog, workers, common)
    _tell_end(plan, outcomes, common)
    if plan.refusals:
        return ExitCode.REFUSED
    if interrupted:
        return ExitCode.INTERRUPTED
    return _exit_code(outcomes)


def _exit_code(outcomes: Sequence[Outcome]) -> ExitCode:
    if all(outcome.result is Result.DONE for outcome in outcomes):
        return ExitCode.DONE
    tried = [outcome for outcome in outcomes if outcome.result is not Result.SKIPPED]
    return ExitCode.DATADOG if tried and all(outcome.unreached for outcome in tried) else ExitCode.PARTLY


def _ask(plan: Plan) -> None:
    from ddguard.report.plans import changes_question

    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "give --yes to apply without a question")
    with nothing_changed():
        agreed = click.confirm(changes_question(plan), default=False, err=True)
    if not agreed:
        raise RefusedError("not applied: the answer was no", "nothing was changed")


def _carry_out(plan: Plan, datadog: "Datadog", workers: int, common: Common) -> tuple[list[Outcome], bool]:
    """The outcomes, told as they happen, and whether the user interrupted the run."""
    from ddguard.report.outcomes import outcome_text

    outcomes: list[Outcome] = []
    with gentle_interrupts(datadog.hurry) as stopping, progress(len(plan.changes), common) as bar:
        try:
            for outcome in carry_out(plan, datadog, workers, clock.now(), stopping):
                outcomes.append(outcome)
                bar.clear()
                if common.format == "text":
                    show(outcome_text(outcome), common)
                bar.step()
        except InterruptedRun:
            return outcomes, True
    return outcomes, stopping() and any(outcome.result is not Result.DONE for outcome in outcomes)


def _tell_end(plan: Plan, outcomes: Sequence[Outcome], common: Common) -> None:
    from ddguard.report import machine, plan_machine
    from ddguard.report.outcomes import outcomes_summary

    if common.format == "json":
        emit(machine.as_json("apply", plan_machine.apply_object(plan, outcomes)))
    elif outcomes:
        show([outcomes_summary(plan.stack.name, outcomes)], common)
