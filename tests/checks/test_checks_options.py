"""The checks of options: what they find beyond the examples on their pages, and what they leave alone."""

from typing import Any

import pytest
from checked_specs import found_in, hits, marked, monitor, of_themes

from ddguard.checks import Theme

PLAIN = "avg(last_5m):avg:m{*} > 1"
BY_HOST = "avg(last_5m):avg:m{*} by {host,env} > 1"
CHECK = '"a".over("b").by("host").last(1).count_by_status()'
LOGS = 'logs("x").index("*").rollup("count").by("service").last("1h") > 1'
DAILY = {"rrule": "FREQ=DAILY", "start": "2026-01-01T06:00:00"}
NO_GROUPS = "new_group_delay is for monitors with groups, and this query has none"


@pytest.mark.parametrize(
    ("check", "query", "options", "messages"),
    [
        ("missing-data-twice", PLAIN, {"notify_no_data": True, "no_data_timeframe": 10}, []),
        ("missing-data-twice", PLAIN, {"on_missing_data": "default", "notify_no_data": False}, []),
        (
            "missing-data-twice",
            PLAIN,
            {"on_missing_data": "default", "no_data_timeframe": 10},
            ["no_data_timeframe belongs to notify_no_data: on_missing_data looks at the query's window"],
        ),
        (
            "missing-data-twice",
            PLAIN,
            {"on_missing_data": "default", "notify_no_data": True, "no_data_timeframe": 2},
            ["on_missing_data says already what missing data means instead of notify_no_data and no_data_timeframe"],
        ),
        (
            "no-data-timeframe-short",
            PLAIN,
            {"on_missing_data": "default", "notify_no_data": True, "no_data_timeframe": 2},
            [],
        ),
        ("default-zero-missing-data", PLAIN, {"on_missing_data": "resolve"}, []),
        ("default-zero-missing-data", "avg(last_5m):default_zero(avg:m{*}) > 1", {"notify_no_data": True}, []),
        ("no-data-timeframe-short", PLAIN, {"notify_no_data": True, "no_data_timeframe": 10}, []),
        ("no-data-timeframe-short", PLAIN, {"notify_no_data": False, "no_data_timeframe": 9}, []),
        (
            "no-data-timeframe-short",
            PLAIN,
            {"notify_no_data": True, "no_data_timeframe": 9},
            ["with 9 min a single late point is told as No Data"],
        ),
        ("no-data-timeframe-short", "avg(current_1d):m{*} > 1", {"notify_no_data": True, "no_data_timeframe": 9}, []),
        ("no-data-timeframe-long", PLAIN, {"notify_no_data": True, "no_data_timeframe": 1441}, []),
        ("no-data-timeframe-long", BY_HOST, {"notify_no_data": True, "no_data_timeframe": 1440}, []),
        (
            "no-data-timeframe-long",
            BY_HOST,
            {"notify_no_data": True, "no_data_timeframe": 1441},
            ["a group is forgotten after 1440 minutes without data, before 1441 have gone by"],
        ),
        (
            "renotify-without-interval",
            PLAIN,
            {"renotify_interval": 0, "renotify_statuses": ["alert"], "escalation_message": "still"},
            [
                "renotify_statuses does nothing without renotify_interval: nothing is told again",
                "escalation_message does nothing without renotify_interval: nothing is told again",
            ],
        ),
        ("renotify-without-interval", PLAIN, {"renotify_interval": None, "escalation_message": ""}, []),
        (
            "occurrences-without-interval",
            PLAIN,
            {"renotify_interval": 0, "renotify_occurrences": 3},
            ["Datadog refuses renotify_occurrences without renotify_interval"],
        ),
        ("occurrences-without-interval", PLAIN, {"renotify_occurrences": None}, []),
        ("occurrences-without-interval", PLAIN, {"renotify_occurrences": 0}, []),
        ("occurrences-without-interval", PLAIN, {"renotify_interval": 60, "renotify_occurrences": 3}, []),
        ("new-group-delay-ungrouped", PLAIN, {"new_group_delay": 0}, []),
        ("new-group-delay-ungrouped", BY_HOST, {"new_group_delay": 60}, []),
        ("notify-by-unknown-key", BY_HOST, {"notify_by": ["host"]}, []),
        ("notify-by-unknown-key", BY_HOST, {"notify_by": ["*"]}, []),
        (
            "notify-by-all-keys",
            "avg(last_5m):avg:m{*} by {host,env} > 1",
            {"notify_by": ["env", "host"]},
            ["notify_by names all keys of the query: each group notifies by itself anyway"],
        ),
        ("notify-by-all-keys", "avg(last_5m):avg:m{*} by {host,env} > 1", {"notify_by": ["env"]}, []),
        ("notify-by-all-keys", BY_HOST, {"notify_by": ["*"]}, []),
        ("notify-by-all-keys", PLAIN, {"notify_by": ["host"]}, []),
        ("notify-by-unknown-key", BY_HOST, {"notify_by": ["host", "x"]}, ["notify_by: the query isn't grouped by x"]),
        ("notify-by-unknown-key", PLAIN, {"notify_by": ["*"]}, ["notify_by: the query isn't grouped by *"]),
        ("timeout-over-a-day", PLAIN, {"timeout_h": 24}, []),
        ("timeout-over-a-day", PLAIN, {"timeout_h": None}, []),
        (
            "cloud-metric-delay",
            "avg(last_5m):avg:m{*} + avg:gcp.a.b{*} + avg:aws.a{*} > 1",
            {"evaluation_delay": 899},
            ["gcp.a.b arrives late from the cloud provider"],
        ),
        ("cloud-metric-delay", "avg(last_5m):avg:azure.iot_edge.a{*} > 1", {}, []),
        ("cloud-metric-delay", "avg(last_5m):avg:awsome.a{*} > 1", {}, []),
        ("evaluation-delay-too-long", PLAIN, {"evaluation_delay": 86400}, []),
        ("option-not-allowed", PLAIN, {"on_missing_data": "default", "thresholds": {"critical_recovery": 0}}, []),
        (
            "option-without-effect",
            PLAIN,
            {"threshold_windows": {"trigger_window": None}, "min_failure_duration": 0},
            [],
        ),
        ("option-without-effect", PLAIN, {"enable_logs_sample": False, "thresholds": {"ok": None}}, []),
        (
            "option-without-effect",
            PLAIN,
            {
                "enable_logs_sample": True,
                "enable_samples": True,
                "groupby_simple_monitor": True,
                "group_retention_duration": "2h",
                "min_failure_duration": 60,
                "min_location_failed": 1,
                "variables": [{"name": "a", "data_source": "logs"}],
                "scheduling_options": {"evaluation_window": {"day_starts": "00:00"}},
                "thresholds": {"ok": 0, "unknown": 1},
            },
            [
                "enable_logs_sample is for log monitors: it does nothing here",
                "enable_samples is for CI monitors: it does nothing here",
                "groupby_simple_monitor is for log, CI and RUM monitors: it does nothing here",
                "group_retention_duration is for event, log, trace, RUM, CI and audit monitors: it does nothing here",
                "min_failure_duration is for synthetics monitors: it does nothing here",
                "min_location_failed is for synthetics monitors: it does nothing here",
                "variables is for queries with formula(): it does nothing here",
                "ok is for service checks: it does nothing here",
                "unknown is for service checks: it does nothing here",
            ],
        ),
        (
            "custom-schedule",
            PLAIN,
            {
                "require_full_window": True,
                "scheduling_options": {"custom_schedule": {"recurrences": [{**DAILY, "rrule": "RRULE:FREQ=MINUTELY"}]}},
            },
            [
                "a custom schedule doesn't go with require_full_window: true",
                "a custom schedule needs on_missing_data: what a run without data means",
                "a custom schedule runs once a day at most",
            ],
        ),
        (
            "custom-schedule",
            PLAIN,
            {"on_missing_data": "default", "scheduling_options": {"custom_schedule": {"recurrences": [DAILY, {}]}}},
            [],
        ),
        (
            "evaluation-window",
            "avg(current_1mo):m{*} > 1",
            {"scheduling_options": {"evaluation_window": {"month_starts": 1}}},
            ["current_1mo needs day_starts: when it begins anew"],
        ),
        (
            "evaluation-window",
            "avg(current_1h):m{*} > 1",
            {"scheduling_options": {"evaluation_window": {"hour_starts": 0}}},
            [],
        ),
        (
            "evaluation-window",
            "avg(current_1h):m{*} > 1",
            {"scheduling_options": {"evaluation_window": {"hour_starts": 0, "day_starts": "04:00"}}},
            ["hour_starts stands alone: a day or a month doesn't begin at a minute of the hour"],
        ),
        (
            "evaluation-window",
            "avg(current_1mo):m{*} > 1",
            {},
            ["current_1mo needs day_starts and month_starts: when it begins anew"],
        ),
        ("evaluation-window", PLAIN, {}, []),
        (
            "evaluation-window",
            "avg(last_1h):m{*} > 1",
            {"scheduling_options": {"evaluation_window": {"day_starts": "04:00", "month_starts": 1}}},
            ["evaluation_window says when a window begins anew, and last_1h never does: it moves"],
        ),
        ("evaluation-window", "avg(last_1h):m{*} > 1", {"scheduling_options": {"evaluation_window": {}}}, []),
        ("resolve-with-timeout", PLAIN, {"on_missing_data": "resolve", "timeout_h": 0}, []),
        ("resolve-with-timeout", PLAIN, {"on_missing_data": "show_no_data", "timeout_h": 4}, []),
        ("host-delay-unused", PLAIN, {"new_host_delay": 300, "new_group_delay": 300}, []),
        ("host-delay-unused", PLAIN, {"new_host_delay": 300, "new_group_delay": 0}, []),
        (
            "host-delay-unused",
            PLAIN,
            {"new_host_delay": 0, "new_group_delay": 90},
            ["new_host_delay isn't looked at: new_group_delay 90 wins"],
        ),
        (
            "group-retention-range",
            PLAIN,
            {"group_retention_duration": "59m"},
            ["Datadog remembers groups for 1 to 72 hours, not for 59m"],
        ),
        ("group-retention-range", PLAIN, {"group_retention_duration": "3d"}, []),
    ],
)
def test_options_of_a_metric_monitor(check: str, query: str, options: dict[str, Any], messages: list[str]) -> None:
    assert hits(check, query, **options) == messages


