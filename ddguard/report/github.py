"""Findings as GitHub's workflow annotations: one command a line, shown at the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ddguard.findings import Finding, Severity
from ddguard.report.escape import printable_line

COMMANDS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
SHOWN = 10
"""GitHub shows so many annotations of each kind for a step, and leaves the others in the log."""


def annotations(findings: Sequence[Finding], summary: str) -> str:
    """One annotation a line in the order of the findings, then the summary, and what GitHub will not show."""
    return "\n".join([*(_annotation(finding) for finding in findings), summary, *_left_out(findings)])


def _annotation(finding: Finding) -> str:
    properties = ",".join(f"{name}={_in_property(value)}" for name, value in _properties(finding))
    lines = [line for line in (_told(finding), finding.hint and f"help: {finding.hint}") if line]
    text = "%0A".join(_in_data(line) for line in lines)
    return f"::{COMMANDS[finding.severity]} {properties}::{text}"


def _told(finding: Finding) -> str:
    """The place and the message: the log shows nothing of the properties."""
    position = finding.position
    place = f"{position.path}:{position.line}:{position.column}" if position.line else position.path
    return f"{place}: {finding.message} [{finding.code} {finding.check}]"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    """The place, its end behind the last character meant, and a title; a whole file has no line."""
    position = finding.position
    yield "file", position.path.replace("\\", "/")
    if position.line:
        yield "line", str(position.line)
        yield "endLine", str(position.line)
        yield "col", str(position.column)
        yield "endColumn", str(position.column + position.width)
    yield "title", f"{finding.code} {finding.check}"


def _in_data(text: str) -> str:
    return printable_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_data(text).replace(":", "%3A").replace(",", "%2C")


def _left_out(findings: Sequence[Finding]) -> Iterator[str]:
    counts = Counter(finding.severity for finding in findings)
    many = [f"{count} {COMMANDS[severity]}s" for severity, count in counts.items() if count > SHOWN]
    if many:
        yield f"GitHub shows {SHOWN} annotations of a kind: of {' and '.join(many)} the others stand in this log alone"
