"""A plan and the outcomes of an apply, for a terminal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ddguard.model import Json, Path
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Action, Change, Kind, Outcome, Plan, Refusal, Result
from ddguard.report.escape import printable, printable_line
from ddguard.report.findings import counted

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "±", Action.DELETE: "-"}
COLORS = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.REPLACE: "magenta", Action.DELETE: "red"}
CONTEXT_LINES = 2
LONGEST_VALUE = 400
LONGEST_PAIR = 70
"""Two values that take more characters than this stand on two lines."""
DIFF_COLORS = {"+": "green", "-": "red"}


def plan_text(plan: Plan) -> Iterator[RenderableType]:
    """Every change with its fields before and after, then notes, refusals, and the summary in one line."""
    for change in plan.changes:
        yield from change_text(change)
        yield Text()
    for note in plan.notes:
        yield Text.assemble(("note: ", "cyan"), printable_line(note))
    for refusal in plan.refusals:
        yield from refusal_text(refusal)
    yield Text.assemble((f"{plan.stack.name}: ", "bold"), summary_text(plan))


def summary_text(plan: Plan) -> str:
    """`nothing to do, 5 unchanged` or `1 to create, 2 to update, 3 unchanged`."""
    summary = plan.summary
    parts = [f"{summary[action.value]} to {action.value}" for action in Action if summary[action.value]]
    return ", ".join([*(parts or ["nothing to do"]), f"{plan.unchanged} unchanged"])


def change_text(change: Change) -> Iterator[RenderableType]:
    """The headline of a change and its fields; a delete has none."""
    yield _headline(change)
    for field in change.fields:
        if change.action is Action.CREATE:
            yield from _new_text(field.path, field.after)
        else:
            yield from _field_text(field)


def _headline(change: Change) -> Text:
    number = f" ({change.remote_id})" if change.remote_id else ""
    kind = f"{change.kind.value} " if change.kind is Kind.DOWNTIME else ""
    return Text.assemble(
        (f"{SIGNS[change.action]} {change.action.value} ", f"bold {COLORS[change.action]}"),
        (f"{kind}{printable_line(change.id)}", "bold"),
        (number, "dim"),
        f"  {printable_line(change.name)}",
    )


def path_text(path: Path) -> str:
    """`options.thresholds.critical`."""
    return printable_line(".".join(str(part) for part in path))


def _new_text(path: Path, value: Json) -> Iterator[RenderableType]:
    """A field of an object that is made: one line for each value, also inside mappings."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _new_text((*path, key), inner)
    elif _has_lines(value):
        yield _indented(Text(f"{path_text(path)}:"), 4)
        yield from _diff_lines("", value)
    else:
        yield _indented(Text.assemble(f"{path_text(path)}: ", (value_text(value), "green")), 4)


def _field_text(field: FieldChange) -> Iterator[RenderableType]:
    """A field before and after: on one line, on two where that is too much, line by line where it has several."""
    path = path_text(field.path)
    if _has_lines(field.before) or _has_lines(field.after):
        yield _indented(Text(f"{path}:"), 4)
        yield from _diff_lines(_as_lines(field.before), _as_lines(field.after))
        return
    before, after = value_text(field.before), value_text(field.after)
    if len(before) + len(after) > LONGEST_PAIR:
        yield _indented(Text(f"{path}:"), 4)
        yield _indented(Text(f"- {before}", "red"), 6)
        yield _indented(Text(f"+ {after}", "green"), 6)
    else:
        yield _indented(Text.assemble(f"{path}: ", (before, "red"), " -> ", (after, "green")), 4)


def _indented(text: Text, columns: int) -> RenderableType:
    return Padding(text, (0, 0, 0, columns), expand=False)


def _has_lines(value: Json) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _as_lines(value: Json) -> str:
    if value is ABSENT or value is None:
        return ""
    return value if isinstance(value, str) else value_text(value)


def _diff_lines(before: str, after: str) -> Iterator[RenderableType]:
    for sign, line in line_diff(before, after):
        yield _indented(Text(f"{sign} {line}", DIFF_COLORS.get(sign, "dim")), 6)


def line_diff(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Lines with a sign each: `-` taken away, `+` added, a blank for context, `…` for what is left out."""
    old, new = printable(before).rstrip("\n").split("\n"), printable(after).rstrip("\n").split("\n")
    if not before:
        yield from (("+", line) for line in new)
        return
    if not after:
        yield from (("-", line) for line in old)
        return
    shown = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        if group[0][1] > shown:
            yield "…", ""
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from ((" ", line) for line in old[old_start:old_end])
                continue
            yield from (("-", line) for line in old[old_start:old_end])
            yield from (("+", line) for line in new[new_start:new_end])
        shown = group[-1][2]
    if shown < len(old):
        yield "…", ""


def value_text(value: Json) -> str:
    """A value on one line, as YAML's flow style and JSON write it; `(none)` where there is nothing."""
    if value is ABSENT:
        return "(none)"
    text = (
        printable_line(value)
        if isinstance(value, str) and value
        else json.dumps(value, ensure_ascii=False, default=str)
    )
    text = printable_line(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"


def refusal_text(refusal: Refusal) -> Iterator[RenderableType]:
    """Why nothing may be applied, and where the spec stands."""
    place = f"{refusal.position.path}:{refusal.position.line}: " if refusal.position else ""
    yield Text.assemble(("refused: ", "bold red"), (printable_line(place), "bold"), printable_line(refusal.message))
    if refusal.hint:
        yield _indented(Text.assemble(("help: ", "cyan"), printable_line(refusal.hint)), 2)


def changes_question(plan: Plan) -> str:
    """What a person is asked before an apply."""
    deletes = plan.summary["delete"] + plan.summary["replace"]
    warning = f" ({counted(deletes, 'object')} will be deleted)" if deletes else ""
    return f"Apply {counted(len(plan.changes), 'change')} to {plan.stack.name}{warning}?"


def outcome_text(outcome: Outcome) -> Text:
    """One line for what became of a change, with the place of the spec where it failed."""
    change = outcome.change
    marks = {
        Result.DONE: ("done", "green"),
        Result.FAILED: ("failed", "bold red"),
        Result.SKIPPED: ("skipped", "yellow"),
    }
    word, color = marks[outcome.result]
    place = f"{change.position.path}:{change.position.line}: " if change.position and outcome.error else ""
    number = f" ({outcome.remote_id})" if outcome.remote_id else ""
    adopted = " was there already: taken over" if outcome.adopted else ""
    told = f": {printable_line(outcome.error)}" if outcome.error else adopted
    return Text.assemble(
        (printable_line(place), "bold"),
        (f"{word} ", color),
        f"{change.action.value} {printable_line(change.id)}",
        (number, "dim"),
        told,
    )


def outcomes_summary(stack: str, outcomes: Sequence[Outcome]) -> str:
    """`streampay/prod: 3 done, 1 failed, 1 skipped`."""
    counts = [(result, sum(outcome.result is result for outcome in outcomes)) for result in Result]
    return f"{stack}: {', '.join(f'{count} {result.value}' for result, count in counts if count) or 'nothing to do'}"
