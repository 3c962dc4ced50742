"""The order in which changes can be carried out."""

from collections.abc import Sequence

from ddguard.model import LiveMonitor
from ddguard.payload import monitors_used_by
from ddguard.plan.values import Action, Change, Kind


def by_need(changes: Sequence[Change]) -> list[Change]:
    """Each change after those of the monitors that it refers to, otherwise in the order given."""
    waiting = {change.id: change for change in changes if change.kind is Kind.MONITOR}
    ordered: list[Change] = []
    done: set[int] = set()

    def put(change: Change) -> None:
        if id(change) in done:
            return
        done.add(id(change))
        for need in sorted(change.needs):
            if need in waiting:
                put(waiting[need])
        ordered.append(change)

    for change in changes:
        put(change)
    return ordered


def deletes_in_order(deletes: Sequence[Change]) -> tuple[Change, ...]:
    """Downtimes first, then composites, then the monitors that composites refer to."""
    return tuple(change for wave in delete_waves(deletes) for change in wave)


def delete_waves(changes: Sequence[Change]) -> tuple[tuple[Change, ...], ...]:
    """What is deleted (replaced objects too) in groups, each of which must be gone before the next one can go."""
    doomed = [change for change in changes if change.action in {Action.DELETE, Action.REPLACE}]
    downtimes = tuple(change for change in doomed if change.kind is Kind.DOWNTIME)
    users = tuple(change for change in doomed if _uses_others(change))
    others = tuple(change for change in doomed if change.kind is Kind.MONITOR and not _uses_others(change))
    return (downtimes, users, others)


def _uses_others(change: Change) -> bool:
    return isinstance(change.live, LiveMonitor) and bool(monitors_used_by(change.live))
