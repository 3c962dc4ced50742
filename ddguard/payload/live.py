"""Datadog's answers as live objects. What stands in them was written by anyone: only their numbers are relied on."""

from collections.abc import Mapping

from ddguard.errors import DatadogError
from ddguard.model import PROTECT_TAG, Json, LiveDowntime, LiveMonitor
from ddguard.payload.identity import identity_in_message, identity_in_tags, split_message


def live_monitor(raw: Mapping[str, Json]) -> LiveMonitor:
    """A monitor out of an answer. Raises DatadogError if it is none."""
    number = raw.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise DatadogError("Datadog answered with something that is no monitor: it has no number")
    return LiveMonitor(number, raw, identity_in_tags(raw.get("tags")))


def live_downtime(raw_data: Mapping[str, Json]) -> LiveDowntime:
    """A downtime out of an answer's `data`. Raises DatadogError if it is none."""
    uuid, attributes = raw_data.get("id"), raw_data.get("attributes")
    if not isinstance(uuid, str) or not uuid or not isinstance(attributes, Mapping):
        raise DatadogError("Datadog answered with something that is no downtime: it has no id or no attributes")
    return LiveDowntime(uuid, attributes, identity_in_message(attributes.get("message")))


def is_protected(live: LiveMonitor | LiveDowntime) -> bool:
    """Whether the object carries the mark of a protected spec."""
    if isinstance(live, LiveMonitor):
        tags = live.definition.get("tags")
        return isinstance(tags, list) and PROTECT_TAG in tags
    _, marker = split_message(live.attributes.get("message"))
    return marker is not None and marker["mark"] is not None
