"""`ddguard explain`: the list, a page by name or code, and what is said where there is none."""

import json

import pytest

from ddguard.checks import RULES, file_rules
from ddguard.cli import run

EVERY = (*RULES, *file_rules())


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["explain", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


PAGE = """\
DDG208 timeout-over-a-day  warning
An alert resolves itself later than Datadog documents.

What
  `timeout_h` is more than 24.

Why
  Datadog documents 0 to 24 hours. Its API has taken greater values, but a group without data is
  forgotten after 24 hours, so that there is nothing left to resolve.

Example
    id: errors
    name: Errors
    type: query alert
    query: avg(last_5m):sum:app.errors{*} > 10
    message: Too many errors @slack-team
    options:
      timeout_h: 48

Use instead
    id: errors
    name: Errors
    type: query alert
    query: avg(last_5m):sum:app.errors{*} > 10
    message: Too many errors @slack-team
    options:
      timeout_h: 24

Source
  https://docs.datadoghq.com/monitors/configuration/
"""


@pytest.mark.parametrize("name", ["timeout-over-a-day", "DDG208", "ddg208", "Timeout-Over-A-Day"])
def test_a_page_by_name_or_code(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert explained(capsys, name) == (0, PAGE, "")


def test_the_list_has_every_rule_under_its_theme(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(capsys)
    lines = out.split("\n")
    assert code == 0
    assert lines[0] == "query"
    assert [line[:6] for line in lines if line.startswith("DDG")] == [rule.code for rule in EVERY]
    listed = next(line for line in lines if line.startswith("DDG101"))
    assert listed.split() == ["DDG101", "threshold-differs", "error", *RULES[1].summary.split()]


def test_pages_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(capsys, "DDG208", "--format", "json")
    found = json.loads(out)
    assert (code, found["version"], found["command"]) == (0, 1, "explain")
    (page,) = found["checks"]
    assert page.pop("page").startswith("An alert resolves itself later than Datadog documents.\n\n## What\n")
    assert page == {
        "code": "DDG208",
        "check": "timeout-over-a-day",
        "severity": "warning",
        "theme": "options",
        "summary": "An alert resolves itself later than Datadog documents.",
    }


def test_all_pages_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = explained(capsys, "--format", "json")
    assert [page["code"] for page in json.loads(out)["checks"]] == [rule.code for rule in EVERY]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("timeout-over-day", "there is no check 'timeout-over-day'\n  did you mean timeout-over-a-day?"),
        ("qqq", "there is no check 'qqq'\n  `ddguard explain` lists them"),
        ("\x1b[31m", "there is no check '\\x1b[31m'\n  `ddguard explain` lists them"),
        ("DDG000", "there is no check 'DDG000'\n  `ddguard explain` lists them"),
        ("unknwn-key", "there is no check 'unknwn-key'\n  did you mean unknown-key?"),
    ],
)
def test_a_check_that_is_not_there(capsys: pytest.CaptureFixture[str], name: str, message: str) -> None:
    assert explained(capsys, name) == (64, "", f"ddguard: {message}\n")
