"""Tests that can't be run as they are written: each an error at its place, never a pass."""

from pathlib import Path

import pytest
from case_projects import case_text, error, specs_in

from ddguard.replay.cases import cases_of, findings_of_tests, known_names
from ddguard.replay.running import run_case
from ddguard.replay.variants import Variants

QUIET = "{group: 'tenant:b', never: [Alert]}"

UNREADABLE = """\
tests:
  - name: a test
    monitor: burst
    series:
      - {metric: jobs, tags: [env:staging, tenant:a], values: "1 2y3"}
    expect:
      - {group: 'tenant:a', never: [Alert]}
"""

UNTIMED = """\
tests:
  - name: a test
    monitor: burst
    series:
      - metric: jobs
        tags: [env:staging, tenant:a]
        generate: {constant: 1}
    expect:
      - {group: 'tenant:a', never: [Alert]}
"""

STATIC = {
    "monitor": (
        case_text(QUIET).replace("monitor: burst", "monitor: burts"),
        "3:14 there is no monitor with the id 'burts' (did you mean burst?)",
    ),
    "monitor-unlike-any": (
        case_text(QUIET).replace("monitor: burst", "monitor: x"),
        "3:14 there is no monitor with the id 'x' (a test names the id of a monitor in this project)",
    ),
    "downtime-for-monitor": (
        case_text(QUIET).replace("monitor: burst", "monitor: night"),
        "3:14 'night' is a downtime (a test names the id of a monitor in this project)",
    ),
    "environment": (
        case_text(QUIET, more="    environment: prd\n"),
        "4:18 there is no environment 'prd' in ddguard.yaml (did you mean prod?)",
    ),
    "environment-unlike-any": (
        case_text(QUIET, more="    environment: moon\n"),
        "4:18 there is no environment 'moon' in ddguard.yaml (there are: staging, prod)",
    ),
    "variable": (
        case_text(QUIET, more="    variables: {limt: 5}\n"),
        "4:17 no spec uses the variable limt (did you mean limit?)",
    ),
    "variable-env": (
        case_text(QUIET, more="    variables: {env: prod}\n"),
        "4:17 env is always the environment's name: no spec can set it",
    ),
    "assumption": (
        case_text(QUIET, more="    assume: {last-buckt: full}\n"),
        "4:14 there is no assumption 'last-buckt' (known: as-count-path,",
    ),
    "choice": (
        case_text(QUIET, more="    assume: {last-bucket: half}\n"),
        "4:27 the assumption last-bucket has no choice 'half' (choices: full, truncated)",
    ),
    "length": (
        UNTIMED,
        "7:19 nothing tells how many values to generate (such as length: 180, or duration: 3h for the test)",
    ),
    "no-series": (
        f"tests:\n  - {{name: a test, monitor: burst, series: [], expect: [{QUIET}]}}\n",
        "2:44 without any series nothing tells how long the test runs (give the test a duration)",
    ),
    "downtime-backwards": (
        case_text(QUIET, more="    downtimes: [{scope: 'tenant:a', from: 20m, to: 20m}]\n"),
        "4:52 the downtime ends at 20m, but begins at 20m",
    ),
    "scope": (
        case_text(QUIET, more="    downtimes: [{scope: 'acme', from: 20m}]\n"),
        "4:25 the scope 'acme'",
    ),
    "start-not-in-the-calendar": (
        case_text(QUIET, more='    start: "2026-02-30T00:00:00Z"\n'),
        "4:12 the calendar has no 2026-02-30T00:00:00Z",
    ),
    "start-in-no-year": (
        case_text(QUIET, more='    start: "0000-01-01T00:00:00Z"\n'),
        "4:12 the calendar has no 0000-01-01T00:00:00Z",
    ),
    "start-out-of-reach": (
        case_text(QUIET, more='    start: "9999-12-31T00:00:00Z"\n'),
        "4:12 a test starts between 1970 and 2999, not in 9999",
    ),
    "endless-interval": (
        case_text(QUIET, more="    interval: 9000w\n"),
        "4:15 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "endless-duration": (
        case_text(QUIET, more="    duration: 9000w\n"),
        "4:15 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "endless-downtime": (
        case_text(QUIET, more="    downtimes: [{scope: 'tenant:a', from: 20m, to: 9000w}]\n"),
        "4:52 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "downtime-after-a-century": (
        case_text(QUIET, more="    downtimes: [{scope: 'tenant:a', from: 9000w}]\n"),
        "4:43 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "moment-after-a-century": (
        case_text("{at: 9000w, group: 'tenant:a', state: OK}"),
        "8:14 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "transition-after-a-century": (
        case_text("{group: 'tenant:a', transitions: [{at: 9000w, to: OK}]}"),
        "8:48 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "notification-after-a-century": (
        case_text("{group: 'tenant:a', notifications: [{at: 9000w, kind: alert}]}"),
        "8:50 9000w is longer than a century (is a unit wrong somewhere?)",
    ),
    "suppressing-downtime": (
        case_text("{downtime: 'tenant:b', suppresses: 0}", more="    downtimes: [{scope: 'tenant:a', from: 1m}]\n"),
        "9:20 the test has no downtime with the scope 'tenant:b' (did you mean tenant:a?)",
    ),
    "suppressing-nothing": (
        case_text("{downtime: 'tenant:b', suppresses: 0}"),
        "8:20 the test has no downtime with the scope 'tenant:b' (name the scope of one of the test's downtimes",
    ),
}

