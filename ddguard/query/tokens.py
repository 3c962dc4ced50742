"""Splits query texts into tokens, each with its place."""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ddguard.query.nodes import Span

WORD, NUMBER, MIXED, TEXT, BRACES = "word", "number", "mixed", "text", "braces"
OPERATOR, SYMBOL, OPEN, TAG, REFERENCE, END = "operator", "symbol", "open", "tag", "reference", "end"


class Token(NamedTuple):
    """A piece of a query: `text` stands from `start` up to `end`.

    Kinds: `word` (system.load.1), `number` (0.5), `mixed` (10d, .3: digits that are no number), `text` (with its
    quotes), `braces` (`{...}` as a whole, without `}` where it is missing), `operator` (any run of < > = !), `symbol`
    (one other character), `open` (a quote that is never closed), `tag` (env:prod), `reference` (${monitor:id}), `end`
    (its text says what has come to its end).
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.start, self.end)


make_token: Callable[[tuple[str, str, int, int]], Token] = partial(tuple.__new__, Token)
"""A token out of its four fields: as `Token(...)`, in half the time, for there are twenty of them in a query."""

COMMON = r"""
  | (?P<number> [0-9]+ (?:\.[0-9]+)? (?:[eE][+-]?[0-9]+)? (?![\w.]) )
  | (?P<mixed> \.?[0-9] [\w.]* )
  | (?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' {escaped} )
  | (?P<braces> \{{ [^{{}}]* \}}? )
  | (?P<operator> [<>=!]+ )
  | (?P<open> ["'] )
  | (?P<symbol> \S )
"""
ESCAPED = r"""| \\"[^"\\]*\\" | \\'[^'\\]*\\'"""

QUERY = re.compile(r"(?P<word> [^\W\d]\w* (?:[.-]+\w+)* )" + COMMON.format(escaped=""), re.VERBOSE | re.DOTALL)
"""Metric names and sources hold dots and hyphens."""

FORMULA = re.compile(r"(?P<word> [^\W\d]\w* )" + COMMON.format(escaped=ESCAPED), re.VERBOSE | re.DOTALL)
"""In a formula a hyphen is a minus; it stands in quotes itself, so quotes in it may be escaped."""

SCOPE = re.compile(r"(?P<symbol> [,(){}!] ) | (?P<tag> [^\s,(){}]+ )", re.VERBOSE)
"""What stands between braces."""

COMPOSITE = re.compile(
    r"""(?P<reference> \$\{[^{}]*\} ) | (?P<number> [0-9]{1,18} (?!\w) ) | (?P<operator> [&|]+ ) | (?P<word> \w+ )
      | (?P<symbol> \S )""",
    re.VERBOSE,
)


def tokenize(pattern: re.Pattern[str], text: str) -> list[Token]:
    """The tokens of a whole query, an `end` token behind the last one."""
    tokens = _tokens(pattern, text, 0, len(text))
    finish = tokens[-1].end if tokens else 0
    tokens.append(Token(END, "the end of the query", finish, finish))
    return tokens


def tokenize_part(pattern: re.Pattern[str], text: str, part: Span, end: str) -> list[Token]:
    """The tokens of a part of a query, with their places in the whole; `end` says what has come to its end there."""
    tokens = _tokens(pattern, text, part.start, part.end)
    tokens.append(Token(END, end, part.end, part.end))
    return tokens


def _tokens(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Token]:
    return [
        make_token((match.lastgroup or SYMBOL, match[0], match.start(), match.end()))
        for match in pattern.finditer(text, start, end)
    ]
