"""What Datadog refuses in the scope of a downtime: values without a key, and what can't be read to its end.

https://docs.datadoghq.com/monitors/guide/scoping_downtimes/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ddguard.findings import Finding
from ddguard.model import Json, Source
from ddguard.spec.wording import quoted
from ddguard.spec.wrong_values import wrong_value

EVERYTHING = "*"
TOKEN = re.compile(r'[^\s:()"]+:\(|[()]|(?:"[^"]*"?|[^\s()"])+')
JOINTS = frozenset({"AND", "OR"})
KEY = re.compile(r'-?([^:("]+):')
ODD_IN_KEYS = re.compile(r"[^\w.@/*-]")
"""https://docs.datadoghq.com/monitors/downtimes/#downtime-scope-limitations"""


def odd_scope(value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for the first mistake in the scope of a downtime."""
    scope = value.get("scope")
    mistake = scope_mistake(scope) if isinstance(scope, str) and scope else None
    if mistake:
        yield wrong_value(("scope",), mistake.message, mistake.hint, source, mistake.offset, mistake.width)


@dataclass(frozen=True, slots=True)
class ScopeMistake:
    """What is wrong with `width` characters of a scope, and a hint (may be empty)."""

    message: str
    hint: str
    offset: int
    width: int


def scope_mistake(scope: str) -> ScopeMistake | None:
    """The first mistake in a scope; None where there is none."""
    if scope.strip() == EVERYTHING:
        return None
    reader = _Reader()
    mistakes = (mistake for token in TOKEN.finditer(scope) if (mistake := reader.mistake_in(token)))
    return next(mistakes, None) or reader.mistake_at_the_end(len(scope))


@dataclass(slots=True)
class _Reader:
    """Goes from token to token. `opened` are the open parentheses, and whether a key goes for what is in each."""

    opened: list[tuple[re.Match[str], bool]] = field(default_factory=list)
    before: str = ""
    is_due: bool = True

    def mistake_in(self, token: re.Match[str]) -> ScopeMistake | None:
        """What is wrong with the next token."""
        text, before, due = token[0], self.before, self.is_due
        keyed = bool(self.opened) and self.opened[-1][1]
        self.before = text
        negates = text == "-" and token.string[token.end() :].startswith("(")
        self.is_due = negates or text.endswith("(") or text.upper() in {*JOINTS, "NOT"}
        if not keyed and (odd := _odd_key(token)):
            return odd
        if text.endswith("("):
            self.opened.append((token, keyed or text != "("))
            return None
        if text == ")" or text.upper() in JOINTS:
            return self._mistake_in_mark(token, due=due)
        if text.count('"') % 2:
            return _mistake(token, "this quote is never closed", 'close it with "')
        return None if keyed or self.is_due or _has_key(text) else _keyless(token, before)

    def _mistake_in_mark(self, token: re.Match[str], *, due: bool) -> ScopeMistake | None:
        if due:
            return _mistake(token, f"expected key:value before {quoted(token[0])}", "")
        if token[0] == ")":
            if not self.opened:
                return _mistake(token, "this parenthesis closes none", "")
            self.opened.pop()
        return None

    def mistake_at_the_end(self, length: int) -> ScopeMistake | None:
        """What is missing where the scope ends."""
        if self.is_due:
            what = f"key:value is missing after {quoted(self.before)}" if self.before else "expected key:value"
            return ScopeMistake(what, "" if self.before else "write * for every group", length - 1, 1)
        if self.opened:
            return _mistake(self.opened[-1][0], "the parenthesis that opens here is never closed", "close it with )")
        return None


def _has_key(text: str) -> bool:
    key, colon, _ = text.lstrip("-").partition(":")
    return bool(key and colon) and not key.startswith('"')


def _odd_key(token: re.Match[str]) -> ScopeMistake | None:
    """The mistake that a key holds a character that keys don't have."""
    key = KEY.match(token[0])
    odd = ODD_IN_KEYS.search(token[0], key.start(1), key.end(1)) if key else None
    if odd is None:
        return None
    message = f"Datadog refuses the key of {quoted(token[0])}: it holds {quoted(odd[0])}"
    return ScopeMistake(message, "keys have letters, digits, _, -, . and /", token.start() + odd.start(), 1)


def _keyless(token: re.Match[str], before: str) -> ScopeMistake:
    hint = "write key:value, such as tenant:acme"
    if before.endswith(":"):
        hint = f"write {before}{token[0]}, without a blank after the colon"
    return _mistake(token, f"{quoted(token[0])} has no key, and Datadog refuses values without one", hint)


def _mistake(token: re.Match[str], message: str, hint: str) -> ScopeMistake:
    return ScopeMistake(message, hint, token.start(), len(token[0]))
