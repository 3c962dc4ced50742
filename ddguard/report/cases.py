"""The results of tests: for a terminal and as JSON."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ddguard.model import Json
from ddguard.replay.cases import CaseResult, Outcome
from ddguard.replay.coverage import Coverage
from ddguard.replay.expectations import Mismatch
from ddguard.replay.outcome import Replay
from ddguard.report.chart import COLORS
from ddguard.report.escape import printable_line
from ddguard.report.findings import counted

WORDS = {Outcome.PASSED: ("ok", "green"), Outcome.FAILED: ("FAILED", "bold red"), Outcome.ERROR: ("ERROR", "bold red")}
ROUNDS_AROUND = 2
MOST_ROWS = 14


def cases_text(results: Sequence[CaseResult], *, shows_passed: bool) -> Iterator[RenderableType]:
    """Each test with its outcome; a failure with both sides and the rounds around it."""
    path = ""
    for result in results:
        if result.outcome is Outcome.PASSED and not shows_passed:
            continue
        position = result.case.position
        if position.path != path:
            path = position.path
            yield Text(printable_line(path), "bold")
        word, color = WORDS[result.outcome]
        yield Text.assemble(
            (f"  {word} ", color), printable_line(result.case.name), (f"  (line {position.line})", "dim")
        )
        yield from _trouble(result)


def _trouble(result: CaseResult) -> Iterator[RenderableType]:
    if result.error:
        place = f"{result.error_at.path}:{result.error_at.line}: " if result.error_at else ""
        yield _indented(Text(f"{printable_line(place)}{printable_line(result.error)}"))
    for mismatch in result.mismatches:
        where = f"  {mismatch.group}" if mismatch.group else ""
        yield _indented(Text(f"line {mismatch.position.line}{printable_line(where)}", "dim"))
        yield _indented(Text.assemble(("expected  ", "green"), printable_line(mismatch.expected)))
        yield _indented(Text.assemble(("actual    ", "red"), printable_line(mismatch.actual)))
        if result.replay is not None:
            yield from (_indented(line) for line in timeline(result.replay, mismatch))


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 6), expand=False)


def timeline(replay: Replay, mismatch: Mismatch) -> Iterator[Text]:
    """The rounds around the moments of a mismatch: minute, value and state of the group; `>` marks the moments."""
    group = replay.group(mismatch.group) if mismatch.group else None
    if group is None or not len(replay.rounds):
        return
    start, every = int(replay.rounds[0]), replay.every
    wanted = sorted(
        {second + step * every for second in mismatch.around for step in range(-ROUNDS_AROUND, ROUNDS_AROUND + 1)}
    )
    seconds = [second for second in wanted if start <= second <= int(replay.rounds[-1])]
    before = None
    for second in seconds[:MOST_ROWS]:
        if before is not None and second - before > every:
            yield Text("    ...", "dim")
        before = second
        state, value = group.state_at(second), group.value_at(second)
        mark = ">" if second in mismatch.around else " "
        shown = "-" if value is None else f"{value:.12g}"
        line = Text(f"  {mark} {(second - start) // 60:>5}m  {shown:>14}  ")
        line.append(state.value if state else "not there", COLORS[state] if state else "dim")
        yield line
    if len(seconds) > MOST_ROWS:
        yield Text("    ...", "dim")


def cases_summary(results: Sequence[CaseResult]) -> str:
    """`12 passed, 1 failed, 1 error`."""
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    parts = [f"{counts[Outcome.PASSED]} passed", f"{counts[Outcome.FAILED]} failed"]
    return ", ".join([*parts, *([counted(counts[Outcome.ERROR], "error")] if counts[Outcome.ERROR] else [])])


def coverage_text(coverage: Coverage) -> Iterator[RenderableType]:
    """What the tests don't show, monitor by monitor, and the share that they do."""
    for one in coverage.monitors:
        if one.missing:
            told = ", ".join(aspect.value for aspect in one.missing)
            yield Text.assemble((printable_line(one.monitor), "bold"), f": no test shows: {told}")
    yield Text(f"coverage: {coverage.percent:.0f} % of {counted(len(coverage.monitors), 'monitor')}")


def cases_object(results: Sequence[CaseResult], coverage: Coverage) -> dict[str, Json]:
    """All results and the coverage as JSON."""
    return {"cases": [_case_object(result) for result in results], "coverage": coverage_object(coverage)}


def _case_object(result: CaseResult) -> dict[str, Json]:
    position = result.case.position
    return {
        "name": result.case.name,
        "path": position.path,
        "line": position.line,
        "monitor": result.case.monitor,
        "outcome": result.outcome.value,
        "mismatches": [
            {"expect": one.expected, "actual": one.actual, "group": one.group, "line": one.position.line}
            for one in result.mismatches
        ],
        "error": result.error,
    }


def coverage_object(coverage: Coverage) -> dict[str, Json]:
    """The coverage of each monitor as JSON."""
    return {
        "percent": round(coverage.percent, 2),
        "monitors": [
            {
                "monitor": one.monitor,
                "tests": one.tests,
                "shown": [aspect.value for aspect in one.shown],
                "missing": [aspect.value for aspect in one.missing],
            }
            for one in coverage.monitors
        ],
    }
