"""The results of tests: for a terminal and as JSON."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ddguard.findings import Finding, Severity
from ddguard.model import Json
from ddguard.replay.coverage import Aspect, Coverage, MonitorCoverage
from ddguard.replay.expectations import Mismatch, moment_text
from ddguard.replay.running import CaseResult, Outcome
from ddguard.replay.settings import ASSUMPTIONS
from ddguard.report.chart import LEGEND, chart
from ddguard.report.escape import printable, printable_line
from ddguard.report.findings import counted
from ddguard.report.machine import finding_object
from ddguard.report.messages import message_lines
from ddguard.report.timeline import timeline

WORDS = {Outcome.PASSED: ("ok", "green"), Outcome.FAILED: ("FAILED", "bold red"), Outcome.ERROR: ("ERROR", "bold red")}
MARGIN = 6


def cases_text(results: Sequence[CaseResult], *, loudness: int, width: int) -> Iterator[RenderableType]:
    """Each test with its outcome; a failure with both sides and the rounds around it.

    At a loudness of -1 what passed is left out; at 1 each test shows what it would have sent, and a failure its chart.
    """
    path = ""
    for result in results:
        if result.outcome is Outcome.PASSED and loudness < 0:
            continue
        position = result.case.position
        if position.path != path:
            path = position.path
            yield Text(printable_line(path), "bold")
        word, color = WORDS[result.outcome]
        line = (f"  (line {position.line})", "dim")
        yield Text.assemble((f"  {word} ", color), printable_line(result.case.name), line)
        yield from (_indented(part) for part in trouble(result))
        if loudness > 0:
            yield from (_indented(part) for part in _details(result, width - MARGIN))


def failures(results: Sequence[CaseResult]) -> Iterator[Finding]:
    """Why tests didn't pass, as findings at the expectations that weren't met, or where a test can't be run."""
    for result in results:
        name = result.case.name
        if result.error:
            place = result.error_at or result.case.position
            message = f"{name}: {result.error}"
            yield Finding(place, "test", Outcome.ERROR.value, Severity.ERROR, message, result.hint)
        for one in result.mismatches:
            actual = one.actual.partition("\n")[0]
            message = f"{name}: {one.group or '*'}: expected {one.expected}, actual {actual}"
            yield Finding(one.position, "test", Outcome.FAILED.value, Severity.ERROR, message)


def _indented(part: Text) -> RenderableType:
    return Padding(part, (0, 0, 0, MARGIN), expand=False)


def trouble(result: CaseResult) -> Iterator[Text]:
    """Why a test didn't pass, line by line; nothing if it did."""
    if result.error:
        place = f"{result.error_at.path}:{result.error_at.line}: " if result.error_at else ""
        yield Text(f"{printable_line(place)}{printable_line(result.error)}")
        if result.hint:
            yield Text.assemble(("help: ", "cyan"), printable_line(result.hint))
    for mismatch in result.mismatches:
        yield from _mismatch(result, mismatch)


def _mismatch(result: CaseResult, mismatch: Mismatch) -> Iterator[Text]:
    whom = f" {mismatch.group}" if mismatch.group else ""
    yield Text(f"line {mismatch.position.line}:{printable_line(whom)}", "dim")
    actual, _, more = mismatch.actual.partition("\n")
    yield Text.assemble(("  expected  ", "green"), printable_line(mismatch.expected))
    yield Text.assemble(("  actual    ", "red"), printable_line(actual))
    for line in more.split("\n") if more else ():
        yield Text(f"    | {printable_line(line)}")
    if result.found is not None:
        for row in timeline(result.found, result.case.start, mismatch):
            yield Text.assemble("  ", row)