DYNAMIC = {
    "group": (
        case_text("{group: 'tenant:c', never: [Alert]}"),
        "8:17 the group 'tenant:c' never appears; there is tenant:a, tenant:b (did you mean tenant:b?)",
    ),
    "group-of-notifications": (
        case_text("{group: 'x', notifications: []}"),
        "8:17 the group 'x' never appears; there is tenant:a, tenant:b",
    ),
    "group-of-nothing": (
        case_text(QUIET).replace("metric: jobs", "metric: others"),
        "8:17 the group 'tenant:b' never appears; there is none at all",
    ),
    "values": (UNREADABLE, "5:66 '2y3' is no value: write 5, 5x10 (5 and ten more), 5+1x10, _ or _x10 (ten gaps)"),
    "values-with-duration": (
        UNREADABLE.replace("    series:", "    duration: 1h\n    series:"),
        "6:66 '2y3' is no value: write 5, 5x10 (5 and ten more), 5+1x10, _ or _x10 (ten gaps)",
    ),
    "generate": (
        UNTIMED.replace("constant: 1", "length: 5, gaps: {share: 0.5, seed: 1}"),
        "7:19 nothing to generate: give one of constant, ramp,",
    ),
    "moment-after-the-end": (
        case_text("{at: 41m, group: 'tenant:a', state: OK}"),
        "8:14 the test ends at 40m, before 41m (give it longer series, or a duration)",
    ),
    "too-long": (
        case_text(QUIET, more="    duration: 41d\n"),
        "2:11 the test runs longer than 40 days (is a unit wrong somewhere?)",
    ),
    "too-long-a-series": (
        case_text(QUIET, more="    interval: 1d\n", values="0x41"),
        "2:11 the test runs longer than 40 days (is a unit wrong somewhere?)",
    ),
    "monitor-with-a-mistake": (
        case_text(QUIET, more="    variables: {limit: many}\n"),
        "3:14 as this test has it, burst has a mistake at burst.yaml:7: options.thresholds.critical: expected a number",
    ),
}

DOWNTIME = "id: night\nkind: downtime\nscope: 'env:*'\nmonitor_identifier: {monitor_tags: ['*']}\n"


