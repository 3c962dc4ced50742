"""What is wished for and what is there -> what has to be done. Pure: no call is made here."""

from collections.abc import Mapping, Sequence

from ddguard.model import Downtime, LiveDowntime, LiveMonitor, Monitor, Stack, monitors_referred_to
from ddguard.payload import (
    ABSENT,
    FieldChange,
    downtime_changes,
    downtime_request,
    has_ended,
    is_protected,
    monitor_changes,
    monitor_request,
    type_may_change,
)
from ddguard.plan.matching import Matched, match_downtimes, match_monitors
from ddguard.plan.order import by_need, deletes_in_order
from ddguard.plan.values import Action, Change, Kind, Plan, Refusal, Rules, World


def make_plan(
    stack: Stack, monitors: Sequence[Monitor], downtimes: Sequence[Downtime], world: World, rules: Rules
) -> Plan:
    """Compares what is wished for with what is there."""
    ids = rules.all_ids | {monitor.id for monitor in monitors} | {downtime.id for downtime in downtimes}
    live_monitors = match_monitors(stack, monitors, ids, world)
    live_downtimes = match_downtimes(stack, downtimes, ids, world)
    numbers = _numbers(monitors, live_monitors, world)
    wished = [
        *(_monitor_change(stack, monitor, live_monitors.kept.get(monitor.id), numbers, rules) for monitor in monitors),
        *(_downtime_change(stack, downtime, live_downtimes, numbers, rules) for downtime in downtimes),
    ]
    changes = by_need([change for change in wished if change is not None])
    deletes, delete_notes, delete_refusals = _deletes(live_monitors, live_downtimes, rules)
    notes = (*live_monitors.notes, *live_downtimes.notes, *_over_notes(downtimes, live_downtimes, rules), *delete_notes)
    refusals = (*live_monitors.refusals, *_protected_replacements(changes, monitors), *delete_refusals)
    return Plan(
        stack=stack,
        changes=(*changes, *deletes),
        unchanged=len(monitors) + len(downtimes) - len(changes),
        numbers=numbers,
        notes=notes,
        refusals=refusals,
    )


def _numbers(monitors: Sequence[Monitor], matched: Matched[LiveMonitor], world: World) -> dict[str, int]:
    """The number of every spec'd monitor that stays, those outside a narrowed run included."""
    replaced = {
        monitor.id
        for monitor in monitors
        if monitor.id in matched.kept and not _type_fits(monitor, matched.kept[monitor.id])
    }
    elsewhere = {live.identity.id: live.remote_id for live in reversed(world.monitors) if live.identity}
    here = {name: live.remote_id for name, live in matched.kept.items()}
    return {name: number for name, number in {**elsewhere, **here}.items() if name not in replaced}


def _type_fits(monitor: Monitor, live: LiveMonitor) -> bool:
    return type_may_change(str(live.definition.get("type")), monitor.type)


def _monitor_change(
    stack: Stack, monitor: Monitor, live: LiveMonitor | None, numbers: Mapping[str, int], rules: Rules
) -> Change | None:
    wanted = monitor_request(monitor, stack, numbers, rules.now.date())
    needs = monitors_referred_to(monitor.definition)
    position = monitor.source.at()
    if live is None:
        return Change(
            Action.CREATE,
            Kind.MONITOR,
            monitor.id,
            monitor.name,
            _all_new(wanted),
            None,
            "",
            wanted,
            needs,
            None,
            position,
        )
    fields = monitor_changes(wanted, live)
    if not fields:
        return None
    action = Action.UPDATE if _type_fits(monitor, live) else Action.REPLACE
    return Change(
        action,
        Kind.MONITOR,
        monitor.id,
        monitor.name or str(live.definition.get("name", "")),
        fields,
        str(live.remote_id),
        live.version,
        wanted,
        needs,
        live,
        position,
    )


def _all_new(wanted: Mapping[str, object]) -> tuple[FieldChange, ...]:
    return tuple(FieldChange((key,), ABSENT, value) for key, value in wanted.items())


