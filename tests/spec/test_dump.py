"""YAML as a person would write it, which reads back as what it was."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ddguard.report.escape import printable
from ddguard.spec.documents import read_documents
from ddguard.spec.dump import dump_document, dump_documents

MONITOR = {
    "id": "burst",
    "name": "[StreamPay] Burst on {{tenant.name}}",
    "type": "query alert",
    "query": "sum(last_1h):sum:streams.created{env:prod} by {tenant}.as_count() > 100",
    "message": '{{#is_alert}}\nToo many: see "the runbook".\n\n    code\n{{/is_alert}}\n@slack-risk',
    "tags": ["team:risk", "service:streampay"],
    "priority": 3,
    "options": {"thresholds": {"critical": 100, "warning": 50.5}, "include_tags": True, "timeout_h": None},
}

WRITTEN = """\
id: burst
name: "[StreamPay] Burst on {{tenant.name}}"
type: query alert
query: sum(last_1h):sum:streams.created{env:prod} by {tenant}.as_count() > 100
message: |-
  {{#is_alert}}
  Too many: see "the runbook".

      code
  {{/is_alert}}
  @slack-risk
tags:
  - team:risk
  - service:streampay
priority: 3
options:
  thresholds:
    critical: 100
    warning: 50.5
  include_tags: true
  timeout_h: null
"""


def read(text: str) -> Any:
    documents, findings = read_documents("x.yaml", text)
    assert not findings
    assert list(yaml.safe_load_all(text)) == [document.value for document in documents]
    return [document.value for document in documents]


def line(value: Any) -> str:
    return dump_document({"x": value}).removeprefix("x: ").removesuffix("\n")


def test_a_monitor() -> None:
    assert dump_document(MONITOR) == WRITTEN
    assert read(WRITTEN) == [MONITOR]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text, with a comma", "plain text, with a comma"),
        ("", '""'),
        (" led by a blank", '" led by a blank"'),
        ("colon: blank", '"colon: blank"'),
        ('quotes: "here"', "'quotes: \"here\"'"),
        ('it\'s: both "x"', "'it''s: both \"x\"'"),
        ("back\\slash: x", "'back\\slash: x'"),
        ("a # comment", '"a # comment"'),
        ("@slack-risk", '"@slack-risk"'),
        ("{{value}}", '"{{value}}"'),
        ("${name}", "${name}"),
        ("*", '"*"'),
        ("tab\there", '"tab\\there"'),
        ("\x1b[31mred", '"\\e[31mred"'),
        ("next\x85line", '"next\\Nline"'),
        ("line\u2028separator", '"line\\Lseparator"'),
        ("schön 🚀", "schön 🚀"),
        ("\u202egnp.exe", '"\\u202Egnp.exe"'),
        ("zero\u200bwidth", '"zero\\u200Bwidth"'),
        ("soft\u00adhyphen", '"soft\\u00ADhyphen"'),
        ("two\nlines\u2066", '"two\\nlines\\u2066"'),
        ("\ue000 and \U000e0041", '"\\uE000 and \\U000E0041"'),
        ("\ufeffmark", '"\\uFEFFmark"'),
    ],
)
def test_quotes_stand_only_where_they_are_needed(text: str, written: str) -> None:
    assert line(text) == written
    assert read(dump_document({"x": text})) == [{"x": text}]


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "No", "on", "OFF", "y", "N", "true", "null", "~", "Null", "12:30", "2027-01-31", "1e3", "1.5E-3"),
        *("2027-01-31T00:00:00Z", "0x10", "0o17", "017", "1_000", ".5", "-.inf", ".nan", "+1", "1.", "=", "<<", "0b1"),
    ],
)
def test_texts_that_some_reader_takes_for_another_type_are_quoted(text: str) -> None:
    assert line(text) == f'"{text}"'
    assert read(dump_document({"x": text, text: 1})) == [{"x": text, text: 1}]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\nb", "|-\n  a\n  b"),
        ("a\nb\n", "|\n  a\n  b"),
        ("  a\nb\n", "|2\n    a\n  b"),
        ("\na\n", "|2\n\n  a"),
        ("a\n\n\nb", "|-\n  a\n\n\n  b"),
        ("a \n  \nb", "|-\n  a \n    \n  b"),
        ("a\nb ", "|-\n  a\n  b "),
        ("a: 1\n# no comment\n--- \n- x", "|-\n  a: 1\n  # no comment\n  --- \n  - x"),
        ("a\n\tb", '"a\\n\\tb"'),
        ("a\r\nb", '"a\\r\\nb"'),
        ("\n\n", '"\\n\\n"'),
        (" \n", '" \\n"'),
    ],
)
def test_texts_of_several_lines_are_blocks(text: str, written: str) -> None:
    assert line(text) == written
    assert read(dump_document({"x": text})) == [{"x": text}]


def test_newlines_at_the_end_are_all_kept() -> None:
    values = [{"x": "a\n\n\n"}, {"y": 1}]
    assert read(dump_documents(values)) == values


def test_long_lines_are_not_folded() -> None:
    assert line("word " * 500 + "end") == "word " * 500 + "end"
    assert "\n" not in line("@" + "word " * 500 + "end")


def test_empty_and_repeated_values() -> None:
    shared = ["a:1"]
    value = {"a": shared, "b": shared, "c": [], "d": {}, "e": [[], [1, [2]]]}
    assert dump_document(value) == ("a:\n  - a:1\nb:\n  - a:1\nc: []\nd: {}\ne:\n  - []\n  - - 1\n    - - 2\n")
    assert read(dump_document(value)) == [value]


def test_documents_are_kept_apart() -> None:
    assert dump_documents([{"a": 1}, {"b": 2}]) == "a: 1\n---\nb: 2\n"
    assert dump_documents([]) == ""


PIECES = st.sampled_from(
    [
        "a",
        " ",
        "  ",
        "\n",
        "\t",
        "#",
        ": ",
        "- ",
        "'",
        '"',
        "\\",
        "|",
        "%",
        "---",
        "...",
        "é",
        "🚀",
        "\u202e",
        "\u200b",
        "\u00ad",
        "\U000e0041",
        "\r",
        "\x00",
        "{{x}}",
        "$",
        "1",
        ".",
    ]
)
TEXTS = st.lists(PIECES, max_size=9).map("".join)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), min_size=1, max_size=2))
def test_what_is_written_reads_back_as_it_was(values: list[dict[str, Any]]) -> None:
    assert read(dump_documents(values)) == values


@given(st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), min_size=1, max_size=2))
def test_what_is_written_is_as_it_looks(values: list[dict[str, Any]]) -> None:
    text = dump_documents(values)
    assert printable(text) == text
