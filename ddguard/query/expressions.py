"""Reads arithmetic over metric queries, functions and numbers, one method a level of precedence.

    expression  := term (("+" | "-") term)*
    term        := factor (("*" | "/") factor)*
    factor      := ["+" | "-"] factor | number | group | call | operand
    group       := "(" expression ")" methods
    call        := name "(" argument ("," argument)* ")" methods

An operand is a metric query (`ddguard.query.metrics`), or the name of a variable inside a formula.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal, cast

from ddguard.query.arguments import ArgumentReader, meant_number
from ddguard.query.nodes import (
    Argument,
    Arithmetic,
    Call,
    Expression,
    Group,
    Operator,
    Unary,
    Word,
)
from ddguard.query.tokens import WORD
from ddguard.query.vocabulary import FUNCTIONS

SUMS = frozenset({"+", "-"})
PRODUCTS = frozenset({"*", "/"})


class ExpressionReader(ArgumentReader, ABC):
    """Reads expressions; what an operand is depends on where they stand."""

    __slots__ = ()

    wanted = "an operand"
    """What `operand` reads, for messages."""

    @abstractmethod
    def operand(self) -> Expression:
        """What begins with a word that is no function's name."""

    @abstractmethod
    def call_arguments(self, name: str) -> tuple[Argument, ...]:
        """The arguments of a function."""

    def expression(self) -> Expression:
        """A sum, or anything that binds tighter."""
        return self._joined(self._term, SUMS)

    def _term(self) -> Expression:
        return self._joined(self._factor, PRODUCTS)

    def _joined(self, operand: Callable[[], Expression], operators: frozenset[str]) -> Expression:
        start = self.token.start
        first = operand()
        if self.token.text not in operators:
            return first
        operands, between = [first], []
        while self.token.text in operators:
            between.append(cast("Operator", self.advance().text))
            operands.append(operand())
        return Arithmetic(tuple(operands), tuple(between), span=self.since(start))

    def _factor(self) -> Expression:
        token = self.token
        if token.kind == WORD:
            return self._call() if self.begins_call() else self.operand()
        if token.text == "(":
            return self._group()
        if number := self.number():
            return number
        if token.text in SUMS:
            return self._signed()
        raise self.error(
            f"expected {self.wanted}, a function or a number",
            (self.wanted, "a function", "a number"),
            meant_number(token.text),
        )

    def _signed(self) -> Unary:
        self.enter()
        sign = self.advance()
        operand = self._factor()
        self.leave()
        return Unary(cast('Literal["+", "-"]', sign.text), operand, span=self.since(sign.start))

    def _group(self) -> Group:
        self.enter()
        opener = self.advance()
        inner = self.expression()
        if not self.accept(")"):
            raise self.error("expected an operator, or `)` to close `(`", ("an operator", ")"))
        self.leave()
        return Group(inner, self.methods(FUNCTIONS), span=self.since(opener.start))

    def _call(self) -> Call:
        name = self.token
        self.expect_known(name, FUNCTIONS, "function")
        self.advance()
        arguments = self.call_arguments(name.text)
        return Call(name.text, arguments, self.methods(FUNCTIONS), span=self.since(name.start))

    def begins_call(self) -> bool:
        """Whether the next word is the name of a function."""
        return self.following.text == "("

    def begins_operand(self) -> bool:
        """Whether the next word is more than a mere word."""
        return self.following.text not in {",", ")"}

    def plain_argument(self) -> Argument:
        """A word or an expression."""
        if self.token.kind == WORD and not self.begins_operand():
            word = self.advance()
            return Word(word.text, span=word.span)
        if self.token.text in {",", ")"}:
            raise self.error("expected an argument", ("an argument",))
        return self.expression()
