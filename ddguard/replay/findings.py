"""What is wrong with rows of series files, as findings with their place."""

from dataclasses import dataclass, field

from ddguard.findings import Finding, Position, Severity
from ddguard.replay.series import MetricType

CODE = "DDG090"
CHECK = "series"
MOST_FINDINGS = 100


@dataclass(slots=True)
class Types:
    """The type of each metric in a file, and where it is told first: at Datadog a metric has one."""

    known: dict[str, tuple[MetricType, str]] = field(default_factory=dict)

    def clash(self, metric: str, kind: MetricType, place: str) -> str | None:
        """What is wrong with a series of that type at `place` (`line 3`), None if nothing is."""
        first, where = self.known.setdefault(metric, (kind, place))
        return None if first is kind else f"{metric} is a {kind} here and a {first} in {where}: a metric has one type"


@dataclass(slots=True)
class Complaints:
    """Collects the mistakes of one file, at most MOST_FINDINGS and a last one that counts the rest."""

    path: str
    found: list[Finding] = field(default_factory=list)
    left_out: int = 0

    def error(self, message: str, line: int = 0, column: int = 0, hint: str = "") -> None:
        """A row that can't be used."""
        self.at(Position(self.path, line, column), Severity.ERROR, message, hint)

    def warning(self, message: str, line: int = 0, column: int = 0, hint: str = "") -> None:
        """A row that is used, but perhaps not as meant."""
        self.at(Position(self.path, line, column), Severity.WARNING, message, hint)

    def at(self, position: Position, severity: Severity, message: str, hint: str = "") -> None:
        """A mistake at any place."""
        if len(self.found) < MOST_FINDINGS:
            self.found.append(Finding(position, CODE, CHECK, severity, message, hint))
        else:
            self.left_out += 1

    def all(self) -> tuple[Finding, ...]:
        """Everything that was found."""
        if not self.left_out:
            return tuple(self.found)
        rest = Finding(
            Position(self.path), CODE, CHECK, Severity.ERROR, f"{self.left_out} more rows of this file are wrong"
        )
        return (*self.found, rest)
