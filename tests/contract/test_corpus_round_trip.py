"""Every recorded monitor: imported as a spec, validated, applied, and the next plan has nothing to do."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ddguard.cli import run
from ddguard.datadog import Datadog, settings_from
from ddguard.model import Identity
from ddguard.query import monitors, parse
from ddguard.query.nodes import MonitorNumber
from ddguard.sandbox.server import Sandbox
from ddguard.sandbox.state import State

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "monitors.jsonl"
pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason="the recorded monitors are not here")

PART = {"name": "a part", "type": "query alert", "query": "avg(last_5m):avg:parts{*} > 1", "message": "", "tags": []}
"""Stands for the monitors that recorded composites refer to and that aren't recorded themselves."""


def recorded(kind: str) -> list[Mapping[str, Any]]:
    """The monitors of a kind that Datadog didn't refuse."""
    rows = map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines())
    return [row["monitor"] for row in rows if row["kind"] == kind and not row.get("rejected")]


def parts_of(found: list[Mapping[str, Any]]) -> set[int]:
    """The numbers of the monitors that the composites among them combine."""
    queries = [parse("composite", str(one["query"])) for one in found if one["type"] == "composite"]
    return {part.number for query in queries for part in monitors(query) if isinstance(part, MonitorNumber)}


@contextmanager
def project(folder: Path, found: list[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A folder with the exported JSON in it, imported as specs; and a sandbox to apply them to."""
    monkeypatch.chdir(folder)
    (folder / "ddguard.yaml").write_text("project: recorded\n")
    (folder / "export.json").write_text(json.dumps(found))
    assert run(["import", "export.json", "--out", "specs", "--quiet"]) == 0
    with Sandbox() as sandbox:
        sandbox.state = _with_parts(sandbox, parts_of(found))
        monkeypatch.setenv("DDGUARD_API_URL", sandbox.url)
        yield sandbox


def _with_parts(sandbox: Sandbox, numbers: set[int]) -> State:
    """The sandbox's state with a monitor of each number, all alike."""
    with Datadog(settings_from({}, api_url=sandbox.url)) as datadog:
        made = datadog.create_monitor(PART, Identity("parts/default", "part")).raw["id"]
    part = sandbox.state.monitors[made]
    return replace(sandbox.state, monitors={number: {**part, "id": number} for number in numbers})


REFUSED = {
    "apache-low-number-of-idle-workers-2": "its trigger_window isn't the alert_window of its query (DDG115)",
    "test-audit-alert-made-from-datadogmonitor": "new_group_delay without groups (DDG206)",
    "test-event-v2-alert-made-from-datadogmonitor": "new_group_delay without groups (DDG206)",
    "test-process-alert-made-from-datadogmonitor": "new_group_delay without groups (DDG206)",
}
"""Shipped monitors that break Datadog's documented rules: what is wrong with each."""


@pytest.mark.parametrize(("kind", "count", "refused"), [("asset", 427, REFUSED), ("request", 117, {})])
def test_recorded_monitors_come_back_unchanged(
    kind: str,
    count: int,
    refused: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = recorded(kind)
    assert len(found) == count
    with project(tmp_path, found, monkeypatch):
        capsys.readouterr()
        run(["validate", "--format", "json"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        wrong = {Path(finding["path"]) for finding in findings if finding["severity"] == "error"}
        assert {path.stem for path in wrong} == set(refused)
        for path in wrong:
            path.unlink()
        assert run(["apply", "--yes", "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["summary"]["create"] == count - len(refused)
        assert run(["plan", "--detailed-exitcode", "--format", "json"]) == 0
        plan = json.loads(capsys.readouterr().out)
        assert plan["changes"] == []
        assert plan["summary"]["unchanged"] == count - len(refused)
