"""Specs and what Datadog has of them, for tests that plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ddguard.findings import Position
from ddguard.model import Downtime, LiveDowntime, LiveMonitor, Monitor, Path, Stack
from ddguard.payload import downtime_request, live_downtime, live_monitor, monitor_request
from ddguard.plan import Plan, Rules, World, make_plan

STACK = Stack("shop", "prod")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
WRITTEN = "2026-01-05T11:00:00.123456+00:00"
RULES = Rules(now=NOW)
PRUNE = Rules(now=NOW, prune=True)
SOON = "2026-01-05T18:00:00Z"


@dataclass(frozen=True, slots=True)
class Place:
    """A source that knows the file of the spec, and a line for each of ddguard's own keys."""

    path: str

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:
        return Position(self.path, {(): 1, ("remote_id",): 7}.get(path, 3), 1)

    def key_at(self, path: Path) -> Position:
        return self.at(path)


def monitor(spec_id: str, *, type: str = "query alert", query: str = "", **more: Any) -> Monitor:  # noqa: A002
    own = {key: more.pop(key) for key in ("protect", "remote_id", "allow", "hold") if key in more}
    query = query or f"avg(last_5m):avg:{spec_id.replace('-', '_')}{{*}} > 1"
    definition = {"name": spec_id.title(), "type": type, "query": query, "message": "", "tags": [], **more}
    return Monitor(spec_id, definition, Place(f"{spec_id}.yaml"), **own)


def composite(spec_id: str, *members: str) -> Monitor:
    return monitor(spec_id, type="composite", query=" && ".join(f"${{monitor:{member}}}" for member in members))


def downtime(spec_id: str, **more: Any) -> Downtime:
    own = {key: more.pop(key) for key in ("protect", "remote_id", "monitor") if key in more}
    attributes = {"scope": "env:prod", "monitor_identifier": {"monitor_tags": ["team:x"]}, **more}
    if "monitor" in own:
        del attributes["monitor_identifier"]
    return Downtime(spec_id, attributes, Place(f"{spec_id}.yaml"), **own)


def live(
    spec: Monitor, number: int, numbers: Mapping[str, int] | None = None, *, stack: Stack = STACK, **changed: Any
) -> LiveMonitor:
    """The monitor as Datadog has it once its spec was applied, `changed` apart."""
    wanted = monitor_request(spec, stack, numbers or {}, NOW.date())
    return live_monitor({"id": number, "modified": WRITTEN, **wanted, **changed})


def live_pause(
    spec: Downtime,
    uuid: str,
    numbers: Mapping[str, int] | None = None,
    *,
    stack: Stack = STACK,
    at: datetime = NOW,
    **changed: Any,
) -> LiveDowntime:
    """The downtime as Datadog has it once its spec was applied, `changed` apart."""
    wanted = downtime_request(spec, stack, numbers or {}, at)
    attributes = {"created": WRITTEN, "modified": WRITTEN, "status": "scheduled", "canceled": None, **wanted}
    return live_downtime({"id": uuid, "attributes": {**attributes, **changed}})


def world(*lives: LiveMonitor | LiveDowntime, adopted: Iterable[LiveMonitor] = ()) -> World:
    return World(
        monitors=[one for one in lives if isinstance(one, LiveMonitor)],
        downtimes=[one for one in lives if isinstance(one, LiveDowntime)],
        adopted={one.remote_id: one for one in adopted},
    )


def planned(specs: Sequence[Monitor | Downtime], there: World | None = None, rules: Rules = RULES) -> Plan:
    monitors = [spec for spec in specs if isinstance(spec, Monitor)]
    downtimes = [spec for spec in specs if isinstance(spec, Downtime)]
    return make_plan(STACK, monitors, downtimes, there or world(), rules)


def told(plan: Plan) -> list[str]:
    """`create shop-a`, `delete shop-b (12)`."""
    return [f"{one.action} {one.id}" + (f" ({one.remote_id})" if one.remote_id else "") for one in plan.changes]


def refused(plan: Plan) -> list[str]:
    return [refusal.message for refusal in plan.refusals]