@pytest.mark.parametrize(
    ("check", "type_", "query", "options", "messages"),
    [
        ("no-data-timeframe-short", "service check", CHECK, {"notify_no_data": True, "no_data_timeframe": 2}, []),
        (
            "no-data-timeframe-short",
            "service check",
            CHECK,
            {"notify_no_data": True, "no_data_timeframe": 1},
            ["with 1 min a single late point is told as No Data"],
        ),
        ("no-data-timeframe-long", "service check", CHECK, {"notify_no_data": True, "no_data_timeframe": 2880}, []),
        (
            "no-data-timeframe-long",
            "service check",
            CHECK,
            {"notify_no_data": True, "no_data_timeframe": 2881},
            ["a group is forgotten after 2880 minutes without data, before 2881 have gone by"],
        ),
        (
            "no-data-timeframe-long",
            "rum alert",
            'rum("x").rollup("count").by("@a").last("1h") > 1',
            {"notify_no_data": True, "no_data_timeframe": 181, "group_retention_duration": "3h"},
            ["a group is forgotten after 180 minutes without data, before 181 have gone by"],
        ),
        ("notify-by-all-keys", "service check", '"a".by("*").last(1).count_by_status()', {"notify_by": ["*"]}, []),
        ("notify-by-unknown-key", "service check", '"a".by("*").last(1).count_by_status()', {"notify_by": ["x"]}, []),
        ("notify-by-unknown-key", "composite", "1 && 2", {"notify_by": ["x"], "new_group_delay": 60}, []),
        ("new-group-delay-ungrouped", "slo alert", 'error_budget("x").over("7d") > 75', {"new_group_delay": 60}, []),
        ("option-not-allowed", "log alert", LOGS, {"no_data_timeframe": 60}, []),
        (
            "option-without-effect",
            "log alert",
            LOGS,
            {"notify_no_data": True, "no_data_timeframe": 60},
            ["no_data_timeframe is for other data than logs: it does nothing here"],
        ),
        ("option-without-effect", "log alert", LOGS, {"no_data_timeframe": 0}, []),
        (
            "option-without-effect",
            "slo alert",
            'error_budget("x").over("7d") > 75',
            {"evaluation_delay": 300},
            ["evaluation_delay is for other monitors than error budgets: it does nothing here"],
        ),
        (
            "option-without-effect",
            "slo alert",
            'burn_rate("x").over("7d").long_window("1h").short_window("5m") > 14',
            {"evaluation_delay": 300},
            [],
        ),
        (
            "option-not-allowed",
            "event-v2 alert",
            'events("x").rollup("count").last("1h") > 5',
            {"thresholds": {"critical_recovery": 3, "warning_recovery": 1, "warning": 2}},
            [
                "Datadog refuses critical_recovery for monitors of type event-v2 alert",
                "Datadog refuses warning_recovery for monitors of type event-v2 alert",
            ],
        ),
        (
            "option-not-allowed",
            "composite",
            "1 && 2",
            {"on_missing_data": "default"},
            ["Datadog refuses on_missing_data for monitors of type composite"],
        ),
        (
            "option-without-effect",
            "composite",
            "1 && 2",
            {"thresholds": {"critical": 1}},
            ["critical is for monitors that measure something: it does nothing here"],
        ),
        ("option-without-effect", "composite", "1 && 2", {"thresholds": {"critical": None}}, []),
        (
            "option-without-effect",
            "service check",
            CHECK,
            {"thresholds": {"critical": 1, "critical_recovery": 1, "ok": 1}},
            ["critical_recovery is for measured values: it does nothing here"],
        ),
        ("option-without-effect", "log alert", LOGS, {"enable_logs_sample": True, "groupby_simple_monitor": True}, []),
        (
            "option-without-effect",
            "synthetics alert",
            "anything",
            {"threshold_windows": {"trigger_window": "last_1h"}, "min_failure_duration": 60},
            [],
        ),
        (
            "custom-schedule",
            "rum alert",
            'rum("x").rollup("count").last("1h") > 1',
            {"on_missing_data": "default", "scheduling_options": {"custom_schedule": {"recurrences": [DAILY]}}},
            [],
        ),
        (
            "custom-schedule",
            "trace-analytics alert",
            'trace-analytics("x").rollup("count").last("1h") > 1',
            {"on_missing_data": "default", "scheduling_options": {"custom_schedule": {"recurrences": [DAILY]}}},
            ["a custom schedule is for metric, log, event and RUM monitors, not for type trace-analytics alert"],
        ),
    ],
)
def test_options_of_another_type(
    check: str, type_: str, query: str, options: dict[str, Any], messages: list[str]
) -> None:
    assert hits(check, query, type_, **options) == messages


