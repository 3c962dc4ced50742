"""The scope of a downtime: which groups it covers.

The grammar is that of log searches: `env:prod service:web`, `AND`, `env:(dev OR staging)`, `-env:prod`, `host:web-*`.
https://docs.datadoghq.com/monitors/guide/scoping_downtimes/
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ddguard.errors import InputError

TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|(?P<minus>-(?=[^\s]))|(?P<word>(?:"[^"]*"|[^\s()])+))')
BAD_KEY = re.compile(r"[^\w./-]")


class ScopeError(InputError):
    """A downtime's scope that Datadog would refuse, or that isn't known to be allowed."""


@dataclass(frozen=True, slots=True)
class Term:
    """`key:value` with stars in the value, which a tag must match, or must not if `negated`."""

    key: str
    values: tuple[str, ...]
    every: bool = False
    negated: bool = False

    def holds(self, tags: Collection[str]) -> bool:
        """Whether the tags satisfy the term: one of the values is there (all of them with `every`)."""
        found = (any(_matches(f"{self.key}:{value}", tag) for tag in tags) for value in self.values)
        return (all(found) if self.every else any(found)) != self.negated


@dataclass(frozen=True, slots=True)
class Scope:
    """Terms that must all hold; without any it covers every group."""

    text: str
    terms: tuple[Term, ...]

    def covers(self, tags: Collection[str]) -> bool:
        """Whether a group with these tags (its own and those its query fixes) is covered."""
        return all(term.holds(tags) for term in self.terms)


def _matches(pattern: str, tag: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), tag, re.DOTALL) is not None


def parse_scope(text: str) -> Scope:
    """The scope that the text means; ScopeError where Datadog doesn't support it."""
    reader = _Reader(text, tuple(_tokens(text)))
    return Scope(text, reader.scope())


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        token = TOKEN.match(text, at)
        if token is None:
            raise ScopeError(f"the scope {text!r} can't be read from character {at + 1} on")
        at = token.end()
        yield token[0].strip()


@dataclass(slots=True)
class _Reader:
    """Reads the tokens from left to right, a method for each form."""

    text: str
    tokens: tuple[str, ...]
    at: int = 0

    def scope(self) -> tuple[Term, ...]:
        if not self.tokens:
            raise self._error("is empty", 'write "*" for every group')
        if self.tokens == ("*",):
            return ()
        terms = self._joined()
        if self.at < len(self.tokens):
            raise self._error(f"has a {self.tokens[self.at]!r} too many")
        return tuple(terms)

    def _joined(self) -> list[Term]:
        """Terms joined by AND or blanks; OR only between terms of one key."""
        terms = [self._term()]
        while self.at < len(self.tokens) and self.tokens[self.at] != ")":
            word = self._word()
            if word == "OR":
                terms[-1] = self._either(terms[-1], self._term())
            else:
                if word != "AND":
                    self.at -= 1
                terms.append(self._term())
        return terms

    def _either(self, left: Term, right: Term) -> Term:
        if left.key != right.key or left.negated or right.negated or left.every or right.every:
            raise self._error("has an OR between different keys", "Datadog supports key:(a OR b) only")
        return Term(left.key, left.values + right.values)

    def _term(self) -> Term:
        word = self._word()
        if word == "-":
            inner = self._term()
            if inner.negated or inner.every:
                raise self._error("negates what can't be negated", "Datadog supports -key:value and -key:(a OR b)")
            return Term(inner.key, inner.values, negated=True)
        if word == "(":
            return self._parenthesised()
        key, colon, value = word.partition(":")
        if word in {")", "AND", "OR"} or not colon or not key:
            raise self._error("must be made of key:value pairs", "All values must have a key")
        if BAD_KEY.search(key):
            raise self._error(f"has a key {key!r} with characters that Datadog doesn't support")
        if value:
            return Term(key.lower(), (_value(value),))
        if self._word() != "(":
            raise self._error(f"has a key {key!r} without a value")
        return self._values(key.lower())

    def _parenthesised(self) -> Term:
        terms = self._joined()
        if self._word() != ")":
            raise self._error("lacks a closing parenthesis")
        if len(terms) != 1:
            raise self._error("groups several keys in parentheses", "Datadog supports key:(a OR b) only")
        return terms[0]

    def _values(self, key: str) -> Term:
        values, joints = [self._plain_value()], set()
        while (word := self._word()) != ")":
            if word not in {"OR", "AND"}:
                raise self._error(f"has {word!r} where OR, AND or a parenthesis is due")
            joints.add(word)
            values.append(self._plain_value())
        if len(joints) > 1:
            raise self._error("mixes AND and OR in one pair of parentheses")
        return Term(key, tuple(values), every=joints == {"AND"})

    def _plain_value(self) -> str:
        word = self._word()
        if word in {"(", ")", "-", "AND", "OR"}:
            raise self._error(f"has {word!r} where a value is due")
        return _value(word)

    def _word(self) -> str:
        if self.at >= len(self.tokens):
            raise self._error("ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, message: str, hint: str = "") -> ScopeError:
        return ScopeError(f"the scope {self.text!r} {message}", hint)


def _value(text: str) -> str:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    return text.lower()
