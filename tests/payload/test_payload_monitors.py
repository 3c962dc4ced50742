"""Monitors: the request, the comparison and the update."""

from datetime import date
from typing import Any

import pytest

from ddguard.model import Allowance, Hold
from ddguard.payload import (
    ABSENT,
    AllowanceError,
    FieldChange,
    monitor_changes,
    monitor_request,
    monitor_update,
    type_may_change,
)
from tests.payload.examples import DAY, OURS, QUERY, STACK, live, monitor

PLAIN = {"type": "query alert", "query": QUERY, "tags": OURS, "options": {"thresholds": {"critical": 100}}}


def test_the_smallest_spec_gets_its_threshold_and_its_identity() -> None:
    assert monitor_request(monitor(), STACK, {}, DAY) == PLAIN


def test_the_definition_is_sent_as_it_stands_with_the_identity_last() -> None:
    definition = {
        "name": "Burst",
        "message": "look\n",
        "tags": ["team:risk"],
        "priority": 2,
        "options": {"thresholds": {"critical": 100.0, "warning": 50.5}, "renotify_interval": 0},
    }
    assert monitor_request(monitor(definition), STACK, {}, DAY) == {
        **PLAIN,
        **definition,
        "tags": ["team:risk", *OURS],
        "options": {"thresholds": {"critical": 100, "warning": 50.5}, "renotify_interval": 0},
    }


def test_nulls_mutes_and_read_only_fields_are_not_sent() -> None:
    definition = {
        "priority": None,
        "restricted_roles": None,
        "creator": {"name": "x"},
        "org_id": 1,
        "classification": "custom",
        "options": {"silenced": {"*": None}},
    }
    assert monitor_request(monitor(definition), STACK, {}, DAY) == PLAIN


@pytest.mark.parametrize("name", ["", "  ", None])
def test_a_blank_name_is_left_to_datadog(name: str | None) -> None:
    assert monitor_request(monitor({"name": name}), STACK, {}, DAY) == PLAIN


def test_a_null_threshold_is_filled_and_one_of_the_spec_is_kept() -> None:
    nulls = monitor({"options": {"thresholds": {"critical": None, "warning": None}}})
    other = monitor({"options": {"thresholds": {"critical": 5}}})
    assert monitor_request(nulls, STACK, {}, DAY)["options"] == {"thresholds": {"critical": 100}}
    assert monitor_request(other, STACK, {}, DAY)["options"] == {"thresholds": {"critical": 5}}


def test_a_query_without_a_number_gets_no_options() -> None:
    check = monitor({"type": "service check", "query": '"ntp.in_sync".over("*").last(2).count_by_status()'})
    assert "options" not in monitor_request(check, STACK, {}, DAY)


def test_a_reference_that_is_written_out_is_text() -> None:
    message = "$${monitor:rise} $$${monitor:rise} $$$${monitor:rise} $$${monitor:floor}"
    request = monitor_request(monitor({"message": message}), STACK, {"rise": 12}, DAY)
    assert request["message"] == "${monitor:rise} $12 $${monitor:rise} $${monitor:floor}"


def test_references_become_numbers_where_they_are_known() -> None:
    composite = monitor(
        {"type": "composite", "query": "${monitor:rise} && ${monitor:floor}", "message": "see ${monitor:rise}"}
    )
    request = monitor_request(composite, STACK, {"rise": 12}, DAY)
    assert request["query"] == "12 && ${monitor:floor}"
    assert request["message"] == "see 12"


def test_a_hold_adds_its_tag_and_asks_for_a_review_while_it_alerts() -> None:
    held = monitor(
        {"message": "{{value}} streams\n", "tags": ["a:1"]}, hold=Hold("@webhook-review", "fraud\nor a bug {x}")
    )
    request = monitor_request(held, STACK, {}, DAY)
    assert request["tags"] == ["a:1", "hold:manual-review", *OURS]
    assert request["message"] == (
        "{{value}} streams\n"
        "\n"
        "{{#is_alert}}\n"
        "Manual review requested for the tenant {{tenant.name}}: fraud or a bug {x}\n"
        "Nothing is frozen automatically; a person decides. @webhook-review\n"
        "{{/is_alert}}"
    )


