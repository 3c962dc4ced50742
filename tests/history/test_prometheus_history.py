"""Reading history from Prometheus: what is asked, what becomes of it, and answers that can't be used."""

import json
from typing import Any

import numpy as np
import pytest
import requests
import responses

from ddguard.errors import DdguardError, ExitCode, InputError, UsageError
from ddguard.history import prometheus
from ddguard.history.needs import Needs, needs_of
from ddguard.history.prometheus import HistoryError, Server, series_from, server
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import MetricType, SeriesSet

URL = "http://prom.example:9090"
ASKED = f"{URL}/api/v1/query_range"
START = 1_767_225_600


def matrix(*series: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **more}


def one(values: list[Any], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": "m", **labels}, "values": values}


def needs(query: str, **options: Any) -> Needs:
    return needs_of([{"type": "query alert", "query": query, "options": options}])


def read(query: str, last: int = START + 120, step: int = 60, **metrics: str) -> SeriesSet:
    return series_from(server(URL), needs(query), metrics, START, last, step)


@responses.activate
def test_gauges_come_as_they_are() -> None:
    responses.get(
        ASKED, json=matrix(one([[START, "1.5"], [START + 60, "NaN"], [START + 120.0, "+Inf"]], kube_ns="Prod"))
    )
    found = read("max(last_5m):max:load{kube-ns:*} by {kube-ns} > 1", load="node_load1").series
    assert [(each.metric, each.tags, each.type) for each in found] == [("load", ("kube-ns:prod",), MetricType.GAUGE)]
    assert (found[0].times.tolist(), found[0].values.tolist()) == ([START], [1.5])
    params = responses.calls[0].request.params  # type: ignore[attr-defined]
    assert params == {
        "query": 'node_load1{kube_ns!=""}', "start": str(START - 600), "end": str(START + 120), "step": "60",
    }  # fmt: skip


@responses.activate
def test_counters_become_counts_also_over_a_restart() -> None:
    totals = [[START + 60 * place, str(total)] for place, total in enumerate((7, 7, 10, 2, 3))]
    responses.get(ASKED, json=matrix(one(totals, tenant="acme")))
    (found,) = read("sum(last_5m):sum:a.b{*} by {tenant}.as_count() > 1").series
    assert found.type is MetricType.COUNT
    assert found.values.tolist() == [0, 0, 3, 2, 1]
    assert responses.calls[0].request.params["query"] == 'a_b_total{tenant!=""}'  # type: ignore[attr-defined]


@responses.activate
def test_pages_stay_under_the_servers_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "POINTS", 4)

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        start, end, step = (int(request.params[name]) for name in ("start", "end", "step"))
        assert (end - start) // step < 4
        return 200, {}, json.dumps(matrix(one([[second, str(second)] for second in range(start, end + 1, step)])))

    responses.add_callback(responses.GET, ASKED, answer)
    (found,) = read("max(last_5m):max:m{*} > 1").series
    assert np.diff(found.times).tolist() == [60] * 12
    assert (found.times[0], found.times[-1]) == (START - 600, START + 120)
    assert len(responses.calls) == 4


@responses.activate
def test_alternatives_of_a_filter_are_asked_one_by_one() -> None:
    responses.get(ASKED, json=matrix(one([[START, "1"]], a="1", b="2")))
    assert len(read("max(last_5m):max:m{a:1 OR b:2} > 1").series) == 1
    assert [call.request.params["query"] for call in responses.calls] == ['m{a="1"}', 'm{b="2"}']  # type: ignore[attr-defined]


@responses.activate
def test_credentials_of_the_url_are_sent_and_never_shown() -> None:
    source = server("https://us%40er:s3cret@prom.example/prefix/?x=1")
    assert "s3cret" not in repr(source)
    assert source.url == "https://prom.example/prefix"
    responses.get(f"{source.url}/api/v1/query_range", status=401, json={"status": "error", "error": "no"})
    with pytest.raises(HistoryError) as stopped:
        source.matrix("m", 0, 60, 60)
    assert stopped.value.message == "could not read history from https://prom.example/prefix: no (HTTP 401)"
    assert responses.calls[0].request.headers["Authorization"] == requests.auth._basic_auth_str("us@er", "s3cret")


