"""Results of tests as JUnit XML, as text and as timelines: what readers see, and what can't hurt them."""

from pathlib import Path
from xml.etree import ElementTree

from case_projects import case_text, run_tests

from ddguard.replay.coverage import Coverage, Untestable
from ddguard.replay.expectations import Mark, Mismatch, moment_text, number_text
from ddguard.replay.running import CaseResult
from ddguard.report.cases import assumptions_text, cases_summary, cases_text, coverage_text, percent_text
from ddguard.report.junit import junit_xml
from ddguard.report.terminal import rendered
from ddguard.report.timeline import timeline

START = 1767571200
HOSTILE = "\\u001b[31m<b>&\\u202e\\n]]>"
QUIET = "{group: 'tenant:b', never: [Alert]}"


def results_of(folder: Path) -> list[CaseResult]:
    """A test that passes, one that fails, and one that can't be run."""
    failing = "{group: 'tenant:a', transitions: []}"
    parts = [QUIET, failing, "{group: 'tenant:c', never: [Alert]}"]
    tests = "".join(
        case_text(expect).removeprefix("tests:\n").replace("a test", f'"{number} {HOSTILE}"')
        for number, expect in enumerate(parts)
    )
    return run_tests(folder, f"tests:\n{tests}")


def test_junit_for_gitlab_and_jenkins(tmp_path: Path) -> None:
    text = junit_xml(results_of(tmp_path)).replace(str(tmp_path), "")
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text

    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="3" failures="1" errors="1">\n')
    assert [(one.tag, one.attrib) for one in root] == [
        ("testsuite", {"name": "/a.test.yaml", "tests": "3", "failures": "1", "errors": "1"})
    ]
    passed, failed, error = root[0]
    assert passed.attrib == {
        "name": "0 \\x1b[31m<b>&\\u202e\\n]]>",
        "classname": "burst",
        "file": "/a.test.yaml",
        "line": "2",
    }
    assert len(passed) == 0
    assert (failed[0].tag, failed[0].attrib) == (
        "failure",
        {"message": "expected none, actual 14m OK -> Alert, 20m Alert -> OK", "type": "mismatch"},
    )
    assert failed[0].text is not None
    assert failed[0].text.startswith("line 15: tenant:a\n  expected  none\n  actual    14m OK -> Alert")
    assert "  >       14m            25  Alert      not expected: OK -> Alert" in failed[0].text
    told = "the group 'tenant:c' never appears; there is tenant:a, tenant:b"
    assert (error[0].tag, error[0].attrib) == ("error", {"message": told, "type": "unfit"})
    assert error[0].text == f"/a.test.yaml:22: {told}\nhelp: did you mean tenant:b?"


def test_a_suite_for_each_file(tmp_path: Path) -> None:
    files = {"b.test.yaml": case_text(QUIET)}

    root = ElementTree.fromstring(junit_xml(run_tests(tmp_path, case_text(QUIET), files)))  # noqa: S314 - our own text

    assert [Path(suite.attrib["name"]).name for suite in root] == ["a.test.yaml", "b.test.yaml"]


def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    results = results_of(tmp_path)
    text = rendered(cases_text(results, loudness=1, width=80), width=100, color=False)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "  ok 0 \\x1b[31m<b>&\\u202e\\n]]>  (line 2)" in text


def test_two_runs_print_the_same(tmp_path: Path) -> None:
    first, second = (
        rendered(cases_text(results_of(tmp_path), loudness=1, width=80), width=100, color=True) for _ in range(2)
    )

    assert first == second
    assert "\x1b[31m" in first


def test_quiet_leaves_out_what_passed(tmp_path: Path) -> None:
    text = rendered(cases_text(results_of(tmp_path), loudness=-1, width=80), width=100, color=False)

    assert "  ok " not in text
    assert "  FAILED 1 " in text
    assert "  ERROR 2 " in text


def test_summaries(tmp_path: Path) -> None:
    results = results_of(tmp_path)

    assert cases_summary(results) == "1 passed, 1 failed, 1 error"
    assert cases_summary(results[:1]) == "1 passed, 0 failed"
    assert cases_summary(results[2:] * 2) == "0 passed, 0 failed, 2 errors"


def test_percentages_are_never_rounded_up_to_all() -> None:
    assert percent_text(100) == "100 %"
    assert percent_text(99.96) == "99.9 %"
    assert percent_text(250 / 3) == "83.3 %"
    assert percent_text(0) == "0 %"


def test_moments_and_numbers() -> None:
    assert [moment_text(second) for second in (0, 3600, 90, 59)] == ["0m", "60m", "1m30s", "0m59s"]
    assert [number_text(value) for value in (None, 100.0, 0.25, 1e20)] == ["none", "100", "0.25", "1e+20"]


def test_a_long_story_is_cut(tmp_path: Path) -> None:
    (result,) = run_tests(tmp_path, case_text(QUIET))
    assert result.found is not None
    marks = tuple(Mark(START + 60 * minute, "here") for minute in range(0, 40, 4))
    mismatch = Mismatch("x", "y", result.case.position, "tenant:a", marks)

    rows = [line.plain.rstrip() for line in timeline(result.found, START, mismatch)]

    assert rows[0] == "     moment         value  state      Alert: > 20"
    assert rows[1] == ">        0m             0  not there  here"
    assert sum(row.startswith(">") for row in rows) == 5
    assert rows[-1] == "        ...  and 5 more"


def test_moments_without_a_group_are_told_alone(tmp_path: Path) -> None:
    (result,) = run_tests(tmp_path, case_text(QUIET))
    assert result.found is not None
    mismatch = Mismatch("x", "y", result.case.position, None, (Mark(START + 90, "a\nb"),))

    assert [line.plain for line in timeline(result.found, START, mismatch)] == [">     1m30s  a\\nb"]
    assert list(timeline(result.found, START, Mismatch("x", "y", result.case.position, "tenant:a"))) == []


def test_thresholds_stand_above_a_timeline(tmp_path: Path) -> None:
    monitor = """\
id: held
type: query alert
query: avg(last_1m):avg:level{*} > 20
message: ""
options: {thresholds: {critical: 20, critical_recovery: 10, warning: 15, warning_recovery: 5}}
"""
    tests = 'tests: [{name: x, monitor: held, series: [{metric: level, values: "1 _x9"}], expect: [%s]}]'
    expect = '{at: 5m, group: "*", state: Alert}'

    (result,) = run_tests(tmp_path, tests.replace("%s", expect), {"held.yaml": monitor})

    assert result.found is not None
    (mismatch,) = result.mismatches
    head, *_, row = [line.plain.rstrip() for line in timeline(result.found, START, mismatch)][:4]
    assert head == "     moment         value  state      Alert: > 20 until 10, Warn: > 15 until 5"
    assert row == ">        5m             -  No Data    expected: Alert"
    told = rendered(assumptions_text([result, result]), width=1000, color=False)
    assert told.startswith("assumed (legacy-no-data): with notify_no_data false")
    assert told.endswith("(in 2 tests)\n")


def test_an_untestable_monitor_is_told_with_its_reason() -> None:
    text = rendered(coverage_text(Coverage((), (Untestable("odd", "why\x1b"),))), width=100, color=False)

    assert text == "odd: not counted: why\\x1b\ncoverage: 100 % of 0 monitors\n"