def test_a_hold_without_a_message_and_with_its_tag_already_there() -> None:
    request = monitor_request(monitor({"tags": ["hold:manual-review"]}, hold=Hold("@x", "why")), STACK, {}, DAY)
    assert request["message"].startswith("{{#is_alert}}\nManual review")
    assert request["tags"] == ["hold:manual-review", *OURS]


def test_a_protected_monitor_carries_the_mark() -> None:
    assert monitor_request(monitor(protect=True), STACK, {}, DAY)["tags"] == [*OURS, "ddguard_protect:true"]


def test_identity_tags_of_others_are_never_sent_on() -> None:
    copied = monitor({"tags": ["ddguard_stack:other/prod", "DDGUARD_ID:x", "ddguard_protect:true", "a:1"]})
    assert monitor_request(copied, STACK, {}, DAY)["tags"] == ["a:1", *OURS]


def test_an_allowance_counts_to_the_end_of_its_day() -> None:
    allowed = monitor(allow=(Allowance("tenant:acme", "load test", DAY),))
    without = "sum(last_1h):sum:streams.created{env:prod,!tenant:acme} by {tenant}.as_count() > 100"
    assert monitor_request(allowed, STACK, {}, DAY)["query"] == without
    assert monitor_request(allowed, STACK, {}, date(2026, 11, 2))["query"] == QUERY


def test_an_allowance_that_does_not_fit_is_told_with_its_place() -> None:
    allowed = monitor(allow=(Allowance("tenant:a", "x", DAY), Allowance("host:b", "y", DAY)))
    with pytest.raises(AllowanceError) as caught:
        monitor_request(allowed, STACK, {}, DAY)
    assert caught.value.message == (
        "monitors/burst.yaml:3:1: monitor burst: host:b can't be left out: no metric in the query is grouped by host"
    )


ANSWER = {
    "id": 7,
    **PLAIN,
    "tags": list(reversed(OURS)),
    "name": "**streams** over 100",
    "message": "",
    "priority": None,
    "multi": True,
    "restricted_roles": None,
    "draft_status": "published",
    "assets": [],
    "restriction_policy": None,
    "overall_state": "OK",
    "options": {
        "thresholds": {"critical": 100.0},
        "notify_audit": False,
        "include_tags": True,
        "notify_no_data": False,
        "new_host_delay": 300,
        "silenced": {"*": 1700000000},
        "avalanche_window": 10,
    },
}


def test_the_answer_to_a_request_means_the_same() -> None:
    assert monitor_changes(PLAIN, live(ANSWER)) == ()


