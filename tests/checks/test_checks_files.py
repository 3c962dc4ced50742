"""The pages about files: every code has one, and the examples on them are tests."""

import json
import re
from pathlib import Path

import pytest

from ddguard.checks import Rule, file_rules
from ddguard.cli import run

SOURCES = sorted((Path(__file__).parents[2] / "ddguard").rglob("*.py"))
SECTIONS = ["What", "Why", "Example", "Use instead"]
NAMED = re.compile(r'(?<!: )"(DDG0\d\d)",\s*"([a-z0-9-]+)"')
BY_NAME = re.compile(r'"([a-z0-9-]+)": "(DDG0\d\d)"')
FILE = re.compile(r"# (\S+\.yaml)\n")
SERIES = "series"
MONITOR = "id: errors\ntype: query alert\nquery: avg(last_5m):avg:app.errors{*} > 10\n"

each_rule = pytest.mark.parametrize("rule", file_rules(), ids=lambda rule: rule.name)


def test_every_code_that_findings_about_files_have_has_a_page() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    used = {pair for text in texts for pair in NAMED.findall(text)}
    used |= {(code, name) for text in texts for name, code in BY_NAME.findall(text)} | {("DDG090", SERIES)}
    assert used == {(rule.code, rule.name) for rule in file_rules()}
    assert {code for text in texts for code in re.findall(r"DDG0\d\d", text)} <= {code for code, _ in used}


@each_rule
def test_a_page_has_a_first_line_and_its_sections(rule: Rule) -> None:
    assert rule.page.split("\n")[0].endswith(".")
    assert list(rule.sections) in (SECTIONS, [one for one in SECTIONS if one != "Example"])
    assert all(rule.sections.values())
    assert max(map(len, rule.page.splitlines())) <= 130


def test_codes_are_in_order() -> None:
    codes = [rule.code for rule in file_rules()]
    assert codes == sorted(set(codes))


def found_in(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """Code and severity of what validate says of an example, infos and what depends on a project's habits aside."""
    named = FILE.match(text)
    name = named[1] if named else "spec.yaml"
    (folder / "ddguard.yaml").write_text("project: shop\n")
    if name.endswith(".test.yaml"):
        (folder / "errors.yaml").write_text(MONITOR)
    (folder / name).write_text(text)
    run(["validate", "--dir", str(folder), "--format", "json", "--min-severity", "warning"])
    found = json.loads(capsys.readouterr().out)["findings"]
    return {(one["code"], one["severity"]) for one in found if one["code"].startswith("DDG0")}


@pytest.mark.parametrize("rule", [one for one in file_rules() if one.examples("Example")], ids=lambda rule: rule.name)
def test_an_example_is_found_fault_with_and_what_to_use_instead_is_not(
    rule: Rule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = rule.examples("Example")
    assert found_in(example, tmp_path, capsys) == {(rule.code, rule.severity.value)}
    for path in tmp_path.iterdir():
        path.unlink()
    for text in rule.examples("Use instead"):
        assert found_in(text, tmp_path, capsys) == set()


@pytest.mark.parametrize(("heading", "code"), [("Example", 1), ("Use instead", 0)])
def test_the_rows_of_series(heading: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = next(rule for rule in file_rules() if rule.name == SERIES)
    (rows,) = re.findall(r"^```csv\n(.*?)^```$", rule.sections[heading], re.MULTILINE | re.DOTALL)
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "errors.yaml").write_text(MONITOR)
    (tmp_path / "rows.csv").write_text(rows)
    assert run(["replay", "errors", "--dir", str(tmp_path), "--series", str(tmp_path / "rows.csv")]) == code
    assert ("[DDG090 series]" in capsys.readouterr().out) is bool(code)
