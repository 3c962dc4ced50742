"""Running checks: ignores, what is silenced and for how long, places, order."""

from collections.abc import Iterator
from datetime import date

import pytest
from checked_specs import TODAY, found_in, marked, project, specs

from ddguard.checks import CHECKS, Check, Extent, Theme, check_project
from ddguard.checks.base import Found, Subject, Surroundings, subject
from ddguard.findings import Severity

SPEC = """\
id: errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 5
options:
  thresholds: {critical: 10}
"""
DOWNTIME = """\
kind: downtime
id: night
scope: "env:prod"
monitor_identifier: {monitor_tags: ["service:shop"]}
"""


def ignoring(*entries: str) -> str:
    return SPEC + "ignore:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def told(text: str, today: date = TODAY) -> list[str]:
    checks = [check for check in CHECKS if check.theme in {Theme.QUERY, Theme.OPTIONS}]
    return [f"{found.severity.value} {found.code} {found.message}" for found in found_in(text, checks, today)]


DIFFERS = "error DDG101 the critical threshold 10 isn't the query's 5"


def test_a_finding_is_silenced_by_its_checks_name() -> None:
    assert told(SPEC) == [DIFFERS]
    assert told(ignoring("check: threshold-differs, reason: agreed")) == []


def test_an_ignore_counts_to_the_end_of_its_last_day() -> None:
    text = ignoring('check: threshold-differs, reason: agreed, until: "2026-06-15"')
    assert told(text, date(2026, 6, 15)) == []
    assert told(text, date(2026, 6, 16)) == [
        DIFFERS,
        "warning DDG591 the ignore of threshold-differs ended on 2026-06-15",
    ]


def test_an_ignore_that_silences_nothing_is_told_at_its_place() -> None:
    text = ignoring("check: mixed-scope-families, reason: agreed", "check: threshold-differs, reason: agreed")
    (finding,) = found_in(text, [check for check in CHECKS if check.theme is Theme.QUERY])
    assert (finding.code, finding.check, finding.severity) == ("DDG591", "idle-ignore", Severity.WARNING)
    assert finding.message == "mixed-scope-families finds nothing here: this ignore is not needed"
    assert finding.hint == "remove it"
    assert marked(text, finding) == "mixed-scope-families"
    assert finding.position.line == 7


@pytest.mark.parametrize(
    ("name", "hint"),
    [("threshold-difers", "did you mean threshold-differs?"), ("qqqqqqq", "`ddguard explain` lists them")],
)
def test_an_ignore_of_no_check_is_an_error(name: str, hint: str) -> None:
    text = ignoring(f'check: {name}, reason: agreed, until: "2020-01-01"')
    unknown = next(finding for finding in found_in(text) if finding.code == "DDG590")
    assert unknown.message == f"there is no check {name!r}"
    assert unknown.hint == hint
    assert marked(text, unknown) == name
    assert told(text) == [DIFFERS, f"error DDG590 there is no check {name!r}"]


def test_an_ignore_is_kept_while_the_query_can_not_be_read() -> None:
    text = ignoring("check: mixed-scope-families, reason: agreed").replace("> 5", ">")
    assert [line.split()[1] for line in told(text)] == ["DDG100"]


def test_even_the_reader_can_be_overruled() -> None:
    text = ignoring("check: query-syntax, reason: new at Datadog").replace("> 5", ">")
    assert told(text) == []


def test_the_ignores_of_a_downtime_are_looked_at_too() -> None:
    text = DOWNTIME + "ignore:\n  - {check: threshold-differs, reason: copied}\n"
    assert told(text) == ["warning DDG591 threshold-differs finds nothing here: this ignore is not needed"]


def test_findings_come_by_place_whatever_the_order_of_specs() -> None:
    monitors, _ = specs(SPEC + "---\n" + SPEC.replace("errors", "more", 1))
    forwards = check_project(project(), monitors, [], frozenset(), TODAY)
    backwards = check_project(project(), monitors[::-1], [], frozenset(), TODAY)
    assert forwards == backwards
    assert [found.position.line for found in forwards if found.code == "DDG101"] == [5, 11]


def test_a_check_sees_the_whole_project() -> None:
    seen: list[Surroundings] = []

    def examine(one: Subject, surroundings: Surroundings) -> Iterator[Found]:
        seen.append(surroundings)
        yield Found(("name",), f"{one.message}|{'/'.join(one.tags)}|{sorted(one.options)}")

    check = Check("DDG999", "curious", Severity.INFO, Theme.HYGIENE, "Curious.\n", examine)
    monitors, downtimes = specs(f"{SPEC}---\n{DOWNTIME}")
    (found,) = check_project(project(), monitors, downtimes, frozenset({"errors"}), TODAY, [check])
    assert found.message == "||['thresholds']"
    assert (seen[0].project.name, seen[0].today, seen[0].tested) == ("shop", TODAY, {"errors"})
    assert (list(seen[0].monitors), list(seen[0].downtimes)) == (["errors"], ["night"])


def test_a_subject_tells_numbers_and_the_parts_of_its_query() -> None:
    text = SPEC.replace("critical: 10", "critical: 10, warning: 2") + "  timeout_h: 4\n  renotify_interval: null\n"
    one = subject(specs(text)[0][0])
    assert [one.level(name) for name in ("critical", "warning", "warning_recovery")] == [5, 2, None]
    assert [one.number(name) for name in ("timeout_h", "renotify_interval", "thresholds")] == [4, None, None]
    assert len(one.nodes) == 7
    assert one.nodes[0] is one.query


def test_errors_alone_are_the_same_errors() -> None:
    text = ignoring("check: mixed-scope-families, reason: agreed", "check: threshold-difers, reason: agreed")
    monitors, downtimes = specs(f"{text}---\n{DOWNTIME}")
    every = check_project(project(), monitors, downtimes, frozenset(), TODAY)
    errors = check_project(project(), monitors, downtimes, frozenset(), TODAY, extent=Extent(errors_only=True))
    assert {finding.severity for finding in every} == set(Severity)
    assert errors == [finding for finding in every if finding.severity is Severity.ERROR]
    assert {finding.check for finding in errors} == {"threshold-differs", "unknown-ignore"}


def test_an_ignore_of_a_check_that_was_not_run_is_not_idle() -> None:
    monitors, _ = specs(ignoring("check: missing-priority, reason: agreed", "check: threshold-differs, reason: agreed"))
    assert check_project(project(), monitors, [], frozenset(), TODAY, extent=Extent(errors_only=True)) == []


def test_shares_find_together_what_one_run_finds_downtimes_composites_and_names_included() -> None:
    composite = "id: both\nname: errors\ntype: composite\nquery: ${monitor:errors} && ${monitor:absent}\n"
    others = [SPEC.replace("id: errors", f"id: errors-{number}\nname: alike") for number in range(3)]
    monitors, downtimes = specs("---\n".join([SPEC, composite, *others, DOWNTIME]))
    every = check_project(project(), monitors, downtimes, frozenset({"both"}), TODAY)
    shares = [
        check_project(project(), monitors, downtimes, frozenset({"both"}), TODAY, extent=Extent(first=first, of=3))
        for first in range(3)
    ]
    assert sorted((finding for share in shares for finding in share), key=lambda one: one.order) == every
    checks = {finding.check for finding in every}
    assert {"duplicate-name", "downtime-without-end", "threshold-differs", "untested"} <= checks
