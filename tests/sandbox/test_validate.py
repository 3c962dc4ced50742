"""What the sandbox refuses, in Datadog's words."""

from typing import Any

import pytest

from tests.sandbox.conversation import BURST, Conversation

INVALID = "The value provided for parameter 'query' is invalid"
METRIC = "avg(last_5m):avg:system.load.1{*} > 5"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "The parameter 'type' is required"),
        ({"type": "", "query": ""}, "The parameter 'type' is required"),
        ({"type": "metric alert"}, "The parameter 'query' is required"),
        ({"type": "log alert", "query": "query"}, f"{INVALID}: invalid operator specified: "),
        ({"type": "metric alert", "query": "THIS IS A BAD QUERY"}, INVALID),
        ({"type": "query alert", "query": "avg(last_5m):avg:m{*}"}, INVALID),
        ({"type": "query alert", "query": "system.load > 5"}, INVALID),
        ({"type": "service check", "query": "ntp.in_sync"}, INVALID),
        ({"type": "service check", "query": "'ntp.in_sync\".last(2).count_by_status()"}, INVALID),
        ({"type": "composite", "query": "a && b"}, INVALID),
        ({"type": "composite", "query": "1 && 2"}, "Some monitor IDs are invalid"),
        (
            {"type": "metric alert", "query": METRIC, "options": {"thresholds": {"critical": 90}}},
            "Alert threshold (90.0) does not match that used in the query (5.0).",
        ),
        (
            {"type": "metric alert", "query": METRIC, "options": {"thresholds": {"warning": 3}}},
            "Alert status is required.",
        ),
        (
            {"type": "metric alert", "query": METRIC, "options": {"thresholds": {"critical": 5, "warning": 5}}},
            "Warning threshold (5.0) must be less than the alert threshold (5.0) with > comparison.",
        ),
        (
            {
                "type": "metric alert",
                "query": METRIC.replace(">", "<="),
                "options": {"thresholds": {"critical": 5, "warning": 4}},
            },
            "Warning threshold (4.0) must be greater than the alert threshold (5.0) with <= comparison.",
        ),
    ],
)
def test_refusals(talk: Conversation, sent: dict[str, Any], told: str) -> None:
    for path in ("/api/v1/monitor", "/api/v1/monitor/validate"):
        assert talk.refused("POST", path, sent) == (400, told)
    assert talk.state.monitors == {}


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "metric alert", "query": "avg(last_5m):avg:m{*} > -.5", "options": {"thresholds": {"critical": -0.5}}},
        {"type": "metric alert", "query": "avg(last_5m):avg:m{*} > 1e3", "options": {"thresholds": {"critical": 1000}}},
        {"type": "service check", "query": "'tcp.can_connect'.over('env:prod').by('*').last(1).pct_by_status()"},
        {"type": "service check", "query": '"ntp.in_sync".last(2).by("host").count_by_status()'},
        {"type": "query alert", "query": 'formula("query1").last("5m") > threshold'},
        {"type": "log alert", "query": 'logs("*").last("5m") > threshold'},
        {"type": "metric alert", "query": "avg(last_5m):avg:m{*} == 1", "options": {"thresholds": {"critical": 1}}},
        {
            "type": "metric alert",
            "query": "avg(last_5m):avg:m{*} == 1",
            "options": {"thresholds": {"critical": 1, "warning": 5}},
        },
        {"type": "synthetics alert", "query": "no_query"},
        {"type": "slo alert", "query": 'error_budget("abc").over("7d") > 75'},
    ],
)
def test_accepted(talk: Conversation, sent: dict[str, Any]) -> None:
    assert talk.ok("POST", "/api/v1/monitor/validate", sent) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", 1),
        ("query", ["q"]),
        ("name", {}),
        ("message", 5),
        ("tags", "team:risk"),
        ("tags", [1]),
        ("priority", "high"),
        ("priority", [1]),
        ("options", []),
        ("restricted_roles", "role"),
        ("draft_status", 1),
        ("assets", {}),
        ("assets", ["a"]),
    ],
)
def test_a_field_of_another_type_is_invalid(talk: Conversation, field: str, value: Any) -> None:
    told = (400, f"The value provided for parameter '{field}' is invalid")
    assert talk.refused("POST", "/api/v1/monitor", BURST | {field: value}) == told
    number = talk.monitor()
    assert talk.refused("PUT", f"/api/v1/monitor/{number}", {field: value}) == told


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("thresholds", {"thresholds": [1]}),
        ("thresholds", {"thresholds": {"critical": 10**400}}),
        ("critical", {"thresholds": {"critical": "5"}}),
        ("warning", {"thresholds": {"warning": []}}),
        ("silenced", {"silenced": True}),
        ("scheduling_options", {"scheduling_options": "daily"}),
        ("escalation_message", {"escalation_message": 1}),
    ],
)
def test_an_option_of_another_type_is_invalid(talk: Conversation, field: str, options: dict[str, Any]) -> None:
    told = (400, f"The value provided for parameter '{field}' is invalid")
    assert talk.refused("POST", "/api/v1/monitor", BURST | {"options": options}) == told


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_that_is_no_object_has_no_type(talk: Conversation, body: Any) -> None:
    assert talk.refused("POST", "/api/v1/monitor", body) == (400, "The parameter 'type' is required")


def test_an_update_is_validated_as_a_whole(talk: Conversation) -> None:
    number = talk.monitor()
    path = f"/api/v1/monitor/{number}"
    mismatch = (400, "Alert threshold (100.0) does not match that used in the query (5.0).")
    assert talk.refused("PUT", path, {"query": METRIC}) == mismatch
    assert talk.refused("PUT", path, {"query": None}) == (400, "The parameter 'query' is required")
    assert talk.ok("PUT", path, {"query": METRIC, "options": {"thresholds": {"critical": 5}}})["multi"] is False
