"""Existing monitors and downtimes as specs: without what Datadog adds by itself, in the order in which people read.

Only values are taken over that Datadog would not fill in anyway, so that a plan right after an import is empty.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from ddguard.model import HOLD_TAG, PROTECT_TAG, Json, with_texts
from ddguard.payload.exports import Exported
from ddguard.payload.identity import identity_in_message, identity_in_tags, key_of, split_message, without_identity
from ddguard.payload.monitors import split_hold
from ddguard.payload.normal import as_set, holds, normal_form, parsed_time, value_at
from ddguard.payload.slugs import slug, unique
from ddguard.payload.snoozes import target_in
from ddguard.payload.tables import ASSET_KEYS, DOWNTIME_RULES, MONITOR_RULES, Kind, Rule
from ddguard.payload.thresholds import stated_threshold
from ddguard.payload.values import same
from ddguard.query import QueryError, monitors, parse
from ddguard.query.nodes import MonitorNumber

MONITOR_KEYS = (
    *("id", "remote_id", "name", "type", "query", "message", "tags", "priority", "options"),
    *("restricted_roles", "draft_status", "assets", "protect", "hold"),
)
DOWNTIME_KEYS = (
    *("kind", "id", "remote_id", "scope", "monitor_identifier", "schedule", "message", "display_timezone"),
    *("mute_first_recovery_notification", "notify_end_states", "notify_end_types", "protect"),
)
"""The keys of a spec in the order in which they are written. Whatever else an answer has is left behind."""

TIDYING = frozenset({Kind.READ_ONLY, Kind.NULLS, Kind.TRIMMED, Kind.NUMBER, Kind.ZERO})
"""The kinds of rules that an import applies; what Datadog fills in and adds is taken out afterwards."""

EDITOR_OPTIONS = ("aggregation", "queryConfig")
EDITOR_THRESHOLDS = ("comparison", "period", "timeAggregator")
"""What Datadog's editor remembers for itself, in exported JSON; the API doesn't take it."""

OVER = frozenset({"canceled", "ended"})
DOLLARS = re.compile(r"\$\$+|\$(?=\{)")
SURROGATES = re.compile("[\ud800-\udfff]")


def import_specs(found: Exported, *, adopt: bool, taken: Iterable[str] = ()) -> tuple[dict[str, Any], ...]:
    """A spec for each monitor and downtime, in their order; downtimes that are over are left out, and all snoozes.

    An id comes from ddguard's mark, else from the name; it is none of those in `taken`. With `adopt` a spec names the
    number of the object in Datadog, which an apply then takes over instead of making another one. Composites and
    downtimes refer to monitors that are imported with them as `${monitor:ID}`.
    """
    ids = set(taken)
    numbers: dict[int, str] = {}
    named: list[tuple[Mapping[str, Json], str]] = []
    for raw in found.monitors:
        named.append((raw, _next_id(_monitor_id(raw), ids)))
        if isinstance(raw.get("id"), int):
            numbers[raw["id"]] = named[-1][1]
    current = [raw for raw in found.downtimes if _is_current(raw) and not _is_snooze(raw)]
    return (
        *(spec_from_monitor(raw, spec_id, numbers, adopt=adopt) for raw, spec_id in named),
        *(spec_from_downtime(raw, _next_id(_downtime_id(raw), ids), numbers, adopt=adopt) for raw in current),
    )


def without_other_stacks(found: Exported, own: str | None) -> tuple[Exported, Counter[str]]:
    """What belongs to no stack or to `own`, and how many of the others belong to which stack.

    No spec takes over what another stack owns: an apply of it would make a second object.
    """
    kept = {None, own}
    current = [raw for raw in found.downtimes if _is_current(raw)]
    owners = (*map(_owner_of_monitor, found.monitors), *map(_owner_of_downtime, current))
    ours = Exported(
        tuple(raw for raw in found.monitors if _owner_of_monitor(raw) in kept),
        tuple(raw for raw in current if _owner_of_downtime(raw) in kept),
    )
    return ours, Counter(owner for owner in owners if owner is not None and owner != own)


def without_tags_of_others(found: Exported, keys: frozenset[str]) -> Exported:
    """The same without the tags of these keys, which other systems put on monitors: a spec would make them its own."""
    monitors = tuple(
        {**raw, "tags": [tag for tag in _list(raw.get("tags")) if not _has_key(tag, keys)]} for raw in found.monitors
    )
    return Exported(monitors, found.downtimes)


def _has_key(tag: Json, keys: frozenset[str]) -> bool:
    return isinstance(tag, str) and key_of(tag) in keys


def _owner_of_monitor(raw: Mapping[str, Json]) -> str | None:
    identity = identity_in_tags(raw.get("tags"))
    return identity.stack if identity else None


def _owner_of_downtime(raw_data: Mapping[str, Json]) -> str | None:
    identity = identity_in_message(raw_data["attributes"].get("message"))
    return identity.stack if identity else None


def running_snoozes(found: Exported) -> int:
    """How many downtimes are left out because they are snoozes.

    A spec that took one over would take its mark away: `ddguard snooze` couldn't find it any more, list or end it.
    """
    return sum(_is_current(raw) and _is_snooze(raw) for raw in found.downtimes)


def _is_current(raw_data: Mapping[str, Json]) -> bool:
    return str(raw_data["attributes"].get("status")) not in OVER


def _is_snooze(raw_data: Mapping[str, Json]) -> bool:
    return target_in(raw_data["attributes"].get("message")) is not None


def _next_id(wished: str, ids: set[str]) -> str:
    found = unique(wished, ids)
    ids.add(found)
    return found


def _monitor_id(raw: Mapping[str, Json]) -> str:
    identity = identity_in_tags(raw.get("tags"))
    return identity.id if identity else slug(str(raw.get("name") or ""), "monitor")


def _downtime_id(raw: Mapping[str, Json]) -> str:
    identity = identity_in_message(raw["attributes"].get("message"))
    return identity.id if identity else slug(str(raw["attributes"].get("scope") or ""), "downtime")


def spec_from_monitor(raw: Mapping[str, Json], spec_id: str, ids: Mapping[int, str], *, adopt: bool) -> dict[str, Any]:
    """One monitor as a spec. `ids` are those of the specs that stand for monitors by their number."""
    tidy = _tidied(raw, MONITOR_RULES)
    identity = identity_in_tags(raw.get("tags"))
    tags = [tag for tag in _list(raw.get("tags")) if isinstance(tag, str)]
    message, hold = split_hold(str(tidy.get("message", "")))
    spec = tidy | {
        "id": spec_id,
        "remote_id": raw.get("id") if adopt and identity is None else None,
        "query": str(tidy.get("query", "")),
        "message": message,
        "tags": [tag for tag in without_identity(tags) if hold is None or tag != HOLD_TAG] or None,
        "options": _options(tidy) or None,
        "restricted_roles": tidy.get("restricted_roles") or None,
        "assets": [_asset(entry) for entry in _list(tidy.get("assets"))] or None,
        "protect": True if identity and PROTECT_TAG in tags else None,
        "hold": {"review": hold.review, "reason": hold.reason} if hold else None,
    }
    written = _written(spec, MONITOR_KEYS)
    if written.get("type") == "composite":
        written["query"] = _with_references(written["query"], ids)
    return written


def spec_from_downtime(
    raw_data: Mapping[str, Json], spec_id: str, ids: Mapping[int, str], *, adopt: bool
) -> dict[str, Any]:
    """One downtime (an entry of the API's `data`) as a spec. `ids` are as for a monitor."""
    tidy = _tidied(raw_data["attributes"], DOWNTIME_RULES)
    message, marker = split_message(tidy.get("message"))
    target = value_at(tidy, ("monitor_identifier", "monitor_id"))
    if isinstance(target, int) and target in ids:
        tidy["monitor_identifier"] = {"monitor": ids[target]}
    if isinstance(tidy.get("schedule"), dict):
        tidy["schedule"] = {key: _in_utc(value) for key, value in tidy["schedule"].items()}
    spec = tidy | {
        "kind": "downtime",
        "id": spec_id,
        "remote_id": raw_data.get("id") if adopt and marker is None else None,
        "message": message,
        "protect": True if marker and marker["mark"] else None,
    }
    return _written(spec, DOWNTIME_KEYS)


def _tidied(raw: Mapping[str, Json], rules: tuple[Rule, ...]) -> dict[str, Any]:
    """The object without what Datadog keeps for itself, fills in or adds."""
    tree = normal_form(raw, tuple(rule for rule in rules if rule.kind in TIDYING))
    for rule in rules:
        filled = rule.kind is Kind.FILLED and not rule.when and holds(rule, tree)
        parent = value_at(tree, rule.path[:-1])
        if isinstance(parent, dict) and (
            rule.kind is Kind.ADDED or (filled and same(as_set(value_at(tree, rule.path)), rule.value))
        ):
            parent.pop(rule.path[-1], None)
    return tree


def _options(tidy: Mapping[str, Json]) -> Json:
    """The options without what only Datadog's editor knows, and without a lone threshold that the query states."""
    options = tidy.get("options")
    if not isinstance(options, dict):
        return options
    kept = {key: value for key, value in options.items() if key not in EDITOR_OPTIONS}
    if isinstance(kept.get("thresholds"), dict):
        levels = {level: value for level, value in kept["thresholds"].items() if level not in EDITOR_THRESHOLDS}
        repeated = same(levels, {"critical": stated_threshold(tidy.get("type"), tidy.get("query"))})
        kept["thresholds"] = {} if repeated else levels
    return {key: value for key, value in kept.items() if value != {}}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _asset(entry: Json) -> Json:
    """A link without the number and the empty mappings that Datadog adds."""
    return {key: entry[key] for key in (*ASSET_KEYS, "url") if key in entry} if isinstance(entry, dict) else entry


def _in_utc(value: Json) -> Json:
    """A time with an offset as people write it: in UTC with `Z`, a fraction of a second only where there is one."""
    moment = parsed_time(value)
    return value if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _written(spec: Mapping[str, Json], keys: Sequence[str]) -> dict[str, Any]:
    """The keys in their order, those without a value left out; texts with their dollar signs written for variables."""
    return {key: with_texts(spec[key], _literally) for key in keys if spec.get(key) not in (None, "")}


def _literally(text: str) -> str:
    """The text as a spec writes it: `${` begins a variable and `$$` is one dollar sign there, a lone one is itself."""
    return DOLLARS.sub(lambda found: found[0] * 2, SURROGATES.sub("\ufffd", text))


def _with_references(query: str, ids: Mapping[int, str]) -> str:
    try:
        parts = monitors(parse("composite", query))
    except QueryError:
        return query
    for part in reversed(parts):
        if isinstance(part, MonitorNumber) and part.number in ids:
            query = f"{query[: part.span.start]}${{monitor:{ids[part.number]}}}{query[part.span.end :]}"
    return query
