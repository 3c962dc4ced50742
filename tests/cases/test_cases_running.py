"""What a test sets up: environment, variables, start, duration, series, downtimes, assumptions, composites."""

from pathlib import Path
from typing import Any

import pytest
from case_projects import case_text, run_tests, specs_in, wrong

from ddguard.model import Monitor
from ddguard.replay import variants as variants_module
from ddguard.replay.cases import cases_of, known_names
from ddguard.replay.running import run_case
from ddguard.replay.variants import Variants

AT = "{group: 'tenant:a', transitions: [{at: %s, to: Alert}, {at: %s, to: OK}]}"


def test_variables_of_a_test_are_the_strongest(tmp_path: Path) -> None:
    assert wrong(tmp_path, AT % ("14m", "20m")) == []
    assert wrong(tmp_path, AT % ("12m", "22m"), more="    variables: {limit: 10}\n") == []

    tests = case_text(AT % ("12m", "22m"), more="    variables: {limit: 10}\n")
    specs = specs_in(tmp_path, {"a.test.yaml": tests}, {"limit": "1000"})
    (case,) = cases_of(specs.tests)
    assert run_case(case, known_names(specs), Variants(specs)).outcome == "passed"


def test_the_environment_of_a_test_fills_the_monitor(tmp_path: Path) -> None:
    tests = case_text(AT % ("12m", "22m"), more="    environment: prod\n").replace("env:staging", "env:prod")

    (result,) = run_tests(tmp_path, tests)

    assert result.mismatches == ()
    assert result.found is not None
    assert result.found.replay.query == "sum(last_5m):sum:jobs{env:prod} by {tenant}.as_count() > 10"
    assert "ddguard_stack:shop/prod" in result.found.definition["tags"]


def test_monitors_are_built_once_for_each_set_of_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = case_text(AT % ("14m", "20m")).removeprefix("tests:\n")
    other = case_text(AT % ("12m", "22m"), more="    variables: {limit: 10}\n").removeprefix("tests:\n")
    built = []
    build = variants_module.build

    def counted(*arguments: Any) -> Any:
        built.append(arguments[0].value["id"])
        return build(*arguments)

    monkeypatch.setattr(variants_module, "build", counted)
    results = run_tests(tmp_path, "tests:\n" + one * 5 + other * 5)

    assert [result.outcome for result in results] == ["passed"] * 10
    assert built == ["burst"]


def test_variants_tell_true_from_one(tmp_path: Path) -> None:
    variants = Variants(specs_in(tmp_path, {}))

    assert isinstance(variants.monitor("burst", None, {"limit": 1}), Monitor)
    assert not isinstance(variants.monitor("burst", None, {"limit": True}), Monitor)
    assert variants.monitor("nobody", None, {}) is None


def test_start_interval_and_duration(tmp_path: Path) -> None:
    more = "    start: 2026-03-01T12:00:30Z\n    interval: 30s\n    duration: 10m\n"
    series = "{at: 3m, group: 'tenant:a', state: OK, value: 12}"

    (result,) = run_tests(tmp_path, case_text(series, more=more, values="2x99"))

    assert result.mismatches == ()
    assert result.found is not None
    rounds = result.found.replay.rounds
    assert (int(rounds[0]), int(rounds[-1]), rounds.size) == (1772366460, 1772367000, 10)


def test_a_test_lasts_as_long_as_its_longest_series(tmp_path: Path) -> None:
    (result,) = run_tests(tmp_path, case_text("{group: 'tenant:b', never: [Alert]}", values="5 _x99"))

    assert result.found is not None
    assert result.found.replay.rounds.size == 100


def test_generated_series_take_their_length_or_that_of_the_test(tmp_path: Path) -> None:
    shape = "generate: {constant: 4, spike: {at: 10, height: 1, length: 5}"
    quiet = 'values: "1x39"'
    tests = case_text("{at: 14m, group: 'tenant:b', state: Alert, value: 25}")

    short, long = (
        run_tests(tmp_path, tests.replace(quiet, f"{shape}, length: 60}}"))[0],
        run_tests(tmp_path, tests.replace(quiet, f"{shape}}}").replace("    series:", "    duration: 2h\n    series:"))[
            0
        ],
    )

    assert short.mismatches == long.mismatches == ()
    assert short.found is not None
    assert long.found is not None
    assert (short.found.replay.rounds.size, long.found.replay.rounds.size) == (60, 121)


def test_a_downtime_without_an_end_lasts_as_long_as_the_test(tmp_path: Path) -> None:
    more = "    downtimes: [{scope: 'tenant:a', from: 12m}]\n"

    assert wrong(tmp_path, "{group: 'tenant:a', notifications: []}", more=more) == []
    assert wrong(tmp_path, "{downtime: 'tenant:a', suppresses: 2}", more=more) == []


def test_a_downtime_may_mute_the_first_recovery(tmp_path: Path) -> None:
    told = "{group: 'tenant:a', notifications: [{at: 14m, kind: alert}%s]}"
    more = "    downtimes: [{scope: 'tenant:a', from: 16m, to: 30m, mute_first_recovery_notification: %s}]\n"

    assert wrong(tmp_path, told % ", {at: 20m, kind: recovery}", more=more % "false") == []
    assert wrong(tmp_path, told % "", more=more % "true") == []