@pytest.mark.parametrize(
    ("variables", "messages"),
    [
        ([{"name": "a", "data_source": "logs", "group_by": [{"facet": "@b"}]}], []),
        ([{"name": "a", "data_source": "data_quality_metrics", "group_by": ["entity_id"]}], []),
        ([{"name": "a", "data_source": "metrics", "query": "avg:m{*} by {host}"}], []),
        ([{"name": "a", "base_query": {"data_source": "metrics", "query": "avg:m{*} by {host}"}}], []),
        ([{"name": "a", "data_source": "metrics", "query": "something else"}], []),
        ([{"name": "a", "data_source": "metrics", "query": "avg:m{*}"}], [NO_GROUPS]),
        ([{"name": "a", "data_source": "logs", "group_by": []}], [NO_GROUPS]),
        ([{"name": "a", "data_source": "of_tomorrow", "split": ["host"]}], []),
        ([{"name": "a", "job_type": "databricks.job", "jobs_query": "*"}], []),
        ([{"name": "a", "data_source": "logs"}, {"name": "b", "data_source": "of_tomorrow"}], []),
        ([], []),
    ],
)
def test_a_formula_has_the_groups_of_its_variables(variables: list[Any], messages: list[str]) -> None:
    query = 'formula("a * 2").last("1h") > 1'
    assert hits("new-group-delay-ungrouped", query, variables=variables, new_group_delay=60) == messages


