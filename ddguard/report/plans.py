"""A plan for a terminal."""

from collections.abc import Iterator
from itertools import zip_longest

from rich.console import RenderableType
from rich.text import Text

from ddguard.plan import Action, Change, Kind, Plan, Refusal
from ddguard.report.diffs import Detail, Shown, shown_fields
from ddguard.report.escape import printable_line
from ddguard.report.findings import counted
from ddguard.report.layout import Hanging

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "-/+", Action.DELETE: "-"}
COLORS = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.REPLACE: "magenta", Action.DELETE: "red"}
DIFF_COLORS = {"+": "green", "-": "red"}
LONGEST_PAIR = 70
"""Two values that take more characters than this stand on two lines."""

REPLACED = {
    Kind.MONITOR: "its type can't be changed in place: a new monitor is made, then this one is deleted",
    Kind.DOWNTIME: "its start can't be changed while it runs: a new downtime is made, then this one is canceled",
}


def plan_text(plan: Plan, detail: Detail = Detail.USUAL) -> Iterator[RenderableType]:
    """Every change with its fields before and after, then notes, refusals, and the summary in one line."""
    for change, following in zip_longest(plan.changes, plan.changes[1:]):
        yield from change_text(change, detail)
        if not (following and change.action is following.action is Action.DELETE):
            yield Text()
    for note in plan.notes:
        yield Hanging(Text.assemble(("note: ", "cyan"), printable_line(note)))
    for refusal in plan.refusals:
        yield from refusal_text(refusal)
    yield Text.assemble((f"{plan.stack.name}: ", "bold"), summary_text(plan))


def summary_text(plan: Plan) -> str:
    """`nothing to do, 5 unchanged` or `1 to create, 2 to update, 3 unchanged`."""
    summary = plan.summary
    parts = [f"{summary[action.value]} to {action.value}" for action in Action if summary[action.value]]
    return ", ".join([*(parts or ["nothing to do"]), f"{plan.unchanged} unchanged"])


def change_text(change: Change, detail: Detail = Detail.USUAL) -> Iterator[RenderableType]:
    """The headline of a change and its fields; a delete has none."""
    yield Hanging(_headline(change))
    if change.action is Action.REPLACE:
        yield Hanging(Text(REPLACED[change.kind], "dim"), 4)
    for shown in shown_fields(change, detail):
        yield from _field_text(shown, is_new=change.action is Action.CREATE)


def _headline(change: Change) -> Text:
    kind = f"{change.kind.value} " if change.kind is Kind.DOWNTIME else ""
    return Text.assemble(
        (f"{SIGNS[change.action]} {change.action.value} ", f"bold {COLORS[change.action]}"),
        (f"{kind}{printable_line(change.id)}", "bold"),
        f"  {printable_line(change.name)}" if change.name else "",
        (f"  ({found_text(change)})" if change.remote_id else "", "dim"),
    )


def found_text(change: Change) -> str:
    """What Datadog knows the object by, and when it was last changed: `1000001, last written 2026-01-05T03:04:05Z`."""
    written = f", last written {change.last_written}" if change.last_written else ""
    return f"{change.remote_id}{written}"


def _field_text(shown: Shown, *, is_new: bool) -> Iterator[RenderableType]:
    """A field on one line, on two more where that is too much, line by line where it has several."""
    if shown.lines:
        yield Hanging(Text(f"{shown.path}:"), 4)
        for sign, line in shown.lines:
            yield Hanging(Text(line, DIFF_COLORS.get(sign, "dim")), 6, sign)
    elif is_new:
        yield Hanging(Text.assemble(f"{shown.path}: ", (shown.after, "green")), 4)
    elif len(shown.before) + len(shown.after) > LONGEST_PAIR:
        yield Hanging(Text(f"{shown.path}:"), 4)
        yield Hanging(Text(shown.before, DIFF_COLORS["-"]), 6, "-")
        yield Hanging(Text(shown.after, DIFF_COLORS["+"]), 6, "+")
    else:
        yield Hanging(Text.assemble(f"{shown.path}: ", (shown.before, "red"), " -> ", (shown.after, "green")), 4)


def refusal_text(refusal: Refusal) -> Iterator[RenderableType]:
    """Why nothing may be applied, and where the spec stands."""
    place = f"{refusal.position.path}:{refusal.position.line}: " if refusal.position else ""
    told = Text.assemble((printable_line(place), "bold"), ("refused: ", "bold red"), printable_line(refusal.message))
    yield Hanging(told)
    if refusal.hint:
        yield Hanging(Text.assemble(("help: ", "cyan"), printable_line(refusal.hint)), 2)


def changes_question(plan: Plan) -> str:
    """What a person is asked before an apply."""
    deletes = plan.summary["delete"] + plan.summary["replace"]
    warning = f" ({counted(deletes, 'object')} will be deleted)" if deletes else ""
    return f"Apply {counted(len(plan.changes), 'change')} to {plan.stack.name}{warning}?"
