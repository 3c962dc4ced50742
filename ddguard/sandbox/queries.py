"""What the sandbox needs to know about a query's text, read without a grammar.

It stands apart from `ddguard.query` on purpose: a mistake there must not make the sandbox agree with it.
"""

import re
from dataclasses import dataclass

ENDING = re.compile(r"(?P<comparator>>=|<=|==|!=|>|<)\s*(?P<threshold>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*\Z")
DYNAMIC_ENDING = re.compile(r"(?:>=|<=|>|<)\s*threshold\s*\Z")
GROUPINGS = (re.compile(r"\bby\s*\{\s*([^}]*?)\s*\}", re.IGNORECASE), re.compile(r"\.by\(\s*([^)]*?)\s*\)"))
METRIC = re.compile(r"(?:(?P<space>\w+):)?(?P<metric>[A-Za-z][\w.]*)\{(?P<scope>[^}]*)\}")
FILTER_SEPARATOR = re.compile(r"\s*,\s*|\s+AND\s+", re.IGNORECASE)
PLAIN_TAG = re.compile(r"[^\s:!(){}*]+:[^\s(){}*]+")
COMPOSITE = re.compile(r"[\d\s()!&|]*\d[\d\s()!&|]*\Z")
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a query ends: `> 100`."""

    comparator: str
    threshold: float


def ending(query: str) -> Ending | None:
    """The comparison that a query ends with, None where it has none."""
    match = ENDING.search(query)
    return Ending(match["comparator"], float(match["threshold"])) if match else None


def group_keys(query: str) -> tuple[str, ...]:
    """The keys that a query groups by, in its order, each once; `by("*")` groups by all there are and counts as `*`."""
    keys: dict[str, None] = {}
    for grouping in GROUPINGS:
        for listed in grouping.findall(query):
            keys.update(dict.fromkeys(part.strip(" \"'") for part in listed.split(",")))
    keys.pop("", None)
    return tuple(keys)


def scopes(query: str) -> tuple[str, ...]:
    """The filters of a metric query's `{...}`, in order, each once, without the stars."""
    found = dict.fromkeys(match["scope"].strip() for match in METRIC.finditer(query))
    return tuple(scope for scope in found if scope not in {"*", ""})


def metrics(query: str) -> tuple[str, ...]:
    """The metrics that a query names, in order, each once."""
    return tuple(dict.fromkeys(match["metric"] for match in METRIC.finditer(query)))


def composed_of(query: str) -> tuple[int, ...]:
    """The monitor numbers in a composite's query, in order, each once."""
    return tuple(dict.fromkeys(int(number) for number in NUMBER.findall(query)))


def filter_tags(query: str) -> frozenset[str]:
    """The `key:value` tags that every metric of the query is filtered to. Exclusions and alternatives are none."""
    tags: frozenset[str] | None = None
    for match in METRIC.finditer(query):
        parts = frozenset(FILTER_SEPARATOR.split(match["scope"].strip()))
        plain = frozenset(part for part in parts if PLAIN_TAG.fullmatch(part))
        tags = plain if tags is None else tags & plain
    return tags or frozenset()
