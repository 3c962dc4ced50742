"""Monitors: from a spec to the API object, and from Datadog's answer to what differs.

https://docs.datadoghq.com/api/latest/monitors/
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ddguard.model import HOLD_TAG, Hold, Identity, Json, LiveMonitor, Monitor, Stack
from ddguard.payload.allowances import AllowanceError, with_allowances
from ddguard.payload.changes import FieldChange, compared
from ddguard.payload.identity import identity_tags, key_of, without_identity
from ddguard.payload.normal import value_at
from ddguard.payload.references import as_sent
from ddguard.payload.tables import METRIC_TYPES, MONITOR_RULES, Kind
from ddguard.payload.thresholds import stated_threshold
from ddguard.payload.values import ABSENT, plain

CLEARED: Mapping[str, Json] = {"message": "", "priority": None, "draft_status": "published"}
"""What an update sends for a field that the spec dropped: Datadog keeps what an update leaves out."""

NEVER_SENT = [rule.path for rule in MONITOR_RULES if rule.kind is Kind.READ_ONLY]

HOLD_PARAGRAPH = """\
{{{{#is_alert}}}}
Manual review requested for the tenant {{{{tenant.name}}}}: {reason}
Nothing is frozen automatically; a person decides. {review}
{{{{/is_alert}}}}"""
HELD = re.compile(
    re.escape("\n\n" + HOLD_PARAGRAPH.format(reason="REASON", review="REVIEW"))
    .replace("REASON", "(?P<reason>.+)")
    .replace("REVIEW", r"(?P<review>\S+)")
)


def monitor_request(monitor: Monitor, stack: Stack, numbers: Mapping[str, int], day: date) -> dict[str, Any]:
    """The whole API object that Datadog shall hold.

    That is the definition without nulls and read-only fields, with what `hold` and `allow` add, with the critical
    threshold that the query states, and with the identity tags. Allowances count on their last `day` (UTC) still.
    `numbers` are those of the monitors that `${monitor:ID}` may name; a reference without a number stays as it is.

    Raises AllowanceError where a running allowance can't be written into the query.
    """
    wanted = _sendable(monitor.definition)
    query = _query(monitor, day)
    wanted |= {"query": query, "tags": _tags(monitor, stack, wanted.get("tags", []))}
    if monitor.hold:
        wanted["message"] = with_hold(wanted.get("message", ""), monitor.hold)
    if value_at(wanted, ("options", "thresholds", "critical")) in (ABSENT, None):
        wanted |= _stated(monitor.type, query, wanted.get("options", {}))
    sent: dict[str, Any] = as_sent(wanted, numbers)
    return sent


def with_tags_of_others(request: Mapping[str, Json], live: LiveMonitor, keys: frozenset[str]) -> Mapping[str, Json]:
    """The request, with the tags of these keys that the live monitor has; of a key that the request uses, its own."""
    left = keys - {key_of(tag) for tag in request["tags"]}
    found = [tag for tag in live.definition.get("tags") or () if isinstance(tag, str) and key_of(tag) in left]
    return {**request, "tags": [*request["tags"], *found]} if found else request


def _query(monitor: Monitor, day: date) -> str:
    try:
        return with_allowances(str(monitor.definition["query"]), monitor.type, monitor.allow, day)
    except AllowanceError as error:
        number = next(number for number, entry in enumerate(monitor.allow) if entry.tag == error.tag)
        at = monitor.source.at(("allow", number, "tag"))
        place = f"{at.path}:{at.line}:{at.column}: monitor {monitor.id}: "
        raise AllowanceError(error.tag, error.reason, error.hint, place) from error


def _sendable(definition: Mapping[str, Json]) -> dict[str, Any]:
    """What can be sent of a definition. A blank name is none: Datadog makes one up for it, as without any."""
    wanted = {key: plain(value) for key, value in definition.items() if value is not None and (key,) not in NEVER_SENT}
    wanted.get("options", {}).pop("silenced", None)
    if not str(wanted.get("name", "")).strip():
        wanted.pop("name", None)
    return wanted


def _tags(monitor: Monitor, stack: Stack, given: list[str]) -> list[str]:
    held = [HOLD_TAG] if monitor.hold and HOLD_TAG not in given else []
    own = identity_tags(Identity(stack.name, monitor.id), protect=monitor.protect)
    return [*without_identity(given), *held, *own]


def _stated(monitor_type: str, query: str, options: Mapping[str, Json]) -> dict[str, Json]:
    """The options with the critical threshold that the query states; nothing where it states none."""
    number = stated_threshold(monitor_type, query)
    if number is None:
        return {}
    given = {level: value for level, value in (options.get("thresholds") or {}).items() if value is not None}
    return {"options": {**options, "thresholds": {"critical": number} | given}}


def with_hold(message: str, hold: Hold) -> str:
    """The message with a paragraph that asks for a manual review when the monitor alerts."""
    paragraph = HOLD_PARAGRAPH.format(reason=" ".join(hold.reason.split()), review=hold.review)
    return f"{message.strip()}\n\n{paragraph}".lstrip("\n")


def split_hold(message: str) -> tuple[str, Hold | None]:
    """A message without the paragraph of a hold at its end, and that hold; the reverse of `with_hold`."""
    text, _, paragraph = f"\n\n{message}".rpartition("\n\n{{#is_alert}}\nManual review")
    found = HELD.fullmatch(f"\n\n{{{{#is_alert}}}}\nManual review{paragraph}")
    return (text.strip(), Hold(found["review"], found["reason"])) if found else (message, None)


def monitor_changes(wanted: Mapping[str, Json], live: LiveMonitor) -> tuple[FieldChange, ...]:
    """What has to change in Datadog for the monitor to be as wanted; empty if they mean the same.

    A field that the wanted object lacks counts as Datadog's default. Left alone without one are the name, which
    Datadog makes up, restricted roles and assets. Assets are compared only where the answer shows any, since most
    answers leave them out.
    """
    sides = compared(wanted, live.definition, MONITOR_RULES)
    if not sides.live_form.get("assets"):
        sides.wanted_form.pop("assets", None)
    if not sides.live_form.get("restricted_roles") and not sides.wanted_form.get("restricted_roles"):
        sides.wanted_form.pop("restricted_roles", None)
    return tuple(sides.changes())


def type_may_change(before: str, after: str) -> bool:
    """Whether a monitor of one type can be updated to the other in place; if not, it has to be replaced."""
    return METRIC_TYPES.get(before, before) == METRIC_TYPES.get(after, after)


def monitor_update(wanted: Mapping[str, Json], live: LiveMonitor) -> dict[str, Any]:
    """The body of the PUT that makes the live monitor as wanted: everything wanted, and what clears the rest."""
    dropped = {
        field: value
        for field, value in CLEARED.items()
        if field not in wanted and live.definition.get(field) not in (None, value)
    }
    return {"options": {}, **plain(wanted), **dropped}
