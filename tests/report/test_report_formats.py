"""Findings as GitHub's annotations and as SARIF: the same as in text and JSON, at the same places, safely written."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from ddguard.checks import RULES
from ddguard.cli import run
from ddguard.findings import Finding, Position, Severity
from ddguard.report.findings import findings_text
from ddguard.report.github import annotations
from ddguard.report.sarif import sarif
from ddguard.report.terminal import rendered

SCHEMA = Path(__file__).parent / "sarif-2.1.0.schema.json"
"""The schema that OASIS publishes with the standard."""

FINDING = Finding(
    Position("monitors/a.yaml", 3, 5, 7), "DDG101", "threshold-differs", Severity.ERROR, "5 isn't 10", "write 10"
)
TEXT = "id: a\ntype: query alert\nabc: critical\n"


def log(*findings: Finding, **texts: str) -> Any:
    found = json.loads(sarif(findings, texts))
    Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    return found


def results(*findings: Finding, text: str = TEXT) -> list[Any]:
    found: list[Any] = log(*findings, **{"monitors/a.yaml": text})["runs"][0]["results"]
    return found


def at(line: int, column: int, width: int = 1, path: str = "monitors/a.yaml") -> Finding:
    return replace(FINDING, position=Position(path, line, column, width))


# GitHub


def test_an_annotation_has_place_title_message_and_hint() -> None:
    assert annotations([FINDING], "1 error in 2 files") == (
        "::error file=monitors/a.yaml,line=3,endLine=3,col=5,endColumn=12,title=DDG101 threshold-differs"
        "::monitors/a.yaml:3:5: 5 isn't 10 [DDG101 threshold-differs]%0Ahelp: write 10\n1 error in 2 files"
    )


@pytest.mark.parametrize(
    ("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")]
)
def test_each_severity_has_its_command(severity: Severity, command: str) -> None:
    assert annotations([replace(FINDING, severity=severity)], "").startswith(f"::{command} file=")


def test_a_whole_file_has_no_line() -> None:
    finding = replace(FINDING, position=Position("a.yaml"), hint="")
    assert annotations([finding], "x") == (
        "::error file=a.yaml,title=DDG101 threshold-differs::a.yaml: 5 isn't 10 [DDG101 threshold-differs]\nx"
    )


def test_nothing_in_a_finding_can_end_its_line_or_its_property() -> None:
    hostile = "100 %: a,b\r\n::error::x\x1b[31m"
    finding = replace(FINDING, position=Position("a,b:c%\n.yaml", 1, 1), message=hostile, hint="")
    assert annotations([finding], "x") == (
        "::error file=a%2Cb%3Ac%25\\n.yaml,line=1,endLine=1,col=1,endColumn=2,title=DDG101 threshold-differs"
        "::a,b:c%25\\n.yaml:1:1: 100 %25: a,b\\x0d\\n::error::x\\x1b[31m [DDG101 threshold-differs]\nx"
    )


def test_the_log_says_what_github_leaves_out() -> None:
    warning = replace(FINDING, severity=Severity.WARNING)
    last = annotations([*[FINDING] * 11, *[warning] * 12, replace(FINDING, severity=Severity.INFO)], "x").split("\n")[
        -1
    ]
    assert last == (
        "GitHub shows 10 annotations of a kind: of 11 errors and 12 warnings the others stand in this log alone"
    )
    assert annotations([FINDING] * 10, "x").endswith("\nx")


def test_no_findings_are_no_annotations() -> None:
    assert annotations([], "no mistakes in 1 file") == "no mistakes in 1 file"


# SARIF


def test_a_result_points_at_its_rule_and_its_place() -> None:
    found = log(FINDING, **{"monitors/a.yaml": TEXT})
    (result,) = found["runs"][0]["results"]
    rule = found["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], rule["name"], result["ruleId"]) == ("DDG101", "threshold-differs", "DDG101")
    assert result["level"] == rule["defaultConfiguration"]["level"] == "error"
    assert result["message"] == {"text": "5 isn't 10\nwrite 10"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "monitors/a.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 12},
            }
        }
    ]


def test_there_is_one_rule_with_its_page_for_each_check() -> None:
    rules = log()["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule.code for rule in RULES)
    for rule in rules:
        page = next(one.page.strip() for one in RULES if one.code == rule["id"])
        assert rule["help"] == {"text": page, "markdown": page}
        assert rule["shortDescription"]["text"] == page.split("\n")[0]
        assert "helpUri" not in rule


def test_a_finding_about_a_file_gets_a_rule_too() -> None:
    finding = replace(FINDING, code="DDG002", check="empty-file", severity=Severity.WARNING)
    found = log(finding, finding)
    rules = found["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(["DDG002", *(rule.code for rule in RULES)])
    assert rules[0]["name"] == "empty-file"
    assert rules[0]["shortDescription"] == {"text": "The file holds no document."}
    assert rules[0]["help"]["text"].startswith("The file holds no document.")
    assert {result["ruleIndex"] for result in found["runs"][0]["results"]} == {0}


def test_columns_are_counted_in_utf_16() -> None:
    text = "name: 🚨🚨 abc\nname: äöü abc\n"
    regions = [
        result["locations"][0]["physicalLocation"]["region"]
        for result in results(at(1, 10, 3), at(2, 11, 3), text=text)
    ]
    assert [(region["startColumn"], region["endColumn"]) for region in regions] == [(12, 15), (11, 14)]
    line = text.split("\n", maxsplit=1)[0].encode("utf-16-le")
    assert line[2 * 11 : 2 * 14].decode("utf-16-le") == "abc"


def test_a_whole_file_has_no_region() -> None:
    (result,) = results(replace(FINDING, position=Position("b.yaml")))
    assert "region" not in result["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("a b/ü%.yaml", {"uri": "a%20b/%C3%BC%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("a:b.yaml", {"uri": "a%3Ab.yaml", "uriBaseId": "%SRCROOT%"}),
        ("../a.yaml", {"uri": "../a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("mon\\a.yaml", {"uri": "mon/a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("\udcff.yaml", {"uri": "%FF.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a b.yaml", {"uri": "file:///srv/a%20b.yaml"}),
        ("C:\\srv\\a.yaml", {"uri": "file:///C:/srv/a.yaml"}),
    ],
)
def test_paths_are_addresses(path: str, artifact: dict[str, str]) -> None:
    (result,) = results(at(1, 1, path=path))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def prints(*findings: Finding, text: str = TEXT) -> list[str]:
    return [result["partialFingerprints"]["ddguard/v1"] for result in results(*findings, text=text)]


def test_fingerprints_stay_when_lines_move() -> None:
    before = prints(at(3, 1, 3), at(3, 6, 8))
    assert prints(at(5, 3, 3), at(5, 8, 8), text="\n\n" + TEXT.replace("abc", "  abc")) == before
    assert len(set(before)) == 2


def test_fingerprints_differ_by_code_file_and_line() -> None:
    other_file = at(1, 1, path="b.yaml")
    other_code = replace(at(1, 1), code="DDG102")
    assert len(set(prints(at(1, 1), at(2, 1), other_file, other_code))) == 4


def test_findings_alike_in_all_are_numbered() -> None:
    assert len(set(prints(at(1, 1), at(2, 1), text="same\nsame\n"))) == 2


def test_a_fingerprint_tells_nothing_of_what_is_private() -> None:
    finding = replace(at(1, 6, 6), private=True)
    assert prints(finding, text="key: secret\n") == prints(finding, text="key: hidden\n")


# All of them


def shown(*findings: Finding, text: str) -> str:
    return rendered(findings_text(findings, {"monitors/a.yaml": text}), width=200, color=False)


def test_what_is_private_is_blotted_out_wherever_its_line_is_shown() -> None:
    secret = replace(at(1, 11, 10), private=True)
    text = "message: {s3cr3t-abc} and more\r\nnext: line\n"
    output = shown(at(1, 1, 7), secret, text=text)
    assert "s3cr3t" not in output
    assert output.count("message: {**********} and more") == 2


def test_a_private_place_beyond_the_end_is_no_trouble() -> None:
    finding = replace(at(9, 9, 9), private=True)
    assert "DDG101" in shown(finding, replace(finding, position=Position("elsewhere.yaml", 1, 1)), text="x")


PROJECT = {
    "ddguard.yaml": "project: shop\n",
    "a.yaml": """\
