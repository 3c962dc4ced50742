"""Every rule has a page; the examples on it are tests."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from checked_specs import found_in, of_themes

import ddguard.checks
from ddguard.checks import CHECKS, RULES, Check, Rule, Theme, file_rules
from ddguard.findings import Severity
from ddguard.report.rules import rules_page

SECTIONS = ["What", "Why", "Example", "Use instead", "Source"]
THEMES = (Theme.QUERY, Theme.OPTIONS)
OURS = of_themes(*THEMES)
CODES = {Theme.QUERY: 1, Theme.OPTIONS: 2, Theme.MESSAGE: 3, Theme.PRIVACY: 4, Theme.HYGIENE: 5}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
each_check = pytest.mark.parametrize("check", OURS, ids=lambda check: check.name)


@each_rule
def test_a_page_has_a_first_line_and_its_sections(rule: Rule) -> None:
    assert rule.summary == rule.page.split("\n")[0].rstrip(".")
    assert rule.page.split("\n")[0].endswith(".")
    assert list(rule.sections) == SECTIONS
    assert all(rule.sections.values())
    assert rule.examples("Example")
    assert rule.examples("Use instead")


@each_rule
def test_the_code_begins_with_the_number_of_the_theme(rule: Rule) -> None:
    assert re.fullmatch(rf"DDG{CODES[rule.theme]}\d\d", rule.code)


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(codes)
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_every_module_with_a_check_is_listed_under_its_own_name() -> None:
    modules = [import_module(f"ddguard.checks.{found.name}") for found in iter_modules(ddguard.checks.__path__)]
    rules = {
        module.__name__.rpartition(".")[2]: getattr(module, "CHECK", None) or getattr(module, "RULE", None)
        for module in modules
    }
    named = {name.replace("_", "-"): rule.name for name, rule in rules.items() if rule}
    assert named == {rule.name: rule.name for rule in RULES}


@each_check
def test_an_example_is_found_fault_with_by_its_own_check_alone(check: Check) -> None:
    for text in check.examples("Example"):
        assert {finding.check for finding in found_in(text, OURS)} == {check.name}


@each_check
def test_what_to_use_instead_is_free_of_errors_and_warnings(check: Check) -> None:
    for text in check.examples("Use instead"):
        assert [found.message for found in found_in(text, OURS) if found.severity is not Severity.INFO] == []


@pytest.mark.parametrize("name", ["unknown-ignore", "idle-ignore"])
def test_the_examples_of_ignores(name: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    assert [found.check for found in found_in(rule.examples("Example")[0], OURS)] == [name]
    assert found_in(rule.examples("Use instead")[0], OURS) == []


@each_rule
def test_no_page_is_wider_than_a_screen(rule: Rule) -> None:
    assert max(map(len, rule.page.splitlines())) <= 120


def test_the_page_of_all_checks_is_in_step_with_their_docstrings(golden: Callable[[Path, str], None]) -> None:
    golden(Path(__file__).parents[2] / "docs" / "checks.md", rules_page((*RULES, *file_rules())))