def test_assumptions_of_a_test(tmp_path: Path) -> None:
    monitor = """\
id: held
type: query alert
query: avg(last_1m):avg:level{*} > 20
message: ""
options: {thresholds: {critical: 20, critical_recovery: 10, warning: 15, warning_recovery: 5}}
"""
    tests = """\
tests:
  - name: held or not
    monitor: held
    assume: {critical-recovery: %s}
    series: [{metric: level, values: "1 25 17 17 1"}]
    expect: [{at: 3m, group: "*", state: %s}]
"""

    for choice, state in (("hold", "Alert"), ("warn", "Warn")):
        (result,) = run_tests(tmp_path, tests % (choice, state), {"held.yaml": monitor})
        assert result.mismatches == ()
        assert result.found is not None
        assert [one.name for one in result.found.assumptions] == ["critical-recovery"]


COMPOSITE = {
    "both.yaml": """\
id: both
name: Both
type: composite
query: ${monitor:burst} && !${monitor:level}
message: "{{#is_alert}}{{a.value}} jobs, level {{b.value}}, {{a.status}} and {{b.status}}{{/is_alert}}"
"""
}


def test_a_composite_is_run_after_the_monitors_that_it_combines(tmp_path: Path) -> None:
    tests = """\
tests:
  - name: jobs run wild while the level is low
    monitor: both
    series:
      - {metric: jobs, type: count, tags: [env:staging, tenant:a], values: "0x9 5x9 0x20"}
      - {metric: level, values: "1x15 50x20"}
    downtimes: [{scope: "tenant:a", from: 30m, to: 31m}]
    expect:
      - {group: "tenant:a", transitions: [{at: 14m, to: Alert}, {at: 16m, to: OK}]}
      - group: "tenant:a"
        notifications:
          - {at: 14m, kind: alert, message: "25 jobs, level 1, Alert and OK"}
          - {at: 16m, kind: recovery}
"""

    (result,) = run_tests(tmp_path, tests, COMPOSITE)

    assert [f"{one.expected} / {one.actual}" for one in result.mismatches] == []
    assert result.found is not None
    assert list(result.found.constituents) == ["burst", "level"]
    behind = result.found.groups_behind("tenant:a")
    assert [(name, group.group) for name, group in behind.items()] == [("burst", "tenant:a"), ("level", "*")]


def test_a_message_names_the_parts_of_a_composite_in_their_order_also_those_without_data(tmp_path: Path) -> None:
    text = COMPOSITE["both.yaml"].replace(
        "${monitor:burst} && !${monitor:level}", "${monitor:level} || ${monitor:burst}"
    )
    tests = """\
tests:
  - name: the level was never told
    monitor: both
    series:
      - {metric: jobs, type: count, tags: [env:staging, tenant:a], values: "0x9 5x9"}
    expect:
      - group: "tenant:a"
        notifications: [{at: 14m, kind: alert, message: "jobs, level 25, No Data and Alert"}]
"""

    (result,) = run_tests(tmp_path, tests, {"both.yaml": text})

    assert (result.error, [one.actual for one in result.mismatches]) == ("", [])


def test_allowances_leave_a_group_out_until_their_day_is_over(tmp_path: Path) -> None:
    allowed = {"burst.yaml": FILE_WITH_ALLOWANCE}
    absent = "{group: 'tenant:a', never: [OK, Alert], absent: ok}"
    alert = "{at: 14m, group: 'tenant:a', state: Alert}"

    for start, expect in (("2026-02-28T22:00:00Z", absent), ("2026-03-01T00:00:00Z", alert)):
        (result,) = run_tests(tmp_path, case_text(expect, more=f"    start: {start}\n"), allowed)
        assert result.mismatches == ()


FILE_WITH_ALLOWANCE = """\
id: burst
type: query alert
query: sum(last_5m):sum:jobs{env:${env}} by {tenant}.as_count() > ${limit}
message: ""
allow: [{tag: "tenant:a", reason: load test, expires: 2026-02-28}]
hold: {review: "@webhook-review", reason: may be fraud}
"""


def test_a_hold_is_part_of_the_message(tmp_path: Path) -> None:
    files = {"burst.yaml": FILE_WITH_ALLOWANCE}
    told = "{at: 14m, kind: alert, message: 'Manual review requested for the tenant a: may be fraud'}"
    tests = case_text(
        f"{{group: 'tenant:a', notifications: [{told}, {{at: 20m, kind: recovery}}]}}",
        more="    start: 2026-03-01T00:00:00Z\n",
    )

    (result,) = run_tests(tmp_path, tests, files)

    assert result.mismatches == ()


def test_notifications_that_notify_by_puts_together(tmp_path: Path) -> None:
    monitor = """\
id: burst
type: query alert
query: sum(last_5m):sum:jobs{*} by {tenant,region}.as_count() > ${limit}
message: "{{tenant.name}}"
options: {notify_by: %s}
"""
    tests = """\
tests:
  - name: two regions, one notification
    monitor: burst
    variables: {limit: 20}
    series:
      - {metric: jobs, type: count, tags: [tenant:a, region:eu], values: "0x9 5x9 0x20"}
      - {metric: jobs, type: count, tags: [tenant:a, region:us], values: "0x11 5x7 0x20"}
    expect:
      - {group: "tenant:a,region:us", never: [Warn]}
      - {group: "%s", notifications: [{at: 14m, kind: alert}, {at: 20m, kind: recovery}]}
"""
    for keys, group in (("[tenant]", "tenant:a"), ('["*"]', "*")):
        (result,) = run_tests(tmp_path, tests % group, {"burst.yaml": monitor % keys})
        assert (result.error, result.mismatches) == ("", ())
