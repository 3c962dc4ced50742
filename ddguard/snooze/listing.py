"""What silences a stack now or later: its snoozes, and every other downtime that its monitors are about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ddguard.model import Json, LiveDowntime, SnoozePolicy, Stack
from ddguard.payload.identity import split_message
from ddguard.payload.snoozes import LONGEST_REASON, OVER, Snooze, one_line, snooze_in, times_of
from ddguard.snooze.audience import Audience, Reach, ReadScope, audience_of, shown_scopes

KEYS = re.compile(r"([a-z][a-z0-9_./-]*):")
EVERY_MONITOR = "*"


@dataclass(frozen=True, slots=True)
class Listed:
    """A downtime that silences something of a stack.

    `audience` is None where its scope can't be read; `is_everything`: it is all of all monitors of the stack.
    `is_foreign`: it isn't made for this stack by ddguard, or somebody changed what it silences. `spec` names the spec
    of a downtime that has one. `monitor_tags` and `monitor` are whose groups it is about; `end` is None for a downtime
    without one. `was_for` is what a snooze was made for whose scope or monitors somebody changed, else empty.
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
    is_everything: bool
    spec: str
    was_for: str = ""


def listed(
    stack: Stack,
    downtimes: Iterable[LiveDowntime],
    raw_monitors: Sequence[Mapping[str, Json]],
    policy: SnoozePolicy,
    read: ReadScope,
) -> list[Listed]:
    """Everything that silences monitors of a stack now or later, what ends first first. Its own snoozes are always in.

    Of monitors whose query doesn't tell, a downtime of others counts where Datadog shows it, or by the policy's keys.
    """
    found = []
    for downtime in downtimes:
        if downtime.status in OVER:
            continue
        entry = _listed(stack, downtime, raw_monitors, read)
        snooze = snooze_in(downtime)
        is_own = snooze is not None and snooze.target.stack == stack.name
        if is_own or _silences(entry, raw_monitors, policy):
            found.append(entry)
    return sorted(found, key=lambda entry: (entry.end is None, entry.end, entry.scope))


def _silences(entry: Listed, raw_monitors: Sequence[Mapping[str, Json]], policy: SnoozePolicy) -> bool:
    meant = [raw for raw in raw_monitors if _is_meant(raw, entry.monitor, entry.monitor_tags)]
    if not meant or entry.audience is None:
        return bool(meant)
    if entry.audience.members or entry.scope in shown_scopes(meant):
        return True
    return bool(entry.audience.unread) and bool({*KEYS.findall(entry.scope.lower())} & {*policy.keys})


def _listed(
    stack: Stack, downtime: LiveDowntime, raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope
) -> Listed:
    attributes, snooze = downtime.attributes, snooze_in(downtime)
    monitor, monitor_tags = _meant(attributes)
    start, end = times_of(attributes)
    audience = silenced(downtime, raw_monitors, read)
    message, _ = split_message(attributes.get("message"))
    return Listed(
        downtime=downtime,
        scope=_scope(attributes),
        monitor_tags=monitor_tags,
        monitor=monitor,
        start=start,
        end=end,
        reason=snooze.reason if snooze else one_line(message, LONGEST_REASON),
        author=snooze.author if snooze else "",
        is_foreign=not _is_of(stack, downtime, snooze),
        audience=audience,
        is_everything=audience is not None and _is_everything(audience, len(raw_monitors)),
        spec=_spec(stack, downtime),
        was_for=snooze.target.scope if snooze and not snooze.is_as_made else "",
    )


def silenced(downtime: LiveDowntime, raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope) -> Audience | None:
    """What a downtime silences of a stack's monitors while it runs; None where its scope can't be read."""
    terms = read(_scope(downtime.attributes))
    monitor, tags = _meant(downtime.attributes)
    meant = {raw["id"] for raw in raw_monitors if _is_meant(raw, monitor, tags)}
    return None if terms is None else audience_of(terms, raw_monitors, meant)


def _scope(attributes: Mapping[str, Json]) -> str:
    return str(attributes.get("scope") or "")


def _meant(attributes: Mapping[str, Json]) -> tuple[int | None, tuple[str, ...]]:
    """The number of the monitor that a downtime is for, or the tags of its monitors."""
    identifier = attributes.get("monitor_identifier")
    identifier = identifier if isinstance(identifier, Mapping) else {}
    number, tags = identifier.get("monitor_id"), identifier.get("monitor_tags")
    return (
        number if isinstance(number, int) else None,
        tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
    )


def _is_of(stack: Stack, downtime: LiveDowntime, snooze: Snooze | None) -> bool:
    if snooze is not None:
        return snooze.target.stack == stack.name and snooze.is_as_made
    return downtime.identity is not None and downtime.identity.stack == stack.name


def _is_everything(audience: Audience, monitors: int) -> bool:
    return 0 < monitors == len(audience.members) and all(member.reach is Reach.WHOLE for member in audience.members)


def _spec(stack: Stack, downtime: LiveDowntime) -> str:
    identity = downtime.identity
    if identity is None:
        return ""
    return identity.id if identity.stack == stack.name else f"{identity.id} of {identity.stack}"


def _is_meant(raw: Mapping[str, Json], monitor: int | None, tags: Sequence[str]) -> bool:
    if monitor is not None:
        return bool(raw["id"] == monitor)
    own = raw.get("tags")
    return bool(tags) and (EVERY_MONITOR in tags or (isinstance(own, list) and all(tag in own for tag in tags)))
