"""What was changed in Datadog and not in the specs: told with its time and by the exit code, without any address."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ddguard.cli import run
from ddguard.errors import ExitCode
from ddguard.sandbox.server import Sandbox
from ddguard.sandbox.state import USER

SPECS = """\
id: errors
name: Checkout errors
type: query alert
query: sum(last_5m):sum:checkout.errors{*}.as_count() > 10
message: "Checkout fails @slack-shop"
---
id: old
type: query alert
query: avg(last_5m):avg:checkout.latency{*} > 3
---
kind: downtime
id: night
scope: "env:prod"
monitor_identifier: {monitor_tags: ["service:checkout"]}
schedule: {timezone: UTC, recurrences: [{rrule: "FREQ=DAILY", start: "2026-01-01T02:00:00", duration: 2h}]}
"""
CHANGED = {"name": "Errors", "modified": "2026-01-06T03:12:00.123456+00:00"}


@pytest.fixture
def drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Runs `ddguard` on a project one monitor of which was changed in Datadog, and one of which has lost its spec."""
    for name in ("DD_API_KEY", "DD_APP_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "specs.yaml").write_text(SPECS)
    with Sandbox() as sandbox:
        everywhere = ["--dir", str(tmp_path), "--api-url", sandbox.url]
        assert run(["apply", "--yes", "-q", *everywhere]) == ExitCode.DONE
        state = sandbox.state
        (number,) = (number for number, monitor in state.monitors.items() if monitor["name"] == "Checkout errors")
        sandbox.state = replace(state, monitors={**state.monitors, number: {**state.monitors[number], **CHANGED}})
        first, _, last = SPECS.split("---\n")
        (tmp_path / "specs.yaml").write_text(f"{first}---\n{last}")
        yield lambda *arguments: run([*arguments, *everywhere])


def test_drift_is_told_with_its_time(drifted: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert drifted("plan", "--detailed-exitcode", "--format", "json") == ExitCode.CHANGES
    told = json.loads(capsys.readouterr().out)
    (change,) = told["changes"]
    assert (change["id"], change["last_written"]) == ("errors", "2026-01-06T03:12:00Z")
    assert change["fields"] == [{"path": "name", "before": "Errors", "after": "Checkout errors"}]
    assert told["notes"] == ["1 object of this stack in Datadog has no spec: --prune deletes it"]


def test_no_address_of_anybody_is_shown_or_kept(
    drifted: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    capsys.readouterr()
    for output in (["text"], ["text", "-v"], ["json"], ["markdown"]):
        assert drifted("plan", "--prune", "--out", str(tmp_path / "plan.json"), "--format", *output) == ExitCode.DONE
    saved = (tmp_path / "plan.json").read_text()
    told = "".join(capsys.readouterr())
    assert '"action": "delete"' in saved
    assert "delete" in told
    assert [text for text in (saved, told) if str(USER["email"]) in text or str(USER["name"]) in text] == []
