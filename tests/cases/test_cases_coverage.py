"""What tests show of monitors."""

from collections.abc import Mapping
from pathlib import Path

from case_projects import case_text, specs_in

from ddguard.replay.cases import cases_of, known_names
from ddguard.replay.coverage import Coverage, coverage
from ddguard.replay.running import run_case
from ddguard.replay.variants import Variants

QUIET = "{group: 'tenant:b', never: [Alert]}"
NOISY = "{group: 'tenant:a', never: [Warn]}"
UNREADABLE = (
    "the query can't be evaluated locally: it can't be read: "
    "expected the number of a monitor or `${monitor:ID}`, got the end of the query"
)


def covered(folder: Path, tests: str, files: Mapping[str, str] | None = None) -> Coverage:
    specs = specs_in(folder, {**(files or {}), "a.test.yaml": tests})
    known, variants = known_names(specs), Variants(specs)
    results = [run_case(case, known, variants) for case in cases_of(specs.tests)]
    return coverage(specs.monitors, {monitor.id: monitor for monitor in specs.monitors}, results)


def parts(one: Coverage) -> dict[str, tuple[list[str], list[str]]]:
    return {
        part.monitor: ([str(aspect) for aspect in part.shown], [str(aspect) for aspect in part.missing])
        for part in one.monitors
    }


def test_aspects_that_a_test_shows(tmp_path: Path) -> None:
    found = covered(tmp_path, case_text(NOISY))

    assert parts(found) == {
        "burst": (["alerts", "recovers from Alert", "a group stays quiet"], ["data goes missing"]),
        "level": (
            [],
            [
                "alerts",
                "recovers from Alert",
                "warns",
                "recovers from Warn",
                "data goes missing",
                "a group stays quiet",
            ],
        ),
    }
    burst, level = found.monitors
    assert (burst.tests, burst.percent, burst.policy) == (1, 75, "on_missing_data: default")
    assert (level.tests, level.percent, level.policy) == (0, 0, "on_missing_data: show_and_notify_no_data")
    assert found.percent == 30


def test_missing_data_counts_once_there_was_some(tmp_path: Path) -> None:
    assert "data goes missing" in parts(covered(tmp_path, case_text(NOISY, values="_x9 5x30")))["burst"][1]
    assert "data goes missing" in parts(covered(tmp_path, case_text(NOISY, values="5x5 _x20")))["burst"][0]


def test_a_drop_from_alert_to_warn_is_a_recovery_and_no_warning(tmp_path: Path) -> None:
    dropped = case_text("{group: '*', never: [No Data]}", "level", values="1x5 99x5 6x5")
    recovered = case_text("{group: '*', never: [No Data]}", "level", values="1x5 6x5 1x5")

    assert parts(covered(tmp_path, dropped))["level"][0] == ["alerts", "recovers from Alert"]
    assert parts(covered(tmp_path, recovered))["level"][0] == ["warns", "recovers from Warn"]


def test_no_data_is_no_recovery(tmp_path: Path) -> None:
    gone = case_text("{group: '*', never: [OK]}", "level", values="99x5 _x9")

    assert parts(covered(tmp_path, gone))["level"][0] == ["alerts", "data goes missing"]


def test_a_test_that_can_not_be_run_shows_nothing(tmp_path: Path) -> None:
    found = covered(tmp_path, case_text("{group: 'tenant:nobody', never: [OK]}"))

    assert (found.monitors[0].tests, found.monitors[0].shown) == (0, ())


def test_a_composite_has_neither_values_nor_missing_data(tmp_path: Path) -> None:
    files = {"both.yaml": "id: both\ntype: composite\nmessage: ''\nquery: ${monitor:burst} && !${monitor:level}\n"}
    tests = (
        case_text(NOISY)
        .replace("monitor: burst", "monitor: both")
        .replace("    series:\n", "    series:\n      - {metric: level, values: 1x50}\n")
    )

    found = covered(tmp_path, tests, files)

    assert parts(found)["both"] == (["alerts", "recovers from Alert", "a group stays quiet"], [])
    assert next(one.policy for one in found.monitors if one.monitor == "both") == ""


def test_what_can_not_be_tested_is_not_missed(tmp_path: Path) -> None:
    files = {
        "x.yaml": """\
id: odd
type: query alert
message: ''
query: avg(last_4h):anomalies(avg:jobs{*}, 'basic', 2) >= 1
---
id: logs
type: log alert
message: ''
query: logs("x").index("*").rollup("count").last("5m") > 1
---
id: both
type: composite
message: ''
query: ${monitor:burst} && ${monitor:odd}
---
id: foreign
type: composite
message: ''
query: ${monitor:burst} && 123
---
id: unreadable
type: composite
message: ''
query: ${monitor:burst} &&
---
id: legacy
type: query alert
message: ''
query: avg(last_4h):avg:jobs{*} >= 1
"""
    }

    found = covered(tmp_path, case_text(QUIET), files)

    assert [(one.monitor, one.reason) for one in found.untestable] == [
        ("odd", "anomalies() can't be evaluated locally: how Datadog makes its bands isn't published"),
        ("logs", "a log alert can't be evaluated locally: it counts events, not the points of a metric"),
        ("both", "it combines odd, which can't be evaluated locally"),
        ("foreign", "it combines the monitor 123, which is no part of this project"),
        ("unreadable", UNREADABLE),
    ]
    assert [(one.monitor, one.policy) for one in found.monitors] == [
        ("burst", "on_missing_data: default"),
        ("level", "on_missing_data: show_and_notify_no_data"),
        ("legacy", "notify_no_data: false"),
    ]


def test_nothing_to_cover_is_covered() -> None:
    assert Coverage(()).percent == 100
