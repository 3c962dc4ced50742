"""Texts from elsewhere steer neither a terminal nor Markdown."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ddguard.errors import ExitCode, UsageError
from ddguard.findings import Finding, Position, Severity
from ddguard.report.escape import markdown_block, markdown_code, markdown_text, printable, printable_line
from ddguard.report.machine import as_json, error_object, findings_object, time_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("é 界 😀", "é 界 😀"),
        ("a\nb\tc", "a\nb\tc"),
        ("\x00\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("\u200b\u202e\u2028\ufeff", "\\u200b\\u202e\\u2028\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("acme\u3164 \u115f\U000e01ef", "acme\\u3164 \\u115f\\U000e01ef"),
        ("\u26a0\ufe0f load", "\u26a0\ufe0f load"),
        ("\r", "\\x0d"),
    ],
)
def test_what_steers_or_hides_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_line_holds_no_break_and_no_tab() -> None:
    assert printable_line("a\nb\tc\x1b") == "a\\nb\\tc\\x1b"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("**bold** _it_", "\\*\\*bold\\*\\* \\_it\\_"),
        ("<b>&amp;", "&lt;b\\>&amp;amp;"),
        ("@team", "@\u200bteam"),
        ("a\nb", "a\\\\nb"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, written: str) -> None:
    assert markdown_text(text) == written


@pytest.mark.parametrize(
    ("text", "written"), [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("", "`  `"), ("a\nb", "`a\\nb`")]
)
def test_code_spans_can_not_be_left(text: str, written: str) -> None:
    assert markdown_code(text) == written


def test_code_blocks_can_not_be_left() -> None:
    assert markdown_block("a\n````\nb", "yaml") == "`````yaml\na\n````\nb\n`````"
    assert markdown_block("a") == "```\na\n```"


def test_json_holds_nothing_that_steers_a_terminal_and_reads_back() -> None:
    body = {"text": "é界\x1b\x7f\x9b\u202e\u2028\ufeff\udcff\U000e0041\u180e\ufff9\u3164"}
    text = as_json("validate", body)
    assert text.isascii() is False
    assert [one for one in text if one != "\n" and not one.isprintable()] == []
    assert "\\udb40\\udc41" in text
    assert "\\u3164" in text
    assert text.encode("utf-8")
    assert json.loads(text) == {"version": 1, "command": "validate", **body}


def test_times_are_in_utc() -> None:
    assert time_text(datetime(2026, 1, 5, 1, 2, 3, 999, UTC)) == "2026-01-05T01:02:03Z"
    assert time_text(datetime(2026, 1, 5, 1, 0, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-04T23:00:00Z"


def test_findings_and_errors_as_objects() -> None:
    found = Finding(Position("a.yaml", 2, 7, 4), "DDG013", "wrong-value", Severity.WARNING, "wrong", "right")
    assert findings_object([found], {"files": 1}) == {
        "findings": [
            {
                "path": "a.yaml",
                "line": 2,
                "column": 7,
                "code": "DDG013",
                "check": "wrong-value",
                "severity": "warning",
                "message": "wrong",
                "hint": "right",
            }
        ],
        "checked": {"files": 1},
    }
    assert error_object(UsageError("no", "yes")) == {"message": "no", "hint": "yes", "exit_code": ExitCode.USAGE}
