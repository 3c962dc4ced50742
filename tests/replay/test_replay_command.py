"""`ddguard replay` over files: what its options take, and what is no time to replay."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ddguard.cli import run
from ddguard.replay.rounds import MOST_ROUNDS
from ddguard.replay.series import LATEST

PROJECT = """\
project: shop
default_environment: staging
variables: {limit: 10, other: 1}
environments: {staging: {}}
"""
MONITORS = """\
id: jobs
type: query alert
message: ""
variables: {window: 5}
query: "sum(last_${window}m):sum:jobs{env:${ env }} by {tenant}.as_count() > ${ limit }"
---
id: both
type: composite
message: ""
query: "${monitor:jobs} && ${monitor:jobs}"
---
id: fixed
type: query alert
message: ""
query: "max(last_5m):max:jobs{*} > 1"
"""
START = 1_767_571_200
"""2026-01-05T00:00:00Z."""
HOURS = 6


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "ddguard.yaml").write_text(PROJECT)
    (tmp_path / "monitors" / "all.yaml").write_text(MONITORS)
    write(tmp_path, [START + 60 * minute for minute in range(60 * HOURS + 1)])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, seconds: Sequence[int]) -> None:
    rows = "".join(f"jobs,{second},1,env:staging tenant:a,count\n" for second in seconds)
    (folder / "day.csv").write_text(f"metric,timestamp,value,tags,type\n{rows}")


def replay(*more: str, monitor: str = "jobs", series: str = "day.csv") -> int:
    return run(["replay", monitor, "--series", series, *more])


def span(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    told = json.loads(capsys.readouterr().out)
    return told["from"][11:], told["to"][11:]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], ("00:00:00Z", "06:00:00Z")),
        (["--last", "1h"], ("05:00:00Z", "06:00:00Z")),
        (["--last", "2d"], ("00:00:00Z", "06:00:00Z")),
        (["--last", "1h", "--to", str(START + 7200)], ("01:00:00Z", "02:00:00Z")),
        (["--from", str(START + 3600)], ("01:00:00Z", "06:00:00Z")),
    ],
)
def test_the_end_of_the_series(more: list[str], expected: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(*more, "--format", "json") == 0
    assert span(capsys) == expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--last", "1h", "--from", str(START)], "--from and --last both say where to begin"),
        (["--last", "soon"], "--last: expected a length of time"),
        (["--step", "1m"], "--step is the scrape interval of a Prometheus server"),
        (["--to", "9999-12-31T23:59:59-23:00"], "--to: '9999-12-31T23:59:59-23:00' is no time between 1970 and 9998"),
        (["--from", "99999999999999999999"], "--from: '99999999999999999999' is no time between 1970 and 9998"),
        (["--from", "1969-12-31T00:00:00Z"], "--from: '1969-12-31T00:00:00Z' is no time between 1970 and 9998"),
    ],
)
def test_options_that_do_not_fit(more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(*more) == 64
    assert capsys.readouterr().err.startswith(f"ddguard: {message}")


# A variable's values


def test_values_of_a_variable_that_the_monitor_uses(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("--set", "limit=3,100") == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["limit", "alerts"], ["3", "1"], ["100", "0"],
    ]  # fmt: skip
    assert replay("--set", "window=5,30", "--format", "json") == 0
    assert [one["alerts"] for one in json.loads(capsys.readouterr().out)["values"]] == [0, 1]
    assert replay("--set", "limit=3,100", monitor="both") == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["alerts", "1", "0"]


def test_values_as_a_table_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("--set", "limit=3,100", "--format", "csv") == 0
    assert capsys.readouterr().out.splitlines() == [
        "value,alerts,groups,hours_in_alert,first,last",
        "3,1,tenant:a,5.96666666667,2026-01-05T00:03:00Z,2026-01-05T00:03:00Z",
        "100,0,,0,,",
    ]


@pytest.mark.parametrize("more", [["--group", "tenant:a"], ["--messages"]])
def test_values_are_counted_over_all_groups(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("--set", "limit=3,100", *more) == 64
    assert capsys.readouterr().err.startswith("ddguard: --set counts the alerts of all groups\n")


@pytest.mark.parametrize(
    ("monitor", "name", "told"),
    [
        ("jobs", "limits", "--set limits: no variable of that name is declared or used\n  did you mean limit?"),
        ("jobs", "x", "--set x: no variable of that name is declared or used\n  declare it under `variables`"),
        ("jobs", "other", "--set other: jobs doesn't use this variable\n  it uses limit, window"),
        ("fixed", "other", "--set other: fixed doesn't use this variable\n  it uses none"),
        ("both", "lmit", "--set lmit: no variable of that name is declared or used\n  did you mean limit?"),
        ("jobs", "env", "env is always the environment's name: no variable can set it\n  choose it with --env"),
    ],
)
def test_values_of_a_variable_that_says_nothing(
    monitor: str, name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay("--set", f"{name}=1,2", monitor=monitor) == 64
    shown = capsys.readouterr()
    assert (shown.out, shown.err.startswith(f"ddguard: {told}")) == ("", True)


# Too much time


@pytest.mark.parametrize("monitor", ["jobs", "both"])
@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ((0, LATEST - 500), "1970-01-01 and 9998-12-31"),
        ((START, START + 60 * MOST_ROUNDS), "2026-01-05 and 2027-11-30"),
    ],
)
def test_a_time_far_off_is_no_reason_for_billions_of_rounds(
    monitor: str, seconds: Sequence[int], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, seconds)
    assert replay(monitor=monitor) == 1
    assert capsys.readouterr().err == (
        f"ddguard: more than 1,000,000 rounds lie between {told}\n"
        "  is a time or a unit wrong somewhere? --from, --to and --every make them fewer\n"
    )
    assert replay("--last", "1h", monitor=monitor) == 0
    assert replay("--every", "520w", monitor=monitor) == 0


def test_history_has_an_end_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "jobs", "--prometheus", "http://prom.example", "--last", "60y"]) == 64
    assert run(["replay", "jobs", "--prometheus", "http://prom.example", "--from", "0", "--to", str(LATEST)]) == 1
    assert "more than 1,000,000 rounds lie between 1970-01-01 and 9998-12-31" in capsys.readouterr().err
    times = ["--from", "2020-01-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"]
    for monitor in ("jobs", "both"):
        assert run(["replay", monitor, "--prometheus", "http://prom.example", *times]) == 1
        assert "more than 1,000,000 rounds lie between 2020-01-01 and 2026-01-01" in capsys.readouterr().err


def test_a_row_after_all_years_is_told_at_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, [START, LATEST + 1])
    assert replay() == 1
    assert capsys.readouterr().out.startswith(f"day.csv:3:1: error: timestamp '{LATEST + 1}' is no second between")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("start: 9999-01-01T00:00:00Z\nseries: [{metric: jobs, values: 1x3}]\n", "doesn't lie between 1970 and 9998"),
        ("start: 0001-01-01T00:00:00Z\nseries: [{metric: jobs, values: 1x3}]\n", "doesn't lie between 1970 and 9998"),
        ("interval: 5000w\nseries: [{metric: jobs, values: 1x99}]\n", "stands after the year 9998"),
        (f"series: [{{metric: jobs, interval: {10**30}, values: 1}}]\n", "stands after the year 9998"),
    ],
)
def test_series_after_all_years(text: str, told: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "far.yaml").write_text(text)
    assert replay(series="far.yaml") == 1
    assert told in capsys.readouterr().out


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("ddguard.replay.evaluate.compute", full)
    assert replay() == 1
    assert capsys.readouterr().err.startswith("ddguard: this run needs more memory than there is\n")