def test_the_groups_in_a_formula_count_first() -> None:
    query = 'formula("a * 2").by("host").last("1h") > 1'
    assert hits("notify-by-unknown-key", query, notify_by=["env"]) == ["notify_by: the query isn't grouped by env"]


@pytest.mark.parametrize(
    ("query", "options", "meant"),
    [
        (PLAIN, {"new_group_delay": 60}, {"new-group-delay-ungrouped": '"new_group_delay"'}),
        (BY_HOST, {"notify_by": ["host", "x"]}, {"notify-by-unknown-key": '"x"'}),
        (PLAIN, {"timeout_h": 60}, {"timeout-over-a-day": "60"}),
        (PLAIN, {"thresholds": {"ok": 1}}, {"option-without-effect": '"ok"'}),
        ("sum(current_1d):sum:m{*}.as_count() > 1", {}, {"evaluation-window": "current_1d"}),
        (
            "avg(last_1h):m{*} > 1",
            {"scheduling_options": {"evaluation_window": {"hour_starts": 0}}},
            {"evaluation-window": '"evaluation_window"'},
        ),
    ],
)
def test_findings_point_at_what_they_are_about(query: str, options: dict[str, Any], meant: dict[str, str]) -> None:
    text = monitor(query, **options)
    found = {finding.check: marked(text, finding) for finding in found_in(text)}
    assert {name: found.get(name) for name in meant} == meant


def test_a_query_with_a_mistake_says_nothing_about_options() -> None:
    text = monitor("avg(last_5m):avg:m{*} >", new_group_delay=60, notify_by=["x"], variables=[{"name": "a"}])
    assert found_in(text, of_themes(Theme.OPTIONS)) == []
