"""Reads metric monitors' queries: `avg(last_5m):sum:requests{env:prod} by {host}.as_count() > 5`.

monitor      := (aggregation | change) ":" expression comparison
aggregation  := ("avg" | "sum" | "min" | "max" | "percentile") "(" window ")"
change       := ("change" | "pct_change") "(" aggregation "," (window | length "_ago") ")"
operand      := [aggregator ":"] metric "{" scope "}" ["by" "{" key ("," key)* "}"] methods
aggregator   := "avg" | "sum" | "min" | "max" | "count" | "p95" ... | "count" "(" word ":" word comparator number ")"
"""

import re
from typing import Literal, cast

from ddguard.query.arguments import meant_number
from ddguard.query.expressions import ExpressionReader
from ddguard.query.mistakes import Place, QueryError, closest, listed, quoted
from ddguard.query.nodes import (
    Argument,
    Change,
    Expression,
    GroupKey,
    MetricMonitor,
    MetricQuery,
    TimeAggregation,
    Window,
    Word,
)
from ddguard.query.scopes import ScopeReader
from ddguard.query.tokens import BRACES, END, WORD, Token
from ddguard.query.vocabulary import (
    CHANGES,
    COMPARATORS,
    FUNCTIONS,
    SOURCES,
    SPACE_AGGREGATORS,
    TIME_AGGREGATORS,
    TYPES,
)
from ddguard.query.windows import meant_shift, meant_window, named_window, shift

AGGREGATIONS = (*TIME_AGGREGATORS, *CHANGES)
COUNT = "count"
PARENTHESISED_KEYS = re.compile(r"\(([\w.@/, -]+)\)")
PERCENTILE = re.compile(r"p\d{1,2}(\.\d{1,2})?")


