"""Which monitors fall silent under a scope, and which of their groups are alerting now.

A downtime's scope looks at the tags of each group: those that the query groups by, and those that its filter fixes for
all groups. It doesn't look at the tags of the monitor. https://docs.datadoghq.com/monitors/guide/scoping_downtimes/
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import Enum

from ddguard.errors import UsageError
from ddguard.model import Json, LiveMonitor
from ddguard.payload.groups import live_groups
from ddguard.payload.identity import identity_in_tags
from ddguard.payload.snoozes import Target
from ddguard.snooze.facts import AnyTerm, Facts, facts_of
from ddguard.snooze.names import shown

ALERTING = ("Alert", "Warn", "No Data")
"""States of a group that somebody may be paged for, the worst first."""


ReadScope = Callable[[str], Sequence[AnyTerm] | None]
"""The terms of a downtime's scope; None where it can't be read."""


class Reach(Enum):
    """How much of a monitor falls silent."""

    WHOLE = "all of it"
    GROUPS = "some of its groups"
    NOTHING = "nothing"
    UNREAD = "that can't be told from its query"


@dataclass(frozen=True, slots=True)
class Member:
    """A monitor of which something falls silent. `number` is Datadog's, `id` that of its spec, empty without one."""

    number: int
    id: str
    name: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Alerting:
    """A group that is alerting and falls silent. `since` is None where Datadog doesn't tell."""

    monitor: int
    monitor_name: str
    group: str
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Audience:
    """What a scope silences among some monitors.

    `unread` are those whose query doesn't tell; they may fall silent too. `groups` counts the groups that Datadog knows
    now and that fall silent, in whatever state; `alerting` lies by severity, then by name.
    """

    members: tuple[Member, ...]
    unread: tuple[Member, ...]
    alerting: tuple[Alerting, ...]
    groups: int


def audience_of(
    terms: Sequence[AnyTerm], raw_monitors: Sequence[Mapping[str, Json]], only: Collection[int] | None = None
) -> Audience:
    """What the terms silence of a stack's monitors, as Datadog lists them with group states.

    `only` are the numbers of the monitors that are meant; None means all.
    """
    by_number = {monitor["id"]: monitor for monitor in raw_monitors}
    members, alerting, groups = [], [], 0
    for monitor in raw_monitors:
        if only is not None and monitor["id"] not in only:
            continue
        facts = facts_of(monitor, by_number)
        reach = _reach(terms, facts)
        if reach is Reach.NOTHING:
            continue
        identity = identity_in_tags(monitor.get("tags"))
        members.append(Member(monitor["id"], identity.id if identity else "", str(monitor.get("name") or ""), reach))
        if reach is not Reach.UNREAD:
            covered = list(_covered(terms, monitor, facts))
            groups += len(covered)
            alerting += [group for group in covered if group.state in ALERTING]
    return Audience(
        members=tuple(member for member in members if member.reach is not Reach.UNREAD),
        unread=tuple(member for member in members if member.reach is Reach.UNREAD),
        alerting=_sorted(alerting),
        groups=groups,
    )


def _sorted(alerting: Iterable[Alerting]) -> tuple[Alerting, ...]:
    return tuple(sorted(alerting, key=lambda group: (ALERTING.index(group.state), group.group, group.monitor)))


def together(audiences: Sequence[Audience]) -> Audience:
    """What several scopes silence together: of each monitor and group the most that one of them does."""
    members = {member.number: member for one in audiences for member in one.unread}
    members |= {member.number: member for one in audiences for member in one.members}
    members |= {member.number: member for one in audiences for member in one.members if member.reach is Reach.WHOLE}
    alerting = {group for one in audiences for group in one.alerting}
    return Audience(
        members=tuple(member for member in members.values() if member.reach is not Reach.UNREAD),
        unread=tuple(member for member in members.values() if member.reach is Reach.UNREAD),
        alerting=_sorted(alerting),
        groups=max((one.groups for one in audiences), default=0),
    )


def wholly_silenced(
    terms: Sequence[AnyTerm], tags: Collection[str], raw_monitors: Sequence[Mapping[str, Json]]
) -> set[int]:
    """The numbers of the monitors of which the terms silence every group that has the tags, whatever others it has."""
    by_number = {monitor["id"]: monitor for monitor in raw_monitors}
    if any(term.negated for term in terms):
        return set()
    fixed = {number: facts_of(monitor, by_number).fixed for number, monitor in by_number.items()}
    return {number for number in by_number if all(term.holds({*tags, *fixed[number]}) for term in terms)}


def _reach(terms: Sequence[AnyTerm], facts: Facts) -> Reach:
    open_terms = [term for term in terms if term.key in facts.keys]
    said = [facts.say_of(term) for term in terms if term not in open_terms]
    if not all(said):
        return Reach.NOTHING if False in said else Reach.UNREAD
    return Reach.GROUPS if open_terms else Reach.WHOLE


def _covered(terms: Sequence[AnyTerm], monitor: Mapping[str, Json], facts: Facts) -> Iterator[Alerting]:
    for group in live_groups(monitor):
        if all(term.holds(group.tags | facts.fixed) for term in terms):
            yield Alerting(monitor["id"], str(monitor.get("name") or ""), group.name, group.state, group.since)


# What Datadog's list says


def is_shown(target: Target, raw_monitors: Sequence[Mapping[str, Json]]) -> bool:
    """Whether a downtime with exactly the target's scope silences one of the monitors now, as far as the list knows."""
    return target.scope in shown_scopes(raw_monitors)


def shown_scopes(raw_monitors: Iterable[Mapping[str, Json]]) -> set[str]:
    """The scopes of the downtimes that silence something of the monitors now, as far as the list knows."""
    entries = (entry for monitor in raw_monitors for entry in _matching(monitor))
    return {_joined(entry.get("scope")) for entry in entries if entry.get("active") is not False}


def scopes_silencing(
    tags: Collection[str], monitor: Mapping[str, Json], raw_monitors: Sequence[Mapping[str, Json]], read: ReadScope
) -> tuple[str, ...]:
    """The scopes of the downtimes that silence a group of the monitor now, as far as the list knows."""
    by_number = {raw["id"]: raw for raw in raw_monitors}
    facts = facts_of(monitor, by_number)
    carried = {*tags, *facts.fixed, *facts.perhaps}
    readings = ((scope, read(scope)) for scope in sorted(shown_scopes([monitor])))
    return tuple(scope for scope, terms in readings if terms is not None and all(term.holds(carried) for term in terms))


def _joined(scope: Json) -> str:
    return " AND ".join(map(str, scope)) if isinstance(scope, list) else str(scope)


def _matching(monitor: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    found = monitor.get("matching_downtimes")
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def find_monitor(name: str, lives: Sequence[LiveMonitor]) -> LiveMonitor:
    """The monitor with that id in its spec, or with that number in Datadog. Raises `UsageError` if there is none."""
    for live in lives:
        if name == str(live.remote_id) or (live.identity is not None and live.identity.id == name):
            return live
    known = sorted(live.identity.id for live in lives if live.identity is not None)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
    raise UsageError(f"there is no monitor {shown(name)} of this stack in Datadog", hint)
