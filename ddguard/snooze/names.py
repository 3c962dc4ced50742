"""Which groups may be snoozed: exactly those that are named, by keys that the project allows.

A name becomes part of a search expression. So only names that mean themselves in one are taken, nothing is quoted, and
what is refused is told with all that isn't plain text escaped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ddguard.errors import RefusedError, UsageError
from ddguard.model import SnoozePolicy, Stack
from ddguard.payload.snoozes import KEY, LONGEST_AUTHOR, LONGEST_REASON, VALUE, Target, Term, one_line

LONGEST_TAG = 200
"""Characters of a tag, key and colon included. https://docs.datadoghq.com/getting_started/tagging/"""

LONGEST_SHOWN = 60
LARGE_WORDS = re.compile(r"\b(?:AND|OR)\b")
OPERATORS = frozenset({"and", "or", "not"})


class ReadTerm(Protocol):
    """A term of a scope as it was read: stars may stand in its values; with `every` all of them have to match."""

    @property
    def key(self) -> str:
        """The tag's key."""

    @property
    def values(self) -> tuple[str, ...]:
        """The tag's values, in lower case."""

    @property
    def every(self) -> bool:
        """Whether a group has to carry all values at once."""

    @property
    def negated(self) -> bool:
        """Whether a group must not match."""


def tag_target(stack: Stack, key: str, value: str, policy: SnoozePolicy, monitor: int | None = None) -> Target:
    """The groups with one tag. Raises `RefusedError` where the key isn't allowed or the value isn't a plain one."""
    _check_key(key, policy)
    _check_value(key, value)
    return Target(stack.name, (Term(key, (value,)),), monitor)


def scope_target(
    stack: Stack, text: str, terms: Sequence[ReadTerm], policy: SnoozePolicy, monitor: int | None = None
) -> Target:
    """The groups that satisfy all the terms that `text` was read as.

    Raises `RefusedError` where a key isn't allowed, a value isn't a plain one, or nothing says which groups are meant.
    """
    if any(character.isupper() for character in LARGE_WORDS.sub("", text)):
        raise RefusedError(
            f"the scope {shown(text)} isn't all in lower case", "Datadog's tags are: only AND and OR are written large"
        )
    for term in terms:
        _check_key(term.key, policy)
        if term.every:
            raise RefusedError(f"no group carries several values of {term.key} at once", "alternatives: (a OR b)")
        for value in term.values:
            _check_value(term.key, value)
            if len(term.values) > 1 and value in OPERATORS:
                raise RefusedError(f"the value {value} among alternatives reads like an operator")
    if all(term.negated for term in terms):
        raise RefusedError(
            f"the scope {shown(text)} would silence every group but some",
            f"say which ones fall silent, such as {policy.keys[0]}:NAME",
        )
    kept = {Term(term.key, tuple(sorted(set(term.values))), term.negated) for term in terms}
    return Target(stack.name, tuple(sorted(kept)), monitor)


def _check_key(key: str, policy: SnoozePolicy) -> None:
    if key not in policy.keys or not KEY.fullmatch(key):
        raise RefusedError(
            f"{shown(key)} can't be snoozed in this project",
            f"`snooze.keys` in ddguard.yaml allows {', '.join(policy.keys)}",
        )


def _check_value(key: str, value: str) -> None:
    if not VALUE.fullmatch(value):
        raise RefusedError(f"{shown(value)} is no {key} that can be snoozed", _hint(key, value))
    if len(key) + 1 + len(value) > LONGEST_TAG:
        raise RefusedError(
            f"{shown(value)} is no {key} that can be snoozed", f"a tag has {LONGEST_TAG} characters at most"
        )


def _hint(key: str, value: str) -> str:
    return next(hint(key, value) for applies, hint in HINTS if applies(key, value))


Told = Callable[[str, str], str]
HINTS: Sequence[tuple[Callable[[str, str], bool], Told]] = (
    (lambda _, value: not value.strip(), lambda key, _: f"name the {key}"),
    (
        lambda key, value: value.startswith(f"{key}:") and bool(VALUE.fullmatch(value.removeprefix(f"{key}:"))),
        lambda key, value: f"leave out the key: {value.removeprefix(f'{key}:')}",
    ),
    (
        lambda _, value: value.isascii() and bool(VALUE.fullmatch(value.lower())),
        lambda _, value: f"Datadog's tags are in lower case: did you mean {value.lower()}?",
    ),
    (lambda _, value: "*" in value, lambda key, _: f"a snooze is for one {key}: a star would silence others too"),
    (
        lambda *_: True,
        lambda *_: "a tag's value has the letters a to z, digits and _ . / - in it, and doesn't begin with - . or /",
    ),
)
"""What to say of a value that isn't taken: the first that applies."""


def shown(text: str) -> str:
    """A text of the user's own, safe to print: quoted, escaped, not too long."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


def checked_reason(text: str | None, policy: SnoozePolicy) -> str:
    """The reason as one line. Raises `RefusedError` where the project wants one and there is none, or only dots."""
    reason = one_line(text or "", LONGEST_REASON)
    if policy.reason_required and not any(character.isalnum() for character in reason):
        raise RefusedError("a snooze needs a reason", '--reason "load test until noon": the next person reads it')
    return reason


def checked_author(candidates: Iterable[str | None]) -> str:
    """The first of the candidates that says who it is. Raises `UsageError` where none does."""
    for candidate in candidates:
        author = one_line(candidate or "", LONGEST_AUTHOR)
        if author:
            return author
    raise UsageError("nothing says who snoozes", "give --by NAME")
