"""The same files and seeds give the same bytes on every run, whatever order Python's hashes put things in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACK = Path(__file__).parents[2] / "monitors"
SERIES = """\
- metric: streampay.streams.created
  type: count
  tags: [env:staging, tenant:b]
  generate: {poisson: {mean: 9, seed: 7}, length: 240}
- metric: streampay.streams.created
  type: count
  tags: [env:staging, tenant:a]
  generate: {poisson: {mean: 8, seed: 8}, length: 240}
- {metric: streampay.streams.created, type: count, tags: [env:staging, tenant:c], values: "1x59 9x29 _x60 1x89"}
"""
"""Three tenants, two of them made from seeds, written in no order."""


def output(arguments: list[str], seed: str) -> bytes:
    command = [sys.executable, "-m", "ddguard", *arguments, "--dir", str(PACK)]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["test", "-v", "--coverage"],
        ["test", "--format", "json"],
        ["replay", "stream-creation-burst", "--format", "json"],
        ["replay", "stream-creation-burst", "--messages"],
        ["replay", "stream-creation-burst", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_two_runs_say_the_same(arguments: list[str], tmp_path: Path) -> None:
    series = tmp_path / "series.yaml"
    series.write_text(SERIES)
    if arguments[0] == "replay":
        arguments = [*arguments, "--series", str(series), "--var", "stream_burst_per_hour=100"]
    first = output(arguments, "1")
    assert first.strip()
    assert output(arguments, "2") == first