@pytest.mark.parametrize(
    ("wanted", "answered", "changes"),
    [
        ({"name": "Burst"}, {}, [(("name",), "**streams** over 100", "Burst")]),
        ({}, {"message": "old"}, [(("message",), "old", ABSENT)]),
        ({}, {"priority": 3}, [(("priority",), 3, ABSENT)]),
        ({"priority": 1}, {"priority": None}, [(("priority",), None, 1)]),
        ({}, {"draft_status": "draft"}, [(("draft_status",), "draft", ABSENT)]),
        ({}, {"tags": [*OURS, "foreign:1"]}, [(("tags",), [*OURS, "foreign:1"], OURS)]),
        ({"type": "log alert"}, {}, [(("type",), "query alert", "log alert")]),
        ({"query": "q > 100"}, {}, [(("query",), QUERY, "q > 100")]),
        ({"restricted_roles": []}, {"restricted_roles": ["r"]}, [(("restricted_roles",), ["r"], [])]),
        ({"restricted_roles": ["r"]}, {}, [(("restricted_roles",), None, ["r"])]),
        ({"restricted_roles": []}, {}, []),
        ({}, {"restricted_roles": ["r"]}, []),
        ({}, {"assets": [{"name": "x"}]}, []),
        ({"assets": [{"name": "x"}]}, {}, []),
        ({"assets": [{"name": "x"}]}, {"assets": [{"name": "y"}]}, [(("assets", 0, "name"), "y", "x")]),
        ({"assets": []}, {"assets": [{"name": "y"}]}, [(("assets",), [{"name": "y"}], [])]),
        ({"new_field": 1}, {}, [(("new_field",), ABSENT, 1)]),
        ({}, {"new_field": 1}, []),
    ],
)
def test_top_level_changes(
    wanted: dict[str, Any], answered: dict[str, Any], changes: list[tuple[Any, Any, Any]]
) -> None:
    found = monitor_changes(PLAIN | wanted, live(ANSWER | answered))
    assert found == tuple(FieldChange(*change) for change in changes)


def test_changes_in_options_are_told_leaf_by_leaf_in_the_specs_order() -> None:
    wanted = PLAIN | {
        "options": {
            "thresholds": {"critical": 50, "warning": 20},
            "renotify_statuses": ["alert"],
            "variables": [{"name": "a", "search": {"query": "x"}}],
        }
    }
    answered = ANSWER | {
        "options": {
            "timeout_h": 24,
            "renotify_statuses": ["alert", "warn"],
            "thresholds": {"critical": 100.0, "critical_recovery": 10.0},
            "variables": [{"name": "a", "search": {"query": "y"}}],
        }
    }
    assert monitor_changes(wanted, live(answered)) == (
        FieldChange(("options", "thresholds", "critical"), 100.0, 50),
        FieldChange(("options", "thresholds", "warning"), ABSENT, 20),
        FieldChange(("options", "thresholds", "critical_recovery"), 10.0, ABSENT),
        FieldChange(("options", "renotify_statuses"), ["alert", "warn"], ["alert"]),
        FieldChange(("options", "variables", 0, "search", "query"), "y", "x"),
        FieldChange(("options", "timeout_h"), 24, ABSENT),
    )


def test_lists_of_another_length_change_as_a_whole() -> None:
    wanted = PLAIN | {"options": {"variables": [{"name": "a"}]}}
    answered = ANSWER | {"options": {"variables": []}}
    assert monitor_changes(wanted, live(answered)) == (FieldChange(("options", "variables"), [], [{"name": "a"}]),)


def test_options_that_are_no_mapping_differ_as_a_whole() -> None:
    assert monitor_changes({**PLAIN, "options": {}}, live(ANSWER | {"options": "none"})) == (
        FieldChange(("options",), "none", {}),
    )


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("metric alert", "query alert", True),
        ("query alert", "metric alert", True),
        ("log alert", "log alert", True),
        ("log alert", "query alert", False),
        ("query alert", "composite", False),
    ],
)
def test_only_the_two_metric_types_change_in_place(before: str, after: str, may: bool) -> None:
    assert type_may_change(before, after) is may


def test_an_update_clears_what_the_spec_dropped() -> None:
    answered = ANSWER | {"message": "old", "priority": 3, "draft_status": "draft"}
    assert monitor_update(PLAIN, live(answered)) == {
        **PLAIN,
        "message": "",
        "priority": None,
        "draft_status": "published",
    }


def test_an_update_leaves_alone_what_needs_no_clearing() -> None:
    assert monitor_update(PLAIN, live(ANSWER)) == PLAIN


def test_an_update_replaces_the_options_even_by_none() -> None:
    wanted = {"type": "composite", "query": "1 && 2", "tags": OURS, "message": "m", "priority": 1}
    assert monitor_update(wanted, live(ANSWER | {"message": "old"})) == {**wanted, "options": {}}
