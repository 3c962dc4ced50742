"""What the shipped JSON Schemas accept and refuse: whole documents, each with exactly the faults that it has."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ddguard.spec.schema import KINDS, load

each_kind = pytest.mark.parametrize("kind", KINDS)

Fault = tuple[str, str]
"""Where (a JSON path), and the keyword that complains."""


def faults(kind: str, document: object) -> list[Fault]:
    errors = Draft202012Validator(load(kind)).iter_errors(document)
    return sorted((error.json_path, str(error.validator)) for error in errors)


# Documents that hold


PROJECT: dict[str, Any] = {
    "project": "streampay",
    "default_environment": "staging",
    "variables": {"stream_burst_per_hour": 100},
    "environments": {"staging": {"variables": {"stream_burst_per_hour": 500}}, "prod": {"site": "datadoghq.eu"}},
    "tags": ["team:risk"],
    "prune": {"max_share": 0.3, "min_objects": 10},
    "snooze": {"keys": ["tenant"], "default": "1h", "max": "24h"},
    "privacy": {"group_keys": {"allow": ["tenant", "env", "service", "region", "queue", "topic", "host"]}},
}
MONITOR: dict[str, Any] = {
    "id": "stream-creation-burst",
    "name": "[StreamPay] Stream creation burst on {{tenant.name}}",
    "type": "query alert",
    "query": "sum(last_1h):sum:streampay.streams.created{env:staging} by {tenant}.as_count() > 100",
    "message": "...\n",
    "tags": ["service:streampay"],
    "priority": 3,
    "options": {"thresholds": {"critical": 100}, "on_missing_data": "default"},
    "kind": "monitor",
    "variables": {"stream_burst_per_hour": 100},
    "protect": True,
    "remote_id": 12345,
    "allow": [{"tag": "tenant:acme-loadtest", "reason": "load test, RISK-12", "expires": "2027-01-31"}],
    "hold": {"review": "@webhook-streampay-review", "reason": "burst may be fraud or a bug"},
    "ignore": [{"check": "missing-recovery-threshold", "reason": "...", "until": "2027-01-31"}],
}
DOWNTIME: dict[str, Any] = {
    "kind": "downtime",
    "id": "nightly-settlement",
    "scope": "env:staging AND tenant:batch-*",
    "monitor_identifier": {"monitor_tags": ["service:streampay"]},
    "schedule": {
        "timezone": "Europe/Paris",
        "recurrences": [{"rrule": "FREQ=DAILY", "start": "2026-01-01T02:00:00", "duration": "2h"}],
    },
    "message": "nightly settlement run",
    "mute_first_recovery_notification": True,
}
SERIES: dict[str, Any] = {
    "metric": "streampay.streams.created",
    "type": "count",
    "tags": ["env:staging", "tenant:acme"],
    "values": "0x29 5x60 _x10 0x80",
}
CASE: dict[str, Any] = {
    "name": "a burst pages once for the noisy tenant, never for the quiet one",
    "monitor": "stream-creation-burst",
    "environment": "staging",
    "variables": {"stream_burst_per_hour": 100},
    "start": "2026-01-05T00:00:00Z",
    "interval": "1m",
    "duration": "4h",
    "series": [
        SERIES,
        {"metric": "m", "tags": ["tenant:quiet"], "generate": {"poisson": {"mean": 1, "seed": 7}, "length": 180}},
    ],
    "downtimes": [{"scope": "tenant:acme", "from": "40m", "to": "70m"}],
    "expect": [
        {"at": "60m", "group": "tenant:acme", "state": "Alert"},
        {"at": "60m", "group": "tenant:acme", "state": "Alert", "value": 155},
        {"group": "tenant:quiet", "never": ["Warn", "Alert"]},
        {"group": "tenant:gone", "never": ["No Data"], "absent": "ok"},
        {"group": "tenant:acme", "transitions": [{"at": "50m", "to": "Alert"}, {"at": "130m", "to": "OK"}]},
        {"group": "tenant:acme", "notifications": [{"at": "70m", "kind": "alert"}, {"at": "130m", "kind": "recovery"}]},
        {"downtime": "tenant:acme", "suppresses": 1},
    ],
}
WHOLE = {"project": PROJECT, "monitor": MONITOR, "downtime": DOWNTIME, "test": {"tests": [CASE]}}


@each_kind
def test_the_documented_document_holds(kind: str) -> None:
    assert faults(kind, WHOLE[kind]) == []


SMALLEST = {
    "project": {"project": "streampay"},
    "monitor": {"id": "m", "type": "composite", "query": "${monitor:a} && ${monitor:b}"},
    "downtime": {"id": "d", "kind": "downtime", "scope": "*", "monitor_identifier": {"monitor": "m"}},
    "test": {"tests": [{"name": "n", "monitor": "m", "series": [], "expect": [{"downtime": "*", "suppresses": 0}]}]},
}


@each_kind
def test_the_smallest_document_holds(kind: str) -> None:
    assert faults(kind, SMALLEST[kind]) == []


@pytest.mark.parametrize(
    "shape",
    [
        {"constant": 5},
        {"constant": {"value": 5}},
        {"ramp": {"from": 0, "to": 10}},
        {"step": {"at": 30, "from": 1, "to": 2}},
        {"spike": {"at": 30, "height": 500, "length": 2}},
        {"sine": {"amplitude": 5, "period": 1440, "mean": 10, "phase": 360}},
        {"normal": {"mean": 10, "std": 2.5, "seed": 1}, "gaps": {"share": 0.1, "seed": 2}},
    ],
)
def test_shapes_of_generated_series(shape: dict[str, Any]) -> None:
    case = {**CASE, "series": [{"metric": "m", "generate": {**shape, "length": 60}}]}
    assert faults("test", {"tests": [case]}) == []


@pytest.mark.parametrize("schedule", [{}, {"start": None}, {"start": "2026-03-01T20:00:00Z", "end": None}])
def test_schedules_of_one_time(schedule: dict[str, Any]) -> None:
    assert faults("downtime", {**DOWNTIME, "schedule": schedule}) == []


def test_an_environment_may_be_empty() -> None:
    assert faults("project", {"project": "p", "environments": {"staging": None, "prod": {}}}) == []


# Documents that don't

OPTION_FAULTS: list[tuple[dict[str, Any], Fault]] = [
    ({"thresolds": {}}, ("$.options", "additionalProperties")),
    ({"thresholds": {"critcal": 1}}, ("$.options.thresholds", "additionalProperties")),
    ({"thresholds": {"critical": "100"}}, ("$.options.thresholds.critical", "type")),
    ({"renotify_interval": "0"}, ("$.options.renotify_interval", "type")),
    ({"timeout_h": -1}, ("$.options.timeout_h", "minimum")),
    ({"timeout_h": 1.5}, ("$.options.timeout_h", "type")),
    ({"include_tags": "yes"}, ("$.options.include_tags", "type")),
    ({"on_missing_data": "ignore"}, ("$.options.on_missing_data", "enum")),
    ({"renotify_statuses": ["Alert"]}, ("$.options.renotify_statuses[0]", "enum")),
    ({"renotify_statuses": ["alert", "alert"]}, ("$.options.renotify_statuses", "uniqueItems")),
    ({"min_failure_duration": 7201}, ("$.options.min_failure_duration", "maximum")),
    ({"group_retention_duration": "2 days"}, ("$.options.group_retention_duration", "pattern")),
    ({"silenced": {"*": None}}, ("$.options.silenced", "maxProperties")),
    ({"variables": [{"name": ""}]}, ("$.options.variables[0].name", "minLength")),
    (
        {"scheduling_options": {"evaluation_window": {"hour_starts": 60}}},
        ("$.options.scheduling_options.evaluation_window.hour_starts", "maximum"),
    ),
    (
        {"scheduling_options": {"evaluation_window": {"day_starts": "24:00"}}},
        ("$.options.scheduling_options.evaluation_window.day_starts", "pattern"),
    ),
    (
        {"scheduling_options": {"evaluation_window": {"month_starts": 2}}},
        ("$.options.scheduling_options.evaluation_window.month_starts", "maximum"),
    ),
]


@pytest.mark.parametrize(("options", "fault"), OPTION_FAULTS)
def test_wrong_options(options: dict[str, Any], fault: Fault) -> None:
    assert faults("monitor", {**MONITOR, "options": options}) == [fault]


WRONG: list[tuple[str, dict[str, Any], Fault]] = [
    ("monitor", {"querry": "x"}, ("$", "additionalProperties")),
    ("monitor", {"freeze": True}, ("$", "additionalProperties")),
    ("monitor", {"id": "Burst"}, ("$.id", "pattern")),
    ("monitor", {"id": 5}, ("$.id", "type")),
    ("monitor", {"type": "metric"}, ("$.type", "enum")),
    ("monitor", {"query": ""}, ("$.query", "minLength")),
    ("monitor", {"priority": 6}, ("$.priority", "maximum")),
    ("monitor", {"priority": "3"}, ("$.priority", "type")),
    ("monitor", {"tags": "team:risk"}, ("$.tags", "type")),
    ("monitor", {"tags": ["a b"]}, ("$.tags[0]", "pattern")),
    ("monitor", {"tags": ["x" * 201]}, ("$.tags[0]", "maxLength")),
    ("monitor", {"protect": "true"}, ("$.protect", "type")),
    ("monitor", {"remote_id": 0}, ("$.remote_id", "minimum")),
    ("monitor", {"kind": "downtime"}, ("$.kind", "enum")),
    ("monitor", {"variables": {"a": [1]}}, ("$.variables.a", "type")),
    ("monitor", {"allow": [{"tag": "tenant:acme", "reason": "r"}]}, ("$.allow[0]", "required")),
    (
        "monitor",
        {"allow": [{"tag": "tenant:*", "reason": "r", "expires": "2027-01-31"}]},
        ("$.allow[0].tag", "pattern"),
    ),
    ("monitor", {"hold": {"review": "@x"}}, ("$.hold", "required")),
    ("monitor", {"hold": {"review": "x", "reason": "r"}}, ("$.hold.review", "pattern")),
    ("monitor", {"hold": {"review": "@x", "reason": "r", "block": True}}, ("$.hold", "additionalProperties")),
    ("monitor", {"ignore": [{"check": "no-owner"}]}, ("$.ignore[0]", "required")),
    ("monitor", {"ignore": [{"check": "no-owner", "reason": ""}]}, ("$.ignore[0].reason", "minLength")),
    ("monitor", {"ignore": [{"check": "a", "reason": "r", "until": "soon"}]}, ("$.ignore[0].until", "pattern")),
    ("downtime", {"kind": "monitor"}, ("$.kind", "enum")),
    ("monitor", {"tags": [f"a:{number}" for number in range(79)]}, ("$.tags", "maxItems")),
    ("downtime", {"scope": ""}, ("$.scope", "minLength")),
    ("downtime", {"status": "active"}, ("$", "additionalProperties")),
    ("downtime", {"monitor_identifier": {}}, ("$.monitor_identifier", "minProperties")),
    ("downtime", {"monitor_identifier": {"monitor": "m", "monitor_id": 1}}, ("$.monitor_identifier", "maxProperties")),
    ("downtime", {"monitor_identifier": {"monitor_tags": []}}, ("$.monitor_identifier.monitor_tags", "minItems")),
    ("downtime", {"remote_id": 5}, ("$.remote_id", "type")),
    ("downtime", {"remote_id": "5"}, ("$.remote_id", "pattern")),
    ("downtime", {"notify_end_states": ["ok"]}, ("$.notify_end_states[0]", "enum")),
    ("downtime", {"schedule": {"recurrences": []}}, ("$.schedule.recurrences", "minItems")),
    ("downtime", {"schedule": {"timezone": "UTC"}}, ("$.schedule", "dependentRequired")),
    ("downtime", {"schedule": {"strat": None}}, ("$.schedule", "additionalProperties")),
    ("downtime", {"schedule": 5}, ("$.schedule", "type")),
    (
        "downtime",
        {"schedule": {"end": None, "recurrences": [{"rrule": "FREQ=DAILY", "duration": "2h"}]}},
        ("$.schedule.end", "not"),
    ),
    (
        "downtime",
        {"schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "2h"}] * 6}},
        ("$.schedule.recurrences", "maxItems"),
    ),
    (
        "downtime",
        {"schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "90s"}]}},
        ("$.schedule.recurrences[0].duration", "pattern"),
    ),
    ("project", {"project": "Stream Pay"}, ("$.project", "pattern")),
    ("project", {"enviroments": {}}, ("$", "additionalProperties")),
    ("project", {"environments": {}}, ("$.environments", "minProperties")),
    ("project", {"environments": {"Prod": None}}, ("$.environments", "pattern")),
    ("project", {"environments": {"prod": {"site": "datadog.eu"}}}, ("$.environments.prod.site", "enum")),
    ("project", {"prune": {"max_share": 1.5}}, ("$.prune.max_share", "maximum")),
    ("project", {"snooze": {"max": "24"}}, ("$.snooze.max", "pattern")),
    ("project", {"snooze": {"keys": []}}, ("$.snooze.keys", "minItems")),
    ("project", {"snooze": {"reason": True}}, ("$.snooze.reason", "enum")),
    ("project", {"privacy": {"group_keys": ["tenant"]}}, ("$.privacy.group_keys", "type")),
    ("project", {"prometheus": {"metrics": {"a.b": "a.b"}}}, ("$.prometheus.metrics['a.b']", "pattern")),
]


@pytest.mark.parametrize(("kind", "change", "fault"), WRONG)
def test_wrong_documents(kind: str, change: dict[str, Any], fault: Fault) -> None:
    assert faults(kind, {**WHOLE[kind], **change}) == [fault]


@pytest.mark.parametrize(
    ("kind", "key"),
    [(kind, key) for kind in KINDS for key in load(kind)["required"]],
)
def test_missing_keys(kind: str, key: str) -> None:
    assert faults(kind, {name: value for name, value in WHOLE[kind].items() if name != key}) == [("$", "required")]


WRONG_CASES: list[tuple[dict[str, Any], Fault]] = [
    ({"monitors": []}, ("$.tests[0]", "additionalProperties")),
    ({"expect": []}, ("$.tests[0].expect", "minItems")),
    ({"start": "2026-01-05"}, ("$.tests[0].start", "pattern")),
    ({"interval": "0m"}, ("$.tests[0].interval", "pattern")),
    ({"assume": {"integral": True}}, ("$.tests[0].assume.integral", "type")),
    ({"downtimes": [{"scope": "*"}]}, ("$.tests[0].downtimes[0]", "required")),
    ({"series": [{**SERIES, "type": "distribution"}]}, ("$.tests[0].series[0].type", "enum")),
    ({"series": [{**SERIES, "values": 5}]}, ("$.tests[0].series[0].values", "type")),
    ({"series": [{**SERIES, "metric": "a b"}]}, ("$.tests[0].series[0].metric", "pattern")),
    ({"series": [{"metric": "m"}]}, ("$.tests[0].series[0]", "oneOf")),
    ({"series": [{**SERIES, "generate": {"constant": 1}}]}, ("$.tests[0].series[0]", "oneOf")),
]
WRONG_SHAPES: list[tuple[dict[str, Any], Fault]] = [
    ({}, ("", "minProperties")),
    ({"wave": {}}, ("", "additionalProperties")),
    ({"constant": 1, "length": 0}, (".length", "minimum")),
    ({"constant": {}}, (".constant", "required")),
    ({"constant": "5"}, (".constant", "type")),
    ({"poisson": {"mean": 1}}, (".poisson", "required")),
    ({"poisson": {"mean": -1, "seed": 0}}, (".poisson.mean", "minimum")),
    ({"normal": {"mean": 1, "std": 1, "seed": 0.5}}, (".normal.seed", "type")),
    ({"sine": {"amplitude": 1, "period": 0}}, (".sine.period", "exclusiveMinimum")),
    ({"gaps": {"share": 2, "seed": 0}}, (".gaps.share", "maximum")),
]
WRONG_EXPECTATIONS: list[tuple[dict[str, Any], Fault]] = [
    ({"group": "*"}, ("", "oneOf")),
    ({"group": "*", "never": ["Alert"], "transitions": []}, ("", "oneOf")),
    ({"at": "1m", "group": "*", "state": "ALERT"}, (".state", "enum")),
    ({"at": 60, "group": "*", "state": "OK"}, (".at", "type")),
    ({"group": "*", "state": "OK"}, ("", "dependentRequired")),
    ({"at": "1m", "state": "OK"}, ("", "dependentRequired")),
    ({"group": "*", "at": "1m", "never": ["Alert"]}, ("", "dependentRequired")),
    ({"group": "*", "never": []}, (".never", "minItems")),
    ({"group": "*", "transitions": [{"at": "1m"}]}, (".transitions[0]", "required")),
    ({"group": "*", "notifications": [{"at": "1m", "kind": "page"}]}, (".notifications[0].kind", "enum")),
    ({"suppresses": 1}, ("", "dependentRequired")),
    ({"downtime": "*", "suppresses": -1}, (".suppresses", "minimum")),
]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        *WRONG_CASES,
        *(
            ({"series": [{"metric": "m", "generate": shape}]}, (f"$.tests[0].series[0].generate{place}", keyword))
            for shape, (place, keyword) in WRONG_SHAPES
        ),
        *(
            ({"expect": [expectation]}, (f"$.tests[0].expect[0]{place}", keyword))
            for expectation, (place, keyword) in WRONG_EXPECTATIONS
        ),
    ],
)
def test_wrong_tests(change: dict[str, Any], fault: Fault) -> None:
    assert faults("test", {"tests": [{**CASE, **change}]}) == [fault]
