"""Reads what stands in the parentheses of functions and methods, chains of methods, and the comparison at the end.

methods     := ("." name "(" [argument ("," argument)*] ")")*
argument    := text | number | word | "{" key ("," key)* "}" | name "=" (text | number | word)
comparison  := comparator (number | "threshold")
"""

import re
from collections.abc import Collection
from math import isinf
from typing import cast

from ddguard.query.mistakes import Place, QueryError, listed, quoted, slip
from ddguard.query.nodes import (
    Argument,
    Comparator,
    Comparison,
    DynamicThreshold,
    Keyword,
    Method,
    Number,
    Span,
    TagSet,
    Text,
    Word,
)
from ddguard.query.reader import Reader
from ddguard.query.scopes import ScopeReader
from ddguard.query.tokens import BRACES, END, MIXED, NUMBER, OPERATOR, TEXT, WORD, Token
from ddguard.query.vocabulary import COMPARATORS, KEYWORDS, MEANT_COMPARATORS

PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?")
GROUPED_NUMBER = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
THOUSANDS = {"k": "000", "K": "000", "M": "000000"}


class ArgumentReader(Reader):
    """Reads parts of the query `text`."""

    __slots__ = ("text",)

    ending = "a comparator"
    """What may follow before the end of the query, for messages."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.text = text

    def methods(self, known: Collection[str]) -> tuple[Method, ...]:
        """Calls after dots, none or more; a slip of a known name is a mistake."""
        methods = []
        while self.token.text == ".":
            methods.append(self._method(known))
        after = self.token
        if after.kind == WORD and after.start == self.end and self.following.text == "(" and after.text in known:
            raise self.error("expected `.` before a method", (".",), f".{after.text}")
        return tuple(methods)

    def _method(self, known: Collection[str]) -> Method:
        dot = self.advance()
        name = self.token
        if name.kind != WORD:
            raise self.error("expected the name of a method after `.`", ("a method",))
        self.expect_known(name, known, "method")
        self.advance()
        return Method(name.text, self.arguments(f".{name.text}"), span=self.since(dot.start))

    def expect_known(self, name: Token, known: Collection[str], role: str) -> None:
        """Tell of a name that is a slip of a known one."""
        if name.text not in known and (meant := slip(name.text, known)):
            raise QueryError(
                f"{quoted(name.text)} is no {role} that ddguard knows",
                Place(name.start, len(name.text)),
                (f"a {role}",),
                meant,
            )

    def arguments(self, owner: str) -> tuple[Argument, ...]:
        """What stands in parentheses, none or more; `owner` is what stands before them."""
        self.enter()
        self.expect("(", "after", owner)
        arguments = []
        named = KEYWORDS.get(owner, frozenset())
        if self.token.text != ")":
            arguments.append(self._argument(named))
            while self.accept(","):
                arguments.append(self._argument(named))
        if not self.accept(")"):
            raise self.swallowed() or self.error(
                f"expected `,` or `)` after an argument of {quoted(owner)}", (",", ")")
            )
        self.leave()
        return tuple(arguments)

    def swallowed(self) -> QueryError | None:
        """The error that the text just read goes on behind a `)`, as it does where its closing quote is missing."""
        text = self.tokens[self.index - 1]
        if text.kind != TEXT or not (")." in text.text or text.text[-2] == "("):
            return None
        quote = quoted(text.text[0])
        return QueryError(
            f"the text that begins here ends too late: is a {quote} missing?", Place(text.start, 1), (quote,)
        )

    def _argument(self, named: Collection[str]) -> Argument:
        token = self.token
        if token.kind == TEXT:
            return self.quoted_text()
        if token.kind == BRACES:
            self.advance()
            return TagSet(ScopeReader(self.text, token).keys("in braces"), span=token.span)
        if token.kind == WORD and self.following.kind == OPERATOR and self.following.text[0] == "=":
            return self._keyword(named)
        return self.plain_argument()

    def plain_argument(self) -> Argument:
        """An argument that is neither quoted, nor named, nor in braces."""
        return self._value()

    def quoted_text(self) -> Text:
        """The text that comes next, which is known to be one."""
        token = self.advance()
        quote = token.text[:2] if token.text[0] == "\\" else token.text[0]
        return Text(token.text[len(quote) : -len(quote)], quote, span=token.span)

    def _keyword(self, known: Collection[str]) -> Keyword:
        name = self.token
        self.expect_known(name, known, "argument")
        self.advance()
        if not self.accept("="):
            raise self.error(f"expected `=` after {quoted(name.text)}", ("=",), "=")
        value = self.quoted_text() if self.token.kind == TEXT else self._value()
        return Keyword(name.text, value, span=self.since(name.start))

    def _value(self) -> Number | Word:
        token = self.token
        if number := self.number():
            return number
        if token.kind == WORD or (token.kind == MIXED and not meant_number(token.text)):
            self.advance()
            return Word(token.text, span=token.span)
        raise self.error("expected an argument", ("an argument",), meant_number(token.text))

    def number(self) -> Number | None:
        """The number that comes next, with its sign; None if none does."""
        token = self.token
        sign = token.text if token.text in {"+", "-"} else ""
        digits = self.following if sign else token
        if digits.kind != NUMBER:
            return None
        self.advance()
        if sign:
            self.advance()
        number = Number(sign + digits.text, span=Span(token.start, digits.end))
        if isinf(number.value):
            message = f"expected a number up to 1.7e308, got {quoted(number.text)}"
            raise QueryError(message, Place(token.start, number.span.width), ("a number",))
        return number

    def comparison(self) -> Comparison:
        """The comparison, and after it the end of the query."""
        token = self.token
        if token.text not in COMPARATORS:
            raise self._no_comparator()
        self.advance()
        threshold = self._threshold(token)
        if self.token.kind != END:
            raise self._beyond(threshold)
        return Comparison(cast("Comparator", token.text), threshold, span=self.since(token.start))

    def _threshold(self, comparator: Token) -> Number | DynamicThreshold:
        if number := self.number():
            return number
        token = self.token
        if token.text == "threshold":
            self.advance()
            return DynamicThreshold(span=token.span)
        if token.kind == OPERATOR:
            both = Token(OPERATOR, self.text[comparator.start : token.end], comparator.start, token.end)
            meant = comparator.text + token.text
            suggestion = meant if meant in COMPARATORS else MEANT_COMPARATORS.get(meant, "")
            raise self.error(f"expected {listed(COMPARATORS)}", COMPARATORS, suggestion, both)
        raise self.error("expected a number as the threshold", ("a number",), meant_threshold(token.text))

    def _beyond(self, threshold: Number | DynamicThreshold) -> QueryError:
        """The error that the query goes on after its threshold: often a number as people write it, such as `1,000`."""
        written = self.text[threshold.span.start :].strip()
        meant = meant_threshold(written)
        if meant:
            token = Token(WORD, written, threshold.span.start, threshold.span.start + len(written))
            return self.error("expected a number as the threshold", ("a number",), meant, token)
        return self.error("expected the end of the query after the threshold", ("the end of the query",))

    def _no_comparator(self) -> QueryError:
        token = self.token
        if token.text in {")", "}"}:
            opener = "(" if token.text == ")" else "{"
            return self.error(f"expected a comparator: no {quoted(opener)} is open", COMPARATORS)
        suggestion = MEANT_COMPARATORS.get(token.text, "")
        return self.error(f"expected {self.ending} ({listed(COMPARATORS)})", COMPARATORS, suggestion)


def meant_threshold(text: str) -> str:
    """The number that was probably meant: `1000` for `1,000` and `1k`, `5` for `5%`; or empty."""
    if GROUPED_NUMBER.fullmatch(text):
        return text.replace(",", "")
    if text.endswith("%") and PLAIN_NUMBER.fullmatch(text[:-1].rstrip()):
        return text[:-1].rstrip()
    if text[-1:] in THOUSANDS and text[:-1].isdecimal():
        return text[:-1] + THOUSANDS[text[-1]]
    return meant_number(text)


def meant_number(text: str) -> str:
    """The number that was probably meant by something that is none: `0.3` for `.3`, `1000` for `1_000`; or empty."""
    number = text.strip("\"'").replace("_", "").rstrip(".")
    number = f"0{number}" if number.startswith(".") else number
    return number if number != text and PLAIN_NUMBER.fullmatch(number) else ""
