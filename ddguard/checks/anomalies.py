"""The parts of `anomalies(...)` that go together with options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ddguard.checks.base import Subject
from ddguard.query import named_window
from ddguard.query.nodes import Call, Keyword, MetricMonitor, Node, Number, Text, Window, Word


@dataclass(frozen=True, slots=True)
class Anomalies:
    """One `anomalies(query, 'basic', 2, alert_window='last_15m', ...)`. `named` are its named arguments by name."""

    call: Call
    named: Mapping[str, Number | Text | Word]

    @property
    def algorithm(self) -> Node | None:
        """The argument that says which model is used; None where it is left out."""
        return self.call.arguments[1] if len(self.call.arguments) > 1 else None

    def window(self, name: str) -> Window | None:
        """The window that a named argument states; None where it states none."""
        value = self.named.get(name)
        return named_window(value.value, value.span) if isinstance(value, Text) else None


def anomalies(subject: Subject) -> Iterator[Anomalies]:
    """The calls of `anomalies` in a metric monitor's query: one in practice."""
    if isinstance(subject.query, MetricMonitor):
        for call in subject.calls("anomalies"):
            if isinstance(call, Call):
                named = {argument.name: argument.value for argument in call.arguments if isinstance(argument, Keyword)}
                yield Anomalies(call, named)
