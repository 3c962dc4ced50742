"""`${monitor:ID}` and the numbers that it stands for."""

import re
from collections.abc import Callable, Mapping

from ddguard.model import DOLLARS_AND_MONITOR, MONITOR_REFERENCE, Json, LiveMonitor
from ddguard.query import QueryError, monitors, parse
from ddguard.query.nodes import MonitorNumber


def as_sent(value: Json, numbers: Mapping[str, int]) -> Json:
    """A copy of a spec's JSON value as `with_numbers` makes it, `$${monitor:ID}` become the text that it stands for."""
    return _changed(value, lambda text: DOLLARS_AND_MONITOR.sub(lambda found: _read(found, numbers), text))


def with_numbers(value: Json, numbers: Mapping[str, int]) -> Json:
    """A copy of a JSON value with each `${monitor:ID}` replaced whose number is known; the others stand.

    A `monitor_id` that is nothing but a reference becomes a number, everywhere else the number becomes text.
    """
    return _changed(value, lambda text: MONITOR_REFERENCE.sub(lambda found: _number(found[1], numbers), text))


def _changed(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value) if "${" in value else value
    if isinstance(value, (dict, Mapping)):
        copy = {key: _changed(inner, change) for key, inner in value.items()}
        target = copy.get("monitor_id")
        return copy | {"monitor_id": int(target)} if isinstance(target, str) and target.isdecimal() else copy
    if isinstance(value, (list, tuple)):
        return [_changed(inner, change) for inner in value]
    return value


def _read(found: re.Match[str], numbers: Mapping[str, int]) -> str:
    dollars, is_reference = divmod(len(found[1]), 2)
    return "$" * dollars + (_number(found[2], numbers) if is_reference else f"{{monitor:{found[2]}}}")


def _number(name: str, numbers: Mapping[str, int]) -> str:
    return str(numbers[name]) if name in numbers else f"${{monitor:{name}}}"


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
