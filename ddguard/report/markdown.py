"""Plans and findings as Markdown, for a comment on a pull request. Every text from outside is escaped."""

from collections.abc import Iterator, Sequence

from ddguard.plan import Action, Change, Kind, Plan
from ddguard.report.diffs import shown_fields
from ddguard.report.escape import markdown_block, markdown_code, markdown_text
from ddguard.report.findings import counted
from ddguard.report.plans import found_text, summary_text

LONGEST = 60_000
"""GitHub takes comments of up to 65,536 characters."""

LAST_LINE = 100
"""Characters for what is said of changes that are only named."""

TITLES = {
    Action.CREATE: "Create",
    Action.UPDATE: "Update",
    Action.REPLACE: "Replace (create, then delete)",
    Action.DELETE: "Delete",
}


def plan_markdown(plan: Plan) -> str:
    """The summary, then each change in a section that folds, or only named where a comment has no room for more."""
    head = f"### ddguard plan for {markdown_code(plan.stack.name)}\n\n**{summary_text(plan)}**\n"
    refusals = [f"\n> **Refused:** {markdown_text(refusal.message)}\n" for refusal in plan.refusals]
    notes = [f"\n> {markdown_text(note)}\n" for note in plan.notes]
    before = [head, *refusals, *notes]
    changes = _fitting(plan.changes, LONGEST - LAST_LINE - sum(map(len, before)))
    return _cut([*before, *changes]).rstrip("\n")


def _fitting(changes: Sequence[Change], room: int) -> Iterator[str]:
    """Each change in full if that leaves room to name all that come after it, else its name; then how many are short.

    So the deletes, which come last, are named too.
    """
    names = [f"\n- {_title(change)}\n" for change in changes]
    needed, short = sum(map(len, names)), 0
    for change, name in zip(changes, names, strict=True):
        section = f"\n{_section(change)}"
        needed -= len(name)
        is_short = len(section) > max(room - needed, len(name))
        short += is_short
        part = name if is_short else section
        room -= len(part)
        yield part
    if short:
        whose = counted(short, "change")
        yield f"\n_The fields of {whose} don't fit into this comment: `ddguard plan` shows all._\n"


def findings_markdown(text: str, summary: str) -> str:
    """Why there is no plan: the findings as a terminal shows them, cut to what a comment may hold."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n...\n"
    return f"### ddguard found mistakes: no plan\n\n**{markdown_text(summary)}**\n\n{markdown_block(shown.rstrip())}"


def _cut(parts: list[str]) -> str:
    """The parts as one text; what doesn't fit is counted."""
    text = ""
    for place, part in enumerate(parts):
        if len(text) + len(part) > LONGEST:
            left = counted(len(parts) - place, "more part")
            verb = "doesn't" if len(parts) - place == 1 else "don't"
            return f"{text}\n_{left} {verb} fit into this comment: `ddguard plan` shows all._"
        text += part
    return text


def _title(change: Change) -> str:
    kind = "downtime " if change.kind is Kind.DOWNTIME else ""
    found = f" ({markdown_text(found_text(change))})" if change.remote_id else ""
    return f"{TITLES[change.action]} {kind}{markdown_code(change.id)}: {markdown_text(change.name)}{found}"


def _section(change: Change) -> str:
    title = _title(change)
    body = "\n".join(_diff(change))
    if not body:
        return f"- {title}\n"
    return f"<details><summary>\n\n{title}\n\n</summary>\n\n{markdown_block(body, 'diff')}\n</details>\n"


def _diff(change: Change) -> Iterator[str]:
    for shown in shown_fields(change):
        if shown.lines:
            yield f"@@ {shown.path} @@"
            yield from (f"{sign} {line}" for sign, line in shown.lines)
            continue
        if change.action is not Action.CREATE:
            yield f"- {shown.path}: {shown.before}"
        yield f"+ {shown.path}: {shown.after}"
