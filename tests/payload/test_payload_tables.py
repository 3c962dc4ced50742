"""Every row of the tables: what it makes equal would differ without it."""

from typing import Any

import pytest

from ddguard.model import Path
from ddguard.payload.changes import compared
from ddguard.payload.normal import normal_form
from ddguard.payload.tables import DOWNTIME_RULES, MONITOR_RULES, Kind, Rule

Key = tuple[Path, Kind]
Pair = tuple[dict[str, Any], dict[str, Any]]


def options(wanted: dict[str, Any], answered: dict[str, Any]) -> Pair:
    return {"options": wanted}, {"options": answered}


def read_only(fields: tuple[str, ...]) -> dict[Key, Pair]:
    return {((field,), Kind.READ_ONLY): ({field: "sent"}, {field: "answered"}) for field in fields}


CUSTOM = {"custom_schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "timezone": "UTC"}]}}
ASSET = {"category": "runbook", "name": "Runbook", "resource_key": "12345", "resource_type": "notebook"}

MONITOR_PAIRS: dict[Key, Pair] = {
    **read_only(
        (
            *("id", "org_id", "created", "created_at", "creator", "modified", "deleted", "multi", "overall_state"),
            *("overall_state_modified", "state", "matching_downtimes", "restriction_policy", "run_as", "restricted"),
            *("classification", "recommended_monitor_metadata"),
        )
    ),
    (("options", "silenced"), Kind.READ_ONLY): options({}, {"silenced": {"*": 1700000000}}),
    (("*",), Kind.NULLS): options(
        {"renotify_statuses": None, "thresholds": {"warning": None}, "scheduling_options": {"evaluation_window": {}}},
        {},
    ),
    (("type",), Kind.SYNONYM): ({"type": "metric alert"}, {"type": "query alert"}),
    (("query",), Kind.TRIMMED): ({"query": "avg(last_5m):avg:m{*} > 2\n"}, {"query": "avg(last_5m):avg:m{*} > 2"}),
    (("message",), Kind.TRIMMED): ({"message": "\n look \n"}, {"message": "look"}),
    (("message",), Kind.FILLED): ({"message": ""}, {}),
    (("tags",), Kind.SET): ({"tags": ["b:2", "a:1", "a:1"]}, {"tags": ["a:1", "b:2"]}),
    (("tags",), Kind.FILLED): ({"tags": []}, {}),
    (("priority",), Kind.NUMBER): ({"priority": "5"}, {"priority": 5}),
    (("priority",), Kind.ZERO): ({"priority": 0}, {"priority": None}),
    (("restricted_roles",), Kind.SET): ({"restricted_roles": ["r2", "r1"]}, {"restricted_roles": ["r1", "r2"]}),
    (("draft_status",), Kind.FILLED): ({"draft_status": "published"}, {}),
    (("assets", "*"), Kind.ENTRIES): (
        {"assets": [{**ASSET, "url": "https://app.datadoghq.com/notebooks/12345"}]},
        {"assets": [{**ASSET, "url": "/notebooks/12345", "monitor_id": 7, "options": {}, "template_variables": {}}]},
    ),
    **{
        (("options", option), Kind.NUMBER): options({option: "60"}, {option: 60})
        for option in (
            *("evaluation_delay", "min_failure_duration", "min_location_failed", "new_group_delay"),
            *("no_data_timeframe", "renotify_interval", "renotify_occurrences", "timeout_h"),
        )
    },
    (("options", "new_host_delay"), Kind.NUMBER): options({"new_host_delay": "60"}, {"new_host_delay": 60}),
    (("options", "thresholds"), Kind.FILLED): options({}, {"thresholds": {"critical": 2.0}}),
    (("options", "thresholds", "*"), Kind.NUMBER): options(
        {"thresholds": {"critical": "2", "warning": "0.5", "ok": "1"}},
        {"thresholds": {"critical": 2.0, "warning": 0.5, "ok": 1.0}},
    ),
    (("options", "thresholds", "critical"), Kind.STATED): options(
        {"thresholds": {"warning": 1}}, {"thresholds": {"critical": 2.0, "warning": 1.0}}
    ),
    (("options", "escalation_message"), Kind.TRIMMED): options(
        {"escalation_message": "still bad\n"}, {"escalation_message": "still bad"}
    ),
    (("options", "renotify_statuses"), Kind.SET): options(
        {"renotify_statuses": ["no data", "alert"]}, {"renotify_statuses": ["alert", "no data"]}
    ),
    (("options", "notify_by"), Kind.SET): options({"notify_by": ["b", "a"]}, {"notify_by": ["a", "b"]}),
    (("options", "notify_audit"), Kind.FILLED): options({}, {"notify_audit": False}),
    (("options", "include_tags"), Kind.FILLED): options({}, {"include_tags": True}),
    (("options", "notify_no_data"), Kind.FILLED): options({}, {"notify_no_data": False}),
    (("options", "new_host_delay"), Kind.FILLED): options({}, {"new_host_delay": 300}),
    (("options", "groupby_simple_monitor"), Kind.FILLED): options({}, {"groupby_simple_monitor": False}),
    (("options", "locked"), Kind.FILLED): options({}, {"locked": False}),
    (("options", "on_missing_data"), Kind.FILLED): options(
        {"on_missing_data": "default", "scheduling_options": CUSTOM}, {"scheduling_options": CUSTOM}
    ),
    (("options", "avalanche_window"), Kind.ADDED): options({}, {"avalanche_window": 20}),
}

DAILY = {"rrule": "FREQ=DAILY", "duration": "2h"}
DOWNTIME_PAIRS: dict[Key, Pair] = {
    **read_only(("canceled", "created", "modified", "status")),
    (("schedule", "current_downtime"), Kind.READ_ONLY): (
        {"schedule": {"recurrences": [DAILY]}},
        {"schedule": {"recurrences": [DAILY], "current_downtime": {"start": "2026-11-01T00:00:00+00:00"}}},
    ),
    (("*",), Kind.NULLS): ({"schedule": {"end": None}, "message": None}, {"schedule": {}, "message": None}),
    (("message",), Kind.TRIMMED): ({"message": "nightly\n"}, {"message": "nightly"}),
    (("message",), Kind.FILLED): ({"message": ""}, {"message": None}),
    (("display_timezone",), Kind.SYNONYM): ({"display_timezone": ""}, {"display_timezone": "UTC"}),
    (("display_timezone",), Kind.FILLED): ({"display_timezone": "UTC"}, {}),
    (("mute_first_recovery_notification",), Kind.FILLED): ({"mute_first_recovery_notification": False}, {}),
    (("notify_end_states",), Kind.SET): (
        {"notify_end_states": ["warn", "alert"]},
        {"notify_end_states": ["alert", "warn"]},
    ),
    (("notify_end_states",), Kind.FILLED): ({"notify_end_states": ["alert", "no data", "warn"]}, {}),
    (("notify_end_types",), Kind.SET): (
        {"notify_end_types": ["canceled", "expired"]},
        {"notify_end_types": ["expired", "canceled"]},
    ),
    (("notify_end_types",), Kind.FILLED): ({"notify_end_types": ["expired"]}, {}),
    (("monitor_identifier", "monitor_tags"), Kind.SET): (
        {"monitor_identifier": {"monitor_tags": ["b:2", "a:1"]}},
        {"monitor_identifier": {"monitor_tags": ["a:1", "b:2"]}},
    ),
    (("schedule", "start"), Kind.INSTANT): (
        {"schedule": {"start": "2050-01-02T03:04:05.736Z"}},
        {"schedule": {"start": "2050-01-02T03:04:05.736000+00:00"}},
    ),
    (("schedule", "end"), Kind.INSTANT): (
        {"schedule": {"end": "2050-01-02T04:04:05+01:00"}},
        {"schedule": {"end": "2050-01-02T03:04:05.000000+00:00"}},
    ),
    (("schedule", "recurrences", "*", "start"), Kind.LOCAL_TIME): (
        {"schedule": {"recurrences": [{**DAILY, "start": "2050-01-02T03:04"}], "timezone": "UTC"}},
        {"schedule": {"recurrences": [{**DAILY, "start": "2050-01-02T03:04:00"}], "timezone": "UTC"}},
    ),
    (("schedule", "timezone"), Kind.FILLED): (
        {"schedule": {"recurrences": [DAILY]}},
        {"schedule": {"recurrences": [DAILY], "timezone": "UTC"}},
    ),
}

REVEALING: dict[Key, Pair] = {
    (("priority",), Kind.FILLED): ({}, {"priority": 3}),
    (("options",), Kind.FILLED): ({}, {"options": {"timeout_h": 24}}),
    (("schedule",), Kind.FILLED): ({}, {"schedule": {"end": "2050-01-01T00:00:00+00:00"}}),
}
"""Rows that make a field count that the spec leaves out: they show a difference instead of hiding one."""

MONITOR = {"type": "query alert", "query": "avg(last_5m):avg:m{*} > 2", "name": "n"}
ROWS = [(MONITOR_RULES, rule) for rule in MONITOR_RULES] + [(DOWNTIME_RULES, rule) for rule in DOWNTIME_RULES]


def key_of(rule: Rule) -> Key:
    return rule.path, rule.kind


def pair_for(rules: tuple[Rule, ...], rule: Rule) -> Pair:
    pairs, base = (MONITOR_PAIRS, MONITOR) if rules is MONITOR_RULES else (DOWNTIME_PAIRS, {})
    wanted, answered = REVEALING[key_of(rule)] if key_of(rule) in REVEALING else pairs[key_of(rule)]
    return {**base, **wanted}, {**base, **answered}


def differ(pair: Pair, rules: tuple[Rule, ...]) -> bool:
    return any(compared(*pair, rules).changes())


@pytest.mark.parametrize(("rules", "rule"), ROWS, ids=[f"{'.'.join(map(str, r.path))} {r.kind.name}" for _, r in ROWS])
def test_each_row_makes_the_difference(rules: tuple[Rule, ...], rule: Rule) -> None:
    pair = pair_for(rules, rule)
    without = tuple(other for other in rules if other is not rule)
    assert differ(pair, rules) is (key_of(rule) in REVEALING)
    assert differ(pair, without) is (key_of(rule) not in REVEALING)


@pytest.mark.parametrize("rules", [MONITOR_RULES, DOWNTIME_RULES], ids=["monitor", "downtime"])
def test_no_row_stands_twice_and_each_has_a_reason(rules: tuple[Rule, ...]) -> None:
    assert len({key_of(rule) for rule in rules}) == len(rules)
    assert all(rule.reason for rule in rules)


def test_there_is_no_pair_without_a_row() -> None:
    rows = {key_of(rule) for rule in (*MONITOR_RULES, *DOWNTIME_RULES)}
    assert {*MONITOR_PAIRS, *DOWNTIME_PAIRS, *REVEALING} == rows


@pytest.mark.parametrize(
    ("wanted", "answered"),
    [
        ({}, {"new_host_delay": None}),
        ({"new_host_delay": None}, {"new_host_delay": 300}),
        ({"new_group_delay": 60}, {"new_group_delay": 60, "new_host_delay": 300}),
        ({}, {"on_missing_data": "default"}),
        ({"avalanche_window": 10}, {"avalanche_window": 20}),
        ({"include_tags": 1}, {"include_tags": True}),
        ({"renotify_interval": 0}, {"renotify_interval": False}),
        ({"renotify_interval": "ten"}, {"renotify_interval": 10}),
        ({"thresholds": {"critical": 2}}, {"thresholds": {"critical": 2, "warning": 1}}),
    ],
)
def test_what_only_looks_alike_differs(wanted: dict[str, Any], answered: dict[str, Any]) -> None:
    pair = ({**MONITOR, "options": wanted}, {**MONITOR, "options": answered})
    assert differ(pair, MONITOR_RULES)


def test_values_of_an_unexpected_shape_are_left_as_they_are() -> None:
    strange = {
        "type": ["query alert"],
        "query": 5,
        "message": 1,
        "tags": "a:1",
        "priority": "high",
        "options": ["x"],
        "assets": ["runbook"],
    }
    assert normal_form(strange, MONITOR_RULES) == {**strange, "draft_status": "published"}
    schedule = {"schedule": {"start": "soon", "end": 5, "recurrences": [{"start": "often"}, 7]}}
    assert normal_form(schedule, DOWNTIME_RULES)["schedule"] == {**schedule["schedule"], "timezone": "UTC"}


def test_a_broken_query_states_no_threshold() -> None:
    form = normal_form({**MONITOR, "query": "avg(last_5m:avg:m{*} > 2"}, MONITOR_RULES)
    assert form["options"]["thresholds"] == {}


def test_the_copy_shares_nothing_with_the_original() -> None:
    given = {**MONITOR, "tags": ["b:1", "a:1"], "options": {"thresholds": {"critical": 2.0}}}
    normal_form(given, MONITOR_RULES)
    assert given == {**MONITOR, "tags": ["b:1", "a:1"], "options": {"thresholds": {"critical": 2.0}}}
