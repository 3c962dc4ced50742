"""Findings for a terminal: place, message, the source line with a caret under what is meant, and the hint."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from ddguard.findings import Finding, Severity
from ddguard.report.escape import printable_line
from ddguard.report.private import line_of, quotable_lines

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
SHOWN_COLUMNS = 100
"""A source line longer than this is cut to the part around the caret."""


def findings_text(findings: Sequence[Finding], texts: Mapping[str, str]) -> Iterator[RenderableType]:
    """One block for each finding; `texts` are the files' contents by path. What is private isn't shown."""
    lines = quotable_lines(findings, texts)
    for finding in findings:
        yield _headline(finding)
        yield from _source_line(finding, line_of(finding, lines))
        if finding.hint:
            yield Padding(Text.assemble(("help: ", "cyan"), printable_line(finding.hint)), (0, 0, 0, 2))
        yield Text()


def _headline(finding: Finding) -> Text:
    position = finding.position
    place = f"{printable_line(position.path)}:{position.line}:{position.column}: "
    return Text.assemble(
        (place, "bold"),
        (finding.severity.value, COLORS[finding.severity]),
        f": {printable_line(finding.message)} ",
        (f"[{finding.code} {finding.check}]", "dim"),
    )


def _source_line(finding: Finding, line: str) -> Iterator[Text]:
    position = finding.position
    if not line.strip():
        return
    start = max(0, position.column - 1 - SHOWN_COLUMNS * 2 // 3) if len(line) > SHOWN_COLUMNS else 0
    before = _flat(line[start : position.column - 1])
    meant = _flat(line[position.column - 1 : position.column - 1 + position.width])
    after = _flat(line[position.column - 1 + position.width : start + SHOWN_COLUMNS])
    number = f"{position.line:>5} | "
    dots = "..." if start else ""
    yield Text.assemble((number, "dim"), dots, before, (meant, "bold"), after, no_wrap=True, overflow="ellipsis")
    marks = "^" * max(1, Text(meant).cell_len)
    margin = " " * (len(number) - 2) + "| "
    indent = " " * Text(dots + before).cell_len
    yield Text.assemble((margin, "dim"), indent, (marks, COLORS[finding.severity]), no_wrap=True, overflow="crop")


def _flat(text: str) -> str:
    return printable_line(text.replace("\t", " "))


def findings_summary(findings: Sequence[Finding], files: int, specs: Mapping[str, int]) -> str:
    """`2 errors, 1 warning in 12 files` or what was looked at and found to be in order."""
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    named = [counted(count, severity.value) for severity, count in counts.items() if count and severity != "info"]
    named += [f"{counts[Severity.INFO]} info"] if counts[Severity.INFO] else []
    looked_at = ", ".join(counted(count, kind) for kind, count in specs.items() if count)
    where = f"in {counted(files, 'file')}" + (f" ({looked_at})" if looked_at else "")
    return f"{', '.join(named)} {where}" if named else f"no mistakes {where}"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
