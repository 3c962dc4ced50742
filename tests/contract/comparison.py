"""How a recorded answer and the sandbox's differ, ids, times and users aside, and why."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ddguard.sandbox.calls import Answer
from tests.contract.recordings import Interaction

ASIDE = frozenset({"id", "org_id", "monitor_id", "created", "created_at", "modified", "modified_at", "creator"})
"""Ids, times and users: their presence is compared, their value isn't."""
LIVE = frozenset({"overall_state", "overall_state_modified"})
"""What Datadog's evaluation said at that moment."""
UNORDERED = frozenset({"notify_end_states", "notify_end_types"})
ORGANISATION = re.compile(r"org_id:\d+")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two answers differ. A side without the place is `ABSENT`."""

    path: str
    recorded: Any
    ours: Any


ABSENT = "(absent)"


def differences(row: Interaction, ours: Answer) -> list[Difference]:
    """Every place where the sandbox's answer isn't the recorded one."""
    if ours.status != row.status:
        return [Difference("status", row.status, ours.status)]
    return list(compared("", masked(row.response, row), masked(ours.body, row)))


def compared(path: str, recorded: Any, ours: Any) -> Iterator[Difference]:
    """The places below `path` where two values differ; a whole number is no float."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for key in sorted(recorded.keys() | ours.keys()):
            yield from compared(f"{path}.{key}".lstrip("."), recorded.get(key, ABSENT), ours.get(key, ABSENT))
    elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        for theirs, mine in zip(recorded, ours, strict=True):
            yield from compared(f"{path}[]", theirs, mine)
    elif recorded != ours or type(recorded) is not type(ours):
        yield Difference(path, recorded, ours)


def masked(value: Any, row: Interaction) -> Any:
    """An answer without what the comparison leaves aside."""
    if isinstance(value, Mapping):
        fields = {key: masked_field(key, inner, row) for key, inner in value.items()}
        if value.get("type") == "users" and "attributes" in fields:
            fields["attributes"] = "(user)"
        return fields
    if isinstance(value, list):
        entries = [masked(inner, row) for inner in value]
        return (
            sorted(entries, key=str) if entries and isinstance(entries[0], dict) and "type" in entries[0] else entries
        )
    return ORGANISATION.sub("org_id:N", value) if isinstance(value, str) else value


def masked_field(key: str, value: Any, row: Interaction) -> Any:
    """One field without what the comparison leaves aside."""
    if key in ASIDE | LIVE:
        return "(aside)"
    if key in UNORDERED:
        return sorted(value)
    if key == "canceled" and value:
        return "(time)"
    if key == "schedule" and not asked_start(row) and isinstance(value, dict) and "start" in value:
        return value | {"start": "(time)"}
    return masked(value, row)


def asked_start(row: Interaction) -> bool:
    """Whether a request names the time that its downtime starts, so that the answer has to repeat it."""
    attributes = row.request["data"]["attributes"] if isinstance(row.request, dict) and "data" in row.request else {}
    return bool((attributes.get("schedule") or {}).get("start"))
