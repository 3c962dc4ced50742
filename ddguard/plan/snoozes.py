"""What a plan tells of running snoozes, and of what else silences a monitor that is replaced.

It leaves them alone: no spec wants them, and none misses them.
"""

from collections.abc import Iterator, Mapping, Sequence

from ddguard.model import LiveDowntime, LiveMonitor, Stack
from ddguard.payload.snoozes import Snooze, snooze_in, time_sent
from ddguard.plan.matching import GONE
from ddguard.plan.values import Action, Change, Kind, World

LOST = {
    Action.DELETE: "the monitor {} is deleted, and the snooze of {} on it goes with it",
    Action.REPLACE: "the monitor {} is replaced: the snooze of {} doesn't cover the new one",
}


def snooze_notes(stack: Stack, changes: Sequence[Change], world: World) -> Iterator[str]:
    """A sentence for each running snooze of the stack, and one for each monitor that a change takes from under it."""
    found = (snooze_in(downtime) for downtime in world.downtimes)
    snoozes = [snooze for snooze in found if snooze and snooze.runs and snooze.target.stack == stack.name]
    names = {live.remote_id: _name(live) for live in world.monitors}
    for snooze in sorted(snoozes, key=lambda snooze: snooze.age):
        yield _told(snooze, names.get(snooze.target.monitor or 0, ""))
    for change in changes:
        if change.kind is Kind.MONITOR and change.action in LOST:
            for snooze in snoozes:
                if str(snooze.target.monitor) == change.remote_id:
                    yield LOST[change.action].format(change.id, snooze.target.scope)
    yield from _lost_downtimes(stack, changes, world)


def _lost_downtimes(stack: Stack, changes: Sequence[Change], world: World) -> Iterator[str]:
    """A sentence for each downtime of others that is for the number of a monitor which gets another one."""
    replaced = {
        change.remote_id: change.id
        for change in changes
        if change.kind is Kind.MONITOR and change.action is Action.REPLACE
    }
    for downtime in world.downtimes:
        is_own = downtime.identity is not None and downtime.identity.stack == stack.name
        name = replaced.get(_monitor_silenced(downtime))
        if name and downtime.status not in GONE and not is_own and snooze_in(downtime) is None:
            yield f"the monitor {name} is replaced: the downtime {downtime.remote_id} doesn't cover the new one"


def _monitor_silenced(downtime: LiveDowntime) -> str:
    """The number of the one monitor that it silences; empty where it is for others, or for many."""
    identifier = downtime.attributes.get("monitor_identifier")
    return str(identifier.get("monitor_id") or "") if isinstance(identifier, Mapping) else ""


def _name(live: LiveMonitor) -> str:
    return live.identity.id if live.identity else str(live.remote_id)


def _told(snooze: Snooze, monitor: str) -> str:
    where = f" on {monitor}" if monitor else ""
    until = f"until {time_sent(snooze.end)}" if snooze.end else "without end"
    by = f" by {snooze.author}" if snooze.author else ""
    why = f" ({snooze.reason})" if snooze.reason else ""
    now = f", which somebody changed in Datadog: it silences {snooze.changed_to}" if snooze.changed_to else ""
    return f"snoozed: {snooze.target.scope}{where} {until}{by}{why}{now}"
