"""The expressions inside of `{{eval "..."}}`: whether they can be read, and which variables they name.

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
OPERATORS = frozenset("+-*/^%")
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression names; `mistake` is the first thing in it that can't be read."""

    names: tuple[Name, ...]
    mistake: Mistake | None = None


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
        reader.expression()
        reader.expect_end()
    except _WrongError as error:
        return Evaluation(tuple(reader.names), error.mistake)
    return Evaluation(tuple(reader.names))


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
    """One method a rule; all operators are read as one level, since nothing is computed here."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.names: list[Name] = []

    def expression(self) -> None:
        """Values with operators between them."""
        self._value()
        while self._next.text in OPERATORS:
            self._at += 1
            self._value()

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

    def _value(self) -> None:
        while self._next.text in {"+", "-"}:
            self._at += 1
        token = self._next
        if self._take("("):
            self._inner(token)
        elif token.kind == "name":
            self._at += 1
            self._name(token)
        elif token.kind in {"number", "text"}:
            self._at += 1
        else:
            shown = repr(token.text) if token.text else "the end"
            raise _WrongError(f"expected a variable or a number, not {shown}", token.span)

    def _name(self, token: _Token) -> None:
        opening = self._next
        if not self._take("("):
            self.names.append(Name(token.text, span=token.span))
            return
        if token.text not in MATHEMATICS:
            near = get_close_matches(token.text, sorted(MATHEMATICS), n=1)
            raise _WrongError(
                f"there is no function {token.text}", token.span, f"did you mean {near[0]}?" if near else ""
            )
        self._inner(opening)

    def _inner(self, opening: _Token) -> None:
        """What stands between parentheses, which are open already."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _WrongError("nested too deeply", opening.span)
        self.expression()
        while self._take(","):
            self.expression()
        self._depth -= 1
        if not self._take(")"):
            raise _WrongError("this ( is never closed", opening.span)
