"""What is wished for and what is there -> what has to be done. Pure: no call is made here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ddguard.model import Downtime, Json, LiveDowntime, LiveMonitor, Monitor, Stack, monitors_referred_to
from ddguard.payload import (
    ABSENT,
    FieldChange,
    downtime_changes,
    downtime_request,
    has_ended,
    monitor_changes,
    monitor_request,
    moves_running_window,
    type_may_change,
    window_missed,
    with_tags_of_others,
)
from ddguard.plan.guards import broken_rules, refused_deletes
from ddguard.plan.matching import Double, Matched, match_downtimes, match_monitors
from ddguard.plan.order import NUMBERED_ANEW, by_need, removals_in_order
from ddguard.plan.snoozes import snooze_notes
from ddguard.plan.strays import refused_strays, stray_downtimes, stray_notes
from ddguard.plan.unclear import refused_seconds, unclear_monitors, unclear_notes
from ddguard.plan.values import Action, Change, Kind, Plan, Refusal, Rules, World


@dataclass(frozen=True, slots=True)
class _Found:
    """The specs that count, what stands for them in Datadog, and the downtimes that are over."""

    monitors: Sequence[Monitor]
    downtimes: Sequence[Downtime]
    over: Sequence[Downtime]
    live_monitors: Matched[LiveMonitor]
    live_downtimes: Matched[LiveDowntime]

    @property
    def refused(self) -> frozenset[str]:
        """The ids of the specs for which a safety rule forbids everything."""
        return self.live_monitors.refused | self.live_downtimes.refused

    @property
    def specs(self) -> Sequence[Monitor | Downtime]:
        """All others."""
        every: list[Monitor | Downtime] = [*self.monitors, *self.downtimes]
        refused = self.refused
        return [spec for spec in every if spec.id not in refused]

    @property
    def lives(self) -> Mapping[str, LiveMonitor | LiveDowntime]:
        """What stands for a spec, by its id."""
        return {**self.live_monitors.kept, **self.live_downtimes.kept}


def make_plan(
    stack: Stack, monitors: Sequence[Monitor], downtimes: Sequence[Downtime], world: World, rules: Rules
) -> Plan:
    """Compares what is wished for with what is there. A downtime that is over counts as if it had no spec.

    Raises InputError for a spec that can't be turned into what Datadog takes.
    """
    found = _matched(stack, monitors, downtimes, world, rules)
    numbers = _numbers(stack, monitors, found.live_monitors, world)
    specs, lives = found.specs, found.lives
    wished = [_change(stack, spec, lives.get(spec.id), numbers, rules) for spec in specs]
    changes = by_need([change for change in wished if change is not None])
    deletes, delete_notes, delete_refusals = _deletes(found.live_monitors, found.live_downtimes, rules)
    unclear = unclear_monitors(stack, world, found.live_monitors.kept.values())
    strays = stray_downtimes(world, found.live_downtimes.kept.values())
    return Plan(
        stack=stack,
        changes=(*changes, *deletes),
        unchanged=len(lives) - sum(change.live is not None for change in changes),
        numbers=numbers,
        notes=(
            *_over_notes(found.over),
            *_canceled_notes(stack, changes, world),
            *_missed_notes(changes, found.downtimes, rules),
            *delete_notes,
            *unclear_notes(unclear),
            *stray_notes(stack, changes, strays, rules.now),
            *snooze_notes(stack, (*changes, *deletes), world),
        ),
        refusals=(
            *found.live_monitors.refusals,
            *found.live_downtimes.refusals,
            *broken_rules(changes, specs, numbers, found.refused),
            *refused_seconds(changes, unclear),
            *refused_strays(stack, changes, strays, rules.now),
            *delete_refusals,
        ),
    )


def _matched(
    stack: Stack, monitors: Sequence[Monitor], downtimes: Sequence[Downtime], world: World, rules: Rules
) -> _Found:
    over = [downtime for downtime in downtimes if has_ended(downtime, rules.now)]
    current = [downtime for downtime in downtimes if not has_ended(downtime, rules.now)]
    monitor_ids = frozenset(monitor.id for monitor in monitors)
    downtime_ids = frozenset(downtime.id for downtime in current)
    others = rules.all_ids - frozenset(downtime.id for downtime in over)
    return _Found(
        monitors,
        current,
        over,
        match_monitors(stack, monitors, (others - downtime_ids) | monitor_ids, world),
        match_downtimes(stack, current, (others - monitor_ids) | downtime_ids, world, rules.now),
    )


def _numbers(stack: Stack, monitors: Sequence[Monitor], matched: Matched[LiveMonitor], world: World) -> dict[str, int]:
    """The number of every monitor of the stack that stays, those outside a narrowed run included."""
    replaced = {
        monitor.id
        for monitor in monitors
        if monitor.id in matched.kept and not _type_fits(monitor, matched.kept[monitor.id])
    }
    own = [(live.identity.id, live) for live in world.monitors if live.identity and live.identity.stack == stack.name]
    newest_first = sorted(own, key=lambda pair: pair[1].remote_id, reverse=True)
    numbers = {name: live.remote_id for name, live in (*newest_first, *matched.kept.items())}
    return {name: number for name, number in numbers.items() if name not in replaced}


def _type_fits(monitor: Monitor, live: LiveMonitor) -> bool:
    return type_may_change(str(live.definition.get("type")), monitor.type)


def _change(
    stack: Stack,
    spec: Monitor | Downtime,
    live: LiveMonitor | LiveDowntime | None,
    numbers: Mapping[str, int],
    rules: Rules,
) -> Change | None:
    """What has to be done for one spec, None where nothing has."""
    wanted = _wanted(stack, spec, live, numbers, rules)
    fields = _fields(wanted, live, rules)
    if live is not None and not fields:
        return None
    return Change(
        action=_action(spec, live, wanted, rules),
        kind=Kind.MONITOR if isinstance(spec, Monitor) else Kind.DOWNTIME,
        id=spec.id,
        name=spec.name or (_name(live) if live else ""),
        fields=fields,
        remote_id=str(live.remote_id) if live else None,
        version=live.version if live else "",
        wanted=wanted,
        needs=_needs(spec),
        live=live,
        position=spec.source.at(),
    )


def _wanted(
    stack: Stack,
    spec: Monitor | Downtime,
    live: LiveMonitor | LiveDowntime | None,
    numbers: Mapping[str, int],
    rules: Rules,
) -> Mapping[str, Json]:
    if isinstance(spec, Monitor):
        request = monitor_request(spec, stack, numbers, rules.now.date())
        return with_tags_of_others(request, live, rules.ignored_tag_keys) if isinstance(live, LiveMonitor) else request
    return downtime_request(spec, stack, numbers, rules.now)


def _fields(
    wanted: Mapping[str, Json], live: LiveMonitor | LiveDowntime | None, rules: Rules
) -> tuple[FieldChange, ...]:
    if live is None:
        return tuple(FieldChange((key,), ABSENT, value) for key, value in wanted.items())
    if isinstance(live, LiveMonitor):
        return monitor_changes(wanted, live)
    return downtime_changes(wanted, live, rules.now)


def _action(
    spec: Monitor | Downtime, live: LiveMonitor | LiveDowntime | None, wanted: Mapping[str, Json], rules: Rules
) -> Action:
    if live is None:
        return Action.CREATE
    if isinstance(spec, Monitor) and isinstance(live, LiveMonitor):
        return Action.UPDATE if _type_fits(spec, live) else Action.REPLACE
    moves = isinstance(live, LiveDowntime) and moves_running_window(wanted, live, rules.now)
    return Action.REPLACE if moves else Action.UPDATE


def _needs(spec: Monitor | Downtime) -> frozenset[str]:
    if isinstance(spec, Monitor):
        return monitors_referred_to(spec.definition)
    return monitors_referred_to(spec.attributes) | frozenset({spec.monitor} if spec.monitor else ())


def _name(live: LiveMonitor | LiveDowntime) -> str:
    name = live.definition.get("name") if isinstance(live, LiveMonitor) else live.attributes.get("scope")
    return str(name or "")


def _over_notes(over: Sequence[Downtime]) -> list[str]:
    return [f"{downtime.id}: the downtime is over; its spec can be removed" for downtime in over]


def _canceled_notes(stack: Stack, changes: Sequence[Change], world: World) -> list[str]:
    """Which of the downtimes that are created are missing because somebody canceled them."""
    canceled = {
        live.identity.id
        for live in world.downtimes
        if live.identity and live.identity.stack == stack.name and live.status == "canceled"
    }
    return [
        f"{change.id}: the downtime was canceled in Datadog; it is made anew"
        for change in changes
        if change.kind is Kind.DOWNTIME and change.action is Action.CREATE and change.id in canceled
    ]


def _missed_notes(changes: Sequence[Change], downtimes: Sequence[Downtime], rules: Rules) -> list[str]:
    """Which of the downtimes that are made come too late for a window that runs."""
    by_id = {downtime.id: downtime for downtime in downtimes}
    made = [change for change in changes if change.kind is Kind.DOWNTIME and change.action in NUMBERED_ANEW]
    missed = ((change.id, window_missed(by_id[change.id], change.wanted or {}, rules.now)) for change in made)
    return [
        f"{name}: the window that began at {began:%Y-%m-%dT%H:%M:%SZ} isn't covered, only the next one: "
        "Datadog begins no recurrence in the past"
        for name, began in missed
        if began is not None
    ]


def _deletes(
    monitors: Matched[LiveMonitor], downtimes: Matched[LiveDowntime], rules: Rules
) -> tuple[tuple[Change, ...], list[str], list[Refusal]]:
    """The deletes that are planned, what to tell about those that aren't, and the rules that they break."""
    orphans: list[LiveMonitor | LiveDowntime] = [*downtimes.orphans, *monitors.orphans]
    doubles: list[Double[LiveMonitor] | Double[LiveDowntime]] = [*downtimes.doubles, *monitors.doubles]
    prunes = rules.prune and not rules.narrowed
    notes = [_double_note(double, "" if prunes else "; --prune deletes it") for double in doubles]
    if not prunes:
        return (), [*notes, *_orphan_notes(len(orphans), rules)], []
    doomed = [_delete(live) for live in (*orphans, *(double.live for double in doubles))]
    doubled = frozenset(str(double.live.remote_id) for double in doubles)
    refusals = refused_deletes(doomed, doubled, monitors.total + downtimes.total, rules)
    return removals_in_order(doomed), notes, refusals


def _double_note(double: Double[LiveMonitor] | Double[LiveDowntime], ending: str) -> str:
    live = double.live
    return f"{live.identity.id if live.identity else ''}: {live.remote_id} {double.why}{ending}"


def _orphan_notes(count: int, rules: Rules) -> list[str]:
    if rules.narrowed:
        return ["--prune deletes nothing where files are named"] if rules.prune else []
    if not count:
        return []
    objects, have, them = ("1 object", "has", "it") if count == 1 else (f"{count} objects", "have", "them")
    return [f"{objects} of this stack in Datadog {have} no spec: --prune deletes {them}"]


def _delete(live: LiveMonitor | LiveDowntime) -> Change:
    return Change(
        action=Action.DELETE,
        kind=Kind.MONITOR if isinstance(live, LiveMonitor) else Kind.DOWNTIME,
        id=live.identity.id if live.identity else "",
        name=_name(live),
        remote_id=str(live.remote_id),
        version=live.version,
        live=live,
    )
