"""What a YAML scalar stands for, by the core schema of YAML 1.2: `no`, `12:30` and `2027-01-31` are texts.

Why so: docs/decisions/0008-yaml-scalars.md. https://yaml.org/spec/1.2.2/#103-core-schema has the rules.
"""

import math
import re
from collections.abc import Callable, Mapping

from ddguard.model import Scalar

MAX_DIGITS = 40


class UnusableScalarError(ValueError):
    """A scalar that has the form of its type and still is no value that a spec can have."""


def plain_value(text: str) -> Scalar:
    """What a plain (unquoted) scalar stands for: null, a truth value, a number, else the text itself.

    `UnusableScalarError` tells why a number can't be used.
    """
    if not text:
        return None
    for pattern, build in _BY_FIRST_CHARACTER.get(text[0], ()):
        if pattern.fullmatch(text):
            return build(text)
    return text


def scalar_from_text(text: str) -> Scalar:
    """What a plain scalar of this text is: `50` a number, `true` a truth value; a number that can't be used a text."""
    try:
        return plain_value(text)
    except UnusableScalarError:
        return text


def tagged_value(tag: str, text: str) -> Scalar:
    """What a scalar with one of the tags in TAGS stands for; `UnusableScalarError` where the text doesn't fit."""
    pattern, build = TAGS[tag]
    if not pattern.fullmatch(text):
        raise UnusableScalarError(f"the tag {shown_tag(tag)} doesn't fit this value")
    return build(text)


def shown_tag(tag: str) -> str:
    """A tag as people write it: `!!int`, `!custom`."""
    return f"!!{tag.removeprefix(CORE)}" if tag.startswith(CORE) else tag


def _boolean(text: str) -> bool:
    return text.lower() == "true"


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise UnusableScalarError(f"the number has more than {MAX_DIGITS} digits")
    for prefix, base in (("0x", 16), ("0o", 8)):
        if text.startswith(prefix):
            return int(text[2:], base)
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnusableScalarError("the number is too large")
    return number


def _not_finite(text: str) -> float:
    raise UnusableScalarError(f"{text} is no number that Datadog's JSON can hold")


def _null(_: str) -> None:
    return None


Build = Callable[[str], Scalar]
Rule = tuple[re.Pattern[str], Build]

CORE = "tag:yaml.org,2002:"
STRING = f"{CORE}str"
BOOLEANS = re.compile(r"true|True|TRUE|false|False|FALSE")
INTEGERS = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOATS = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
NULLS = re.compile(r"~|null|Null|NULL|")

RULES: tuple[tuple[str, re.Pattern[str], Build], ...] = (
    ("tTfF", BOOLEANS, _boolean),
    ("-+0123456789", INTEGERS, _integer),
    ("-+0123456789.", FLOATS, _float),
    ("-+.", NOT_FINITE, _not_finite),
    ("~nN", NULLS, _null),
)
"""First characters, the form of the whole text and what becomes of it; the first form that fits counts."""

TAGS: Mapping[str, Rule] = {
    STRING: (re.compile(r"(?s:.*)"), str),
    f"{CORE}bool": (BOOLEANS, _boolean),
    f"{CORE}int": (INTEGERS, _integer),
    f"{CORE}float": (FLOATS, _float),
    f"{CORE}null": (NULLS, _null),
}
"""The tags that a scalar may carry."""

_BY_FIRST_CHARACTER: Mapping[str, tuple[Rule, ...]] = {
    character: tuple((form, build) for firsts, form, build in RULES if character in firsts)
    for character in "".join(firsts for firsts, _, _ in RULES)
}
