"""Tenants that carry the flag for manual review; and that a flag is all it is."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import ddguard
from ddguard.cli.holds_command import app_url
from ddguard.datadog import settings_from
from ddguard.holds import Held, held_groups
from ddguard.model import HOLD_TAG, Hold
from ddguard.payload.monitors import with_hold
from tests.oncall.examples import NOW, STACK, monitor, with_groups

APP = "https://app.datadoghq.eu"
MESSAGE = with_hold("too much", Hold("@webhook-review", "may be fraud"))


def flagged(number: int, **changes: Any) -> dict[str, Any]:
    return monitor(number, message=MESSAGE, tags=[STACK.tag, f"ddguard_id:m{number}", HOLD_TAG], **changes)


def test_the_alerting_groups_of_flagged_monitors_the_newest_first() -> None:
    early = {"status": "Alert", "last_triggered_ts": NOW.timestamp() - 60}
    held = held_groups(
        [
            flagged(1, state={"groups": {"tenant:early": early, "tenant:unknown": {"status": "Alert"}}}),
            with_groups(flagged(2), b="Alert", a="Alert", warned="Warn", calm="OK", silent="No Data"),
            with_groups(monitor(3), unflagged="Alert"),
        ],
        APP,
    )
    assert [(one.monitor, one.group) for one in held] == [
        ("m2", "tenant:a"),
        ("m2", "tenant:b"),
        ("m1", "tenant:early"),
        ("m1", "tenant:unknown"),
    ]
    assert held[0] == Held(
        monitor="m2",
        name="monitor 2",
        group="tenant:a",
        state="Alert",
        since=datetime.fromisoformat("2026-01-05T03:00:00+00:00"),
        review="@webhook-review",
        url="https://app.datadoghq.eu/monitors/2?group=tenant%3Aa",
    )
    assert held[3].since is None


def test_a_flag_set_by_hand_and_a_monitor_without_groups() -> None:
    raw = monitor(7, tags=[HOLD_TAG], state={"groups": {"*": {"status": "Alert"}}})
    assert held_groups([raw], APP) == (Held("7", "monitor 7", "*", "Alert", None, "", f"{APP}/monitors/7"),)


@pytest.mark.parametrize(
    ("api", "app"),
    [
        ("https://api.datadoghq.com", "https://app.datadoghq.com"),
        ("https://api.datadoghq.eu", "https://app.datadoghq.eu"),
        ("https://api.us3.datadoghq.com", "https://us3.datadoghq.com"),
        ("https://api.ddog-gov.com", "https://app.ddog-gov.com"),
        ("http://127.0.0.1:8126", "http://127.0.0.1:8126"),
    ],
)
def test_where_datadogs_pages_are(api: str, app: str) -> None:
    assert app_url(settings_from({"DD_API_KEY": "a" * 9, "DD_APP_KEY": "b" * 9}, api_url=api)) == app


# That nothing can touch money

MONEY = re.compile(
    r"freez|frozen|suspend|seiz|confiscat|payout|transfer|withdraw|refund|charge|debit|credit|balance|wallet|fund"
)
"""Words that a key, a function or a path would have in it that could do something to somebody's money."""


def schema_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        properties = value.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for inner in value.values():
            yield from schema_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schema_keys(inner)


def test_no_key_of_any_schema_is_about_money() -> None:
    folder = resources.files("ddguard") / "spec" / "schemas"
    schemas = [json.loads(file.read_text()) for file in folder.iterdir() if file.name.endswith(".json")]
    keys = {key for schema in schemas for key in schema_keys(schema)}
    assert {"hold", "review", "allow", "snooze", "query"} <= keys
    assert not {key for key in keys if MONEY.search(key.lower())}


def test_hold_has_two_keys_and_both_only_speak() -> None:
    schema = json.loads((resources.files("ddguard") / "spec" / "schemas" / "monitor.json").read_text())
    assert set(schema["$defs"]["hold"]["properties"]) == {"review", "reason"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    package = Path(ddguard.__file__).parent
    for path in package.rglob("*.py"):
        yield path.relative_to(package).as_posix(), ast.parse(path.read_text())


def test_datadog_is_asked_for_monitors_and_downtimes_and_nothing_else() -> None:
    routes = {
        (name, node.value)
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/api/")
        if not name.startswith("sandbox/")
    }
    assert {name for name, _ in routes} == {"datadog/calls.py", "history/prometheus.py"}
    objects = {route.split("/")[3] for name, route in routes if name == "datadog/calls.py"}
    assert objects == {"validate", "monitor", "downtime", "query"}


def test_no_function_and_no_class_is_about_money() -> None:
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = {node.name.lower() for _, tree in sources() for node in ast.walk(tree) if isinstance(node, kinds)}
    assert {"with_hold", "held_groups"} <= names
    assert not {name for name in names if MONEY.search(name)}
