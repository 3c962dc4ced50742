"""The one error of this room, and how it finds what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

SHOWN_AT_MOST = 40


class Place(NamedTuple):
    """Characters of a query text: `offset` from 0, `width` at least 1 (also where the text is already over)."""

    offset: int
    width: int


class QueryError(Exception):
    """A query that Datadog would refuse.

    `message` says what came, where, and what was expected; `span` is what it is about; `expected` are the texts that
    could have stood there (may be empty); `suggestion` is what to write in place of `span` (may be empty).
    """

    def __init__(self, message: str, span: Place, expected: tuple[str, ...] = (), suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.expected = expected
        self.suggestion = suggestion

    @property
    def hint(self) -> str:
        """The suggestion as a sentence, empty without one."""
        return f"did you mean {quoted(self.suggestion)}?" if self.suggestion else ""


def quoted(text: str) -> str:
    """A piece of a query as messages show it: short, on one line, in backticks."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return f"`{line if len(line) <= SHOWN_AT_MOST else line[: SHOWN_AT_MOST - 1] + '…'}`"


def listed(texts: Iterable[str], last: str = "or") -> str:
    """`a`, `b` or `c`."""
    *most, final = map(quoted, texts)
    return f"{', '.join(most)} {last} {final}" if most else final


def closest(word: str, known: Iterable[str]) -> str:
    """The one of a complete list of words that was probably meant, empty where none is near."""
    return next(iter(get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)), "")


def slip(word: str, known: Iterable[str]) -> str:
    """The known word of which `word` is a slip of one key, empty where there is none.

    For lists that Datadog may lengthen any day: a word that is further away, or differs in its digits only (`ewma_7`),
    may be one that isn't known yet.
    """
    names = [name for name in known if _without_digits(name) != _without_digits(word)]
    near = get_close_matches(word.lower(), names, n=1, cutoff=max(0.6, 1 - 1 / len(word)))
    return near[0] if near and abs(len(near[0]) - len(word)) <= 1 else ""


def _without_digits(word: str) -> str:
    return "".join(character for character in word if not character.isdigit())
