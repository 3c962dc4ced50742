"""JSON values as Datadog compares them: whole floats are ints, `true` is no number, and absent is not null."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from ddguard.model import Json


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Stands where an object has nothing at all. JSON's null is None."""


def plain(value: Json) -> Json:
    """A copy made of dicts, lists and scalars only; a float without a fraction becomes an int.

    A `dict` is asked for before the abstract `Mapping`, which takes longer.
    """
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (dict, Mapping)):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def same(one: Json, other: Json) -> bool:
    """Whether two plain values are equal, `true` and 1 being two different things."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(inner, other[key]) for key, inner in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def number_from(text: Json) -> Json:
    """The number that a text is (`"5"`, `"0.5"`), every other value as it stands."""
    if not isinstance(text, str):
        return text
    try:
        number = float(text)
        return plain(number) if "_" not in text and abs(number) < float("inf") else text
    except ValueError:
        return text
