"""Reads composite monitors' queries: `1234 && !(5678 || ${monitor:other})`.

    either   := both ("||" both)*
    both     := one ("&&" one)*
    one      := "!" one | "(" either ")" | number | "${monitor:" id "}"

https://docs.datadoghq.com/monitors/types/composite/
"""

import re
from collections.abc import Callable
from typing import Literal, cast

from ddguard.query.mistakes import QueryError
from ddguard.query.nodes import (
    Composite,
    CompositeExpression,
    CompositeGroup,
    CompositeJoin,
    CompositeNot,
    MonitorNumber,
    MonitorReference,
)
from ddguard.query.reader import Reader
from ddguard.query.tokens import END, NUMBER, REFERENCE

REFERRED = re.compile(r"\$\{monitor:([a-z0-9][a-z0-9_.-]*)\}")
MEANT_OPERATORS = {"&": "&&", "|": "||", "and": "&&", "or": "||", "&&&": "&&", "|||": "||"}


class CompositeReader(Reader):
    """Reads one composite monitor's query."""

    __slots__ = ()

    def composite(self) -> Composite:
        """The whole query."""
        start = self.token.start
        expression = self._either()
        if self.token.kind != END:
            raise self._no_operator()
        return Composite(expression, span=self.since(start))

    def _either(self) -> CompositeExpression:
        return self._joined(self._both, "||")

    def _both(self) -> CompositeExpression:
        return self._joined(self._one, "&&")

    def _joined(self, operand: Callable[[], CompositeExpression], operator: str) -> CompositeExpression:
        start = self.token.start
        operands = [operand()]
        while self.accept(operator):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return CompositeJoin(cast('Literal["&&", "||"]', operator), tuple(operands), span=self.since(start))

    def _one(self) -> CompositeExpression:
        token = self.token
        if token.kind == NUMBER:
            self.advance()
            return MonitorNumber(token.text, span=token.span)
        if token.text == "!":
            return self._not()
        if token.text == "(":
            return self._group()
        if token.kind == REFERENCE and (referred := REFERRED.fullmatch(token.text)):
            self.advance()
            return MonitorReference(referred[1], span=token.span)
        suggestion = "!" if token.text.lower() == "not" else ""
        raise self.error("expected the number of a monitor or `${monitor:ID}`", ("a monitor", "!", "("), suggestion)

    def _not(self) -> CompositeNot:
        self.enter()
        sign = self.advance()
        operand = self._one()
        self.leave()
        return CompositeNot(operand, span=self.since(sign.start))

    def _group(self) -> CompositeGroup:
        self.enter()
        opener = self.advance()
        inner = self._either()
        if not self.accept(")"):
            raise self._no_operator()
        self.leave()
        return CompositeGroup(inner, span=self.since(opener.start))

    def _no_operator(self) -> QueryError:
        expected = ("&&", "||", ")") if self.depth else ("&&", "||")
        told = "`&&`, `||` or `)`" if self.depth else "`&&` or `||`"
        meant = MEANT_OPERATORS.get(self.token.text.lower(), "")
        return self.error(f"expected {told} after a monitor", expected, meant)
