"""Reads the queries that are a chain of methods.

    event     := source "(" text ")" methods comparison
    formula   := "formula" "(" quoted expression ")" methods comparison
    check     := text methods
    slo       := ("error_budget" | "burn_rate") "(" text ")" methods comparison

Which methods there are, and what they take, is Datadog's business; that the window is there and is one, is ours.
"""

import re
from collections.abc import Collection
from typing import Literal, cast

from ddguard.query.arguments import ArgumentReader
from ddguard.query.expressions import ExpressionReader
from ddguard.query.mistakes import Place, QueryError, closest, quoted
from ddguard.query.nodes import (
    Argument,
    EventMonitor,
    Expression,
    FormulaMonitor,
    Method,
    Number,
    ServiceCheck,
    SloMonitor,
    Span,
    Text,
    Variable,
    Word,
)
from ddguard.query.tokens import END, FORMULA, TEXT, WORD, tokenize_part
from ddguard.query.vocabulary import (
    CHANGES,
    CHECK_METHODS,
    EVENT_METHODS,
    FORMULA_METHODS,
    FUNCTIONS,
    SLO_MEASURES,
    SLO_METHODS,
    SOURCES,
    TIME_AGGREGATORS,
)
from ddguard.query.windows import duration, meant_duration

LOGS = '`logs("...")`'
LAST = {"last": '.last("5m")'}
INSTEAD = {"last": "current"}
"""What may stand in a method's place: a cost forecast looks at the current month, `.current("1mo")`."""
SECONDS = re.compile(r"[1-9][0-9]{0,5}s")
"""A length that only process monitors have. https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor"""
PROCESSES = "processes"
SLO_WINDOWS = {
    "error_budget": {"over": '.over("7d")'},
    "burn_rate": {
        "over": '.over("30d")',
        "long_window": '.long_window("1h")',
        "short_window": '.short_window("5m")',
    },
}
"""Methods that hold a length of time and can't be left out, each with an example."""


