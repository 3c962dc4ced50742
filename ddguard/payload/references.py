"""`${monitor:ID}` and the numbers that it stands for."""

import re
from collections.abc import Mapping

from ddguard.model import MONITOR_REFERENCE, Json, LiveMonitor
from ddguard.query import QueryError, monitors, parse
from ddguard.query.nodes import MonitorNumber


def with_numbers(value: Json, numbers: Mapping[str, int]) -> Json:
    """A copy of a JSON value with each `${monitor:ID}` replaced whose number is known; the others stand.

    A `monitor_id` that is nothing but a reference becomes a number, everywhere else the number becomes text.
    """
    if isinstance(value, str):
        return MONITOR_REFERENCE.sub(lambda found: _number(found, numbers), value) if "${" in value else value
    if isinstance(value, (dict, Mapping)):
        copy = {key: with_numbers(inner, numbers) for key, inner in value.items()}
        target = copy.get("monitor_id")
        return copy | {"monitor_id": int(target)} if isinstance(target, str) and target.isdecimal() else copy
    if isinstance(value, (list, tuple)):
        return [with_numbers(inner, numbers) for inner in value]
    return value


def _number(found: re.Match[str], numbers: Mapping[str, int]) -> str:
    return str(numbers[found[1]]) if found[1] in numbers else found[0]


def monitors_used_by(live: LiveMonitor) -> frozenset[int]:
    """The numbers of the monitors that a composite combines; none for every other type."""
    query = live.definition.get("query")
    if live.definition.get("type") != "composite" or not isinstance(query, str):
        return frozenset()
    try:
        parts = monitors(parse("composite", query))
    except QueryError:
        return frozenset()
    return frozenset(part.number for part in parts if isinstance(part, MonitorNumber))