@pytest.mark.parametrize(("tests", "told"), STATIC.values(), ids=STATIC)
def test_told_by_validate_and_by_the_run(tmp_path: Path, tests: str, told: str) -> None:
    assert error(tmp_path, tests, {"night.yaml": DOWNTIME}).startswith(told)

    (finding,) = findings_of_tests(specs_in(tmp_path, {}))
    hint = f" ({finding.hint})" if finding.hint else ""
    assert f"{finding.position.line}:{finding.position.column} {finding.message}{hint}".startswith(told)
    assert finding.position.path == str(tmp_path / "a.test.yaml")
    assert finding.severity == "error"
    assert finding.code in {"DDG014", "DDG023", "DDG030", "DDG040"}


@pytest.mark.parametrize(("tests", "told"), DYNAMIC.values(), ids=DYNAMIC)
def test_told_by_the_run(tmp_path: Path, tests: str, told: str) -> None:
    assert error(tmp_path, tests).replace(f"{tmp_path}/", "").startswith(told)
    assert findings_of_tests(specs_in(tmp_path, {})) == ()


def test_all_mistakes_of_a_test_are_told_at_once(tmp_path: Path) -> None:
    more = "    environment: prd\n    variables: {limt: 5}\n    assume: {x: y}\n"
    specs = specs_in(tmp_path, {"a.test.yaml": case_text(QUIET, more=more).replace(": burst", ": bursts")})

    assert [(finding.position.line, finding.check) for finding in findings_of_tests(specs)] == [
        (3, "dangling-reference"),
        (4, "unknown-environment"),
        (6, "unfit-test"),
        (5, "unfit-test"),
    ]


def test_a_file_with_other_mistakes_is_left_alone(tmp_path: Path) -> None:
    specs = specs_in(tmp_path, {"a.test.yaml": "tests: [{name: a test, monitor: no-such-monitor}]\n"})

    assert findings_of_tests(specs) == ()


def test_a_monitor_may_stand_in_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    specs = specs_in(tmp_path, {"burst.yaml": "id: burst\nquery: [\n", "a.test.yaml": case_text(QUIET)})
    (case,) = cases_of(specs.tests)

    assert findings_of_tests(specs) == ()
    assert run_case(case, known_names(specs), Variants(specs)).error == "there is no monitor with the id 'burst'"


def test_what_can_not_be_evaluated_is_named(tmp_path: Path) -> None:
    files = {
        "odd.yaml": "id: odd\ntype: query alert\nmessage: ''\nquery: "
        "avg(last_4h):anomalies(avg:jobs{*}, 'basic', 2) >= 1\n",
        "logs.yaml": "id: logs\ntype: log alert\nmessage: ''\nquery: "
        'logs("x").index("*").rollup("count").last("5m") > 1\n',
        "both.yaml": "id: both\ntype: composite\nmessage: ''\nquery: ${monitor:odd} && 123\n",
    }

    def told(name: str) -> str:
        return error(tmp_path, case_text(QUIET).replace("monitor: burst", f"monitor: {name}"), files)

    assert told("odd") == "3:14 anomalies() can't be evaluated locally: how Datadog makes its bands isn't published"
    assert told("logs") == ("3:14 a log alert can't be evaluated locally: it counts events, not the points of a metric")
    assert told("both").startswith("3:14 anomalies() can't be evaluated locally")
    files["both.yaml"] = files["both.yaml"].replace("${monitor:odd}", "${monitor:burst}")
    assert told("both") == "3:14 the composite can't be evaluated locally: the monitor 123 is not there"


def test_many_groups_are_counted_and_not_all_named(tmp_path: Path) -> None:
    rows = "".join(
        f'      - {{metric: jobs, type: count, tags: [env:staging, tenant:t{number}], values: "1x39"}}\n'
        for number in range(7)
    )
    tests = f"tests:\n  - name: a test\n    monitor: burst\n    series:\n{rows}    expect:\n      - {QUIET}\n"

    assert "there is tenant:t0, tenant:t1, tenant:t2, tenant:t3, tenant:t4 and 2 more" in error(tmp_path, tests)
