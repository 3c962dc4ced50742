"""Reads what stands between braces: scopes, and lists of tag keys.

    scope   := any ("," any)*
    any     := all (OR all)*
    all     := not (AND not)*
    not     := ("!" | NOT) not | atom
    atom    := "(" scope ")" | "*" | key:value | tag | key [NOT] IN "(" value ("," value)* ")"

Datadog doesn't let `,` and `!` stand beside AND, OR and NOT. They are read all the same: whether they are mixed is the
business of a check. https://docs.datadoghq.com/metrics/advanced-filtering/
"""

from collections.abc import Callable

from ddguard.query.mistakes import Place, QueryError, closest, quoted
from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Everything,
    GroupKey,
    Not,
    Scope,
    ScopeGroup,
    Tag,
    TagIn,
)
from ddguard.query.reader import Reader
from ddguard.query.tokens import END, SCOPE, TAG, Token, tokenize_part

JOINTS = ("AND", "OR", "IN", "NOT IN")
RESERVED = frozenset({"and", "or", "not", "in"})
MEANT_JOINTS = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR", ";": ","}
"""What people write for a joint."""


def _behind(text: str, end: int) -> str:
    return quoted(text[end]) if text[end:].strip() else "the end of the query"


class ScopeReader(Reader):
    """Reads one `{...}`; `braces` is its token in the query."""

    __slots__ = ("braces",)

    def __init__(self, text: str, braces: Token) -> None:
        closed = braces.text[-1] == "}"
        super().__init__(tokenize_part(SCOPE, text, braces.span, "" if closed else _behind(text, braces.end)))
        self.braces = braces
        self.advance()

    def scope(self) -> Scope:
        """The whole of it as a filter."""
        scope = self._scope()
        self._close()
        return scope

    def keys(self, purpose: str) -> tuple[GroupKey, ...]:
        """The whole of it as tag keys, at least one."""
        keys = [self._key(purpose)]
        while self.accept(","):
            keys.append(self._key(purpose))
        if not self.accept("}"):
            closed = self.token.kind == TAG and self.braces.text.endswith("}")
            suggestion = f",{self.token.text}" if closed else ""
            raise self.error("expected `,` or `}` after a tag key", (",", "}"), suggestion)
        return tuple(keys)

    def _key(self, purpose: str) -> GroupKey:
        token = self.token
        if token.kind != TAG:
            raise self.error(f"expected a tag key {purpose}", ("a tag key",))
        if ":" in token.text:
            key = token.text.partition(":")[0]
            raise self.error(f"expected a tag key without a value {purpose}", ("a tag key",), key)
        self.advance()
        return GroupKey(token.text, span=token.span)

    def _scope(self) -> Scope:
        return self._joined(self._any, ",", AllOf)

    def _any(self) -> Scope:
        return self._joined(self._all, "or", AnyOf)

    def _all(self) -> Scope:
        return self._joined(self._not, "and", AllOf)

    def _joined(self, operand: Callable[[], Scope], joint: str, join: type[AllOf] | type[AnyOf]) -> Scope:
        start = self.token.start
        first = operand()
        if self.token.text.lower() != joint:
            return first
        operands, words = [first], []
        while self.token.text.lower() == joint:
            words.append(self.advance().text)
            operands.append(operand())
        return join(tuple(operands), tuple(words), span=self.since(start))

    def _not(self) -> Scope:
        token = self.token
        if token.text != "!" and token.text.lower() != "not":
            return self._atom()
        self.enter()
        self.advance()
        negated = Not(self._not(), token.text, span=self.since(token.start))
        self.leave()
        return negated

    def _atom(self) -> Scope:
        token = self.token
        if token.text == "(":
            return self._group()
        if token.kind != TAG or token.text.lower() in RESERVED:
            raise self._no_tag()
        self.advance()
        if token.text == "*":
            return Everything(span=token.span)
        key, colon, value = token.text.partition(":")
        if colon:
            return Tag(key, value, span=token.span)
        return self._tag_in(token) if self.token.text.lower() in {"in", "not"} else Tag(None, key, span=token.span)

    def _group(self) -> Scope:
        self.enter()
        opener = self.advance()
        inner = self._scope()
        if not self.accept(")"):
            expected = (")", ",", *JOINTS)
            raise self._torn() or self.error("expected `)` to close `(` in the scope", expected, self._meant_joint())
        self.leave()
        return ScopeGroup(inner, span=self.since(opener.start))

    def _tag_in(self, key: Token) -> TagIn:
        words = [self.advance().text]
        if words[0].lower() == "not":
            if self.token.text.lower() != "in":
                raise self.error(f"expected `IN` after `{words[0]}`", ("IN",))
            words.append(self.advance().text)
        self.expect("(", "before the values of", key.text)
        values = [self._value()]
        while self.accept(","):
            values.append(self._value())
        self.expect(")", "after the values of", key.text)
        return TagIn(key.text, tuple(values), tuple(words), span=self.since(key.start))

    def _value(self) -> str:
        if self.token.kind != TAG:
            raise self.error("expected a tag value", ("a tag value",))
        return self.advance().text

    def _no_tag(self) -> QueryError:
        if self.braces.text[:1] + self.braces.text[1:].lstrip() == "{}":
            return self.error("expected a tag or `*` in the scope", ("a tag", "*"), "{*}", self.braces)
        return self.error("expected a tag or `*` in the scope", ("a tag", "*"))

    def _close(self) -> None:
        if self.accept("}"):
            return
        if self.token.text == ")":
            raise self.error("expected `}` at the end of the scope: no `(` is open", ("}",))
        if self.token.kind == END and not self.braces.text.endswith("}"):
            raise self.error("expected `}` to close the scope", ("}",))
        raise self._torn() or self.error(
            "expected `,`, `AND`, `OR` or `}` after a tag", (",", "AND", "OR", "}"), self._meant_joint()
        )

    def _torn(self) -> QueryError | None:
        """The error that a blank stands between the colon of the tag just read and its value."""
        before, token = self.tokens[self.index - 1], self.token
        if before.kind != TAG or token.kind != TAG or not before.text.endswith(":"):
            return None
        place = Place(before.start, token.end - before.start)
        message = f"no blank may stand behind the colon of {quoted(before.text)}"
        return QueryError(message, place, ("a tag",), before.text + token.text)

    def _meant_joint(self) -> str:
        token = self.token
        if token.text in MEANT_JOINTS:
            return MEANT_JOINTS[token.text]
        if token.kind != TAG or ":" in token.text or token.text.lower() in RESERVED:
            return ""
        return "} by" if token.text == "by" else closest(token.text, ("and", "or", "in")).upper()
