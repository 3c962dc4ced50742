"""Ids for specs out of the names that people gave their monitors."""

import re
import unicodedata
from collections.abc import Collection

LONGEST = 60
"""Characters of an id that is made here: a file's name, a tag's value and a line of a plan have room for it."""

TEMPLATE = re.compile(r"\{\{[#/^]?\s*([^{}]*?)(?:\.name)?\s*\}\}")


def slug(name: str, otherwise: str) -> str:
    """`[StreamPay] Burst on {{tenant.name}}` -> `streampay-burst-on-tenant`; `otherwise` where nothing is left."""
    words = TEMPLATE.sub(r" \1 ", name)
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    joined = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(joined) > LONGEST:
        joined = joined[: LONGEST + 1].rpartition("-")[0] or joined[:LONGEST]
    return joined or otherwise


def unique(wished: str, taken: Collection[str]) -> str:
    """The wished id, or the first of `wished-2`, `wished-3` ... that nobody has."""
    number, found = 1, wished
    while found in taken:
        number += 1
        found = f"{wished}-{number}"
    return found
