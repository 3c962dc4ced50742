"""The pages about messages, privacy and hygiene: each example has the one fault that it is about, to the letter."""

import pytest
import yaml
from checked_specs import TODAY, of_themes, project, specs

from ddguard.checks import CHECKS, Check, Theme, check_project
from ddguard.findings import Finding, Severity

OURS = of_themes(Theme.MESSAGE, Theme.PRIVACY, Theme.HYGIENE)
each_check = pytest.mark.parametrize("check", OURS, ids=lambda check: check.name)


def monitors_of_tests(blocks: tuple[str, ...]) -> frozenset[str]:
    """The monitors that the test files among the examples name."""
    files = [yaml.safe_load(block) for block in blocks if block.startswith("tests:")]
    return frozenset(test["monitor"] for file in files for test in file["tests"])


def found(check: Check, heading: str) -> list[Finding]:
    """What all checks say about the specs of a section, that they have no test aside unless it is about that."""
    blocks = check.examples(heading)
    findings: list[Finding] = []
    for text in blocks:
        if not text.startswith("tests:"):
            monitors, downtimes = specs(text)
            ids = {monitor.id for monitor in monitors}
            tested = monitors_of_tests(blocks) if check.name == "untested" else frozenset(ids)
            findings += check_project(project(), monitors, downtimes, tested, TODAY)
    return findings


@each_check
def test_an_example_has_one_fault_alone(check: Check) -> None:
    assert {finding.check for finding in found(check, "Example")} == {check.name}


@each_check
def test_what_to_use_instead_has_no_fault_at_all(check: Check) -> None:
    assert [(finding.check, finding.message) for finding in found(check, "Use instead")] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_what_any_page_advises_is_free_of_our_errors_and_warnings(check: Check) -> None:
    for text in check.examples("Use instead"):
        if not text.startswith("tests:"):
            findings = check_project(project(), *specs(text), frozenset(), TODAY, OURS)
            assert [found.message for found in findings if found.severity is not Severity.INFO] == []
