"""Findings on a terminal: carets under what is meant, whatever stands in the line and however narrow the screen is."""

import tracemalloc
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ddguard.cli import run
from ddguard.findings import Finding, Position, Severity
from ddguard.report.findings import findings_summary, findings_text
from ddguard.report.terminal import rendered


def finding(
    line: int = 1, column: int = 1, width: int = 1, message: str = "wrong", hint: str = "", path: str = "a.yaml"
) -> Finding:
    return Finding(Position(path, line, column, width), "DDG013", "wrong-value", Severity.ERROR, message, hint)


def shown(one: Finding, text: str, *, width: int = 80, color: bool = False) -> str:
    return rendered(findings_text([one], {"a.yaml": text}), width=width, color=color)


def lines(one: Finding, text: str, width: int = 80) -> tuple[str, str]:
    """The source line and the line of carets, without what stands before the bar."""
    every = [
        line for line in shown(one, text, width=width).split("\n") if line[:8].endswith("| ") or line[:7].endswith("|")
    ]
    assert len(every) == 2
    return every[0][8:], every[1][8:]


def test_a_finding_as_it_is_shown() -> None:
    one = finding(2, 7, 4, "name: a text is wrong", "write it right")
    assert shown(one, "id: a\nname: here\n") == (
        "a.yaml:2:7: error: name: a text is wrong [DDG013 wrong-value]\n"
        "    2 | name: here\n"
        "      |       ^^^^\n"
        "  help: write it right\n"
        "\n"
    )


def test_colors_are_there_only_when_wanted() -> None:
    assert "\x1b[1;31merror" in shown(finding(), "id: a\n", color=True)
    assert "\x1b" not in shown(finding(), "id: a\n")


@pytest.mark.parametrize("line", [0, 2, 3, 99])
def test_without_a_line_to_show_there_are_no_carets(line: int) -> None:
    assert shown(finding(line), "id: a\n   \n") == f"a.yaml:{line}:1: error: wrong [DDG013 wrong-value]\n\n"


@pytest.mark.parametrize(
    ("text", "column", "width", "caret"),
    [
        ("name: x", 7, 1, "      ^"),
        ("界界: x", 5, 1, "      ^"),
        ("a: 界界", 4, 2, "   ^^^^"),
        ("😀: 😀", 4, 1, "    ^^"),
        ("e\u0301: x", 5, 1, "   ^"),
        ("\t\tname: x", 9, 1, "        ^"),
        ("\u202ename: x", 8, 1, "            ^"),
        ("name: \x1b[2Jx", 7, 1, "      ^^^^"),
        ("name:", 6, 1, "     ^"),
    ],
)
def test_carets_stand_below_what_is_meant(text: str, column: int, width: int, caret: str) -> None:
    assert lines(finding(1, column, width), text)[1] == caret


LONG = "start " + "abc " * 50 + "HERE " + "xyz " * 50 + "end"


@pytest.mark.parametrize("columns", [20, 40, 80, 1000])
@pytest.mark.parametrize("meant", ["start", "HERE", "end"])
def test_long_lines_are_cut_around_the_caret(meant: str, columns: int) -> None:
    source, marks = lines(finding(1, LONG.index(meant) + 1, len(meant)), LONG, columns)
    assert cell_len(source) <= min(columns - 8, 100)
    assert source[marks.index("^") : marks.rindex("^") + 1] == meant


def test_what_is_too_long_itself_shows_its_beginning() -> None:
    source, marks = lines(finding(1, 7, 300), LONG, 40)
    assert source == "start abc abc abc abc ab... x..."
    assert marks == "      ^^^^^^^^^^^^^^^^^^^^^"


def test_a_mark_stands_under_what_takes_no_column_at_the_end_of_a_full_line() -> None:
    source, marks = lines(finding(1, 13, 1), "a" * 12 + "\u0301", 20)
    assert source == "...aaaaaaaa\u0301"
    assert marks == "           ^"


@settings(max_examples=200)
@given(
    text=st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=120).filter(lambda text: text.strip()),
    data=st.data(),
    columns=st.sampled_from([20, 40, 80, 200]),
)
def test_nothing_raw_reaches_the_terminal_and_no_line_is_too_long(text: str, data: st.DataObject, columns: int) -> None:
    column = data.draw(st.integers(1, len(text)))
    width = data.draw(st.integers(1, 130))
    output = shown(finding(1, column, width, text, text), text, width=columns)
    hidden = [
        one for one in output if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    ]
    assert hidden == []
    for line in output.split("\n"):
        assert cell_len(line) <= columns
        assert line == line.rstrip()
    marks = [line for line in output.split("\n") if line.startswith("      |")]
    assert any("^" in line for line in marks)


def test_a_file_s_name_and_a_message_can_not_steer_the_terminal() -> None:
    output = shown(finding(path="a\x1b]0;x\x07\n.yaml", message="key 'a\u202eb'\nsecond"), "id: a\n", width=200)
    assert output == "a\\x1b]0;x\\x07\\n.yaml:1:1: error: key 'a\\u202eb'\\nsecond [DDG013 wrong-value]\n\n"


def test_hostile_specs_are_told_without_a_raw_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "a\x1b[2J.yaml").write_text('id: a\n"k\\ne\\x1by\\u202e": 1\n"\\x9b2J": \u202e\n')
    monkeypatch.chdir(tmp_path)

    for form in ("text", "json"):
        assert run(["validate", "--format", form]) == 1
        output = capsys.readouterr()
        assert [one for one in output.out + output.err if one != "\n" and not one.isprintable()] == []


@pytest.mark.parametrize(
    ("severities", "specs", "summary"),
    [
        ([], {"monitor": 2, "downtime": 0}, "no mistakes in 3 files (2 monitors)"),
        ([Severity.ERROR], {}, "1 error in 3 files"),
        ([Severity.ERROR] * 2 + [Severity.WARNING], {"monitor": 1}, "2 errors, 1 warning in 3 files (1 monitor)"),
        ([Severity.INFO] * 2, {"monitor": 1, "test": 4}, "2 info in 3 files (1 monitor, 4 tests)"),
    ],
)
def test_the_summary_counts(severities: list[Severity], specs: dict[str, int], summary: str) -> None:
    found = [Finding(Position("a.yaml"), "DDG013", "wrong-value", severity, "wrong") for severity in severities]
    assert findings_summary(found, 3, specs) == summary


def test_lines_that_are_not_wrapped_are_not_padded_either() -> None:
    unwrapped = 1_000_000
    many = [finding(hint="write it right") for _ in range(100)]
    tracemalloc.start()
    text = rendered(findings_text(many, {"a.yaml": "id: a\n"}), width=unwrapped, color=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text.count("  help: write it right\n") == 100
    assert peak < 10 * unwrapped


def test_what_is_private_in_one_finding_is_blotted_out_where_only_others_are_shown() -> None:
    other = finding(1, 1, 4)
    private = Finding(Position("a.yaml", 1, 7, 5), "DDG404", "phone-number", Severity.WARNING, "a number", private=True)
    text = rendered(findings_text([other], {"a.yaml": "name: 01234\n"}, among=[other, private]), width=80, color=False)
    assert "01234" not in text
    assert "name: *****" in text
