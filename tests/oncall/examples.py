"""Monitors and downtimes as Datadog lists them, for the tests of snoozes and holds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ddguard.model import LiveDowntime, SnoozePolicy, Stack
from ddguard.payload import live_downtime
from ddguard.payload.snoozes import Target, Term, snooze_message

STACK = Stack("streampay", "prod")
POLICY = SnoozePolicy()
NOW = datetime(2026, 1, 5, 3, 0, 0, 123456, tzinfo=UTC)
ACME = Target(STACK.name, (Term("tenant", ("acme",)),))
BY_TENANT = "sum(last_1h):sum:streams.created{env:prod} by {tenant}.as_count() > 100"


def monitor(number: int, query: str = BY_TENANT, kind: str = "query alert", **changes: Any) -> dict[str, Any]:
    """A monitor of the stack."""
    return {
        "id": number,
        "name": f"monitor {number}",
        "type": kind,
        "query": query,
        "message": "",
        "tags": [STACK.tag, f"ddguard_id:m{number}"],
        "matching_downtimes": [],
        "state": {"groups": {}},
    } | changes


def with_groups(raw: Mapping[str, Any], **states: str) -> dict[str, Any]:
    """The monitor with groups `tenant:NAME` in these states since three o'clock."""
    since = int(NOW.timestamp())
    groups = {
        f"tenant:{name}": {"name": f"tenant:{name}", "status": state, "last_triggered_ts": since}
        for name, state in states.items()
    }
    return {**raw, "state": {"groups": groups}}


def downtime(
    target: Target = ACME,
    *,
    id_: str = "d1",
    status: str = "active",
    created: str = "2026-01-05T02:00:00+00:00",
    start: str | None = "2026-01-05T02:00:00.5+00:00",
    end: str | None = "2026-01-05T04:00:00+00:00",
    **changes: Any,
) -> LiveDowntime:
    """A snooze of the target as Datadog has it."""
    attributes = {
        "scope": target.scope,
        "monitor_identifier": target.identifier,
        "message": snooze_message(target, "load test", "alice"),
        "schedule": {"start": start, "end": end},
        "status": status,
        "created": created,
        "canceled": None,
    }
    return live_downtime({"id": id_, "type": "downtime", "attributes": attributes | changes})
