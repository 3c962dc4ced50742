"""`ddguard export promql`: the StreamPay pack, its file in docs/, its tests under promtool, and wrong input."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from promql_tools import needs_promtool, promtool

from ddguard.cli import run

REPOSITORY = Path(__file__).parents[2]
PACK = REPOSITORY / "monitors"
RULES = REPOSITORY / "docs" / "streampay-rules.yml"

Golden = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def _on_a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddguard.cli.export_command.now", lambda: datetime(2026, 1, 5, 10, tzinfo=UTC))


def test_the_rules_in_the_docs_are_those_of_the_pack(capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    assert run(["export", "promql", "--dir", str(PACK), "--env", "prod"]) == 0
    written = capsys.readouterr()
    golden(RULES, written.out)
    assert written.err == ""


@needs_promtool
def test_promtool_accepts_the_rules_and_passes_the_packs_tests(tmp_path: Path) -> None:
    assert run(["export", "promql", "--dir", str(PACK), "--tests", "--out", str(tmp_path)]) == 0
    rule_files = sorted(path.name for path in tmp_path.glob("*rules.yml"))
    tests = sorted(path.name for path in tmp_path.glob("*.test.yml"))
    assert [name for name in tests if "-2" not in name] == [
        f"{name}.test.yml"
        for name in (
            "escrow-unlock-attempts", "settlement-floor", "settlement-rise", "settlement-spike",
            "stream-creation-burst", "stream-creation-volume",
        )
    ]  # fmt: skip
    assert sum((tmp_path / name).read_text().count("  - name:") for name in tests) >= 14
    checked = promtool(tmp_path, "check", "rules", *rule_files)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    done = promtool(tmp_path, "test", "rules", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_exported_tests_fail_for_another_threshold(tmp_path: Path) -> None:
    """They test something: with one attempt more allowed, they fail."""
    arguments = ["export", "promql", "escrow-unlock-attempts", "--dir", str(PACK), "--tests", "--out", str(tmp_path)]
    assert run(arguments) == 0
    rules = tmp_path / "rules.yml"
    rules.write_text(rules.read_text().replace("[1h])) > 20", "[1h])) > 21"))
    assert promtool(tmp_path, "test", "rules", "escrow-unlock-attempts.test.yml").returncode == 1


def project(folder: Path, monitors: str, tests: str = "", more: str = "") -> list[str]:
    (folder / "ddguard.yaml").write_text(f"project: shop\nenvironments: {{prod: {{}}}}\n{more}")
    (folder / "monitors.yaml").write_text(monitors)
    if tests:
        (folder / "monitors.test.yaml").write_text(tests)
    return ["export", "promql", "--dir", str(folder)]


MONITORS = """\
id: queue
name: Queue
type: query alert
query: max(last_5m):max:queue.length{*} by {queue} > 10
message: "@slack-ops {{queue.name}}"
options: {thresholds: {critical: 10, warning: 5, critical_recovery: 8}}
---
id: load
name: Load
type: query alert
query: avg(last_5m):avg:system.load{env:prod} by {host} > 10
message: "@slack-ops"
---
id: latency
name: Latency
type: query alert
query: avg(last_5m):p95:latency{*} > 10
message: "@slack-ops"
---
id: sums
name: Sums
type: query alert
query: sum(last_5m):sum:queue.length{*} > 10
message: "@slack-ops"
"""

TESTS = """\
tests:
  - name: a queue that grows warns, alerts and holds until it recovers
    monitor: queue
    series:
      - {metric: queue.length, tags: [queue:a], values: "0x9 6x9 11x9 _x3 9x15 1x20"}
    expect:
      - {group: "queue:a", transitions: [{at: 10m, to: Warn}, {at: 20m, to: Alert}, {at: 58m, to: OK}]}
  - name: the mean counts, not the peak
    monitor: load
    series:
      - {metric: system.load, tags: [env:prod, host:a], values: "0x9 12x9 0x9"}
      - {metric: system.load, tags: [env:prod, host:b], values: "0x9 60 0x18"}
    expect:
      - {at: 14m, group: "host:a", state: Alert, value: 12}
      - {group: "host:a", transitions: [{at: 14m, to: Alert}, {at: 20m, to: OK}]}
      - {at: 12m, group: "host:b", state: Alert, value: 12}
  - name: points ten seconds apart
    monitor: load
    interval: 10s
    series: [{metric: system.load, tags: [env:prod, host:a], values: "0x90"}]
    expect: [{group: "host:a", never: [Alert]}]
  - name: a count where the query reads a gauge
    monitor: load
    series: [{metric: system.load, type: count, tags: [env:prod, host:a], values: "0x90"}]
    expect: [{group: "host:a", never: [Alert]}]
  - name: an assumption
    monitor: load
    assume: {critical-recovery: warn}
    series: [{metric: system.load, tags: [env:prod, host:a], values: "0x90"}]
    expect: [{group: "host:a", never: [Alert]}]
