"""The normal form of an object: everything that Datadog's rules make equal is written alike in it."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from ddguard.model import Json, Path
from ddguard.payload.tables import Kind, Rule
from ddguard.payload.thresholds import stated_threshold
from ddguard.payload.values import ABSENT, number_from, plain, same


class _Step(NamedTuple):
    """A rule made ready: its key, what becomes of a value that is there, whether one may come into being."""

    key: str | int
    rule: Rule
    change: Callable[[Json, Rule], Json] | None
    makes: bool
    is_bound: bool


def normal_form(value: Mapping[str, Json], rules: tuple[Rule, ...]) -> dict[str, Any]:
    """A plain copy of the value with the rules applied in their order. What has an unexpected shape stays as it is."""
    tree: dict[str, Any] = plain(value)
    for path, steps in _grouped(rules):
        for parent in _parents(tree, path):
            for step in steps:
                if not step.is_bound or holds(step.rule, tree):
                    _take(step, parent, tree)
    return tree


@lru_cache(maxsize=16)
def _grouped(rules: tuple[Rule, ...]) -> tuple[tuple[Path, tuple[_Step, ...]], ...]:
    """The rules in their order, those together that follow each other and speak of the same mapping: its path first."""
    groups = groupby(rules, key=lambda rule: rule.path[:-1])
    return tuple((path, tuple(_step(rule) for rule in group)) for path, group in groups)


def _step(rule: Rule) -> _Step:
    makes = rule.kind in {Kind.FILLED, Kind.STATED}
    return _Step(rule.path[-1], rule, STEPS.get(rule.kind), makes, bool(rule.when or rule.unless))


def holds(rule: Rule, tree: Mapping[str, Json]) -> bool:
    """Whether the rule's `when` and `unless` let it hold for this object."""
    needed = not rule.when or value_at(tree, rule.when) is not ABSENT
    return needed and (not rule.unless or value_at(tree, rule.unless) is ABSENT)


def _take(step: _Step, parent: dict[Any, Any] | list[Any], tree: Mapping[str, Json]) -> None:
    if step.key == "*":
        for key in list(parent) if isinstance(parent, dict) else range(len(parent)):
            _change(step, parent, key)
    elif isinstance(parent, list):
        return
    elif step.key in parent:
        _change(step, parent, step.key)
    elif step.makes:
        made = _made(step.rule, tree)
        if made is not ABSENT:
            parent[step.key] = made


def _change(step: _Step, parent: Any, key: str | int) -> None:
    if step.change is not None:
        value = step.change(parent[key], step.rule)
        if value is ABSENT:
            del parent[key]
        else:
            parent[key] = value


def _made(rule: Rule, tree: Mapping[str, Json]) -> Json:
    """What comes into being where nothing stood; ABSENT where the query states no number."""
    if rule.kind is Kind.FILLED:
        return plain(rule.value)
    number = stated_threshold(tree.get("type"), tree.get("query"))
    return ABSENT if number is None else number


def value_at(tree: Json, path: Path) -> Json:
    """What stands at a path without `*`, ABSENT if nothing does."""
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return tree


def _parents(tree: dict[str, Any], path: Path) -> list[Any]:
    """The mappings and lists that a path leads to, in it `*` for each entry."""
    found: list[Any] = [tree]
    for key in path:
        if key == "*":
            found = [inner for one in found for inner in (one.values() if isinstance(one, dict) else one)]
        else:
            found = [value_at(one, (key,)) for one in found]
        found = [one for one in found if isinstance(one, dict | list)]
    return found


def pruned(value: Json, kept: Iterable[str]) -> Json:
    """The value without nulls and empty mappings in its mappings, the keys in `kept` aside; ABSENT if that is all."""
    if isinstance(value, list):
        return [entry if (left := pruned(entry, kept)) is ABSENT else left for entry in value]
    if not isinstance(value, dict):
        return ABSENT if value is None else value
    inside = {key: inner if key in kept else pruned(inner, kept) for key, inner in value.items()}
    return {key: inner for key, inner in inside.items() if inner is not ABSENT} or ABSENT


def parsed_time(value: Json) -> datetime | None:
    """A time in ISO 8601, None for everything else, such as one so far away that UTC has no year for it."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def _trimmed(value: Json, _: Rule) -> Json:
    return value.strip() if isinstance(value, str) else value


def as_set(value: Json) -> Json:
    """The entries of a list once each, in an order of their own; every other value as it stands."""
    if not isinstance(value, list):
        return value
    if all(isinstance(entry, str) for entry in value):
        return sorted(set(value))
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
