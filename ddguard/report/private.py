"""Source lines with what no report may repeat blotted out."""

from collections.abc import Mapping, Sequence

from ddguard.findings import Finding

BLOT = "*"


def quotable_lines(findings: Sequence[Finding], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The lines of each file by its path, stars in place of the characters that private findings point at."""
    lines = {path: [line.rstrip("\r") for line in text.split("\n")] for path, text in texts.items()}
    for finding in findings:
        position = finding.position
        of_file = lines.get(position.path, [])
        if finding.private and 0 < position.line <= len(of_file):
            line, start = of_file[position.line - 1], position.column - 1
            end = min(start + position.width, len(line))
            of_file[position.line - 1] = line[:start] + BLOT * (end - start) + line[end:]
    return lines


def line_of(finding: Finding, lines: Mapping[str, Sequence[str]]) -> str:
    """The line that a finding points at; empty where there is none."""
    of_file = lines.get(finding.position.path, ())
    number = finding.position.line
    return of_file[number - 1] if 0 < number <= len(of_file) else ""