class ChainReader(ArgumentReader):
    """Reads one query that is a chain of methods."""

    __slots__ = ()

    def event(self) -> EventMonitor:
        """A count or a measure of events of any kind."""
        start = self.token.start
        source = self._source()
        search = self._only_text(source, "a search")
        methods = self.methods(EVENT_METHODS)
        self._expect_windows(methods, LAST, in_seconds=source == PROCESSES)
        return EventMonitor(source, search, methods, self.comparison(), span=self.since(start))

    def formula(self) -> FormulaMonitor:
        """A formula over variables."""
        start = self.advance().start
        formula = self._only_text("formula", "a formula")
        inner = Span(formula.span.start + 1, formula.span.end - 1)
        tokens = tokenize_part(FORMULA, self.text, inner, "the end of the formula")
        expression = FormulaReader(self.text, tokens).whole()
        methods = self.methods(FORMULA_METHODS)
        self._expect_windows(methods, LAST)
        comparison = self.comparison()
        return FormulaMonitor(expression, methods, comparison, formula.quote, span=self.since(start))

    def check(self) -> ServiceCheck:
        """A service check."""
        if self.token.kind != TEXT:
            raise self.error("expected the quoted name of a service check", ("a quoted text",))
        check = self.quoted_text()
        if swallowed := self.swallowed():
            raise swallowed
        methods = self.methods(CHECK_METHODS)
        self._expect_statuses(methods)
        if self.token.kind != END:
            message = "expected the end of the query: the thresholds of a service check stand in the options"
            raise self.error(message, ("the end of the query",))
        return ServiceCheck(check, methods, span=self.since(check.span.start))

    def slo(self) -> SloMonitor:
        """An alert on an error budget or on a burn rate."""
        name = self.token
        if name.text not in SLO_MEASURES:
            message = "expected `error_budget(` or `burn_rate(`"
            raise self.error(message, SLO_MEASURES, closest(name.text, SLO_MEASURES))
        self.advance()
        measure = cast('Literal["error_budget", "burn_rate"]', name.text)
        slo = self._only_text(measure, "an SLO's id")
        methods = self.methods(SLO_METHODS)
        self._expect_windows(methods, SLO_WINDOWS[measure])
        return SloMonitor(measure, slo, methods, self.comparison(), span=self.since(name.start))

    def _source(self) -> str:
        source = self.token
        if source.kind != WORD:
            raise self.error(f"expected a source such as {LOGS}", ("a source",))
        if source.text in TIME_AGGREGATORS or source.text in CHANGES:
            message = f"{quoted(source.text)} is for monitors of type `query alert`: expected a source such as {LOGS}"
            raise self.error(message, ("a source",))
        self.expect_known(source, SOURCES | {"formula"}, "source")
        self.advance()
        return source.text

    def _only_text(self, owner: str, wanted: str) -> Text:
        self.expect("(", "after", owner)
        if self.token.kind != TEXT:
            raise self.error(f"expected {wanted} in quotes after {quoted(owner + '(')}", ("a quoted text",))
        text = self.quoted_text()
        if not self.accept(")"):
            raise self.swallowed() or self.error(f"expected `)` to close {quoted(owner + '(')}", (")",))
        return text

    def _expect_windows(
        self, methods: Collection[Method], examples: dict[str, str], *, in_seconds: bool = False
    ) -> None:
        names = {method.name for method in methods}
        for name, example in examples.items():
            if names.isdisjoint({name, INSTEAD.get(name, name)}):
                raise self.error(f"expected {quoted(example)} before the comparator", (example,))
        for method in methods:
            if method.name in examples:
                expect_length(method, in_seconds=in_seconds)

    def _expect_statuses(self, methods: tuple[Method, ...]) -> None:
        last = next((method for method in methods if method.name == "last"), None)
        if last is None:
            raise self.error("expected `.last(2)`: the number of statuses looked at", (".last(2)",))
        if not methods[-1].name.endswith("_by_status"):
            raise self.error("expected `.count_by_status()` at the end of a service check", (".count_by_status()",))
        for method in methods:
            if method.name == "over" and not any(isinstance(tag, Text) and tag.text for tag in method.arguments):
                raise QueryError('`.over` takes tags in quotes, or `"*"`', place_of(method.span), ('.over("*")',))
        count = last.arguments[0] if len(last.arguments) == 1 else last
        if not isinstance(count, Number):
            message = "`.last` of a service check takes a number of statuses"
            raise QueryError(message, place_of(count.span), ("a number",))


class FormulaReader(ExpressionReader):
    """Reads what stands in the quotes of `formula("...")`."""

    __slots__ = ()

    wanted = "a variable"

    def whole(self) -> Expression:
        """All of it."""
        expression = self.expression()
        if self.token.kind != END:
            raise self.error(
                "expected an operator or the end of the formula", ("an operator", "the end of the formula")
            )
        return expression

    def operand(self) -> Variable:
        """The name of a variable."""
        name = self.advance()
        return Variable(name.text, self.methods(FUNCTIONS), span=self.since(name.start))

    def call_arguments(self, name: str) -> tuple[Argument, ...]:
        """The arguments of a function: a word among them is a variable."""
        return tuple(_as_variable(argument) for argument in self.arguments(name))


def _as_variable(argument: Argument) -> Argument:
    return Variable(argument.text, span=argument.span) if isinstance(argument, Word) else argument


def expect_length(method: Method, *, in_seconds: bool) -> None:
    """Tell of a method such as `.last("5m")` that holds no length of time; one `in_seconds` may be allowed."""
    argument = method.arguments[0] if len(method.arguments) == 1 else method
    if not isinstance(argument, Text | Word):
        message = f"{quoted('.' + method.name)} takes a length such as `5m`"
        raise QueryError(message, place_of(argument.span), ("a length",))
    if in_seconds and SECONDS.fullmatch(argument.text):
        return
    if duration(argument.text) is None and (method.name != "over" or argument.text[:1].isdigit()):
        message = f"expected a length such as `5m` in {quoted('.' + method.name)}, got {quoted(argument.text)}"
        place = place_of(argument.inside if isinstance(argument, Text) else argument.span)
        raise QueryError(message, place, ("a length",), meant_duration(argument.text))


def place_of(span: Span) -> Place:
    """The same characters as an error counts them."""
    return Place(span.start, max(1, span.width))
