"""What Datadog makes of a monitor, row by row of the project's reference."""

from typing import Any

import pytest

from ddguard.sandbox.names import given_name
from ddguard.sandbox.normalise import is_multi, normalised

LOGS = 'logs("service:foo").index("main").rollup("count").last("5m") > 2'
METRIC = "avg(last_5m):avg:system.load.1{*} > 5"


def options_of(sent: dict[str, Any], kind: str = "metric alert", query: str = METRIC) -> Any:
    return normalised({"type": kind, "query": query, "options": sent})["options"]


BASE = {"silenced": {}, "notify_audit": False, "include_tags": True}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({}, {"notify_no_data": False, "new_host_delay": 300}),
        ({"on_missing_data": "resolve"}, {"on_missing_data": "resolve", "new_host_delay": 300}),
        ({"new_group_delay": 60}, {"new_group_delay": 60, "notify_no_data": False}),
        (
            {"new_group_delay": 60, "new_host_delay": 0},
            {"new_group_delay": 60, "new_host_delay": 0, "notify_no_data": False},
        ),
        ({"new_host_delay": None}, {"new_host_delay": None, "notify_no_data": False}),
        ({"timeout_h": None}, {"timeout_h": None, "new_host_delay": 300, "notify_no_data": False}),
        ({"thresholds": {}}, {"new_host_delay": 300, "notify_no_data": False}),
        (
            {"thresholds": {"critical": 5, "warning": None, "ok": 1}},
            {"thresholds": {"critical": 5.0, "ok": 1.0}, "new_host_delay": 300, "notify_no_data": False},
        ),
        (
            {"escalation_message": "again\n"},
            {"escalation_message": "again", "new_host_delay": 300, "notify_no_data": False},
        ),
        (
            {"on_missing_data": "default", "scheduling_options": {"custom_schedule": {"recurrences": []}}},
            {"scheduling_options": {"custom_schedule": {"recurrences": []}}, "new_host_delay": 300},
        ),
        (
            {"on_missing_data": "default", "scheduling_options": None},
            {"on_missing_data": "default", "scheduling_options": None, "new_host_delay": 300},
        ),
    ],
)
def test_options(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    found = options_of(sent)
    assert found == BASE | stored
    assert all(type(value) is float for value in found.get("thresholds", {}).values())


@pytest.mark.parametrize(
    "kind",
    ["log alert", "ci-pipelines alert", "ci-tests alert", "rum alert", "error-tracking alert"],
)
def test_simple_grouping_is_filled_in_for_some_types(kind: str) -> None:
    assert options_of({}, kind, LOGS)["groupby_simple_monitor"] is False
    assert options_of({"groupby_simple_monitor": True}, kind, LOGS)["groupby_simple_monitor"] is True


def test_thresholds_of_a_service_check_stay_whole() -> None:
    sent = {"thresholds": {"critical": 1, "ok": 1}}
    stored = options_of(sent, "service check", '"ntp.in_sync".by("*").last(2).count_by_status()')["thresholds"]
    assert [(level, type(value)) for level, value in stored.items()] == [("critical", int), ("ok", int)]


def test_a_composite_keeps_a_null_threshold() -> None:
    assert options_of({"thresholds": {"critical": None}}, "composite", "1 && 2")["thresholds"] == {"critical": None}


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("message", None, ""),
        ("message", "  text\n", "text"),
        ("tags", None, []),
        ("tags", ["b", "A", "a"], ["b", "A", "a"]),
        ("priority", 0, None),
        ("priority", "5", 5),
        ("priority", 2, 2),
        ("query", f"{METRIC}\n", METRIC),
        ("name", "n", "n"),
        ("options", None, BASE | {"notify_no_data": False, "new_host_delay": 300}),
        ("draft_status", "draft", "draft"),
        ("draft_status", None, "published"),
        ("assets", None, []),
        ("restricted_roles", ["a"], ["a"]),
    ],
)
def test_fields(field: str, sent: Any, stored: Any) -> None:
    assert normalised({"type": "metric alert", "query": METRIC} | {field: sent})[field] == stored


@pytest.mark.parametrize(
    ("kind", "query", "options", "stored"),
    [
        ("metric alert", "avg(current_1mo):avg:m{*} > 1", {"scheduling_options": {}}, "query alert"),
        ("metric alert", "avg(current_1d):avg:m{*} > 1", {"scheduling_options": {}}, "query alert"),
        ("metric alert", "avg(current_1h):avg:m{*} > 1", {"scheduling_options": {}}, "metric alert"),
        ("metric alert", "avg(current_1mo):avg:m{*} > 1", {}, "metric alert"),
        ("query alert", 'formula("query1").rollup("sum").last("5m") > 1', {}, "metric alert"),
        ("query alert", METRIC, {}, "query alert"),
        ("log alert", LOGS, {}, "log alert"),
    ],
)
def test_types(kind: str, query: str, options: dict[str, Any], stored: str) -> None:
    assert normalised({"type": kind, "query": query, "options": options})["type"] == stored


@pytest.mark.parametrize(
    ("kind", "query", "multi"),
    [
        ("metric alert", METRIC, False),
        ("metric alert", "avg(last_5m):avg:m{*} by {host} > 5", True),
        ("log alert", LOGS, False),
        ("log alert", 'logs("*").index("*").rollup("count").by("a,b").last("5m") > 2', True),
        ("service check", '"c".over("database").last(2).count_by_status()', True),
        ("composite", "1 && 2", False),
        ("cost alert", 'formula("q").last("7d").by("a") > 1', False),
    ],
)
def test_multi(kind: str, query: str, multi: bool) -> None:
    assert is_multi(kind, query) is multi


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (
            "avg(last_5m):sum:system.net.bytes_rcvd{host:host0} > 100",
            "**system.net.bytes_rcvd** over **host:host0** was **> 100.0** on average during the **last 5m**.",
        ),
        (
            "avg(last_1h):sum:system.net.bytes_rcvd{*} by {host} > 100",
            "**system.net.bytes_rcvd** over ***** was **> 100.0** on average during the **last 1h**.",
        ),
        ("49714524", "49714524"),
        (LOGS, LOGS),
    ],
)
def test_a_nameless_monitor_gets_a_name(query: str, name: str) -> None:
    assert given_name(query) == name
    assert normalised({"type": "x", "query": query, "name": None})["name"] == name