def _downtime_change(
    stack: Stack, downtime: Downtime, matched: Matched[LiveDowntime], numbers: Mapping[str, int], rules: Rules
) -> Change | None:
    wanted = downtime_request(downtime, stack, numbers, rules.now)
    needs = frozenset({downtime.monitor} if downtime.monitor else ()) | monitors_referred_to(downtime.attributes)
    position = downtime.source.at()
    live = matched.kept.get(downtime.id)
    if live is None:
        if has_ended(downtime, rules.now):
            return None
        return Change(
            Action.CREATE,
            Kind.DOWNTIME,
            downtime.id,
            downtime.name,
            _all_new(wanted),
            None,
            "",
            wanted,
            needs,
            None,
            position,
        )
    fields = downtime_changes(wanted, live, rules.now)
    if not fields:
        return None
    return Change(
        Action.UPDATE,
        Kind.DOWNTIME,
        downtime.id,
        downtime.name,
        fields,
        live.remote_id,
        live.version,
        wanted,
        needs,
        live,
        position,
    )


def _over_notes(downtimes: Sequence[Downtime], matched: Matched[LiveDowntime], rules: Rules) -> list[str]:
    return [
        f"{downtime.id}: the downtime is over; its spec can be removed"
        for downtime in downtimes
        if downtime.id not in matched.kept and has_ended(downtime, rules.now)
    ]


def _protected_replacements(changes: Sequence[Change], monitors: Sequence[Monitor]) -> list[Refusal]:
    """Replacing means deleting the old one: refused for what is protected, by its spec or by its mark in Datadog."""
    protected = {monitor.id for monitor in monitors if monitor.protect}
    return [
        Refusal(
            f"{change.id} is protected and its type can't be changed in place",
            "take `protect` away first, or keep the type",
            change.position,
        )
        for change in changes
        if change.action is Action.REPLACE
        and (change.id in protected or (change.live is not None and is_protected(change.live)))
    ]


def _deletes(
    monitors: Matched[LiveMonitor], downtimes: Matched[LiveDowntime], rules: Rules
) -> tuple[tuple[Change, ...], list[str], list[Refusal]]:
    """The deletes that are planned, what to tell about those that aren't, and the rules that they break."""
    doomed = [
        *(_delete(Kind.DOWNTIME, live) for live in (*downtimes.orphans, *downtimes.extras)),
        *(_delete(Kind.MONITOR, live) for live in (*monitors.orphans, *monitors.extras)),
    ]
    if not doomed or rules.narrowed:
        return (), [], []
    if not rules.prune:
        orphans = len(monitors.orphans) + len(downtimes.orphans)
        told = f"{_objects(orphans)} of this stack in Datadog {'has' if orphans == 1 else 'have'} no spec"
        return (), [f"{told}: --prune deletes {'it' if orphans == 1 else 'them'}"] if orphans else [], []
    total = sum(len(side) for side in (monitors.kept, monitors.orphans, monitors.extras))
    total += sum(len(side) for side in (downtimes.kept, downtimes.orphans, downtimes.extras))
    refusals = [*_protected_deletes(doomed), *_too_many(len(doomed), total, rules)]
    return deletes_in_order(doomed), [], refusals


def _delete(kind: Kind, live: LiveMonitor | LiveDowntime) -> Change:
    name = live.definition.get("name") if isinstance(live, LiveMonitor) else live.attributes.get("scope")
    spec_id = live.identity.id if live.identity else ""
    return Change(Action.DELETE, kind, spec_id, str(name or ""), (), str(live.remote_id), live.version, live=live)


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"


def _protected_deletes(doomed: Sequence[Change]) -> list[Refusal]:
    return [
        Refusal(
            f"{change.kind} {change.id} ({change.remote_id}) is protected and has no spec any more",
            "bring its spec back with `protect: false`, apply, then remove it",
        )
        for change in doomed
        if change.live is not None and is_protected(change.live)
    ]


def _too_many(doomed: int, total: int, rules: Rules) -> list[Refusal]:
    """The prune guard: a wrong folder or a wrong branch must not empty a stack."""
    if rules.max_deletes is not None:
        if doomed <= rules.max_deletes:
            return []
        return [Refusal(f"{_objects(doomed)} would be deleted, more than --max-deletes {rules.max_deletes}")]
    if total < rules.policy.min_objects or doomed <= total * rules.policy.max_share:
        return []
    message = (
        f"{doomed} of {_objects(total)} would be deleted: more than {rules.policy.max_share:.0%} (prune.max_share)"
    )
    return [Refusal(message, f"if that is meant: --max-deletes {doomed}")]
