"""The StreamPay pack: its tests pass everywhere, show all of its monitors, and notice when a monitor is changed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ddguard.replay.cases import cases_of, findings_of_tests, known_names
from ddguard.replay.coverage import coverage
from ddguard.replay.running import CaseResult, run_case
from ddguard.replay.variants import Variants
from ddguard.spec.load import Specs, load

PACK = Path(__file__).parents[2] / "monitors"
MONITORS = (
    "escrow-unlock-attempts",
    "settlement-floor",
    "settlement-rise",
    "settlement-spike",
    "stream-creation-burst",
    "stream-creation-volume",
)


def results_of(specs: Specs) -> list[CaseResult]:
    known, variants = known_names(specs), Variants(specs)
    return [run_case(case, known, variants) for case in cases_of(specs.tests)]


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_all_tests_pass_and_show_everything(environment: str) -> None:
    specs = load(str(PACK), environment, {}, {})
    results = results_of(specs)

    assert [(result.case.name, result.outcome) for result in results if result.outcome != "passed"] == []
    found = coverage(specs.monitors, {monitor.id: monitor for monitor in specs.monitors}, results)
    assert sorted(one.monitor for one in found.monitors) == list(MONITORS)
    assert [(one.monitor, one.missing) for one in found.monitors if one.missing] == []
    assert found.untestable == ()
    assert findings_of_tests(specs) == ()


def test_tuning_a_limit_leaves_the_tests_alone() -> None:
    tuned = {"stream_burst_per_hour": "7", "escrow_unlock_attempts_per_hour": "3", "settlement_spike_percent": "9"}

    assert {result.outcome for result in results_of(load(str(PACK), None, tuned, {}))} == {"passed"}


CHANGES = {
    "burst-boundary": ("stream-creation-burst", "> ${stream_burst_per_hour}", ">= ${stream_burst_per_hour}"),
    "burst-window": ("stream-creation-burst", "sum(last_1h)", "sum(last_2h)"),
    "burst-groups": ("stream-creation-burst", " by {tenant}", ""),
    "burst-environment": ("stream-creation-burst", "{env:${env}}", "{*}"),
    "burst-no-data": ("stream-creation-burst", "on_missing_data: default", "on_missing_data: show_no_data"),
    "burst-review": ("stream-creation-burst", "hold:", "ignore: []\nvariables:"),
    "burst-words": ("stream-creation-burst", "Nothing is frozen automatically", "All is frozen automatically"),
    "volume-boundary": ("stream-creation-volume", "> ${stream_volume_per_day}", ">= ${stream_volume_per_day}"),
    "volume-window": ("stream-creation-volume", "sum(last_1d)", "sum(last_2d)"),
    "volume-groups": ("stream-creation-volume", " by {tenant}", ""),
    "volume-no-data": ("stream-creation-volume", "on_missing_data: default", "on_missing_data: show_no_data"),
    "escrow-boundary": ("escrow-unlock-attempts", "> ${escrow_unlock", ">= ${escrow_unlock"),
    "escrow-window": ("escrow-unlock-attempts", "sum(last_1h)", "sum(last_4h)"),
    "escrow-no-data": ("escrow-unlock-attempts", "on_missing_data: default", "on_missing_data: show_no_data"),
    "rise-boundary": ("settlement-spike", "> ${settlement_spike_percent}", ">= ${settlement_spike_percent}"),
    "rise-shift": ("settlement-spike", "pct_change(sum(last_1h),last_1h)", "pct_change(sum(last_1h),last_2h)"),
    "rise-new-tenants": ("settlement-spike", "new_group_delay: 7200", "new_group_delay: 60"),
    "floor-boundary": ("settlement-spike", "> ${settlement_floor_per_hour}", ">= ${settlement_floor_per_hour}"),
    "spike-either": ("settlement-spike", "} && ${", "} || ${"),
}


@pytest.mark.parametrize(("file", "before", "after"), CHANGES.values(), ids=CHANGES)
def test_a_changed_monitor_is_noticed(tmp_path: Path, file: str, before: str, after: str) -> None:
    shutil.copytree(PACK, tmp_path / "monitors")
    path = tmp_path / "monitors" / "streampay" / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")

    specs = load(str(tmp_path / "monitors"), None, {}, {})
    own = tuple(document for document in specs.tests if Path(document.path).name == f"{file}.test.yaml")
    results = results_of(replace(specs, tests=own))

    assert any(result.outcome != "passed" for result in results)
