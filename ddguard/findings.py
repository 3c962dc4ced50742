"""Mistakes in specs, as values: where, how bad, what, and what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only an error makes `validate` fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: `path` relative to where the user stands, `line` and `column` from 1 (0: the whole file).

    `width` is the number of characters meant, all on that line, at least 1.
    """

    path: str
    line: int = 0
    column: int = 0
    width: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `code` (DDG001) and `check` (its name) stay the same over releases; `hint` may be empty.

    With `private` the characters at the position are a secret or about a person: no report may repeat them.
    """

    position: Position
    code: str
    check: str
    severity: Severity
    message: str
    hint: str = ""
    private: bool = False

    @property
    def order(self) -> tuple[Position, str, str]:
        """The key that lists of findings are sorted by."""
        return (self.position, self.code, self.message)


def no_less_than(least: Severity, findings: Sequence[Finding]) -> list[Finding]:
    """Those findings that are as bad as that, or worse."""
    severities = list(Severity)
    return [finding for finding in findings if severities.index(finding.severity) <= severities.index(least)]


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether any of the findings makes a run fail."""
    return any(finding.severity is Severity.ERROR for finding in findings)
