"""`ddguard plan`."""

from pathlib import Path

import click

from ddguard.cli import clock
from ddguard.cli.checked import fit_specs
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say, show
from ddguard.cli.progress import told_if_slow
from ddguard.cli.remote import connected, plan_for, settings_for
from ddguard.errors import ExitCode, UsageError
from ddguard.plan import Plan, saved_plan


@click.command("plan")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--out", metavar="FILE", help="Write the plan to a file that `apply` carries out exactly.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@click.option("--prune", is_flag=True, help="Plan to delete what has no spec any more.")
@click.option("--max-deletes", type=click.IntRange(0), metavar="N", help="With --prune: allow up to N deletes.")
@common_options("text", "json", "markdown")
def command(
    common: Common,
    files: tuple[str, ...],
    out: str | None,
    detailed_exitcode: bool,
    prune: bool,
    max_deletes: int | None,
) -> int:
    """Show what apply would do, for the whole project or only for the FILEs named.

    \b
    Exit codes: 0  with or without changes
                2  there are changes (with --detailed-exitcode only)
                3  a safety rule refuses the plan
    """  # noqa: D301 - click takes the \\b for "leave these lines"
    specs = fit_specs(common, files)
    settings = settings_for(common, specs)
    with connected(settings) as datadog, told_if_slow(common):
        plan = plan_for(specs, datadog, clock.now(), prune=prune, max_deletes=max_deletes)
    if out and not plan.refusals:
        _write(out, saved_plan(plan, settings.api_url))
    tell_plan(plan, common)
    if plan.refusals:
        return ExitCode.REFUSED
    if out:
        say(f"The plan is in {out}: `ddguard apply {out}` carries out exactly that.", common)
    return ExitCode.CHANGES if detailed_exitcode and plan.changes else ExitCode.DONE


def tell_plan(plan: Plan, common: Common) -> None:
    """Prints a plan in the format that the user chose."""
    from ddguard.report import machine, markdown, plan_machine

    if common.format == "json":
        emit(machine.as_json("plan", plan_machine.plan_object(plan)))
    elif common.format == "markdown":
        emit(markdown.plan_markdown(plan))
    else:
        show_plan(plan, common)


def show_plan(plan: Plan, common: Common, *, err: bool = False) -> None:
    """Prints a plan for people, with `err` to stderr."""
    from ddguard.report import diffs, plans

    detail = diffs.Detail.WHOLE if common.loudness > 0 else diffs.Detail.USUAL
    show(plans.plan_text(plan, detail), common, err=err)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from None