id: a
name: "🚨 A \\u001b[31m"
type: query alert
query: avg(last_5m):avg:a{env:prod AND !host:b} by {user_email} > 1
message: |
  {{#is_alert}}{{vaule}} is high,
  ask jane.roe@example.com or (@slack-team{{/is_alrt}}
options:
  thresholds: {critical: 2}
""",
    "b.yaml": "id: a\ntype: query allert\nquery: x\nmessage: '100 %, y: z'\n",
    "c.yaml": "kind: downtime\nid: c\nscope: 'tenant:x'\nmonitor_identifier: {monitor_tags: ['*']}\n",
}

ANNOTATION = re.compile(
    r"::(error|warning|notice) file=([^,]*)(?:,line=(\d+),endLine=\d+,col=(\d+),endColumn=\d+)?,title=(\S+) \S+"
    r"::\2:\3:\4: (.*) \[\5 \S+\](%0A.*)?"
)
HEADLINE = re.compile(r"(\S+?):(\d+):(\d+): (error|warning|info): (.*) \[(\S+) \S+\]")
SEVERITIES = {"notice": "info", "note": "info"}
Row = tuple[str, int, int, str, str, str]


def printed(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["validate", "--format", form, "--no-color"]) == 1
    return capsys.readouterr().out


def in_json(output: str) -> list[Row]:
    return [
        (one["path"], one["line"], one["column"], one["severity"], one["code"], one["message"])
        for one in json.loads(output)["findings"]
    ]


def in_text(output: str) -> list[Row]:
    found = [HEADLINE.fullmatch(line) for line in output.split("\n")]
    return [
        (match[1], int(match[2]), int(match[3]), match[4], match[6], match[5]) for match in found if match is not None
    ]


def in_github(output: str) -> list[Row]:
    found = [ANNOTATION.fullmatch(line) for line in output.split("\n")]
    return [
        (
            unquote(match[2]),
            int(match[3]),
            int(match[4]),
            SEVERITIES.get(match[1], match[1]),
            match[5],
            unquote(match[6]),
        )
        for match in found
        if match is not None
    ]


def in_sarif(output: str) -> list[Row]:
    rows = []
    for result in json.loads(output)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        path, region = unquote(place["artifactLocation"]["uri"]), place["region"]
        line = PROJECT[path].split("\n")[region["startLine"] - 1].encode("utf-16-le")
        column = len(line[: 2 * (region["startColumn"] - 1)].decode("utf-16-le")) + 1
        level, message = SEVERITIES.get(result["level"], result["level"]), result["message"]["text"].split("\n")[0]
        rows.append((path, region["startLine"], column, level, result["ruleId"], message))
    return rows


def test_all_formats_tell_the_same_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = in_json(printed("json", capsys))
    assert {row[3] for row in rows} == {"error", "warning", "info"}
    assert {row[0] for row in rows} == {"a.yaml", "b.yaml", "c.yaml"}
    text = printed("text", capsys)
    assert in_text(text) == in_github(printed("github", capsys)) == rows
    output = printed("sarif", capsys)
    Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(json.loads(output))
    assert in_sarif(output) == rows
    assert "jane.roe" not in text


def test_findings_are_the_same_whatever_the_files_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another order of the files changes no finding of a file but its path."""
    monitors = [PROJECT["a.yaml"], PROJECT["a.yaml"].replace("id: a", "id: d"), PROJECT["c.yaml"]]
    told = []
    for order in ((0, 1, 2), (2, 1, 0)):
        folder = tmp_path / str(order[0])
        folder.mkdir()
        (folder / "ddguard.yaml").write_text("project: shop\n")
        names = {f"{place}.yaml": monitors[number] for place, number in enumerate(order)}
        for name, text in names.items():
            (folder / name).write_text(text, encoding="utf-8")
        monkeypatch.chdir(folder)
        rows = in_json(printed("json", capsys))
        told.append(sorted((names[row[0]], *row[1:]) for row in rows))
    assert told[0] == told[1]


# Paths in a job of GitHub


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that a job checked out, with a broken project in `ops/shop`; the job stands in `ops`."""
    (tmp_path / "ops/shop").mkdir(parents=True)
    (tmp_path / "ops/shop/ddguard.yaml").write_text("projekt: shop\n")
    monkeypatch.chdir(tmp_path / "ops")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("folder", ["shop", "./shop", "../ops/shop"])
def test_paths_are_those_in_the_repository(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "--dir", folder, "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=ops/shop/ddguard.yaml,line=1,")

    assert run(["validate", "--dir", folder, "--format", "sarif"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "ops/shop/ddguard.yaml"
    assert place["region"]["startColumn"] == 1


def test_paths_stay_as_they_are_in_the_root_and_outside_of_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for root, folder in ((repository / "ops", "shop"), (repository / "elsewhere", "shop"), ("", "shop")):
        monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
        assert run(["validate", "--dir", folder, "--format", "github"]) == 1
        assert capsys.readouterr().out.startswith("::error file=shop/ddguard.yaml,line=1,")


def test_an_absolute_path_stays_one(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "--dir", str(repository / "ops/shop"), "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith(f"::error file={repository}/ops/shop/ddguard.yaml,line=1,")
