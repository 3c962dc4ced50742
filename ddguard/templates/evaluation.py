"""The expressions inside of `{{eval "..."}}`: whether they can be read, which variables they name, and as a tree.

https://docs.datadoghq.com/monitors/guide/template-variable-evaluation/
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ddguard.templates.nodes import Mistake, Name, Quoted, Span
from ddguard.templates.vocabulary import MATHEMATICS

TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d*)?|\.\d+)
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<name>(?:@?[A-Za-z_]\w*|\[[^\]]+\])(?:\.(?:@?\w+|\[[^\]]+\]))*)
      | (?P<sign>[-+*/^%(),])
      | (?P<other>\S)
    )""",
    re.VERBOSE,
)
LEVELS = ("+-", "*/%", "^")
"""The operators, those that bind least first."""
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written: `86400`, `.5`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """What stands between quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A minus before a value."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one level, from left to right: `first`, then each operator with what stands after it."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of MATHEMATICS with its arguments."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Number | Text | Name | Signed | Chain | Applied


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression names, and what it says; `mistake` is the first thing in it that can't be read."""

    names: tuple[Name, ...]
    mistake: Mistake | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    span: Span


class _WrongError(Exception):
    """The expression can't be read."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.mistake = Mistake(message, span, hint)


def evaluation(argument: Quoted) -> Evaluation:
    """Reads the argument of an `eval`; spans are those in the template."""
    reader = _Reader(_tokens(argument))
    try:
        expression = reader.expression()
        reader.expect_end()
    except _WrongError as error:
        return Evaluation(tuple(reader.names), error.mistake)
    return Evaluation(tuple(reader.names), expression=expression)


def _tokens(argument: Quoted) -> list[_Token]:
    text = argument.text.replace('\\"', ' "')
    start = argument.inside.start
    found = []
    for match in TOKEN.finditer(text):
        kind = str(match.lastgroup)
        begin, end = match.span(kind)
        found.append(_Token(kind, match[kind], Span(start + begin, start + end)))
    found.append(_Token("end", "", Span(argument.inside.end, argument.inside.end + 1)))
    return found


class _Reader:
    """One method a rule."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.names: list[Name] = []

    def expression(self, level: int = 0) -> Expression:
        """Values with operators between them."""
        if level == len(LEVELS):
            return self._value()
        first = self.expression(level + 1)
        rest = []
        while self._next.text and self._next.text in LEVELS[level]:
            operator = self._next.text
            self._at += 1
            rest.append((operator, self.expression(level + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self._next.kind != "end":
            raise _WrongError(f"{self._next.text!r} doesn't fit here", self._next.span, "an operator is missing?")

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, text: str) -> bool:
        if self._next.text != text:
            return False
        self._at += 1
        return True

    def _value(self) -> Expression:
        negative = False
        while self._next.text in {"+", "-"}:
            negative ^= self._next.text == "-"
            self._at += 1
        value = self._unsigned()
        return Signed(value) if negative else value

    def _unsigned(self) -> Expression:
        token = self._next
        if self._take("("):
            inner = self._inner(token)
            return inner[0] if len(inner) == 1 else Applied("", inner)
        self._at += 1
        if token.kind == "name":
            return self._name(token)
        if token.kind == "number":
            return Number(token.text)
        if token.kind == "text":
            return Text(token.text[1:-1])
        shown = repr(token.text) if token.text else "the end"
        raise _WrongError(f"expected a variable or a number, not {shown}", token.span)

    def _name(self, token: _Token) -> Expression:
        opening = self._next
        if not self._take("("):
            name = Name(token.text, span=token.span)
            self.names.append(name)
            return name
        if token.text not in MATHEMATICS:
            near = get_close_matches(token.text, sorted(MATHEMATICS), n=1)
            raise _WrongError(
                f"there is no function {token.text}", token.span, f"did you mean {near[0]}?" if near else ""
            )
        return Applied(token.text, self._inner(opening))

    def _inner(self, opening: _Token) -> tuple[Expression, ...]:
        """What stands between parentheses, which are open already."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _WrongError("nested too deeply", opening.span)
        found = [self.expression()]
        while self._take(","):
            found.append(self.expression())
        self._depth -= 1
        if not self._take(")"):
            raise _WrongError("this ( is never closed", opening.span)
        return tuple(found)