"""


@needs_promtool
def test_gauges_recovery_and_gaps_pass_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = project(tmp_path, MONITORS, TESTS, "prometheus: {metrics: {queue.length: mq_depth}}\n")
    out = tmp_path / "out"
    assert run([*arguments, "--tests", "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [str(out / name) for name in ("rules.yml", "queue.test.yml", "load.test.yml")]
    assert "latency is left out: p95: needs Datadog's sketches of a distribution\n" in told.err
    assert "sums is left out: a sum over a gauge's points depends on how often" in told.err
    assert "load: the test 'points ten seconds apart' is left out: its points don't" in told.err
    assert (
        "load: the test 'a count where the query reads a gauge' is left out: system.load is a count there" in told.err
    )
    assert "load: the test 'an assumption' is left out: it assumes another reading" in told.err
    assert "2 of 4 monitors written to" in told.err
    assert "mq_depth" in (out / "rules.yml").read_text()
    assert promtool(out, "check", "rules", "rules.yml").returncode == 0
    done = promtool(out, "test", "rules", "queue.test.yml", "load.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_named_monitors_that_are_left_out_fail_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = project(tmp_path, MONITORS)
    assert run([*arguments, "latency", "queue"]) == 1
    assert "# Left out: latency: p95: needs Datadog's sketches of a distribution\n" in capsys.readouterr().out
    assert run([*arguments, "sums", "--approximate", "--step", "30"]) == 0
    assert "# differs: a sum over a gauge's points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--tests"], "ddguard: --tests writes several files\n  name a folder for them with --out\n"),
        (["lode"], "ddguard: there is no monitor 'lode' in this project\n  did you mean load?\n"),
        (["?"], "ddguard: there is no monitor '?' in this project\n"),
    ],
)
def test_wrong_command_lines(more: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*project(tmp_path, MONITORS), *more]) == 64
    assert capsys.readouterr().err == message


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run([*project(tmp_path, MONITORS), "--out", str(tmp_path / "file")]) == 64
    assert "can't be written to: " in capsys.readouterr().err


def test_a_test_that_fails_to_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(PACK, tmp_path / "pack")
    broken = (
        "tests: [{name: none, monitor: settlement-floor, series: [{metric: m, tags: [], values: '1'}], "
        "expect: [{at: 0m, group: 'tenant:x', state: OK}]}]"
    )
    (tmp_path / "pack" / "broken.test.yaml").write_text(broken)
    arguments = ["export", "promql", "settlement-floor", "--dir", str(tmp_path / "pack"), "--tests"]
    assert run([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert "settlement-floor: the test 'none' is left out: " in capsys.readouterr().err


LEFT_OUT = {
    "its interval doesn't fit the rounds": "{interval: 100s, type: count, values: '1x20'}",
    "its points are closer together than Datadog's buckets": "{interval: 10s, type: count, values: '1x90'}",
    "it doesn't begin at a round": "{start: 2026-01-05T00:00:30Z, type: count, values: '1x20'}",
    "it counts backwards": "{type: count, values: '-1x20'}",
    "the tag bare is no label of its own": "{type: count, tags: [bare], values: '1x20'}",
    "all it looks at is a group's first moments, which differ": "{type: count, values: '1x1'}",
}

COUNT = """\
id: made
name: Made
type: query alert
query: sum(last_1h):sum:made{*} by {t}.as_count() > 10
message: "@slack-ops"
options: {on_missing_data: default}
"""


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_tests_that_promtool_cannot_run(reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = yaml.safe_load(LEFT_OUT[reason])
    series = {"metric": "made", **{key: given.pop(key) for key in ("type", "values")}}
    series["tags"] = ["t:a", *given.pop("tags", [])]
    if "start" in given:
        given["start"] = "2026-01-05T00:00:30Z"
    expect = [{"group": "t:a", "never": ["Warn"]}]
    test = {"name": "one", "monitor": "made", **given, "series": [series], "expect": expect}
    arguments = project(tmp_path, COUNT, json.dumps({"tests": [test]}))
    assert run([*arguments, "--tests", "--out", str(tmp_path / "out")]) == 0
    assert f"made: the test 'one' is left out: {reason}" in capsys.readouterr().err
