"""On which side of a threshold a monitor alerts."""

from ddguard.checks.base import Subject
from ddguard.query import comparison

SIGNS = {">": 1, ">=": 1, "<": -1, "<=": -1}


def alerting_side(subject: Subject) -> int:
    """1 for a monitor that alerts above its thresholds, -1 below; 0 where there is no such side."""
    end = comparison(subject.query) if subject.query else None
    return SIGNS.get(end.comparator, 0) if end else 0


def shown(number: float) -> str:
    """A number as people write it: without a fraction that is 0."""
    return f"{number:.15g}"
