"""When a rule's alert is on: thresholds, recovery thresholds, new groups, missing data.

Hysteresis reads the alert's own state: ALERTS holds what the rule said in the round before.
https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ddguard.promql.names import length, number, quoted
from ddguard.promql.vectors import SUM, Vector, on

NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
"""The comparison that holds where the other doesn't."""
DAY = 86_400
"""Seconds for which Datadog remembers a group without data."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value is compared with; `comparator` is the query's. Recovery needs a comparator with a direction."""

    comparator: str
    critical: float
    warning: float | None = None
    critical_recovery: float | None = None
    warning_recovery: float | None = None

    @property
    def hysteresis(self) -> bool:
        """Whether a state may last beyond its threshold."""
        return self.critical_recovery is not None or self.warning_recovery is not None

    @property
    def all(self) -> tuple[float, ...]:
        """Every threshold there is."""
        every = (self.critical, self.warning, self.critical_recovery, self.warning_recovery)
        return tuple(one for one in every if one is not None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the conditions of one monitor are about.

    `value` is its value, `selectors` select the series that its groups come from, `identity` are the labels by which
    ALERTS knows it, severity aside. `guard` leaves out new groups (empty: none).
    """

    value: Vector
    selectors: tuple[str, ...]
    identity: Mapping[str, str]
    guard: str = ""

    @property
    def on(self) -> str:
        """By which labels groups belong together."""
        return on(self.value.labels)

    def is_beyond(self, comparator: str, threshold: float) -> str:
        """The groups whose value is beyond the threshold."""
        return f"{self.value.at_least(SUM)} {comparator} {number(threshold)}"

    def enters(self, comparison: str) -> str:
        """The groups that a comparison lets in, new ones aside."""
        return f"{comparison}\nand {self.on}\n{self.guard}" if self.guard else comparison

    def firing(self, severity: str) -> str:
        """The groups whose alert of that severity is on."""
        labels = {**self.identity, "alertstate": "firing", "severity": severity}
        return f"ALERTS{{{','.join(f'{name}={quoted(labels[name])}' for name in sorted(labels))}}}"


def critical(subject: Subject, limits: Limits) -> str:
    """The groups in Alert."""
    entering = subject.enters(subject.is_beyond(limits.comparator, limits.critical))
    if limits.critical_recovery is None:
        return entering
    return _or_held(subject, entering, limits.comparator, limits.critical_recovery, "critical")


def warning(subject: Subject, limits: Limits, threshold: float) -> str:
    """The groups in Warn: beyond the warning's threshold and not in Alert."""
    comparison = subject.is_beyond(limits.comparator, threshold)
    if not limits.hysteresis:
        return subject.enters(f"{comparison} {NOT[limits.comparator]} {number(limits.critical)}")
    condition = subject.enters(comparison)
    if limits.warning_recovery is not None:
        condition = f"({_or_held(subject, condition, limits.comparator, limits.warning_recovery, 'warning')})"
    return f"{condition}\nunless {subject.on}\n{subject.firing('critical')}"


def _or_held(subject: Subject, entering: str, comparator: str, recovery: float, severity: str) -> str:
    held = f"{subject.is_beyond(comparator, recovery)}\nand {subject.on}\n{subject.firing(severity)}"
    return f"{entering}\nor\n{held}"


def no_data(subject: Subject, window: int, after: int) -> str:
    """The groups in No Data: seen within the last day, but not for `after` seconds, or without a value."""
    labels = subject.value.labels
    if not labels:
        return " and ".join(f"absent_over_time({one}[{length(after)}])" for one in subject.selectors)
    seen = _present(subject, f"[{length(DAY + window)}]")
    lately = _present(subject, f"[{length(after)}]")
    return f"{seen}\nunless {subject.on}\n{lately}"


def older_than(subject: Subject, seconds: int) -> str:
    """The groups that had data that many seconds ago or earlier, as far as Datadog remembers."""
    return _present(subject, f"[{length(DAY)}] offset {length(seconds)}")


def _present(subject: Subject, behind: str) -> str:
    by = f" by ({', '.join(subject.value.labels)})" if subject.value.labels else ""
    series = " or ".join(f"present_over_time({one}{behind})" for one in subject.selectors)
    return f"count{by} ({series})"
