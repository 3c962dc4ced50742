"""Reads stretches of time: `last_5m`, `5m_ago`, and the `5m` of `.last("5m")`."""

import re
from typing import cast

from ddguard.query.mistakes import closest
from ddguard.query.nodes import NOWHERE, UNIT_SECONDS, Span, Window, WindowKind, WindowUnit
from ddguard.query.vocabulary import UNIT_SPELLINGS, WINDOW_KINDS

NAMED = re.compile(r"(last|current|next)_([1-9][0-9]{0,5})(mo|[mhdw])")
AGO = re.compile(r"([1-9][0-9]{0,5})(mo|[mhdw])_ago")
BARE = re.compile(r"([1-9][0-9]{0,5})(mo|[mhdw])")
LOOSE = re.compile(r"(?:([a-z]+)_?)?0*([1-9][0-9]{0,5})_?([a-z]*)")


def named_window(text: str, span: Span = NOWHERE) -> Window | None:
    """`last_5m`, `current_1d` or `next_1w` as a window; None for all else."""
    match = NAMED.fullmatch(text)
    return _window(match[1], match[2], match[3], span) if match else None


def shift(text: str, span: Span = NOWHERE) -> Window | None:
    """`last_30m` or `30m_ago` as a window; None for all else."""
    match = AGO.fullmatch(text)
    return _window("ago", match[1], match[2], span) if match else named_window(text, span)


def duration(text: str, span: Span = NOWHERE) -> Window | None:
    """A bare `30m` as the window `last_30m`; None for all else."""
    match = BARE.fullmatch(text)
    return _window("last", match[1], match[2], span) if match else None


def _window(kind: str, count: str, unit: str, span: Span) -> Window:
    return Window(cast("WindowKind", kind), int(count), cast("WindowUnit", unit), span=span)


def meant_window(text: str) -> str:
    """The window that was probably meant by something that is none: `last_5m` for `last_5min`; empty where unclear."""
    match = LOOSE.fullmatch(text.lower())
    if match is None:
        return ""
    kind = closest(match[1] or "last", WINDOW_KINDS)
    length = meant_duration(match[2] + match[3])
    return f"{kind}_{length}" if kind and length else ""


def meant_duration(text: str) -> str:
    """The length that was probably meant by something that is none: `5m` for `5min`; empty where unclear."""
    match = LOOSE.fullmatch(text.lower())
    if match is None or match[1] not in {None, "last"}:
        return ""
    spelling = match[3]
    unit = UNIT_SPELLINGS.get(spelling) or closest(spelling, (*UNIT_SECONDS, *UNIT_SPELLINGS))
    return f"{match[2]}{UNIT_SPELLINGS.get(unit, unit)}" if unit else ""


def meant_shift(text: str) -> str:
    """The shift that was probably meant by something that is none: `30m_ago` for `30min_ago`; empty where unclear."""
    length, _, ending = text.partition("_")
    if not closest(ending, ("ago",)):
        return meant_window(text)
    meant = meant_duration(length)
    return f"{meant}_ago" if meant else ""