class MetricReader(ExpressionReader):
    """Reads one metric monitor's query."""

    __slots__ = ()

    wanted = "a metric query"
    ending = "an operator or a comparator"

    def monitor(self) -> MetricMonitor:
        """The whole query."""
        start = self.token.start
        aggregation = self._change() if self.token.text in CHANGES else self._aggregation(AGGREGATIONS)
        written = self.text[start : self.end]
        if not self.accept(":"):
            suggestion = "" if self.token.kind == END else f":{self.token.text}"
            raise self.error(f"expected `:` after {quoted(written)}", (":",), suggestion)
        expression = self.expression()
        comparison = self.comparison()
        return MetricMonitor(aggregation, expression, comparison, span=self.since(start))

    def series(self) -> Expression:
        """The whole of a query that no window and no threshold belong to."""
        expression = self.expression()
        if self.token.kind != END:
            raise self.error("expected an operator or the end of the query", ("an operator", "the end of the query"))
        return expression

    def _change(self) -> Change:
        function = self.advance()
        self.expect("(", "after", function.text)
        aggregation = self._aggregation(TIME_AGGREGATORS)
        self.expect(",", "before the shift of", function.text)
        before = self._shift()
        self.expect(")", "to close", f"{function.text}(")
        name = cast('Literal["change", "pct_change"]', function.text)
        return Change(name, aggregation, before, span=self.since(function.start))

    def _aggregation(self, known: tuple[str, ...]) -> TimeAggregation:
        name = self.token
        if name.text not in TIME_AGGREGATORS or self.following.text == ":":
            raise self._no_aggregation(known)
        self.advance()
        self.expect("(", "after", name.text)
        window = self._window()
        self.expect(")", "to close", f"{name.text}(")
        return TimeAggregation(name.text, window, span=self.since(name.start))

    def _no_aggregation(self, known: tuple[str, ...]) -> QueryError:
        name = self.token
        if name.text in SOURCES and self.following.text == "(":
            meant = quoted(TYPES.get(name.text, f"{name.text} alert"))
            message = f"{quoted(name.text)} is for monitors of type {meant}: expected a time aggregation"
            return self.error(message, known)
        if name.kind == WORD and self.following.text == "(":
            message = f"expected a time aggregation ({listed(known)})"
            return self.error(message, known, closest(name.text, (*known, "formula")))
        return self.error("expected a time aggregation such as `avg(last_5m):` before the query", known)

    def _window(self) -> Window:
        token = self.token
        window = named_window(token.text, token.span)
        if window is None:
            raise self.error("expected a window such as `last_5m`", ("a window",), meant_window(token.text))
        self.advance()
        return window

    def _shift(self) -> Window:
        token = self.token
        before = shift(token.text, token.span)
        if before is None:
            message = "expected a shift such as `last_30m` or `30m_ago`"
            raise self.error(message, ("a shift",), meant_shift(token.text))
        self.advance()
        return before

    def operand(self) -> MetricQuery:
        """One metric query."""
        start = self.token.start
        if self._counts_values():
            aggregator: str | None = self._counted()
        else:
            aggregator = self._aggregator() if self.following.text == ":" else None
        metric = self.token
        if metric.kind != WORD:
            raise self.error(f"expected the name of a metric after {quoted(f'{aggregator}:')}", ("a metric",))
        self.advance()
        braces = self.token
        if braces.kind != BRACES:
            raise self.error(f"expected `{{` and a scope after the metric {quoted(metric.text)}", ("{",))
        self.advance()
        scope = ScopeReader(self.text, braces).scope()
        by = self._by()
        return MetricQuery(aggregator, metric.text, scope, by, self.methods(FUNCTIONS), span=self.since(start))

    def _aggregator(self) -> str:
        name = self.token.text
        if name not in SPACE_AGGREGATORS and not PERCENTILE.fullmatch(name):
            message = f"expected a space aggregation ({listed(SPACE_AGGREGATORS)})"
            raise self.error(message, SPACE_AGGREGATORS, closest(name, SPACE_AGGREGATORS))
        self.advance()
        self.advance()
        return name

    def begins_call(self) -> bool:
        """Whether the next word is the name of a function, and not `count(v: v<5)`."""
        return super().begins_call() and not self._counts_values()

    def _counts_values(self) -> bool:
        """Whether `count(v: v` comes next, which counts the values of a distribution beyond a limit."""
        if self.token.text != COUNT or self.following.text != "(":
            return False
        texts = [token.text for token in self.tokens[self.index + 2 : self.index + 6]]
        return len(texts) == 4 and texts[:2] == [texts[2], ":"] and texts[3] in COMPARATORS

    def _counted(self) -> str:
        """`count(v: v<5)`, up to and with the colon behind it."""
        self.advance()
        self.advance()
        name = self.advance().text
        self.advance()
        self.advance()
        comparator = self.advance().text
        limit = self.number()
        if limit is None:
            raise self.error("expected a number to compare values with", ("a number",), meant_number(self.token.text))
        self.expect(")", "to close", f"{COUNT}(")
        self.expect(":", "after", f"{COUNT}({name}: {name}{comparator}{limit.text})")
        return f"{COUNT}({name}: {name}{comparator}{limit.text})"

    def _by(self) -> tuple[GroupKey, ...]:
        token = self.token
        if token.text == "by":
            self.advance()
            braces = self.token
            if braces.kind != BRACES:
                raise self._no_keys()
            self.advance()
            return ScopeReader(self.text, braces).keys("after `by`")
        if token.kind == BRACES:
            raise self.error("expected `by` before the tag keys", ("by",), f"by {token.text}")
        if token.kind == WORD and self.following.kind == BRACES:
            raise self.error("expected `by` before the tag keys", ("by",), "by")
        return ()

    def _no_keys(self) -> QueryError:
        token = self.token
        found = PARENTHESISED_KEYS.match(self.text, token.start)
        if found:
            keys = Token(WORD, found.group(), token.start, found.end())
            return self.error("expected `{` and tag keys after `by`", ("{",), f"{{{found[1]}}}", keys)
        alone = token.kind == WORD and self.following.text not in {",", "}"}
        suggestion = f"{{{token.text}}}" if alone else ""
        return self.error("expected `{` and tag keys after `by`", ("{",), suggestion)

    def begins_operand(self) -> bool:
        """Whether the next word begins a metric query or a call."""
        after = self.following
        return after.text in {"(", ":"} or after.kind == BRACES or "." in self.token.text

    def call_arguments(self, name: str) -> tuple[Argument, ...]:
        """The arguments of a function: at least one, and the first is no mere word."""
        arguments = self.arguments(name)
        if not arguments:
            raise QueryError(f"expected an argument of {quoted(name)}", Place(self.end - 1, 1), ("a metric query",))
        first = arguments[0]
        if isinstance(first, Word):
            place = Place(first.span.end, 1)
            raise QueryError(f"expected `{{` and a scope after the metric {quoted(first.text)}", place, ("{",))
        return arguments
