"""The guardrails that come with the project pass their own checks, in every environment."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ddguard.cli import clock, run

PACK = Path(__file__).parents[1] / "monitors"


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_pack_has_neither_errors_nor_warnings(
    environment: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 15, tzinfo=UTC))

    assert run(["validate", "--dir", str(PACK), "--env", environment, "--format", "json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["checked"]["monitors"] >= 6
    assert [found["message"] for found in told["findings"] if found["severity"] != "info"] == []
