"""Findings for a terminal: place, message, the source line with a caret under what is meant, and the hint."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from ddguard.findings import Finding, Position, Severity
from ddguard.model import EMPTY
from ddguard.report.escape import printable_line
from ddguard.report.layout import Hanging
from ddguard.report.private import line_of, quotable_lines

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
SHOWN_COLUMNS = 100
"""A source line is cut to the part around the caret where it is longer than this or than the terminal is wide."""
DOTS = "..."
FEW = 5
"""So many infos of one check are shown in full: a project that was just imported has one for each monitor."""


def without_repeats(findings: Sequence[Finding]) -> tuple[list[Finding], Mapping[str, int]]:
    """The findings with the first few infos of each check, and how many more there are by the check's name."""
    shown, seen = [], Counter[str]()
    for finding in findings:
        seen[finding.check] += finding.severity is Severity.INFO
        if finding.severity is not Severity.INFO or seen[finding.check] <= FEW:
            shown.append(finding)
    return shown, {check: count - FEW for check, count in seen.most_common() if count > FEW}


def findings_text(
    findings: Sequence[Finding],
    texts: Mapping[str, str],
    among: Sequence[Finding] = (),
    more: Mapping[str, int] = EMPTY,
) -> Iterator[RenderableType]:
    """One block for each finding, then how many `more` infos there are by check.

    `texts` are the files' contents by path. What is private isn't shown, nor what is so in one of all findings, `among`
    which these are chosen.
    """
    lines = quotable_lines(among or findings, texts)
    for finding in findings:
        yield _headline(finding)
        line = line_of(finding, lines)
        if line.strip():
            yield _SourceLine(line, finding.position, COLORS[finding.severity])
        if finding.hint:
            yield Padding(Text.assemble(("help: ", "cyan"), printable_line(finding.hint)), (0, 0, 0, 2), expand=False)
        yield Text()
    if more:
        counts = ", ".join(f"{count} of {check}" for check, count in more.items())
        yield Hanging(Text.assemble("and more ", ("info", COLORS[Severity.INFO]), f": {counts} (-v shows them)"))
        yield Text()


def _headline(finding: Finding) -> Text:
    position = finding.position
    place = f"{printable_line(position.path)}:{position.line}:{position.column}: "
    return Text.assemble(
        (place, "bold"),
        (finding.severity.value, COLORS[finding.severity]),
        f": {printable_line(finding.message).rstrip()} ",
        (f"[{finding.code} {finding.check}]", "dim"),
    )


@dataclass(frozen=True, slots=True)
class _SourceLine:
    """A line of a file with marks under what is meant, cut on both sides to what the terminal has room for."""

    line: str
    position: Position
    color: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        number = f"{self.position.line:>5} | "
        before, meant, after = self._cut(min(SHOWN_COLUMNS, options.max_width - len(number)))
        yield Text.assemble((number, "dim"), before, (meant, "bold"), after, no_wrap=True, overflow="crop")
        margin = " " * (len(number) - 2) + "| "
        indent, marks = " " * cell_len(before), "^" * max(1, cell_len(meant))
        yield Text.assemble((margin, "dim"), indent, (marks, self.color), no_wrap=True, overflow="crop")

    def _cut(self, room: int) -> tuple[str, str, str]:
        """What stands before, in and after the place, no wider than `room` columns together."""
        start = self.position.column - 1
        end = start + self.position.width
        meant = _beginning(_flat(self.line[start : min(end, start + room)]), room * 2 // 3)
        before = _flat(self.line[max(0, start - room) : start])
        after = _flat(self.line[end : end + room])
        marks = max(1, cell_len(meant))
        if cell_len(before) + marks + cell_len(after) <= room:
            return before, meant, after
        before = _end(before, max(room - marks - cell_len(after), room // 3))
        return before, meant, _beginning(after, room - cell_len(before) - marks)


def _beginning(text: str, room: int) -> str:
    """The text as far as it fits into so many columns."""
    return text if cell_len(text) <= room else set_cell_size(text, max(0, room - len(DOTS))) + DOTS[: max(0, room)]


def _end(text: str, room: int) -> str:
    """The end of the text as far as it fits into so many columns."""
    return (
        text
        if cell_len(text) <= room
        else DOTS[: max(0, room)] + set_cell_size(text[::-1], max(0, room - len(DOTS)))[::-1]
    )


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
