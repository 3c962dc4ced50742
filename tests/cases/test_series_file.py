"""Series from files that users name: which reader they want, and what is told of bad ones."""

import io
import sys
from pathlib import Path

import pytest
from click.exceptions import Exit

from ddguard.cli.options import Common
from ddguard.cli.series_file import series_in
from ddguard.errors import InputError, UsageError
from ddguard.replay.yamlfile import looks_like_yaml, read_yaml

COMMON = Common(None, None, {}, "text", color=False, loudness=0, api_url=None, command="replay")
ENTRY = "{metric: jobs, type: count, tags: [tenant:a], values: 1 _ 3}"


def points(text: str) -> list[tuple[int, float]]:
    reading = read_yaml(text, "s.yaml")
    assert reading.findings == ()
    (series,) = reading.series.series
    return list(zip(series.times.tolist(), series.values.tolist(), strict=True))


def told(text: str) -> list[str]:
    return [
        f"{one.position.line}:{one.position.column} {one.message}" + (f" ({one.hint})" if one.hint else "")
        for one in read_yaml(text, "s.yaml").findings
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"- {ENTRY}\n", [(1767571200, 1.0), (1767571320, 3.0)]),
        (f"series: [{ENTRY}]\n", [(1767571200, 1.0), (1767571320, 3.0)]),
        (f"start: 1970-01-01T00:00:00\ninterval: 10s\nseries: [{ENTRY}]\n", [(0, 1.0), (20, 3.0)]),
        (f"start: 1970-01-01T01:00:00+01:00\nseries: [{ENTRY}]\n", [(0, 1.0), (120, 3.0)]),
        (f"tests: [{{name: x, start: 1970-01-01T00:00:00Z, series: [{ENTRY}]}}]\n", [(0, 1.0), (120, 3.0)]),
        (
            "start: 1970-01-01T00:00:00Z\nduration: 2m\nseries: [{metric: m, generate: {constant: 2}}]\n",
            [(0, 2.0), (60, 2.0), (120, 2.0)],
        ),
    ],
)
def test_yaml(text: str, found: list[tuple[int, float]]) -> None:
    assert points(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "1:1 there is no list of series (write it as in a test file: series: [...])"),
        ("just a text\n", "1:1 there is no list of series (write it as in a test file: series: [...])"),
        (
            "tests: [{}, {}]\n",
            "1:8 the file holds 2 tests, each with its own series (keep the series of one test in a file of their own)",
        ),
        ("start: noon\nseries: []\n", "1:8 start: Invalid isoformat string: 'noon'"),
        (
            "interval: often\nseries: []\n",
            "1:11 interval: expected a length of time such as 90s, 30m, 2h or 1d, not 'often'",
        ),
        ("interval: 0m\nseries: []\n", "1:11 interval: no time lies between two values"),
        ("series:\n  - {metric: m, values: 1 x}\n", "2:27 'x' is no value"),
        ("tests:\n  - series:\n      - {metric: m, values: 1 x}\n", "3:31 'x' is no value"),
    ],
)
def test_yaml_that_holds_no_series(text: str, message: str) -> None:
    (found,) = told(text)

    assert found.startswith(message)


def test_broken_and_empty_yaml() -> None:
    assert told("series: [\n")[0].startswith("1:9 the [ that opens here is never closed")
    assert told("# nothing\n") == ["1:1 the file holds no document"]


@pytest.mark.parametrize(
    ("text", "is_yaml"),
    [
        ("- metric: m\n", True),
        ("# words\n\nseries:\n", True),
        ("tests:\n", True),
        ("metric,timestamp,value,tags\n", False),
        ("", False),
    ],
)
def test_what_looks_like_yaml(text: str, *, is_yaml: bool) -> None:
    assert looks_like_yaml(text) is is_yaml


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.csv", "metric,timestamp,value,tags\nm,60,1,\n"),
        ("s.CSV", "\ufeffmetric,timestamp,value,tags\r\nm,60,1,\r\n"),
        ("s.json", '{"series": [{"metric": "m", "points": [{"timestamp": 60, "value": 1}]}]}'),
        ("s.yml", "start: 1970-01-01T00:01:00Z\nseries: [{metric: m, values: 1}]\n"),
        ("no-ending", '{"series": [{"metric": "m", "pointlist": [[60000, 1]]}]}'),
    ],
)
def test_readers_by_ending_and_content(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    found = series_in(str(tmp_path / name), COMMON)

    assert (found.first, found.last) == (60, 60)


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(b"- {metric: m, values: 1}\n")

    monkeypatch.setattr(sys, "stdin", Pipe())

    assert series_in("-", COMMON).first == 1767571200


def test_a_file_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(b"metric,timestamp,value,tags\nm,60,\xff,\n")

    with pytest.raises(Exit) as stop:
        series_in(str(path), COMMON)

    assert stop.value.exit_code == 1
    out = capsys.readouterr().out
    assert "s.csv:2:6: error: the file isn't UTF-8: byte 0xff can't be read [DDG007 not-utf-8]" in out


def test_a_mistake_of_the_whole_file_stays_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"series": [{}]}', encoding="utf-8")

    with pytest.raises(Exit):
        series_in(str(path), COMMON)

    assert "s.json:0:0: error: series[0] has no metric [DDG090 series]" in capsys.readouterr().out


def test_doubtful_rows_are_told_of_unless_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.csv"
    path.write_text("metric,timestamp,value,tags\nm,60,1,\nm,120,nan,\n", encoding="utf-8")

    series_in(str(path), COMMON)
    assert capsys.readouterr().err.endswith("s.csv:3: warning: NaN is no point: the row is left out\n")

    series_in(str(path), Common(None, None, {}, "text", color=False, loudness=-1, api_url=None))
    assert capsys.readouterr().err == ""


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: No such file or directory"):
        series_in(str(tmp_path / "none.csv"), COMMON)
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        series_in(str(tmp_path), COMMON)
    (tmp_path / "empty.csv").write_text("metric,timestamp,value,tags\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no points"):
        series_in(str(tmp_path / "empty.csv"), COMMON)
