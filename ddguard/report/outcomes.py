"""What became of a plan, for a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from ddguard.plan import Action, Kind, Outcome, Result
from ddguard.report.escape import printable_line
from ddguard.report.layout import Hanging

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
}
DOING = {
    Action.CREATE: "creating",
    Action.UPDATE: "updating",
    Action.REPLACE: "replacing",
    Action.DELETE: "deleting",
}


def outcome_text(outcome: Outcome) -> Iterator[RenderableType]:
    """One line for what became of a change; where it failed with the place of the spec, and what to do about it."""
    change = outcome.change
    kind = f"{change.kind.value} " if change.kind is Kind.DOWNTIME else ""
    named = f"{kind}{printable_line(change.id)}"
    if outcome.result is Result.DONE:
        told = Text.assemble((f"{DONE[change.action]} ", "green"), named, (_number(outcome), "dim"), _adopted(outcome))
        yield Hanging(told)
        return
    failed = outcome.result is Result.FAILED
    word = f"failed to {change.action} " if failed else f"skipped {DOING[change.action]} "
    place = f"{change.position.path}:{change.position.line}: " if change.position else ""
    told = Text.assemble(
        (printable_line(place), "bold"),
        (word, "bold red" if failed else "yellow"),
        f"{named}: {printable_line(outcome.error)}",
    )
    yield Hanging(told)
    if outcome.hint:
        yield Hanging(Text.assemble(("help: ", "cyan"), printable_line(outcome.hint)), 2)


def _number(outcome: Outcome) -> str:
    was = f", was {outcome.change.remote_id}" if outcome.change.action is Action.REPLACE else ""
    return f" ({outcome.remote_id}{was})"


def _adopted(outcome: Outcome) -> str:
    return ": it was there already, and was taken over" if outcome.adopted else ""


def outcomes_summary(stack: str, outcomes: Sequence[Outcome]) -> Text:
    """`streampay/prod: 3 created, 1 updated, 1 failed, 1 skipped`."""
    counts = Counter(
        DONE[outcome.change.action] if outcome.result is Result.DONE else outcome.result.value for outcome in outcomes
    )
    words = [*DONE.values(), Result.FAILED.value, Result.SKIPPED.value]
    return Text.assemble((f"{stack}: ", "bold"), ", ".join(f"{counts[word]} {word}" for word in words if counts[word]))
