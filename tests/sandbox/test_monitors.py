"""Monitors in the store: created, read, changed, deleted, validated."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.conversation import BURST, QUERY, Conversation


def test_a_created_monitor_is_answered_in_full(talk: Conversation) -> None:
    assert talk.ok("POST", "/api/v1/monitor", BURST) == {
        "id": 1_000_001,
        "org_id": 1,
        "type": "query alert",
        "name": "burst",
        "query": QUERY,
        "message": "look @slack-risk",
        "tags": ["team:risk"],
        "priority": None,
        "restricted_roles": None,
        "draft_status": "published",
        "assets": [],
        "options": {
            "thresholds": {"critical": 100.0},
            "silenced": {},
            "notify_audit": False,
            "include_tags": True,
            "notify_no_data": False,
            "new_host_delay": 300,
        },
        "multi": True,
        "created": "2026-01-05T03:00:00+00:00",
        "created_at": 1767582000000,
        "modified": "2026-01-05T03:00:00+00:00",
        "deleted": None,
        "creator": {"id": 1, "name": "Sandbox User", "handle": "sandbox@example.com", "email": "sandbox@example.com"},
        "overall_state": "No Data",
        "overall_state_modified": None,
        "restriction_policy": None,
    }


def test_a_read_lacks_assets_and_policy(talk: Conversation) -> None:
    made = talk.ok("POST", "/api/v1/monitor", BURST)
    read = talk.ok("GET", f"/api/v1/monitor/{made['id']}")
    assert made.keys() - read.keys() == {"assets", "restriction_policy"}
    assert all(read[key] == made[key] for key in read)


def test_a_read_tells_more_where_asked(talk: Conversation) -> None:
    asset = {"category": "runbook", "name": "Runbook", "url": "https://example.com/runbook"}
    made = talk.ok("POST", "/api/v1/monitor", BURST | {"assets": [asset]})
    added = {"template_variables": {}, "options": {}}
    assert made["assets"] == [added | {"monitor_id": made["id"]} | asset]
    path = f"/api/v1/monitor/{made['id']}"
    assert talk.ok("GET", path, with_assets="true")["assets"] == [asset]
    assert talk.ok("GET", path, with_downtimes="true")["matching_downtimes"] == []
    assert "restricted_roles" not in talk.ok("GET", path, with_restricted_roles="false")


def test_an_update_keeps_fields_and_replaces_options(talk: Conversation) -> None:
    options = {"thresholds": {"critical": 100, "warning": 50}, "notify_no_data": True, "timeout_h": 2}
    number = talk.monitor(options=options, priority=3)
    talk.now = datetime(2026, 1, 5, 4, tzinfo=UTC)
    after = talk.ok(
        "PUT", f"/api/v1/monitor/{number}", {"options": {"thresholds": {"critical": 100}}, "priority": None}
    )
    assert "creator" not in after
    assert (after["name"], after["priority"], after["tags"]) == ("burst", None, ["team:risk"])
    assert (after["created"], after["modified"]) == ("2026-01-05T03:00:00+00:00", "2026-01-05T04:00:00+00:00")
    assert after["options"] == {
        "thresholds": {"critical": 100.0},
        "silenced": {},
        "notify_audit": False,
        "include_tags": True,
        "notify_no_data": False,
        "new_host_delay": 300,
    }


def test_an_update_that_changes_nothing_moves_modified(talk: Conversation) -> None:
    number = talk.monitor()
    before = talk.ok("GET", f"/api/v1/monitor/{number}")
    after = talk.ok("PUT", f"/api/v1/monitor/{number}", {})
    assert after["modified"] > before["modified"]
    assert {key: after[key] for key in ("options", "query", "name")} == {
        key: before[key] for key in ("options", "query", "name")
    }


def test_an_update_never_unmutes_by_omission(talk: Conversation) -> None:
    number = talk.monitor(options={"silenced": {"host:a": None}})
    assert talk.ok("PUT", f"/api/v1/monitor/{number}", {"options": {}})["options"]["silenced"] == {"host:a": None}
    sent = {"options": {"silenced": {}}}
    assert talk.ok("PUT", f"/api/v1/monitor/{number}", sent)["options"]["silenced"] == {}


def test_read_only_and_unknown_fields_are_ignored(talk: Conversation) -> None:
    sent = BURST | {"id": 7, "org_id": 7, "multi": False, "created": "x", "classification": "y", "overall_state": "OK"}
    made = talk.ok("POST", "/api/v1/monitor", sent)
    assert (made["id"], made["org_id"], made["multi"], made["overall_state"]) == (1_000_001, 1, True, "No Data")
    assert "classification" not in made


def test_deleted_monitors_are_gone_and_their_numbers_too(talk: Conversation) -> None:
    number = talk.monitor()
    talk.group(number, "tenant:acme", "Alert")
    assert talk.ok("DELETE", f"/api/v1/monitor/{number}") == {"deleted_monitor_id": number}
    assert talk.state.groups == {}
    for method in ("GET", "PUT", "DELETE"):
        assert talk.refused(method, f"/api/v1/monitor/{number}", {}) == (404, "Monitor not found")
    assert talk.monitor() == number + 1


@pytest.mark.parametrize("number", ["0", "99", "abc", "-1", "²", "9" * 5000])
def test_a_number_that_no_monitor_has_is_not_found(talk: Conversation, number: str) -> None:
    assert talk.refused("GET", f"/api/v1/monitor/{number}") == (404, "Monitor not found")


def test_the_same_monitor_twice_is_a_duplicate(talk: Conversation) -> None:
    talk.monitor()
    told = "Duplicate of an existing monitor_id:1000001 org_id:1"
    assert talk.refused("POST", "/api/v1/monitor", BURST) == (400, told)
    assert talk.refused("POST", "/api/v1/monitor", BURST | {"message": "look @slack-risk\n"}) == (400, told)
    assert talk.ok("POST", "/api/v1/monitor/validate", BURST) == {}


@pytest.mark.parametrize(
    "difference",
    [
        {"name": "other"},
        {"message": "other"},
        {"tags": []},
        {"priority": 1},
        {"options": {"thresholds": {"critical": 100}, "timeout_h": 1}},
        {"restricted_roles": ["a"]},
        {"type": "metric alert"},
        {"query": QUERY.replace("prod", "staging")},
    ],
)
def test_monitors_that_differ_live_side_by_side(talk: Conversation, difference: dict[str, Any]) -> None:
    talk.monitor()
    assert talk.monitor(**difference) == 1_000_002


def test_the_two_metric_types_may_be_exchanged_one_way(talk: Conversation) -> None:
    number = talk.monitor(type="metric alert")
    assert talk.ok("PUT", f"/api/v1/monitor/{number}", {"type": "query alert"})["type"] == "query alert"
    assert talk.ok("PUT", f"/api/v1/monitor/{number}", {"type": "metric alert"})["type"] == "query alert"


def test_other_type_changes_are_refused(talk: Conversation) -> None:
    number = talk.monitor()
    answered = talk.refused("PUT", f"/api/v1/monitor/{number}", {"type": "composite", "query": str(number)})
    assert answered == (400, "Monitor type change not allowed")


class TestComposites:
    @pytest.fixture
    def pair(self, talk: Conversation) -> tuple[int, int]:
        """A monitor and the composite that refers to it."""
        burst = talk.monitor()
        return burst, talk.monitor(type="composite", query=f"{burst} && !{burst}", name="both", options={})

    def test_a_referenced_monitor_cant_be_deleted(self, talk: Conversation, pair: tuple[int, int]) -> None:
        told = "monitor [1000001,burst] is referenced in composite monitors: [1000002,both]"
        conflict = (409, {"data": {"ok": []}, "errors": {"1000001": [told]}})
        assert talk.ask("GET", "/api/v1/monitor/can_delete", monitor_ids="1000001") == conflict
        assert talk.ask("DELETE", "/api/v1/monitor/1000001") == conflict

    def test_can_delete_of_several_tells_both(self, talk: Conversation, pair: tuple[int, int]) -> None:
        status, body = talk.ask("GET", "/api/v1/monitor/can_delete", monitor_ids="1000001,1000002")
        assert (status, body["data"], list(body["errors"])) == (409, {"ok": [1_000_002]}, ["1000001"])

    @pytest.mark.parametrize("force", ["true", "True"])
    def test_force_deletes_it_all_the_same(self, talk: Conversation, pair: tuple[int, int], force: str) -> None:
        assert talk.ok("DELETE", "/api/v1/monitor/1000001", force=force) == {"deleted_monitor_id": 1_000_001}

    def test_without_the_composite_it_may_go(self, talk: Conversation, pair: tuple[int, int]) -> None:
        talk.ok("DELETE", "/api/v1/monitor/1000002")
        free = {"data": {"ok": [1_000_001]}, "errors": None}
        assert talk.ok("GET", "/api/v1/monitor/can_delete", monitor_ids="1000001") == free
        assert talk.ok("DELETE", "/api/v1/monitor/1000001") == {"deleted_monitor_id": 1_000_001}

    def test_it_needs_monitors_that_exist(self, talk: Conversation) -> None:
        sent = {"type": "composite", "query": "1 && 2"}
        assert talk.refused("POST", "/api/v1/monitor", sent) == (400, "Some monitor IDs are invalid")


@pytest.mark.parametrize("query", [{}, {"monitor_ids": ""}])
def test_can_delete_needs_numbers(talk: Conversation, query: dict[str, str]) -> None:
    assert talk.refused("GET", "/api/v1/monitor/can_delete", **query) == (400, "monitor_ids are required")


def test_can_delete_of_a_stranger(talk: Conversation) -> None:
    assert talk.refused("GET", "/api/v1/monitor/can_delete", monitor_ids="1") == (404, "Monitor not found")


def test_validate_of_an_existing_monitor(talk: Conversation) -> None:
    number = talk.monitor()
    assert talk.ok("POST", f"/api/v1/monitor/{number}/validate", BURST) == {}
    assert talk.refused("POST", "/api/v1/monitor/5/validate", BURST) == (404, "Monitor not found")
    broken = BURST | {"query": "query"}
    told = (400, "The value provided for parameter 'query' is invalid")
    assert talk.refused("POST", f"/api/v1/monitor/{number}/validate", broken) == told
