"""What Datadog makes of a monitor that it is sent: values filled in, changed and dropped.

The tables are the project's reference on the API, sections 2a, 2b and 2d, measured on recorded pairs.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ddguard.model import EMPTY, Json
from ddguard.sandbox.names import given_name
from ddguard.sandbox.queries import group_keys

FIELDS = (
    "type",
    "query",
    "name",
    "message",
    "tags",
    "priority",
    "options",
    "restricted_roles",
    "draft_status",
    "assets",
)
"""What a write may set; all else in a request is dropped without a word."""

FILLED: Mapping[str, Json] = {
    "message": "",
    "tags": [],
    "priority": None,
    "restricted_roles": None,
    "draft_status": "published",
    "assets": [],
    "options": {},
}
NULL_MEANS_ABSENT = ("name", "message", "tags", "options", "draft_status", "assets")
OPTIONS_FILLED: Mapping[str, Json] = {"silenced": {}, "notify_audit": False, "include_tags": True}

SIMPLE_GROUPING_TYPES = frozenset(
    {
        "log alert",
        "ci-pipelines alert",
        "ci-tests alert",
        "rum alert",
        "error-tracking alert",
        "llm-observability alert",
    }
)
"""Get `groupby_simple_monitor: false` where it is absent."""

NEVER_MULTI = frozenset({"composite", "cost alert", "data-quality alert"})
ALWAYS_MULTI = frozenset({"service check"})

CALENDAR_WINDOW = re.compile(r"\(current_1(?:mo|d)\)")
FORMULA = re.compile(r"\s*formula\(")


def absent(options: Mapping[str, Json], *keys: str) -> bool:
    """Whether none of the keys is there; a key that is null is there."""
    return not any(key in options for key in keys)


CONDITIONAL: tuple[tuple[str, Json, Callable[[str, Mapping[str, Json]], bool]], ...] = (
    ("notify_no_data", False, lambda _, options: absent(options, "notify_no_data", "on_missing_data")),
    ("new_host_delay", 300, lambda _, options: absent(options, "new_host_delay", "new_group_delay")),
    (
        "groupby_simple_monitor",
        False,
        lambda kind, options: kind in SIMPLE_GROUPING_TYPES and absent(options, "groupby_simple_monitor"),
    ),
)
"""Option, the value it is filled with, and when."""


def normalised(definition: Mapping[str, Json]) -> dict[str, Any]:
    """A monitor as it is stored: exactly the `FIELDS`, and `multi`."""
    given = {field: definition[field] for field in FIELDS if field in definition}
    for field in NULL_MEANS_ABSENT:
        if given.get(field) is None:
            given.pop(field, None)
    monitor = dict(FILLED) | given
    monitor["query"] = monitor["query"].strip()
    monitor["message"] = monitor["message"].strip()
    monitor["name"] = monitor.get("name") or given_name(monitor["query"])
    monitor["priority"] = priority(monitor["priority"])
    monitor["type"] = kept_type(monitor["type"], monitor["query"], monitor["options"])
    monitor["options"] = normalised_options(monitor["type"], monitor["options"])
    monitor["multi"] = is_multi(monitor["type"], monitor["query"])
    return monitor


def priority(value: Json) -> int | None:
    """`"5"` is 5; `0` and `""` are none."""
    return int(value or 0) or None


def is_multi(kind: str, query: str) -> bool:
    """Whether the monitor alerts for each group of its own."""
    if kind in NEVER_MULTI:
        return False
    return kind in ALWAYS_MULTI or bool(group_keys(query))


def kept_type(kind: str, query: str, options: Mapping[str, Json]) -> str:
    """The type that Datadog stores: it moves a few metric monitors between its two names for them."""
    if kind == "metric alert" and CALENDAR_WINDOW.search(query) and "scheduling_options" in options:
        return "query alert"
    if kind == "query alert" and FORMULA.match(query):
        return "metric alert"
    return kind


def normalised_options(kind: str, options: Mapping[str, Json]) -> dict[str, Any]:
    """The options as they are stored."""
    stored = dict(OPTIONS_FILLED) | dict(options)
    for key, value, applies in CONDITIONAL:
        if applies(kind, options):
            stored[key] = value
    if isinstance(stored.get("escalation_message"), str):
        stored["escalation_message"] = stored["escalation_message"].strip()
    custom = (stored.get("scheduling_options") or EMPTY).get("custom_schedule")
    if custom and stored.get("on_missing_data") == "default":
        del stored["on_missing_data"]
    thresholds = normalised_thresholds(kind, stored.pop("thresholds", None))
    return stored | ({"thresholds": thresholds} if thresholds else {})


def normalised_thresholds(kind: str, thresholds: Mapping[str, Json] | None) -> dict[str, Json]:
    """Whole numbers become floats, but for a service check; nulls are dropped, but for a composite."""
    kept = {level: value for level, value in (thresholds or EMPTY).items() if value is not None or kind == "composite"}
    if kind == "service check":
        return kept
    return {level: float(value) if type(value) is int else value for level, value in kept.items()}


def merged(monitor: Mapping[str, Json], sent: Mapping[str, Json]) -> dict[str, Any]:
    """What a PUT asks a stored monitor to be: fields left out stay, options are replaced as a whole but for mutes."""
    definition = {field: monitor[field] for field in FIELDS} | {key: sent[key] for key in FIELDS if key in sent}
    if definition["type"] == "metric alert" and monitor["type"] == "query alert":
        definition["type"] = "query alert"
    if isinstance(sent.get("options"), Mapping):
        definition["options"] = {"silenced": monitor["options"]["silenced"]} | dict(sent["options"])
    return definition
