"""What is silenced in a stack now: its snoozes, and what somebody silenced by the same keys in Datadog itself."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ddguard.model import Json, LiveDowntime, SnoozePolicy, Stack
from ddguard.payload.snoozes import LONGEST_REASON, OVER, Snooze, one_line, snooze_in, times_of
from ddguard.snooze.audience import AnyTerm, Audience, audience_of

KEYS = re.compile(r"([a-z][a-z0-9_./-]*):")
EVERY_MONITOR = "*"

ReadScope = Callable[[str], Sequence[AnyTerm] | None]
"""The terms of a downtime's scope; None where it can't be read."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A downtime that silences something of a stack.

    `audience` is None where its scope can't be read. `is_foreign`: ddguard didn't make it, or somebody changed what it
    silences. `monitor_tags` and `monitor` are whose groups it is about; `end` is None for a downtime without one.
    """

    downtime: LiveDowntime
    scope: str
    monitor_tags: tuple[str, ...]
    monitor: int | None
    start: datetime | None
    end: datetime | None
    reason: str
    author: str
    is_foreign: bool
    audience: Audience | None


def listed(
    stack: Stack,
    downtimes: Iterable[LiveDowntime],
    raw_monitors: Sequence[Mapping[str, Json]],
    policy: SnoozePolicy,
    read: ReadScope,
) -> list[Listed]:
    """Everything that is snoozed in a stack, what ends first first; downtimes that have a spec are no snoozes."""
    found = []
    for downtime in downtimes:
        snooze = snooze_in(downtime)
        if downtime.status in OVER:
            continue
        if snooze and snooze.target.stack == stack.name:
            found.append(_listed(downtime, snooze, raw_monitors, read))
        elif snooze is None and downtime.identity is None and _is_by_a_key(downtime, policy):
            entry = _listed(downtime, None, raw_monitors, read)
            found += [entry] if _concerns(entry, raw_monitors) else []
    return sorted(found, key=lambda entry: (entry.end is None, entry.end, entry.scope))


def _is_by_a_key(downtime: LiveDowntime, policy: SnoozePolicy) -> bool:
    keys = KEYS.findall(str(downtime.attributes.get("scope") or "").lower())
    return bool(set(keys) & set(policy.keys))


def _listed(
    downtime: LiveDowntime, snooze: Snooze | None, raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope
) -> Listed:
    attributes = downtime.attributes
    scope = str(attributes.get("scope") or "")
    identifier = attributes.get("monitor_identifier")
    identifier = identifier if isinstance(identifier, Mapping) else {}
    tags = identifier.get("monitor_tags")
    number = identifier.get("monitor_id")
    monitor = number if isinstance(number, int) else None
    monitor_tags = tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()
    start, end = times_of(attributes)
    terms = read(scope)
    meant = {raw["id"] for raw in raw_monitors if _is_meant(raw, monitor, monitor_tags)}
    return Listed(
        downtime=downtime,
        scope=scope,
        monitor_tags=monitor_tags,
        monitor=monitor,
        start=start,
        end=end,
        reason=snooze.reason if snooze else one_line(str(attributes.get("message") or ""), LONGEST_REASON),
        author=snooze.author if snooze else "",
        is_foreign=snooze is None or not snooze.is_as_made,
        audience=None if terms is None else audience_of(terms, raw_monitors, meant),
    )


def _is_meant(raw: Mapping[str, Json], monitor: int | None, tags: Sequence[str]) -> bool:
    if monitor is not None:
        return bool(raw["id"] == monitor)
    return bool(tags) and (EVERY_MONITOR in tags or set(tags) <= set(raw.get("tags") or ()))


def _concerns(entry: Listed, raw_monitors: Sequence[Mapping[str, Json]]) -> bool:
    """Whether a foreign downtime is about a monitor of the stack."""
    return any(_is_meant(raw, entry.monitor, entry.monitor_tags) for raw in raw_monitors)
