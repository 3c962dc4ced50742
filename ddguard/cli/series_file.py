"""The series of a file that the user names, or of stdin."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from click.exceptions import Exit

from ddguard.cli.options import Common
from ddguard.cli.project import tell_findings
from ddguard.errors import ExitCode, InputError, UsageError
from ddguard.findings import Finding, Position, Severity, has_errors
from ddguard.replay.reading import read_series
from ddguard.replay.series import Reading, SeriesSet
from ddguard.replay.yamlfile import ENDINGS, looks_like_yaml, read_yaml
from ddguard.spec.documents import decode

STDIN = "<stdin>"


def series_in(name: str, common: Common) -> SeriesSet:
    """The series of a file (`-`: stdin). Rows that can't be used end the command, doubtful ones are told of."""
    path = STDIN if name == "-" else name
    text = decode(path, _content(name))
    reading = Reading(SeriesSet(), (text,)) if isinstance(text, Finding) else _reading(text, path)
    if has_errors(reading.findings):
        shown = "" if isinstance(text, Finding) else text
        tell_findings(_on_whole_lines(reading.findings, shown), {path: shown}, {"files": 1}, common)
        raise Exit(ExitCode.FINDINGS)
    _warn(reading.findings, common)
    if reading.series.first is None:
        raise InputError(f"{path} holds no points")
    return reading.series


def _content(name: str) -> bytes:
    if name == "-":
        stream = getattr(sys.stdin, "buffer", None)
        content: bytes = stream.read() if stream is not None else sys.stdin.read().encode()
        return content
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from None


def _reading(text: str, path: str) -> Reading:
    if path.lower().endswith(ENDINGS) or (path == STDIN and looks_like_yaml(text)):
        return read_yaml(text, path)
    return read_series(text, path)


def _on_whole_lines(findings: Sequence[Finding], text: str) -> tuple[Finding, ...]:
    """The findings, each that names a row and no column in it at that whole row."""
    lines = text.split("\n")

    def placed(finding: Finding) -> Finding:
        place = finding.position
        if place.column or not 0 < place.line <= len(lines):
            return finding
        width = max(1, len(lines[place.line - 1]))
        return replace(finding, position=Position(place.path, place.line, 1, width))

    return tuple(placed(finding) for finding in findings)


def _warn(findings: Sequence[Finding], common: Common) -> None:
    """Tells of doubtful rows on stderr: results alone go to stdout."""
    from ddguard.report.escape import printable_line

    for finding in findings:
        if finding.severity is Severity.WARNING and common.loudness >= 0:
            place = f"{finding.position.path}:{finding.position.line}"
            click.echo(f"{printable_line(place)}: warning: {printable_line(finding.message)}", err=True)
