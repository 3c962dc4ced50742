"""`ddguard replay` over history: from Prometheus, from Datadog, and one variable's values side by side."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from ddguard.cli import run

PACK = Path(__file__).parents[2] / "monitors"
START = 1_767_571_200
"""2026-01-05T00:00:00Z."""
LENGTH = 300
PROGRAMS = ("prometheus", "promtool")


def replay(*more: str, monitor: str = "stream-creation-burst") -> int:
    times = ["--from", str(START), "--to", str(START + 60 * (LENGTH - 1))]
    return run(["replay", monitor, "--dir", str(PACK), "--env", "staging", *times, *more])


def created(minute: int, tenant: str) -> int:
    """Streams created up to a minute: one a minute, from 100 to 130 twenty a minute by one of the tenants."""
    return minute + (max(0, min(minute, 130) - 100) * 19 if tenant == "noisy" else 0)


FIRST, AT = "2026-01-05T00:00:00Z", "2026-01-05T02:04:00Z"
HEADING = "stream_burst_per_hour  alerts  groups  hours in alert"
BURST = {"at": "2026-01-05T02:04:00Z", "group": "tenant:noisy", "from": "OK", "to": "Alert"}
"""At 124 the hour holds 36 minutes of one stream and 24 of twenty: 516, more than the 500 of staging."""


@pytest.fixture(scope="module")
def prometheus_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not all(map(shutil.which, PROGRAMS)):
        pytest.skip("prometheus and promtool are not installed (Debian package prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    lines = ["# TYPE streampay_streams_created counter"]
    for tenant in ("noisy", "quiet"):
        labels = f'{{env="staging",tenant="{tenant}"}}'
        lines += [
            f"streampay_streams_created_total{labels} {created(minute, tenant)} {START + 60 * minute}"
            for minute in range(-90, LENGTH)
        ]
    (folder / "history.txt").write_text("\n".join([*lines, "# EOF", ""]))
    made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "history.txt", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text("{}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        f"--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=100y",
    ]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["prometheus", *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until_ready(url, process)
            yield url
        finally:
            process.terminate()


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{url}/-/ready", timeout=1).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    pytest.fail("Prometheus didn't get ready")


def test_a_real_prometheus_serves_the_history(prometheus_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("--prometheus", prometheus_url, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rounds"] == LENGTH
    assert [group["group"] for group in told["groups"]] == ["tenant:noisy", "tenant:quiet"]
    assert [{key: change[key] for key in BURST} for change in told["transitions"]] == [
        BURST,
        {"at": "2026-01-05T02:47:00Z", "group": "tenant:noisy", "from": "Alert", "to": "OK"},
    ]
    assert [change["value"] for change in told["transitions"]] == [516, 497]


def test_values_side_by_side(prometheus_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--prometheus", prometheus_url, "--set", "stream_burst_per_hour=50,500,5000")
    assert replay(*chosen) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{HEADING}  first                 last                  which",
        f"50                     2       2       10.0            {FIRST}  {FIRST}  tenant:noisy tenant:quiet",
        f"500                    1       1       0.7             {AT}  {AT}  tenant:noisy",
        "5000                   0       0       0.0             -                     -",
    ]
    assert replay(*chosen, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["command"], told["variable"]) == ("replay", "stream_burst_per_hour")
    assert told["values"][1] == {
        "value": "500", "alerts": 1, "groups": ["tenant:noisy"], "hours_in_alert": 43 / 60,
        "first": "2026-01-05T02:04:00Z", "last": "2026-01-05T02:04:00Z",
    }  # fmt: skip


URL = "http://prom.example"


def matrix(*labels: dict[str, str], warnings: tuple[str, ...] = ()) -> dict[str, Any]:
    values = [[START + 60 * minute, str(created(minute, "noisy"))] for minute in range(-65, LENGTH)]
    series = [{"metric": one, "values": values} for one in labels]
    return {"status": "success", "data": {"resultType": "matrix", "result": series}, "warnings": list(warnings)}


@responses.activate
def test_the_last_hours_up_to_now(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ddguard.cli.replay_command.now", lambda: datetime.fromtimestamp(START + 7200, UTC))
    answer = matrix({"env": "staging", "tenant": "noisy"}, warnings=("half is missing",))
    responses.get(f"{URL}/api/v1/query_range", json=answer)
    arguments = ["replay", "settlement-floor", "--dir", str(PACK), "--prometheus", f"{URL}/", "--last", "2h"]
    assert run([*arguments, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err == f"{URL} warns: half is missing\n"
    assert json.loads(told.out)["from"] == "2026-01-05T00:00:00Z"
    assert json.loads(told.out)["to"] == "2026-01-05T02:00:00Z"


@responses.activate
def test_a_composite_reads_what_its_parts_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    responses.get(f"{URL}/api/v1/query_range", json=matrix({"env": "staging", "tenant": "noisy"}))
    assert replay("--prometheus", URL, "--format", "json", monitor="settlement-spike") == 0
    assert len(responses.calls) == 1
    told = json.loads(capsys.readouterr().out)
    assert [change["to"] for change in told["transitions"]][:1] == ["Alert"]


@responses.activate
def test_no_history_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    responses.get(f"{URL}/api/v1/query_range", json=matrix())
    assert replay("--prometheus", URL) == 1
    assert "there is no history of what stream-creation-burst looks at\n  are the metrics" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "name one source of series"),
        (["--prometheus", URL, "--datadog"], "name one source of series"),
        (["--prometheus", "prom:9090"], "--prometheus takes the URL of a server"),
        (["--prometheus", URL, "--step", "x"], "--step: "),
        (["--prometheus", URL, "--to", str(START - 1)], "--from is after --to"),
    ],
)
def test_wrong_command_lines(more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(*more) == 64
    assert capsys.readouterr().err.startswith(f"ddguard: {message}")


@responses.activate
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stream_burst_per_hour", "--set 'stream_burst_per_hour': expected NAME=V1,V2"),
        ("=1", "--set '=1': expected NAME=V1,V2"),
        ("stream_burst_per_hour=1,,2", "--set 'stream_burst_per_hour=1,,2': expected NAME=V1,V2"),
        ("stream_burst_per_hour=many", "--set stream_burst_per_hour=many: stream-creation-burst has a mistake with it"),
    ],
)
def test_values_that_do_not_fit(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    responses.get(f"{URL}/api/v1/query_range", json=matrix({"env": "staging", "tenant": "noisy"}))
    assert replay("--prometheus", URL, "--set", text) == 64
    assert capsys.readouterr().err.startswith(f"ddguard: {message}")


def test_datadogs_history(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DD_API_KEY", "a" * 32)
    monkeypatch.setenv("DD_APP_KEY", "b" * 40)

    def answer(_: object, query: str, first: int, end: int) -> dict[str, Any]:
        assert query == "sum:streampay.streams.created{env:staging} by {tenant}.as_count()"
        minutes = range(-(-(first - START) // 60), -(-(end - START) // 60))
        points = [
            [(START + 60 * minute) * 1000, created(minute, "noisy") - created(minute - 1, "noisy")]
            for minute in minutes
        ]
        return {"series": [{"tag_set": ["tenant:noisy"], "pointlist": points}]}

    monkeypatch.setattr("ddguard.datadog.Datadog.query_series", answer)
    assert replay("--datadog", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {key: told["transitions"][0][key] for key in BURST} == BURST
