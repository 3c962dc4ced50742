"""Datadog's search syntax as downtime scopes and monitor searches use it: `env:prod AND tenant:(a OR b*) -region:eu`.

any    := all ("OR" all)*
all    := one (["AND"] one)*
one    := ("-" | "NOT") one | "(" any ")" | term
term   := [key ":"] value | key ":(" value (["OR"] value)* ")"
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = re.compile(r'\s*(?:(?P<open>[^\s:()"]+:\()|(?P<mark>[()])|(?P<term>(?:"[^"]*"|[^\s()"])+))')


@dataclass(frozen=True, slots=True)
class Term:
    """`key:value`; without a key the key is empty. Stars in the value stand for anything."""

    key: str
    value: str

    def accepts(self, text: str) -> bool:
        """Whether the value, stars and case aside, is that text."""
        pattern = ".*".join(re.escape(part) for part in self.value.lower().split("*"))
        return re.fullmatch(pattern, text.lower(), re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts it always does."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part doesn't hold."""

    part: "Expression"


Expression = Term | All | Any | Not


class SyntaxProblem(Exception):  # noqa: N818 - whoever parses turns it into an answer
    """The text is no search expression."""


def holds(expression: Expression, term_holds: Callable[[Term], bool]) -> bool:
    """Whether the expression is true where each term is what `term_holds` says."""
    match expression:
        case Term():
            return term_holds(expression)
        case Not(part):
            return not holds(part, term_holds)
        case All(parts):
            return all(holds(part, term_holds) for part in parts)
        case Any(parts):
            return any(holds(part, term_holds) for part in parts)


def terms(expression: Expression) -> tuple[Term, ...]:
    """Every term of the expression, in order."""
    match expression:
        case Term():
            return (expression,)
        case Not(part):
            return terms(part)
        case All(parts) | Any(parts):
            return tuple(term for part in parts for term in terms(part))


def parse(text: str) -> Expression:
    """The expression that the text stands for; raises `SyntaxProblem`."""
    parser = Parser(tokens(text))
    try:
        parsed = parser.any_of("") if parser.tokens else All(())
    except RecursionError as error:
        raise SyntaxProblem("it is nested too deeply") from error
    if parser.tokens:
        raise SyntaxProblem(f"unexpected {parser.tokens[0]!r}")
    return parsed


def tokens(text: str) -> list[str]:
    """The words and parentheses of a text; `key:(` is one token."""
    found, end = [], 0
    while text[end:].strip():
        match = TOKEN.match(text, end)
        if match is None:
            raise SyntaxProblem(f"unexpected {text[end:].strip()[0]!r}")
        found.append(match[0].strip())
        end = match.end()
    return found


class Parser:
    """One method a level of the grammar; `key` is the one that a parenthesis was opened for, else empty."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def upcoming(self) -> str:
        """The next token, empty at the end."""
        return self.tokens[0] if self.tokens else ""

    def any_of(self, key: str) -> Expression:
        """Parts with `OR` between them."""
        parts = [self.all_of(key)]
        while self.upcoming().upper() == "OR":
            self.tokens.pop(0)
            parts.append(self.all_of(key))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def all_of(self, key: str) -> Expression:
        """Parts with `AND` or nothing between them."""
        parts = [self.one(key)]
        while self.upcoming() not in {"", ")"} and self.upcoming().upper() != "OR":
            if self.upcoming().upper() == "AND":
                self.tokens.pop(0)
            parts.append(self.one(key))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, key: str) -> Expression:
        """A negation, a parenthesis or a term."""
        word = self.tokens.pop(0) if self.tokens else ")"
        if word == ")" or word.upper() in {"AND", "OR"}:
            raise SyntaxProblem("a value is missing")
        if word.upper() == "NOT" or (word == "-" and self.upcoming() == "("):
            return Not(self.one(key))
        if word.startswith("-") and len(word) > 1:
            self.tokens.insert(0, word[1:])
            return Not(self.one(key))
        if word == "(":
            return self.closed(key)
        if word.endswith(":("):
            return self.closed(word[:-2])
        return term(word, key)

    def closed(self, key: str) -> Expression:
        """What stands before the closing parenthesis."""
        inner = self.any_of(key)
        if self.upcoming() != ")":
            raise SyntaxProblem("a parenthesis is not closed")
        self.tokens.pop(0)
        return inner


def term(token: str, key: str) -> Term:
    """`key:value`, or a value for the key of the parenthesis around it."""
    name, colon, value = token.partition(":")
    if colon and not name.startswith('"') and not key:
        return Term(name, value.replace('"', ""))
    return Term(key, token.replace('"', ""))
