"""Group states, mutes and matching downtimes: what depends on the moment."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conversation import START, Conversation

SECONDS = int(START.timestamp())


@pytest.fixture
def burst(talk: Conversation) -> int:
    """A monitor by tenant."""
    return talk.monitor()


def test_a_group_remembers_its_transitions(talk: Conversation, burst: int) -> None:
    at = [f"2026-01-05T0{hour}:00:00Z" for hour in (1, 2, 3)]
    stamps = [SECONDS + 3600 * hour for hour in (-2, -1, 0)]
    talk.group(burst, "tenant:acme", "Alert", at=at[0], value=155)
    talk.group(burst, "tenant:acme", "OK", at=at[1])
    record = talk.group(burst, "tenant:acme", "No Data", at=at[2])
    assert record == {
        "name": "tenant:acme",
        "status": "No Data",
        "last_triggered_ts": stamps[2],
        "last_resolved_ts": stamps[1],
        "last_nodata_ts": stamps[2],
        "last_notified_ts": stamps[2],
        "triggering_value": {"value": 155, "from_ts": stamps[0], "to_ts": stamps[0]},
    }
    assert talk.ok("GET", f"/api/v1/monitor/{burst}", group_states="all")["state"]["groups"] == {"tenant:acme": record}


def test_the_same_state_again_is_no_transition(talk: Conversation, burst: int) -> None:
    first = talk.group(burst, "tenant:acme", "Alert")
    talk.now += timedelta(hours=1)
    assert talk.group(burst, "tenant:acme", "Alert") == first


def test_a_monitor_is_as_bad_as_its_worst_group(talk: Conversation, burst: int) -> None:
    def overall() -> tuple[str, str | None]:
        shown = talk.ok("GET", f"/api/v1/monitor/{burst}")
        return shown["overall_state"], shown["overall_state_modified"]

    assert overall() == ("No Data", None)
    states = [("a", "OK", "OK"), ("b", "No Data", "No Data"), ("c", "Warn", "Warn"), ("d", "Alert", "Alert")]
    for hour, (group, status, expected) in enumerate(states, start=4):
        talk.group(burst, f"tenant:{group}", status, at=f"2026-01-05T0{hour}:00:00Z")
        assert overall() == (expected, f"2026-01-05T0{hour}:00:00+00:00")
    talk.group(burst, "tenant:e", "OK", at="2026-01-05T09:00:00Z")
    assert overall() == ("Alert", "2026-01-05T07:00:00+00:00")


def test_a_state_moves_no_modified(talk: Conversation, burst: int) -> None:
    before = talk.ok("GET", f"/api/v1/monitor/{burst}")["modified"]
    talk.group(burst, "tenant:acme", "Alert")
    assert talk.ok("GET", f"/api/v1/monitor/{burst}")["modified"] == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"status": "OK"}, "group is required"),
        ({"group": "", "status": "OK"}, "group is required"),
        ({"group": 5, "status": "OK"}, "group is required"),
        ({"group": "*", "status": "Bad"}, "status is one of Alert, Warn, No Data, OK"),
        ({"group": "*", "status": "OK", "at": "now"}, "Invalid at: 'now'"),
        (None, "the body is a JSON object"),
    ],
)
def test_a_state_that_cant_be_set(talk: Conversation, burst: int, body: Any, told: str) -> None:
    assert talk.refused("POST", f"/sandbox/monitor/{burst}/group", body) == (400, told)
    assert talk.refused("POST", "/sandbox/monitor/5/group", body) == (404, "Monitor not found")


class TestMutes:
    def test_one_tenant_is_matched_and_not_its_neighbour(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "Alert")
        talk.group(burst, "tenant:quiet", "Alert")
        other = talk.monitor(name="other", query="avg(last_5m):avg:m{*} > 5", options={})
        made = talk.downtime(schedule={"end": "2026-01-05T05:00:00Z"})
        matches = talk.ok("GET", f"/api/v2/monitor/{burst}/downtime_matches")
        assert matches == {
            "data": [
                {
                    "type": "downtime_match",
                    "id": made["id"],
                    "attributes": {
                        "groups": ["tenant:acme"],
                        "scope": "tenant:acme",
                        "start": "2026-01-05T03:00:04+00:00",
                        "end": "2026-01-05T05:00:00+00:00",
                    },
                }
            ],
            "meta": {"page": {"total_filtered_count": 1}},
        }
        empty = {"data": [], "meta": {"page": {"total_filtered_count": 0}}}
        assert talk.ok("GET", f"/api/v2/monitor/{other}/downtime_matches") == empty

    def test_a_muted_group_is_not_notified(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "OK")
        before = talk.group(burst, "tenant:quiet", "OK")["last_notified_ts"]
        talk.downtime()
        muted = talk.group(burst, "tenant:acme", "Alert", at="2026-01-05T04:00:00Z")
        assert (muted["last_triggered_ts"], muted["last_notified_ts"]) == (SECONDS + 3600, SECONDS + 1)
        loud = talk.group(burst, "tenant:quiet", "Alert", at="2026-01-05T04:00:00Z")
        assert (before, loud["last_notified_ts"]) == (SECONDS + 2, SECONDS + 3600)

    def test_matching_downtimes_of_the_first_api(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "Alert")
        talk.downtime(schedule={"end": "2026-01-05T05:00:00Z"})
        talk.downtime(scope="*")
        (entry,) = talk.ok("GET", "/api/v1/monitor")
        assert entry["matching_downtimes"] == [
            {
                "id": 1,
                "monitor_id": None,
                "scope": ["tenant:acme"],
                "groups": ["tenant:acme"],
                "start": SECONDS + 2,
                "end": SECONDS + 7200,
                "active": True,
            },
            {
                "id": 2,
                "monitor_id": None,
                "scope": ["*"],
                "groups": [],
                "start": SECONDS + 3,
                "end": None,
                "active": True,
            },
        ]
        asked = talk.ok("GET", f"/api/v1/monitor/{burst}", with_downtimes="true")
        assert asked["matching_downtimes"] == entry["matching_downtimes"]

    def test_silenced_shows_downtimes_for_this_very_monitor(self, talk: Conversation, burst: int) -> None:
        number = {"monitor_id": burst}
        talk.downtime(scope="*", monitor_identifier=number, schedule={"end": "2026-01-05T05:00:00Z"})
        talk.downtime(scope="tenant:acme", monitor_identifier=number)
        talk.downtime(scope="tenant:later", monitor_identifier=number, schedule={"start": "2027-01-05T05:00:00Z"})
        talk.downtime(scope="tenant:tagged")
        shown = talk.ok("GET", f"/api/v1/monitor/{burst}")
        assert shown["options"]["silenced"] == {"*": SECONDS + 7200, "tenant:acme": None}
        assert shown["modified"] == shown["created"]

    def test_a_downtime_that_is_over_mutes_nothing(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "Alert")
        made = talk.downtime(schedule={"end": "2026-01-05T05:00:00Z"})
        talk.downtime(scope="tenant:a*")
        talk.ask("DELETE", "/api/v2/downtime/00000000-0000-4000-8000-000000000002")
        path = f"/api/v2/monitor/{burst}/downtime_matches"
        assert [match["id"] for match in talk.ok("GET", path)["data"]] == [made["id"]]
        talk.now += timedelta(hours=2)
        assert talk.ok("GET", path)["data"] == []

    def test_a_downtime_for_other_monitors_mutes_nothing(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "Alert")
        talk.downtime(monitor_identifier={"monitor_tags": ["team:core"]})
        assert talk.ok("GET", f"/api/v2/monitor/{burst}/downtime_matches")["data"] == []

    def test_matches_are_paged(self, talk: Conversation, burst: int) -> None:
        for _ in range(3):
            talk.downtime(scope="*")
        page = talk.ok("GET", f"/api/v2/monitor/{burst}/downtime_matches", page_offset="2", page_limit="2")
        assert ([match["id"][-1] for match in page["data"]], page["meta"]["page"]) == (
            ["3"],
            {"total_filtered_count": 3},
        )

    def test_matches_of_a_stranger(self, talk: Conversation) -> None:
        assert talk.refused("GET", "/api/v2/monitor/0/downtime_matches") == (404, "Monitor with id 0 not found")


class TestControls:
    def test_the_clock_moves_on(self, talk: Conversation) -> None:
        assert talk.ok("GET", "/sandbox") == {"now": "2026-01-05T03:00:00+00:00", "monitors": 0, "downtimes": 0}
        assert talk.ok("POST", "/sandbox/clock", {"advance": "2h"}) == {"now": "2026-01-05T05:00:01+00:00"}
        assert talk.state.settings == {"clock_shift": 7200.0}
        talk.ok("POST", "/sandbox/clock", {"advance": "30m"})
        assert talk.state.settings == {"clock_shift": 9000.0}

    def test_the_clock_is_set(self, talk: Conversation) -> None:
        assert talk.ok("POST", "/sandbox/clock", {"now": "2026-02-01T00:00:00Z"}) == {
            "now": "2026-02-01T00:00:00+00:00"
        }
        assert talk.state.settings == {"clock_shift": 2322000.0}

    @pytest.mark.parametrize(
        ("body", "told"),
        [({}, "say advance or now"), ({"advance": "soon"}, "Invalid duration: 'soon'"), ({"now": 5}, "Invalid now: 5")],
    )
    def test_a_clock_that_cant_be_set(self, talk: Conversation, body: Any, told: str) -> None:
        assert talk.refused("POST", "/sandbox/clock", body) == (400, told)

    def test_reset_forgets_everything(self, talk: Conversation, burst: int) -> None:
        talk.group(burst, "tenant:acme", "Alert")
        talk.downtime()
        assert talk.ok("POST", "/sandbox/reset") == {}
        assert (talk.state.monitors, talk.state.downtimes, talk.state.groups, talk.state.settings) == ({}, {}, {}, {})
        assert talk.monitor() == burst