def _details(result: CaseResult, width: int) -> Iterator[Text]:
    """What a test would have sent; after a failure also the charts of the groups that it is about."""
    found = result.found
    if found is None:
        return
    start = result.case.start
    for letter in found.replay.notifications:
        held = f", held back by {printable_line(', '.join(letter.suppressed_by))}" if letter.suppressed_by else ""
        moment = moment_text(letter.at - start)
        yield Text(f"{moment}  {printable_line(letter.group)}: {letter.kind.value}{held}", "dim" if held else "")
        if not held:
            yield from message_lines(found.message(letter))
    names = dict.fromkeys(mismatch.group for mismatch in result.mismatches if mismatch.group)
    for name in names:
        group = found.replay.group(name)
        if group is not None:
            yield Text(f"{printable_line(name)}   {LEGEND}", "dim")
            yield from chart(found.replay, group, width, lambda second: moment_text(second - start))


def assumptions_text(results: Sequence[CaseResult]) -> Iterator[RenderableType]:
    """Each assumption that decided something, and in how many tests."""
    counts: dict[str, int] = {}
    for result in results:
        for assumption in result.found.assumptions if result.found else ():
            counts[assumption.name] = counts.get(assumption.name, 0) + 1
    for assumption in ASSUMPTIONS:
        if assumption.name in counts:
            told = f"{assumption.text} (in {counted(counts[assumption.name], 'test')})"
            yield Text.assemble((f"assumed ({assumption.name}): ", "cyan"), told)


def cases_summary(results: Sequence[CaseResult]) -> str:
    """`12 passed, 1 failed, 1 error`."""
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    parts = [f"{counts[Outcome.PASSED]} passed", f"{counts[Outcome.FAILED]} failed"]
    return ", ".join([*parts, *([counted(counts[Outcome.ERROR], "error")] if counts[Outcome.ERROR] else [])])


def coverage_text(coverage: Coverage) -> Iterator[RenderableType]:
    """What tests show of each monitor and what they don't, and the share that they do."""
    for one in coverage.monitors:
        line = Text.assemble((printable_line(one.monitor), "bold"), f": {counted(one.tests, 'test')}")
        if one.shown:
            line.append(f"; shown: {_told(one, one.shown)}")
        if one.missing:
            line.append("; not shown: ")
            line.append(_told(one, one.missing), "bold red")
        yield line
    for other in coverage.untestable:
        line = Text.assemble((printable_line(other.monitor), "bold"), f": not counted: {printable_line(other.reason)}")
        yield line
    yield Text(f"coverage: {percent_text(coverage.percent)} of {counted(len(coverage.monitors), 'monitor')}")


def _told(one: MonitorCoverage, aspects: Sequence[Aspect]) -> str:
    policy = f" ({printable(one.policy)})" if one.policy else ""
    return ", ".join(f"{aspect.value}{policy if aspect is Aspect.MISSING_DATA else ''}" for aspect in aspects)


def percent_text(percent: float) -> str:
    """`83.3 %`, and `100 %` for all of it and nothing less."""
    return f"{int(percent * 10) / 10:g} %"


def cases_object(
    results: Sequence[CaseResult], coverage: Coverage, mistakes: Sequence[Finding] = ()
) -> dict[str, Json]:
    """All results, the coverage and the mistakes in specs as JSON."""
    return {
        "cases": [_case_object(result) for result in results],
        "coverage": coverage_object(coverage),
        "findings": [finding_object(finding) for finding in mistakes],
    }


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
        "hint": result.hint,
        "assumptions": [
            {"code": one.name, "text": one.text} for one in (result.found.assumptions if result.found else ())
        ],
    }


def coverage_object(coverage: Coverage) -> dict[str, Json]:
    """The coverage of each monitor as JSON."""
    return {
        "percent": round(coverage.percent, 2),
        "monitors": [
            {
                "monitor": one.monitor,
                "tests": one.tests,
                "percent": round(one.percent, 2),
                "shown": [aspect.value for aspect in one.shown],
                "missing": [aspect.value for aspect in one.missing],
            }
            for one in coverage.monitors
        ],
        "untestable": [{"monitor": one.monitor, "reason": one.reason} for one in coverage.untestable],
    }
