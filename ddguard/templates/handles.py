"""The `@handles` of a message, and what surrounds them once the message is written out.

A handle needs a blank before it: Datadog reads `@slack-ops` as a mention, `low@slack-ops` as text.
https://docs.datadoghq.com/monitors/notify/#notification-recipients
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ddguard.templates.nodes import Block, Output, Part, Plain, Span, Template
from ddguard.templates.walking import Branches, sides

AT = re.compile(r"@(?=[\w-]|\Z)\S*")
PUNCTUATION = ".,;:!?\"'*>`]}"
"""What may follow a handle without being meant as a part of it."""
VALUE = "0"
"""Stands for whatever a variable is replaced by."""


@dataclass(frozen=True, slots=True)
class Handle:
    """An `@` and what follows up to the next blank, as far as it stands in one piece of text.

    `before` is the character before it and `after` the one after it, empty at the ends of the message. They are those
    of the message as it is sent: conditionals that don't hold leave nothing, a variable leaves something. With
    `goes_on` a variable completes it: `@slack-{{team.name}}`.
    """

    text: str
    span: Span
    before: str
    after: str
    branches: Branches
    goes_on: bool = False

    @property
    def is_mention(self) -> bool:
        """Whether Datadog reads it as a mention: a blank or the message's beginning is before it."""
        return not self.before or self.before.isspace()


class _Following(NamedTuple):
    """The parts after a part: those of `parts` from `start` on, then those that follow the block around them."""

    parts: Sequence[Part]
    start: int
    outer: "_Following | None"


def handles(template: Template) -> Iterator[Handle]:
    """Everything that begins with `@`, in the order of the text, e-mail addresses and the like included."""
    yield from _handles(template.parts, "", None, ())


def _handles(parts: Sequence[Part], before: str, outer: _Following | None, branches: Branches) -> Iterator[Handle]:
    for index, part in enumerate(parts):
        if isinstance(part, Plain):
            if "@" in part.text:
                yield from _in_text(part, before, _Following(parts, index + 1, outer), branches)
            before = part.text[-1:] or before
        elif isinstance(part, Output):
            before = VALUE
        elif isinstance(part, Block):
            following = _Following(parts, index + 1, outer)
            for inner, branch in sides(part):
                yield from _handles(inner, before, following, (*branches, branch))


def _in_text(part: Plain, before: str, following: _Following, branches: Branches) -> Iterator[Handle]:
    for found in AT.finditer(part.text):
        start, end = found.span()
        at_end = end == len(part.text)
        goes_on = at_end and isinstance(_next_part(following), Output)
        whole = found.group()
        text = whole if goes_on else whole.rstrip(PUNCTUATION)
        if text == "@" and not goes_on:
            continue
        ends = text == whole and not goes_on
        after = "" if not ends else _first(following) if at_end else part.text[end]
        previous = part.text[start - 1] if start else before
        place = Span(part.span.start + start, part.span.start + start + len(text))
        yield Handle(text, place, previous, after, branches, goes_on)


def _next_part(following: _Following) -> Part | None:
    return following.parts[following.start] if following.start < len(following.parts) else None


def _first(following: _Following | None) -> str:
    """The first character that may follow: that of a block's body if it is no blank, else that after the block."""
    while following is not None:
        for part in following.parts[following.start :]:
            found = _first_of(part)
            if found:
                return found
        following = following.outer
    return ""


def _first_of(part: Part) -> str:
    """The first character that a part may be written out as; empty where there need not be any."""
    if isinstance(part, Output):
        return VALUE
    if isinstance(part, Plain):
        return part.text[:1]
    if isinstance(part, Block):
        inside = _first(_Following(part.body, 0, None))
        return "" if inside.isspace() else inside
    return ""
