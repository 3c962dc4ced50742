"""The short notation for values in test files, as promtool has it.

`5` is one value, `5x3` that value and three more, `5+2x3` three steps of 2 up from 5, `5-2x3` down, `_` no value and
`_x3` three times no value; blanks stand between.
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

import re

import numpy as np

from ddguard.replay.series import Values

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
STEP = r"[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
ITEM = re.compile(rf"(?P<gap>_)(?:x(?P<gaps>\d+))?|(?P<value>{NUMBER})(?:(?P<step>{STEP})?x(?P<times>\d+))?")
MOST_VALUES = 10_000_000
MOST_DIGITS = 12
"""Of a count: one with more is beyond MOST_VALUES, and Python reads no whole number with thousands of them."""


class NotationError(ValueError):
    """A part of the text that is no value: `offset` and `width` are the characters meant."""

    def __init__(self, message: str, offset: int, width: int) -> None:
        super().__init__(message)
        self.offset = offset
        self.width = width


def parse_values(text: str) -> Values:
    """The values that the notation stands for, NaN where there is none. NotationError where it can't be read."""
    parts = []
    count = 0
    for word in re.finditer(r"\S+", text):
        item = ITEM.fullmatch(word[0])
        if item is None:
            raise NotationError(_complaint(word[0]), word.start(), len(word[0]))
        count += _length(item)
        if count > MOST_VALUES:
            raise NotationError(f"more than {MOST_VALUES:,} values", word.start(), len(word[0]))
        parts.append(_expand(item))
    values = np.concatenate(parts) if parts else np.empty(0)
    if np.isinf(values).any():
        raise NotationError("a value too large for a number", 0, len(text))
    return values


def checked_values(text: str) -> Values:
    """The same for a series, which has at least one place for a value."""
    values = parse_values(text)
    if not values.size:
        raise NotationError("there is no value in it: write _ for a time without one", 0, len(text))
    return values


def _length(item: re.Match[str]) -> int:
    if item["gap"]:
        return _count(item["gaps"] or "1")
    return _count(item["times"] or "0") + 1


def _count(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else MOST_VALUES + 1


def _expand(item: re.Match[str]) -> Values:
    if item["gap"]:
        return np.full(_length(item), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(item["value"]) + float(item["step"] or 0.0) * np.arange(_length(item), dtype=np.float64)


def _complaint(word: str) -> str:
    if word in {"stale", "NaN", "nan", "Inf", "inf", "+Inf", "-Inf"}:
        return f"{word} is no value that Datadog stores: write _ for no point"
    return f"{word!r} is no value: write 5, 5x10 (5 and ten more), 5+1x10, _ or _x10 (ten gaps)"
