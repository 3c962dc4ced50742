"""Datadog's notification templates as Prometheus' own.

Conditionals on the monitor's state are decided for each rule, since a rule stands for one state; variables become
labels, the value or the threshold. https://docs.datadoghq.com/monitors/notify/variables/ and
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ddguard.promql.names import label_name, quoted
from ddguard.templates import nodes, read, vocabulary

BRACES = re.compile(r"\{{2,}|\{+$")
BLANK_LINES = re.compile(r"\n{3,}")
SEVERITIES = {"is_alert": "critical", "is_warning": "warning", "is_no_data": "no_data"}
"""Conditionals and the severity whose rule they are true for; every other `is_...` on a state is about a change."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Text as it is."""

    text: str

    def go(self) -> str:
        """The text for a Go template: no braces of it begin an action."""
        return BRACES.sub(lambda found: f"{{{{ {quoted(found[0])} }}}}", self.text)

    def filled(self, labels: Mapping[str, str], value: float) -> str:  # noqa: ARG002 - as the others
        """The text."""
        return self.text


@dataclass(frozen=True, slots=True)
class Label:
    """A label's value."""

    name: str

    def go(self) -> str:
        """The action."""
        return f"{{{{ $labels.{self.name} }}}}"

    def filled(self, labels: Mapping[str, str], value: float) -> str:  # noqa: ARG002 - as the others
        """The label's value."""
        return labels.get(self.name, "")


@dataclass(frozen=True, slots=True)
class Value:
    """The value that made the alert."""

    def go(self) -> str:
        """The action."""
        return "{{ $value }}"

    def filled(self, labels: Mapping[str, str], value: float) -> str:  # noqa: ARG002 - as the others
        """The value as Go writes it."""
        return go_number(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """Parts that stand only if a label's value matches an expression, or only if not."""

    label: str
    expression: str
    negated: bool
    parts: "Template"

    def go(self) -> str:
        """The action with what stands in it."""
        found = f"match {quoted(self.expression)} $labels.{self.label}"
        condition = f"not ({found})" if self.negated else found
        return f"{{{{ if {condition} }}}}{go_text(self.parts)}{{{{ end }}}}"

    def filled(self, labels: Mapping[str, str], value: float) -> str:
        """The parts, or nothing."""
        found = re.search(self.expression, labels.get(self.label, "")) is not None
        return filled(self.parts, labels, value) if found != self.negated else ""


Part = Plain | Label | Value | Choice
Template = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What variables stand for in one rule: its severity, the labels it groups by, its threshold and others.

    `values` are the variables that mean the alert's value.
    """

    severity: str
    labels: tuple[str, ...]
    words: Mapping[str, str]
    values: tuple[str, ...] = ("value",)


def template(text: str, context: Context) -> tuple[Template, tuple[str, ...]]:
    """The text as a template for one rule, and the variables in it that have no counterpart (they stay as words)."""
    translator = _Translator(text, context, [])
    parts = _tidy(translator.parts(read(text).parts))
    return parts, tuple(dict.fromkeys(translator.unknown))


def go_text(parts: Template) -> str:
    """The template as Prometheus reads it."""
    return "".join(part.go() for part in _merged(parts))


def filled(parts: Template, labels: Mapping[str, str], value: float) -> str:
    """What Prometheus makes of the template for an alert with these labels and this value."""
    return "".join(part.filled(labels, value) for part in parts)


def go_number(value: float) -> str:
    """A number as Go's `%v` writes it: `104`, `0.5`, `1e+06`."""
    exact = Decimal(repr(value)).normalize()
    exponent = exact.adjusted() if exact else 0
    if -4 <= exponent < 6:
        return f"{exact:f}"
    digits = "".join(map(str, exact.as_tuple().digits))
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


@dataclass(slots=True)
class _Translator:
    """Takes the parts of a message for those of one rule; `unknown` collects what has no counterpart, as written."""

    text: str
    context: Context
    unknown: list[str]

    def parts(self, read: Sequence[nodes.Part]) -> Template:
        """What the parts stand for, one after the other."""
        return tuple(found for part in read for found in self._part(part))

    def _part(self, part: nodes.Part) -> Template:
        if isinstance(part, nodes.Plain):
            return (Plain(part.text),)
        if isinstance(part, nodes.Output):
            return (self._variable(part),)
        if isinstance(part, nodes.Block):
            return self._section(part)
        return self._verbatim(part) if isinstance(part, nodes.Verbatim) else ()

    def _verbatim(self, part: nodes.Verbatim) -> Template:
        if part.call.name.text != "raw":
            self.unknown.append(self.text[part.span.start : self.text.index("}}}}", part.call.span.end) + 4])
        return (Plain(part.text),)

    def _section(self, block: nodes.Block) -> Template:
        if block.name in vocabulary.MATCHING:
            return self._match(block)
        if block.name not in vocabulary.STATES:
            return self._left_whole(block)
        holds = SEVERITIES.get(block.name) == self.context.severity
        return self.parts(block.body if holds != block.negated else block.otherwise)

    def _match(self, block: nodes.Block) -> Template:
        name, *wanted = [one.text for one in block.call.arguments if not isinstance(one, nodes.Call)] or [""]
        label = _label(name)
        if label not in self.context.labels or not wanted or len(wanted) + 1 != len(block.call.arguments):
            return self._left_whole(block)
        expression = "|".join(map(re.escape, wanted))
        if block.name == "is_exact_match":
            expression = f"^(?:{expression})$"
        chosen = ((block.body, block.negated), (block.otherwise, not block.negated))
        return tuple(Choice(label, expression, negated, self.parts(body)) for body, negated in chosen if body)

    def _left_whole(self, block: nodes.Block) -> Template:
        """A section whose conditional can't be asked: its body stands."""
        end = self.text.index("}}", block.call.span.end) + 2
        self.unknown.append(self.text[block.span.start : end])
        return self.parts(block.body)

    def _variable(self, output: nodes.Output) -> Part:
        name = output.call.name.text
        if not output.call.arguments:
            if name in self.context.values:
                return Value()
            if name in self.context.words:
                return Plain(self.context.words[name])
            if _label(name) in self.context.labels:
                return Label(_label(name))
        self.unknown.append(self.text[output.span.start : output.span.end])
        return Plain(f"[{self.text[output.call.span.start : output.call.span.end]}]")


def _label(variable: str) -> str:
    """`tenant.name`, `tenant` and `[kube.cluster].name` as labels."""
    return label_name(variable.removesuffix(".name").strip("[]"))


def _merged(parts: Sequence[Part]) -> Template:
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Plain) and found and isinstance(found[-1], Plain):
            found[-1] = Plain(found[-1].text + part.text)
        else:
            found.append(part)
    return tuple(found)


def _tidy(parts: Sequence[Part]) -> Template:
    """Without the blank lines that left-out sections leave, and without blanks around."""
    found = [Plain(BLANK_LINES.sub("\n\n", part.text)) if isinstance(part, Plain) else part for part in _merged(parts)]
    if found and isinstance(found[0], Plain):
        found[0] = Plain(found[0].text.lstrip())
    if found and isinstance(found[-1], Plain):
        found[-1] = Plain(found[-1].text.rstrip())
    return tuple(found)
