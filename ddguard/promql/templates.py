"""Datadog's notification templates as Prometheus' own.

Conditionals on the monitor's state are decided for each rule, since a rule stands for one state; variables become
labels, the value or the threshold. https://docs.datadoghq.com/monitors/notify/variables/ and
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ddguard.promql.names import label_name, quoted

TAG = re.compile(r"\{\{\s*([#^/]?)\s*([^{}]*?)\s*\}\}")
BRACES = re.compile(r"\{{2,}|\{+$")
WORDS = re.compile(r'"([^"]*)"|(\S+)')
BLANK_LINES = re.compile(r"\n{3,}")
STATES = {"is_alert": "critical", "is_warning": "warning", "is_no_data": "no_data"}
"""Conditionals and the severity whose rule they are true for; every other `is_...` on a state is about a change."""
MATCHES = ("is_match", "is_exact_match")


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
    reader = _Reader(list(_tokens(text)), context, [])
    parts = _tidy(reader.parts(""))
    return parts, tuple(dict.fromkeys(reader.unknown))


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


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a message: plain text (`kind` is empty), a variable (`=`), or `#`, `^`, `/` and what follows it."""

    kind: str
    text: str
    written: str


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for found in TAG.finditer(text):
        if found.start() > end:
            yield _Token("", text[end : found.start()], text[end : found.start()])
        yield _Token(found[1] or "=", found[2], found[0])
        end = found.end()
    if end < len(text):
        yield _Token("", text[end:], text[end:])


@dataclass(slots=True)
class _Reader:
    """Reads tokens one after the other; `unknown` collects the variables that have no counterpart."""

    tokens: list[_Token]
    context: Context
    unknown: list[str]

    def parts(self, closing: str) -> Template:
        """The parts up to the end of the section `closing`, or to the end."""
        found: list[Part] = []
        while self.tokens:
            token = self.tokens.pop(0)
            if token.kind == "/" and _name(token) == closing:
                break
            if token.kind == "":
                found.append(Plain(token.text))
            elif token.kind == "=":
                found.append(self._variable(token))
            elif token.kind in "#^":
                found += self._section(token)
        return tuple(found)

    def _section(self, token: _Token) -> Template:
        name, inner = _name(token), self.parts(_name(token))
        if name in MATCHES:
            return self._match(token, inner)
        if not name.startswith("is_"):
            self.unknown.append(token.written)
            return inner
        return inner if (STATES.get(name) == self.context.severity) != (token.kind == "^") else ()

    def _match(self, token: _Token, inner: Template) -> Template:
        name, *wanted = [first or second for first, second in WORDS.findall(token.text)][1:] or [""]
        label = _label(name)
        if label not in self.context.labels or not wanted:
            self.unknown.append(token.written)
            return inner
        expression = "|".join(map(re.escape, wanted))
        if token.text.startswith("is_exact_match"):
            expression = f"^(?:{expression})$"
        return (Choice(label, expression, token.kind == "^", inner),)

    def _variable(self, token: _Token) -> Part:
        if token.text in self.context.values:
            return Value()
        if token.text in self.context.words:
            return Plain(self.context.words[token.text])
        label = _label(token.text)
        if label in self.context.labels:
            return Label(label)
        self.unknown.append(token.written)
        return Plain(f"[{token.text}]")


def _name(token: _Token) -> str:
    return token.text.split()[0] if token.text else ""


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
