"""A plan as Markdown, for a comment on a pull request. Every text from a spec or from Datadog is escaped."""

from collections.abc import Iterator

from ddguard.payload import ABSENT
from ddguard.plan import Action, Change, Kind, Plan
from ddguard.report.escape import markdown_block, markdown_code, markdown_text
from ddguard.report.plans import line_diff, path_text, summary_text, value_text

LONGEST = 60_000
"""GitHub takes comments of up to 65,536 characters."""

TITLES = {
    Action.CREATE: "Create",
    Action.UPDATE: "Update",
    Action.REPLACE: "Replace (delete and create)",
    Action.DELETE: "Delete",
}


def plan_markdown(plan: Plan) -> str:
    """The summary, then each change in a section that folds, cut to what a comment may hold."""
    head = f"### ddguard plan for {markdown_code(plan.stack.name)}\n\n**{summary_text(plan)}**\n"
    notes = "".join(f"\n> {markdown_text(note)}\n" for note in plan.notes)
    refusals = "".join(f"\n> **Refused:** {markdown_text(refusal.message)}\n" for refusal in plan.refusals)
    text = head + refusals + notes
    for place, change in enumerate(plan.changes):
        section = "\n" + _section(change)
        if len(text) + len(section) > LONGEST:
            left = len(plan.changes) - place
            return f"{text}\n_{left} more changes don't fit into this comment: `ddguard plan` shows them._"
        text += section
    return text.rstrip("\n")


def _section(change: Change) -> str:
    kind = "downtime " if change.kind is Kind.DOWNTIME else ""
    number = f" ({change.remote_id})" if change.remote_id else ""
    title = f"{TITLES[change.action]} {kind}{markdown_code(change.id)}{number}: {markdown_text(change.name)}"
    if not change.fields:
        return f"- {title}\n"
    body = markdown_block("\n".join(_diff(change)), "diff")
    return f"<details><summary>{_in_html(title)}</summary>\n\n{body}\n</details>\n"


def _in_html(title: str) -> str:
    """A summary's content: a paragraph of its own, so that Markdown is read in it."""
    return f"\n\n{title}\n\n"


def _diff(change: Change) -> Iterator[str]:
    for field in change.fields:
        path = path_text(field.path)
        sides = ("" if side is ABSENT or side is None else side for side in (field.before, field.after))
        before, after = (side if isinstance(side, str) else value_text(side) for side in sides)
        if "\n" in before.strip() or "\n" in after.strip():
            yield f"  {path}:"
            yield from (f"{sign} {line}" for sign, line in line_diff(before, after))
            continue
        if change.action is not Action.CREATE:
            yield f"- {path}: {value_text(field.before)}"
        yield f"+ {path}: {value_text(field.after)}"
