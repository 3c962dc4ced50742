"""Existing objects as specs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddguard.errors import InputError
from ddguard.findings import Finding
from ddguard.model import Downtime, Hold, Identity, Monitor, monitors_referred_to
from ddguard.payload import (
    Exported,
    downtime_changes,
    downtime_request,
    exported,
    import_specs,
    live_monitor,
    monitor_changes,
    monitor_request,
)
from ddguard.payload.identity import marked_message
from ddguard.payload.monitors import split_hold, with_hold
from ddguard.payload.slugs import slug, unique
from ddguard.spec.documents import read_documents
from ddguard.spec.dump import dump_document
from ddguard.spec.fastcheck import schema_findings
from ddguard.spec.variables import fill_text
from tests.payload.examples import (
    CORPUS,
    DAY,
    NOW,
    OURS,
    QUERY,
    STACK,
    UUID,
    Nowhere,
    downtime,
    live_attributes,
    monitor,
    needs_corpus,
)
from tests.payload.test_payload_properties import DEFINITIONS

MONITOR = {"type": "query alert", "query": QUERY, "name": "Burst"}


def imported(value: Any, **keys: Any) -> list[dict[str, Any]]:
    return list(import_specs(exported(value), **{"adopt": False, **keys}))


def test_an_answer_becomes_what_a_person_would_write() -> None:
    answer = {
        "id": 7,
        "org_id": 1,
        "type": "query alert",
        "options": {
            "silenced": {"*": None},
            "notify_audit": False,
            "locked": False,
            "avalanche_window": 20,
            "renotify_interval": "0",
            "include_tags": True,
            "thresholds": {"critical": 100.0, "warning": 50.5, "critical_recovery": None, "timeAggregator": "avg"},
            "new_host_delay": 300,
            "threshold_windows": None,
            "queryConfig": {"track": "logs"},
        },
        "query": f"{QUERY}\n",
        "priority": "2",
        "message": "{{value}} costs $5 and $$, ${x}\n",
        "tags": ["b:2", "a:1"],
        "name": "[StreamPay] Burst on {{tenant.name}}",
        "restricted_roles": None,
        "draft_status": "published",
        "creator": {"email": "x@example.com"},
        "modified": "2026-01-01",
        "multi": True,
        "new_field_of_answers": 1,
    }
    spec = imported(answer)[0]
    assert spec == {
        "id": "streampay-burst-on-tenant",
        "name": "[StreamPay] Burst on {{tenant.name}}",
        "type": "query alert",
        "query": QUERY,
        "message": "{{value}} costs $5 and $$$$, $${x}",
        "tags": ["b:2", "a:1"],
        "priority": 2,
        "options": {"renotify_interval": 0, "thresholds": {"critical": 100, "warning": 50.5}},
    }
    assert list(spec) == ["id", "name", "type", "query", "message", "tags", "priority", "options"]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"thresholds": {"critical": 100.0}}, None),
        ({"thresholds": {"critical": "100"}}, None),
        ({"thresholds": {"critical": 90}}, {"thresholds": {"critical": 90}}),
        ({"thresholds": {}}, None),
        ({"new_group_delay": 60, "new_host_delay": 300}, {"new_group_delay": 60, "new_host_delay": 300}),
        ({"new_host_delay": None}, {"new_host_delay": None}),
        ({"notify_no_data": True, "include_tags": False}, {"notify_no_data": True, "include_tags": False}),
        ({"on_missing_data": "default"}, {"on_missing_data": "default"}),
        ({"escalation_message": "", "timeout_h": 0}, {"escalation_message": "", "timeout_h": 0}),
        ("none", "none"),
    ],
)
def test_options_without_what_datadog_fills_in(options: Any, kept: Any) -> None:
    assert imported(MONITOR | {"options": options})[0].get("options") == kept


@pytest.mark.parametrize("asset", [{"name": "Runbook", "url": "/notebooks/1"}, "runbook"])
def test_assets_and_roles_are_kept_without_what_datadog_adds(asset: Any) -> None:
    answered = {**asset, "monitor_id": 7, "options": {}} if isinstance(asset, dict) else asset
    spec = imported(MONITOR | {"assets": [answered], "restricted_roles": ["r1"], "draft_status": "draft"})[0]
    assert (spec["assets"], spec["restricted_roles"], spec["draft_status"]) == ([asset], ["r1"], "draft")


def test_a_monitor_of_ours_comes_back_as_its_spec() -> None:
    definition = {
        "name": "Burst",
        "type": "query alert",
        "query": QUERY,
        "message": "Look.\n\nNow.",
        "tags": ["team:risk"],
        "options": {"thresholds": {"critical": 100, "warning": 50}},
    }
    ours = Monitor("burst.v2", definition, Nowhere(), protect=True, hold=Hold("@webhook-review", "may be fraud"))
    request = monitor_request(ours, STACK, {}, DAY)
    assert imported(request | {"id": 7}, adopt=True) == [
        {
            "id": "burst.v2",
            **definition,
            "protect": True,
            "hold": {"review": "@webhook-review", "reason": "may be fraud"},
        }
    ]


def test_a_hold_is_only_taken_back_whole() -> None:
    held = with_hold("", Hold("@x", "why"))
    assert split_hold(held) == ("", Hold("@x", "why"))
    assert split_hold(f"{held}\nmore") == (f"{held}\nmore", None)
    assert split_hold("{{#is_alert}}\nManual review") == ("{{#is_alert}}\nManual review", None)
    tagged = imported(MONITOR | {"tags": ["hold:manual-review", "a:1"]})[0]
    assert tagged["tags"] == ["hold:manual-review", "a:1"]


def test_a_foreign_monitor_is_adopted_by_its_number() -> None:
    assert imported(MONITOR | {"id": 7}, adopt=True)[0] == {"id": "burst", "remote_id": 7, **MONITOR} | {
        "name": "Burst"
    }
    assert "remote_id" not in imported(MONITOR | {"id": 7})[0]
    assert "remote_id" not in imported(MONITOR, adopt=True)[0]


def test_ids_are_told_apart() -> None:
    monitors = [MONITOR, MONITOR | {"name": "burst!"}, MONITOR | {"tags": OURS}, MONITOR | {"name": None}]
    ids = [spec["id"] for spec in imported(monitors, taken=["burst"])]
    assert ids == ["burst-2", "burst-3", "burst-4", "monitor"]


def test_composites_refer_to_what_is_imported_with_them() -> None:
    parts = [MONITOR | {"id": 12, "name": "Rise"}, MONITOR | {"id": 123, "name": "Floor"}]
    composite = {"id": 5, "type": "composite", "query": "12 && !( 123 || 1234 ) && 12", "name": "Both"}
    found = imported([*parts, composite])[2]
    assert found["query"] == "${monitor:rise} && !( ${monitor:floor} || 1234 ) && ${monitor:rise}"
    assert imported(composite | {"query": "12 &&& 13"})[0]["query"] == "12 &&& 13"


DOWNTIME = {
    "type": "downtime",
    "id": UUID,
    "attributes": {
        "scope": "env:prod AND tenant:batch-*",
        "message": "nightly run",
        "monitor_identifier": {"monitor_id": 12},
        "display_timezone": "UTC",
        "mute_first_recovery_notification": False,
        "notify_end_states": ["warn", "no data", "alert"],
        "notify_end_types": ["expired"],
        "schedule": {"start": "2026-10-31T01:00:00.500000+01:00", "end": "2026-12-31T00:00:00+00:00"},
        "status": "active",
        "canceled": None,
        "created": "2026-10-31T00:00:00+00:00",
        "modified": "2026-10-31T00:00:00+00:00",
    },
    "relationships": {"monitor": {"data": None}},
}


def changed(**attributes: Any) -> dict[str, Any]:
    return DOWNTIME | {"attributes": DOWNTIME["attributes"] | attributes}  # type: ignore[operator]


def test_a_downtime_becomes_what_a_person_would_write() -> None:
    spec = imported([MONITOR | {"id": 12}, DOWNTIME])[1]
    assert spec == {
        "kind": "downtime",
        "id": "env-prod-and-tenant-batch",
        "scope": "env:prod AND tenant:batch-*",
        "monitor_identifier": {"monitor": "burst"},
        "schedule": {"start": "2026-10-31T00:00:00.500000Z", "end": "2026-12-31T00:00:00Z"},
        "message": "nightly run",
    }
    assert list(spec) == ["kind", "id", "scope", "monitor_identifier", "schedule", "message"]


def test_a_recurring_downtime_keeps_its_rules() -> None:
    recurrences = [{"rrule": "FREQ=DAILY", "duration": "2h", "start": "2026-01-01T02:00:00"}]
    schedule = {"recurrences": recurrences, "timezone": "Europe/Paris", "current_downtime": {"start": "x"}}
    raw = changed(schedule=schedule, notify_end_types=["canceled"], display_timezone="Europe/Paris", message=None)
    spec = imported({"data": raw}, adopt=True)[0]
    assert spec["schedule"] == {"recurrences": recurrences, "timezone": "Europe/Paris"}
    assert (spec["notify_end_types"], spec["display_timezone"]) == (["canceled"], "Europe/Paris")
    assert (spec["remote_id"], spec["monitor_identifier"], "message" in spec) == (UUID, {"monitor_id": 12}, False)


def test_a_downtime_of_ours_comes_back_as_its_spec() -> None:
    message = marked_message("nightly", Identity("streampay/prod", "nightly.run"), protect=True)
    spec = imported({"data": [changed(message=message)], "meta": {}}, adopt=True)[0]
    assert (spec["id"], spec["message"], spec["protect"]) == ("nightly.run", "nightly", True)
    assert "remote_id" not in spec


def test_downtimes_that_are_over_are_left_out() -> None:
    over = [changed(status="canceled"), changed(status="ended"), changed(scope="*", schedule="always", status=[])]
    assert [spec["id"] for spec in imported(over)] == ["downtime"]


@pytest.mark.parametrize(
    "value",
    [
        MONITOR,
        [MONITOR],
        {"version": 2, "title": "x", "tags": ["t"], "definition": MONITOR},
        [[{"definition": MONITOR}]],
    ],
)
def test_the_shapes_of_exported_json(value: Any) -> None:
    assert exported(value) == Exported((MONITOR,), ())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "there is no monitor in it"),
        ({}, "it is neither a monitor nor a downtime"),
        ("text", "it is neither a monitor nor a downtime"),
        ([MONITOR, 5], "entry 2 is neither a monitor nor a downtime"),
        ({"type": "query alert"}, "it is neither a monitor nor a downtime"),
        ({"type": "downtime"}, "it is neither a monitor nor a downtime"),
        ({"definition": {"type": "timeseries"}}, "it is neither a monitor nor a downtime"),
    ],
)
def test_what_is_no_export(value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        exported(value)
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("High CPU on {{host.name}}!", "high-cpu-on-host"),
        ("{{#is_alert}}Down{{/is_alert}}", "is-alert-down-is-alert"),
        ("../../etc/passwd", "etc-passwd"),
        ("\x1b[31mrot\x00", "31mrot"),
        ("Größe über Ä", "groe-uber-a"),
        ("監視", "monitor"),
        ("", "monitor"),
        ("---", "monitor"),
        ("a" * 200, "a" * 60),
        ("word " * 40, "-".join(["word"] * 12)),
    ],
)
def test_ids_are_made_from_names(name: str, expected: str) -> None:
    assert slug(name, "monitor") == expected


def test_a_taken_id_gets_a_number() -> None:
    assert [unique("a", {"b"}), unique("a", {"a"}), unique("a", {"a", "a-2"})] == ["a", "a-2", "a-3"]


@given(st.text(max_size=30))
def test_any_name_makes_an_id(name: str) -> None:
    spec = imported(MONITOR | {"name": name})[0]
    assert not schema_findings("monitor", {**spec, "name": "n"}, Nowhere(), frozenset())


DOLLARS = st.lists(st.sampled_from(["$", "{", "}", "a", "${monitor:b}", "{monitor:b}", "${monitor:B b}"]), max_size=8)


@given(DOLLARS)
def test_dollar_signs_come_back_as_they_were(parts: list[str]) -> None:
    message = f"x{''.join(parts)}x"
    spec = imported(MONITOR | {"message": message})[0]
    filled, _ = fill_text(spec["message"], {})
    wanted = monitor_request(monitor({**MONITOR, "message": filled}), STACK, {"b": 7}, DAY)
    assert wanted["message"] == message
    assert monitors_referred_to(filled) == frozenset()


def test_half_characters_are_replaced() -> None:
    assert imported(json.loads('{"type": "a", "query": "b", "name": "\\ud83d"}'))[0]["name"] == "\ufffd"


@given(DEFINITIONS)
def test_an_import_of_what_was_applied_asks_for_no_changes(definition: dict[str, Any]) -> None:
    request = monitor_request(monitor(definition), STACK, {}, DAY)
    spec = imported(request)[0]
    again = {key: value for key, value in spec.items() if key != "id"}
    assert spec["id"] == "burst"
    assert monitor_changes(monitor_request(monitor(again), STACK, {}, DAY), live_monitor(request | {"id": 7})) == ()
    assert imported(monitor_request(monitor(again), STACK, {}, DAY)) == [spec]


def findings_of(kind: str, spec: dict[str, Any]) -> list[Finding]:
    documents, findings = read_documents("x.yaml", dump_document(spec))
    assert documents[0].value == spec
    return [*findings, *schema_findings(kind, documents[0].value, documents[0], frozenset())]


EDITOR_ONLY = ("queryConfig", "aggregation", "comparison", "period", "timeAggregator")


def without_editors_keys(options: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in options.items() if key not in EDITOR_ONLY}
    return {key: without_editors_keys(value) if key == "thresholds" else value for key, value in kept.items()}


@needs_corpus
def test_every_recorded_monitor_makes_a_valid_spec_that_asks_for_no_changes() -> None:
    count = 0
    with (CORPUS / "monitors.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            raw = row["monitor"] | {"id": 7}
            if not raw.get("type") or not raw.get("query"):
                assert row["rejected"]
                continue
            count += 1
            spec = imported(raw)[0]
            assert findings_of("monitor", spec) == []
            options = without_editors_keys(raw.get("options") or {})
            definition = {key: value for key, value in spec.items() if key != "id"}
            assert monitor_changes(definition, live_monitor(raw | {"options": options})) == ()
    assert count > 650


@needs_corpus
def test_every_recorded_downtime_makes_a_valid_spec_that_asks_for_no_changes() -> None:
    count = 0
    with (CORPUS / "pairs.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["path"] != "/api/v2/downtime" or row["method"] != "POST" or row["status"] != 200:
                continue
            count += 1
            answer = row["response"]["data"]
            spec = imported(answer)[0]
            assert findings_of("downtime", spec) == []
            attributes = {key: value for key, value in spec.items() if key not in {"id", "kind"}}
            wanted = downtime_request(Downtime("x", attributes, Nowhere()), STACK, {}, NOW)
            changes = downtime_changes(wanted, live_attributes(answer["attributes"]), NOW)
            assert [change.path for change in changes] == [("message",)]
    assert count > 60


def test_the_example_downtime_survives() -> None:
    attributes = {"monitor_identifier": {"monitor_tags": ["a:1"]}, "message": "m"}
    request = downtime_request(downtime(attributes), STACK, {}, NOW)
    spec = imported({"type": "downtime", "id": UUID, "attributes": request})[0]
    assert spec == {"kind": "downtime", "id": "nightly", "scope": "env:prod", **attributes}
