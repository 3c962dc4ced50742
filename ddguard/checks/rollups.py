"""The rollups that a metric monitor's query states itself."""

from collections.abc import Iterator
from typing import NamedTuple

from ddguard.checks.base import Subject
from ddguard.checks.shapes import is_modelled
from ddguard.query.nodes import Call, Method, MetricMonitor, Number, Text, Word


class Rollup(NamedTuple):
    """One `.rollup(sum, 60)`: how the points of a bucket become one, and the width of a bucket in seconds."""

    call: Call | Method
    how: str
    seconds: int


def rollups(subject: Subject) -> Iterator[Rollup]:
    """The rollups with an interval in seconds; those below a model aside, whose window isn't evaluated as a whole."""
    if isinstance(subject.query, MetricMonitor) and not is_modelled(subject):
        for call in subject.calls("rollup"):
            numbers = [argument.value for argument in call.arguments if isinstance(argument, Number)]
            words = [argument.text for argument in call.arguments if isinstance(argument, Text | Word)]
            if numbers and numbers[0] >= 1:
                yield Rollup(call, words[0] if words else "avg", int(numbers[0]))
