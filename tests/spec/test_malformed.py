"""Malformed input of every kind: no traceback, and each fault at its place, in words that say what to change."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from malformed import TABLE, Case, findings, preface_and_cases, told

from ddguard.cli import run
from ddguard.findings import has_errors

PREFACE, CASES = preface_and_cases()

Golden = Callable[[Path, str], None]


def test_what_is_told_of_each_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    cases = []
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        case.write(folder)
        monkeypatch.chdir(folder)
        cases.append(replace(case, told=told()))
    golden(TABLE, PREFACE + "".join(str(case) for case in cases))


def test_there_are_more_than_a_hundred_cases_and_each_has_a_name_and_a_place() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 100
    assert [case.name for case in CASES if not case.told] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_the_command_line_tells_the_same(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case.write(tmp_path)
    monkeypatch.chdir(tmp_path)

    code = run(["validate", "--format", "json"])

    output = capsys.readouterr()
    shown = [
        (one["path"], one["line"], one["column"], one["code"], one["message"])
        for one in json.loads(output.out)["findings"]
    ]
    found, _ = findings()
    expected = [(one.position.path, one.position.line, one.position.column, one.code, one.message) for one in found]
    assert [one for one in expected if one not in shown] == []
    assert (code, output.err) == (int(has_errors(found)), "")
