"""The normal form of an object: everything that Datadog's rules make equal is written alike in it."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ddguard.model import Json, Path
from ddguard.payload.tables import Kind, Rule
from ddguard.payload.thresholds import stated_threshold
from ddguard.payload.values import ABSENT, number_from, plain, same


def normal_form(value: Mapping[str, Json], rules: Iterable[Rule]) -> dict[str, Any]:
    """A plain copy of the value with the rules applied in their order. What has an unexpected shape stays as it is."""
    tree: dict[str, Any] = plain(value)
    for rule in rules:
        if holds(rule, tree):
            _apply(rule, tree)
    return tree


def holds(rule: Rule, tree: Mapping[str, Json]) -> bool:
    """Whether the rule's `when` and `unless` let it hold for this object."""
    needed = not rule.when or value_at(tree, rule.when) is not ABSENT
    return needed and (not rule.unless or value_at(tree, rule.unless) is ABSENT)


def _apply(rule: Rule, tree: dict[str, Any]) -> None:
    for parent, key in _places(tree, rule.path):
        old = value_at(parent, (key,))
        new = _new_value(old, rule, tree)
        if new is not ABSENT:
            parent[key] = new
        elif old is not ABSENT:
            del parent[key]


def _new_value(old: Json, rule: Rule, tree: Mapping[str, Json]) -> Json:
    if old is not ABSENT:
        return STEPS[rule.kind](old, rule) if rule.kind in STEPS else old
    if rule.kind is Kind.FILLED:
        return plain(rule.value)
    if rule.kind is Kind.STATED:
        number = stated_threshold(tree.get("type"), tree.get("query"))
        return ABSENT if number is None else number
    return ABSENT


def value_at(tree: Json, path: Path) -> Json:
    """What stands at a path without `*`, ABSENT if nothing does."""
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return tree


def _places(tree: dict[str, Any], path: Path) -> list[tuple[Any, Any]]:
    """The mapping or list, and the key in it, of everything a path leads to; the last key need not be there."""
    parents: list[Any] = [tree]
    for step in path[:-1]:
        parents = [value_at(parent, (key,)) for parent in parents for key in _keys(parent, step)]
    return [(parent, key) for parent in parents for key in _keys(parent, path[-1])]


def _keys(parent: Json, step: str | int) -> list[Any]:
    if isinstance(parent, dict):
        return list(parent) if step == "*" else [step]
    return list(range(len(parent))) if isinstance(parent, list) and step == "*" else []


def pruned(value: Json, kept: Iterable[str]) -> Json:
    """The value without nulls and empty mappings in its mappings, the keys in `kept` aside; ABSENT if that is all."""
    if isinstance(value, list):
        return [entry if (left := pruned(entry, kept)) is ABSENT else left for entry in value]
    if not isinstance(value, dict):
        return ABSENT if value is None else value
    inside = {key: inner if key in kept else pruned(inner, kept) for key, inner in value.items()}
    return {key: inner for key, inner in inside.items() if inner is not ABSENT} or ABSENT


def parsed_time(value: Json) -> datetime | None:
    """A time in ISO 8601, None for everything else."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _trimmed(value: Json, _: Rule) -> Json:
    return value.strip() if isinstance(value, str) else value


def as_set(value: Json) -> Json:
    """The entries of a list once each, in an order of their own; every other value as it stands."""
    if not isinstance(value, list):
        return value
    by_text = {json.dumps(entry, sort_keys=True): entry for entry in value}
    return [by_text[text] for text in sorted(by_text)]


def _as_set(value: Json, _: Rule) -> Json:
    return as_set(value)


def _instant(value: Json, _: Rule) -> Json:
    moment = parsed_time(value)
    return value if moment is None or moment.tzinfo is None else moment.astimezone(UTC).isoformat()


def _local_time(value: Json, _: Rule) -> Json:
    moment = parsed_time(value)
    return value if moment is None else moment.isoformat()


def _entry(value: Json, rule: Rule) -> Json:
    return {key: value[key] for key in rule.value if key in value} if isinstance(value, dict) else value


def _synonym(value: Json, rule: Rule) -> Json:
    return rule.value.get(value, value) if isinstance(value, str) else value


def _dropped(_: Json, __: Rule) -> Json:
    return ABSENT


def _without_nulls(value: Json, rule: Rule) -> Json:
    return pruned(value, rule.value)


def _number(value: Json, _: Rule) -> Json:
    return number_from(value)


def _without_zero(value: Json, _: Rule) -> Json:
    return ABSENT if same(value, 0) else value


STEPS: Mapping[Kind, Callable[[Json, Rule], Json]] = {
    Kind.READ_ONLY: _dropped,
    Kind.NULLS: _without_nulls,
    Kind.TRIMMED: _trimmed,
    Kind.NUMBER: _number,
    Kind.ZERO: _without_zero,
    Kind.SYNONYM: _synonym,
    Kind.SET: _as_set,
    Kind.ENTRIES: _entry,
    Kind.INSTANT: _instant,
    Kind.LOCAL_TIME: _local_time,
}
"""What becomes of a value that is there; the kinds that are missing here leave it."""
