"""What Datadog refuses, in its own words.

Recorded: type, query, operator, a threshold that differs from the query's, the duplicate, the change of type.
The rest comes from what users of other tools quote; `docs/sandbox.md` lists which is which.
"""

import re
from collections.abc import Mapping

from ddguard.model import Json
from ddguard.sandbox.calls import RefusalError, number
from ddguard.sandbox.queries import COMPOSITE, DYNAMIC_ENDING, Ending, composed_of, ending
from ddguard.sandbox.state import ORG_ID, State

METRIC_TYPES = frozenset({"metric alert", "query alert"})
WITHOUT_ENDING = frozenset({"composite", "service check", "synthetics alert"})
METRIC_START = re.compile(r"\s*(?:\w+\([^:]*\)\s*:|formula\()")
SERVICE_CHECK = re.compile(
    r"\s*(?P<quote>[\"']).+(?P=quote).*\.last\(.+\).*\.(?:count|pct)_by_status\(\)\s*\Z", re.DOTALL
)

INVALID_QUERY = "The value provided for parameter 'query' is invalid"
NO_OPERATOR = f"{INVALID_QUERY}: invalid operator specified: "

SAME_IN_DUPLICATES = ("type", "query", "name", "message", "tags", "options", "priority", "restricted_roles")
FREE_TYPE_CHANGES = frozenset({("metric alert", "query alert"), ("query alert", "metric alert")})


SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "type": str,
    "query": str,
    "name": str,
    "message": str,
    "tags": list,
    "priority": (int, str),
    "options": Mapping,
    "restricted_roles": list,
    "draft_status": str,
    "assets": list,
}
OPTION_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "thresholds": Mapping,
    "silenced": Mapping,
    "scheduling_options": Mapping,
    "escalation_message": str,
}
NUMBERS = ("critical", "warning")
BIGGEST = 10**300


def check_shapes(definition: Mapping[str, Json]) -> None:
    """Raise `RefusalError` for the first field of another type than the API's; null passes everywhere."""
    check_each(definition, SHAPES)
    options = definition.get("options") or {}
    check_each(options, OPTION_SHAPES)
    thresholds = options.get("thresholds") or {}
    check_each(thresholds, dict.fromkeys(NUMBERS, (int, float)))
    if any(type(value) is int and abs(value) > BIGGEST for value in thresholds.values()):
        raise RefusalError(400, "The value provided for parameter 'thresholds' is invalid")
    if not all(isinstance(tag, str) for tag in definition.get("tags") or ()):
        raise RefusalError(400, "The value provided for parameter 'tags' is invalid")
    if not all(isinstance(asset, Mapping) for asset in definition.get("assets") or ()):
        raise RefusalError(400, "The value provided for parameter 'assets' is invalid")
    if number(str(definition.get("priority") or 0)) is None:
        raise RefusalError(400, "The value provided for parameter 'priority' is invalid")


def check_each(values: Mapping[str, Json], shapes: Mapping[str, type | tuple[type, ...]]) -> None:
    """Raise `RefusalError` for the first value that isn't of its type."""
    for field, shape in shapes.items():
        value = values.get(field)
        if value is not None and not isinstance(value, shape):
            raise RefusalError(400, f"The value provided for parameter '{field}' is invalid")


def check_definition(definition: Mapping[str, Json], state: State) -> None:
    """Raise `RefusalError` for the first thing that is wrong with a monitor; the type is looked at before the query."""
    for field in ("type", "query"):
        if not definition.get(field):
            raise RefusalError(400, f"The parameter '{field}' is required")
    kind, query = str(definition["type"]), str(definition["query"])
    if kind == "composite":
        check_composite(query, state)
    elif kind == "service check":
        if not SERVICE_CHECK.match(query):
            raise RefusalError(400, INVALID_QUERY)
    elif kind not in WITHOUT_ENDING:
        check_ending(kind, query, definition.get("options") or {})


def check_composite(query: str, state: State) -> None:
    """A composite is made of numbers, `&&`, `||`, `!` and parentheses, and each number is a monitor."""
    if not COMPOSITE.match(query):
        raise RefusalError(400, INVALID_QUERY)
    if not all(number in state.monitors for number in composed_of(query)):
        raise RefusalError(400, "Some monitor IDs are invalid")


def check_ending(kind: str, query: str, options: Mapping[str, Json]) -> None:
    """All other queries end in a comparison whose number `options.thresholds` repeats."""
    end = ending(query)
    if kind in METRIC_TYPES and (not METRIC_START.match(query) or not (end or DYNAMIC_ENDING.search(query))):
        raise RefusalError(400, INVALID_QUERY)
    if end is None:
        if DYNAMIC_ENDING.search(query):
            return
        raise RefusalError(400, NO_OPERATOR)
    check_thresholds(end, options.get("thresholds") or {})


def check_thresholds(end: Ending, thresholds: Mapping[str, Json]) -> None:
    """`critical` is the query's number, `warning` lies on the quiet side of it."""
    critical, warning = thresholds.get("critical"), thresholds.get("warning")
    if critical is not None and float(critical) != end.threshold:
        raise RefusalError(
            400, f"Alert threshold ({float(critical)}) does not match that used in the query ({end.threshold})."
        )
    if warning is None:
        return
    if critical is None:
        raise RefusalError(400, "Alert status is required.")
    side = {">": "less", "<": "greater"}.get(end.comparator[0])
    wrong = {"less": float(warning) >= end.threshold, "greater": float(warning) <= end.threshold}
    if side and wrong[side]:
        raise RefusalError(
            400,
            f"Warning threshold ({float(warning)}) must be {side} than the alert threshold ({end.threshold}) "
            f"with {end.comparator} comparison.",
        )


def check_duplicate(monitor: Mapping[str, Json], state: State) -> None:
    """A monitor that equals an existing one in all but its number is refused."""
    query = monitor["query"]
    for other in [candidate for candidate in state.monitors.values() if candidate["query"] == query]:
        if all(other[key] == monitor[key] for key in SAME_IN_DUPLICATES):
            raise RefusalError(400, f"Duplicate of an existing monitor_id:{other['id']} org_id:{ORG_ID}")


def check_type_change(before: str, after: str) -> None:
    """Only the two names of metric monitors may be exchanged."""
    if before != after and (before, after) not in FREE_TYPE_CHANGES:
        raise RefusalError(400, "Monitor type change not allowed")
