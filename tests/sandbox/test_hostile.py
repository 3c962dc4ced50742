"""Whatever is sent, the sandbox answers, and what it stored it can show."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from ddguard.sandbox.store import ROUTES, Route
from tests.sandbox.conversation import BURST, Conversation, in_envelope

JUNK: list[Any] = [
    *(None, True, 0, -1, 3.5, 10**30, "", "x", "*", "a:b", "²", "\ud800", "2026-01-01T00:00:00Z", "99999w", "2h"),
    *([], [1], ["a"], {}, {"a": 1}, [{}], [[]], {"monitor_id": 1_000_001}, {"monitor_tags": ["*"]}),
    *({"start": None}, {"start": "0001-01-01T00:00:00+14:00"}, {"end": "9999-12-31T23:59:59-14:00"}),
    *({"recurrences": [{}]}, {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "99999w"}]}),
]
NAMES = ["page", "page_size", "id_offset", "monitor_tags", "tags", "name", "query", "sort", "group_states", "per_page"]
NAMES += ["with_downtimes", "with_assets", "page[limit]", "page[offset]", "monitor_ids", "force", "include"]
TEXTS = ["", "1", "x", "true", "all", "a:(b OR c", "status:alert", "²", "-1", "name,desc", "1000001,1000001", "9" * 30]
IDS = ["1000001", "1", "x", "00000000-0000-4000-8000-000000000001"]
MONITOR_FIELDS = [*BURST, "priority", "assets", "restricted_roles", "draft_status"]
OPTIONS = ["thresholds", "silenced", "scheduling_options", "escalation_message", "on_missing_data", "new_group_delay"]
DOWNTIME_FIELDS = ["scope", "monitor_identifier", "schedule", "message", "display_timezone", "notify_end_states"]
CONTROL_FIELDS = ["advance", "now", "group", "status", "at", "value"]


def body_for(route: Route, random: Random) -> Any:
    """A body that fits the operation but for a few fields, now and then something else altogether."""
    if random.random() < 0.05:
        return random.choice(JUNK)

    def some(fields: list[str]) -> dict[str, Any]:
        return {random.choice(fields): random.choice(JUNK) for _ in range(random.randint(0, 2))}

    if "downtime" in route.path:
        return in_envelope({"scope": "tenant:a", "monitor_identifier": {"monitor_tags": ["*"]}} | some(DOWNTIME_FIELDS))
    if route.path.startswith("/sandbox"):
        return {"group": "tenant:a", "status": random.choice(["Alert", "OK"])} | some(CONTROL_FIELDS)
    return BURST | {"name": str(random.random()), "options": some(OPTIONS)} | some(MONITOR_FIELDS)


@pytest.mark.parametrize("seed", range(5))
def test_every_request_is_answered(talk: Conversation, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - dice, no secrets
    routes = [route for route in ROUTES if route.path != "/sandbox/reset"]
    statuses: Counter[int] = Counter()
    for _ in range(600):
        route = random.choice(routes)
        path = route.path.replace("{}", random.choice(IDS))
        query = {random.choice(NAMES): random.choice(TEXTS) for _ in range(2)}
        status, body = talk.ask(route.method, path, body_for(route, random), **query)
        json.dumps(body)
        statuses[status] += 1
    assert set(statuses) == {200, 204, 400, 404}
    for path in ("/api/v1/monitor", "/api/v2/downtime", "/api/v1/monitor/search", "/api/v1/monitor/groups/search"):
        assert talk.ok("GET", path)


@pytest.mark.parametrize("advance", ["99999999999w", "9999999w"])
def test_a_time_out_of_range(talk: Conversation, advance: str) -> None:
    assert talk.refused("POST", "/sandbox/clock", {"advance": advance}) == (400, "A time is out of range")
