"""The shipped JSON Schemas against Datadog's own client and against recorded monitors and downtimes."""

import importlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from datadog_api_client import Configuration
from jsonschema import Draft202012Validator

from ddguard.spec.schema import load

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

Schema = Mapping[str, Any]


# In step with Datadog


def client_model(version: str, name: str) -> Any:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return getattr(importlib.import_module(f"datadog_api_client.{version}.model.{words}"), name)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Monitor", {"id", "kind", "variables", "protect", "remote_id", "allow", "hold", "ignore"}),
        ("MonitorOptions", {"avalanche_window"}),
        ("MonitorThresholds", set()),
        ("MonitorThresholdWindowOptions", set()),
        ("MonitorOptionsAggregation", {"groupBy"}),
        ("MonitorOptionsSchedulingOptions", set()),
        ("MonitorAsset", set()),
    ],
)
def test_every_key_that_the_client_can_write_is_there(name: str, own: set[str]) -> None:
    schema = load("monitor")
    places = {
        "Monitor": schema,
        "MonitorOptions": schema["$defs"]["options"],
        "MonitorThresholds": schema["$defs"]["thresholds"],
        "MonitorThresholdWindowOptions": schema["$defs"]["threshold_windows"],
        "MonitorOptionsAggregation": schema["$defs"]["aggregation"],
        "MonitorOptionsSchedulingOptions": schema["$defs"]["scheduling_options"],
        "MonitorAsset": schema["$defs"]["asset"],
    }
    model = client_model("v1", name)
    live = model.read_only_vars | {"matching_downtimes"} if name == "Monitor" else set()
    assert set(model.attribute_map) - live == set(places[name]["properties"]) - own


@pytest.mark.parametrize(
    ("version", "name", "listed"),
    [
        ("v1", "MonitorType", lambda: load("monitor")["properties"]["type"]),
        ("v1", "MonitorDraftStatus", lambda: load("monitor")["properties"]["draft_status"]),
        ("v1", "OnMissingDataOption", lambda: option("on_missing_data")),
        ("v1", "MonitorOptionsNotificationPresets", lambda: option("notification_preset_name")),
        ("v1", "MonitorRenotifyStatusType", lambda: option("renotify_statuses")["items"]),
        ("v1", "MonitorDeviceID", lambda: option("device_ids")["items"]),
        ("v2", "DowntimeNotifyEndStateTypes", lambda: load("downtime")["properties"]["notify_end_states"]["items"]),
        ("v2", "DowntimeNotifyEndStateActions", lambda: load("downtime")["properties"]["notify_end_types"]["items"]),
    ],
)
def test_every_listed_word_of_the_client_is_there(version: str, name: str, listed: Callable[[], Schema]) -> None:
    allowed = client_model(version, name).allowed_values
    assert set(allowed) == set(listed()["enum"])


def option(name: str) -> Any:
    return load("monitor")["$defs"]["options"]["properties"][name]


def test_every_attribute_of_a_downtime_is_there() -> None:
    model = client_model("v2", "DowntimeCreateRequestAttributes")
    own = {"id", "kind", "variables", "protect", "remote_id", "ignore"}
    assert set(model.attribute_map) == set(load("downtime")["properties"]) - own


def test_every_site_of_datadog_is_there() -> None:
    sites = Configuration().get_host_settings()[0]["variables"]["site"]["enum_values"]
    assert set(load("project")["$defs"]["environment"]["properties"]["site"]["enum"]) == set(sites)


# In step with recorded monitors and downtimes

READ_ONLY = {
    *("id", "org_id", "created", "created_at", "creator", "modified", "deleted", "multi", "matching_downtimes"),
    *("overall_state", "overall_state_modified", "state", "restriction_policy", "run_as", "restricted"),
    *("classification", "recommended_monitor_metadata"),
}
UI_ONLY_OPTIONS = {"queryConfig", "restriction_query", "silenced"}
UI_ONLY_THRESHOLDS = {"comparison", "period", "timeAggregator"}


def without(value: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key not in keys}


def as_imported(monitor: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded monitor as a spec: no read-only keys, no leftovers of the UI, numbers as numbers."""
    spec = {"id": "imported", **without(monitor, READ_ONLY)}
    if isinstance(spec.get("priority"), str):
        spec["priority"] = int(spec["priority"])
    if "options" in spec:
        spec["options"] = without(spec["options"], UI_ONLY_OPTIONS)
        if isinstance(spec["options"].get("renotify_interval"), str):
            spec["options"]["renotify_interval"] = int(spec["options"]["renotify_interval"])
        if "thresholds" in spec["options"]:
            spec["options"]["thresholds"] = without(spec["options"]["thresholds"], UI_ONLY_THRESHOLDS)
    return spec


def corpus(name: str) -> list[Any]:
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"the recorded data is not here: {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("origin", "count"), [("asset", 427), ("request", 117), ("response", 124)])
def test_every_recorded_monitor_holds(origin: str, count: int) -> None:
    rows = [row for row in corpus("monitors.jsonl") if row["kind"] == origin and not row.get("rejected")]
    assert len(rows) == count
    validator = Draft202012Validator(load("monitor"))
    wrong = [
        (row["source"], error.json_path, error.message)
        for row in rows
        for error in validator.iter_errors(as_imported(row["monitor"]))
    ]
    assert wrong == []


def test_every_recorded_downtime_holds() -> None:
    validator = Draft202012Validator(load("downtime"))
    bodies = [
        pair["request"]["data"]["attributes"]
        for pair in corpus("pairs.jsonl")
        if pair["method"] == "POST" and pair["path"] == "/api/v2/downtime" and pair["status"] == 200
    ]
    assert len(bodies) == 65
    wrong = [
        error.message
        for body in bodies
        for error in validator.iter_errors({"id": "imported", "kind": "downtime", **body})
    ]
    assert wrong == []