@responses.activate
def test_warnings_are_kept_once() -> None:
    responses.get(ASKED, json=matrix(warnings=["partial\x1b[2J", "partial\x1b[2J"]))
    source = server(URL)
    assert source.matrix("m", 0, 60, 60) == {}
    assert source.warnings == ["partial\\x1b[2J"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"body": "<html>Sign in</html>"}, "its answer is no JSON (HTTP 200)"),
    ({"body": "[" * 100_000}, "its answer is no JSON (HTTP 200)"),
    ({"json": []}, "its answer is no JSON (HTTP 200)"),
    ({"status": 302, "headers": {"Location": "https://login.example"}}, "it points elsewhere (HTTP 302)"),
    ({"status": 400, "json": {"status": "error", "error": "parse\nerror"}}, "parse\\nerror (HTTP 400)"),
    ({"status": 503, "body": "overloaded"}, "its answer is no JSON (HTTP 503)"),
    ({"json": {"status": "error"}}, "no reason given (HTTP 200)"),
    ({"json": {"status": "success", "data": {"resultType": "vector", "result": []}}}, "its answer holds no matrix of"),
    ({"json": {"status": "success", "data": None}}, "its answer holds no matrix of series"),
    ({"json": matrix({"metric": {}, "histograms": [[1, {}]]})}, "the metric is a native histogram, which has no"),
    ({"json": matrix({"metric": {}})}, "its answer holds a series without labels or values"),
    ({"json": matrix("x")}, "its answer holds a series without labels or values"),  # type: ignore[arg-type]
    ({"json": matrix(one([["now", "1"]]))}, "its answer holds a point that is no pair of a time and a number"),
    ({"json": matrix(one([[1, None]]))}, "its answer holds a point that is no pair of a time and a number"),
    ({"json": matrix(one([1]))}, "its answer holds a point that is no pair of a time and a number"),
    ({"body": requests.ReadTimeout("x")}, "it took too long to answer"),
    ({"body": requests.ConnectionError("http://u:pw@x refused")}, "it can't be reached (ConnectionError)"),
    ({"body": requests.exceptions.ChunkedEncodingError("x")}, "it can't be reached (ChunkedEncodingError)"),
]


@responses.activate
@pytest.mark.parametrize(("reply", "message"), BAD)
def test_answers_that_cannot_be_used(reply: dict[str, Any], message: str) -> None:
    responses.get(ASKED, **reply)
    with pytest.raises(DdguardError) as stopped:
        server(URL).matrix("m", 0, 60, 60)
    assert stopped.value.message.startswith(f"could not read history from {URL}: {message}")
    assert stopped.value.exit_code is ExitCode.DATADOG


@responses.activate
def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "LARGEST", 1024 * 1024)
    responses.get(ASKED, body="x" * (2 * 1024 * 1024))
    with pytest.raises(HistoryError, match="its answer is larger than 1 MiB"):
        server(URL).matrix("m", 0, 60, 60)


@pytest.mark.parametrize("url", ["", "prom:9090", "ftp://prom", "http://", "http://[::1", "http://x:port"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(UsageError, match="--prometheus takes the URL of a server"):
        server(url)


def test_an_address_of_version_six() -> None:
    assert server("http://[::1]:9090/") == Server("http://[::1]:9090")


@pytest.mark.parametrize(
    ("query", "options", "reach"),
    [
        ("max(last_5m):max:m{*} > 1", {}, 300),
        ("max(last_1h):max:m{*} > 1", {"evaluation_delay": 900}, 4500),
        ("change(max(last_5m),last_1h):max:m{*} > 1", {}, 3900),
        ("max(last_5m):timeshift(max:m{*}, -86400) > 1", {}, 86_700),
        ("max(last_5m):week_before(max:m{*}) > 1", {}, 604_800 + 300),
        ("max(last_5m):calendar_shift(max:m{*}, '-7d', 'UTC') > 1", {}, 604_800 + 3600 + 300),
        ("max(last_5m):calendar_shift(max:m{*}, '-1mo', 'UTC') > 1", {}, 31 * 86_400 + 3600 + 300),
        ("max(last_5m):max:m{*}.fill(last, 900) > 1", {}, 900 + 300),
        ("max(last_5m):max:m{*}.fill(last) > 1", {}, 300 + 300),
        ("max(last_5m):moving_rollup(max:m{*}, 1800, 'sum') > 1", {}, 1800 + 300),
        ("max(last_5m):default_zero(max:m{*}) > 1", {}, 300 + 300),
        ("max(current_1mo):max:m{*} > 1", {}, 31 * 86_400),
    ],
)
def test_how_far_back_a_replay_looks(query: str, options: dict[str, Any], reach: int) -> None:
    assert needs(query, **options).reach == reach + 300


def test_a_metric_is_a_count_or_a_gauge() -> None:
    wanted = needs("sum(last_5m):sum:m{*}.as_count() / max:m{*} > 1")
    with pytest.raises(InputError, match="the history of m can't be read: it is taken as a count and as a gauge"):
        series_from(server("http://localhost:1"), wanted, {}, START, START + 60, 60)


def test_parts_are_asked_for_once_and_other_types_not_at_all() -> None:
    query = {"type": "query alert", "query": "max(last_5m):max:m{*} / max:m{*} > 1"}
    found = needs_of([query, query, {"type": "composite", "query": "1 && 2"}])
    assert (len(found.queries), found.window) == (1, 300)
    with pytest.raises(CannotEvaluateError, match="a log alert can't be evaluated locally: it doesn't look at metrics"):
        needs_of([{"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1'}])
