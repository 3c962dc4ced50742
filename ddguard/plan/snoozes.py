"""What a plan tells of running snoozes. It leaves them alone: no spec wants them, and none misses them."""

from collections.abc import Iterator, Sequence

from ddguard.model import LiveMonitor, Stack
from ddguard.payload.snoozes import Snooze, snooze_in, time_sent
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


def _name(live: LiveMonitor) -> str:
    return live.identity.id if live.identity else str(live.remote_id)


def _told(snooze: Snooze, monitor: str) -> str:
    where = f" on {monitor}" if monitor else ""
    until = f"until {time_sent(snooze.end)}" if snooze.end else "without end"
    by = f" by {snooze.author}" if snooze.author else ""
    why = f" ({snooze.reason})" if snooze.reason else ""
    now = f", which somebody changed in Datadog: it silences {snooze.changed_to}" if snooze.changed_to else ""
    return f"snoozed: {snooze.target.scope}{where} {until}{by}{why}{now}"
