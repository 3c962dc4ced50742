"""Faults: their spelling, their dice, and what they do over HTTP."""

import http.client
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from ddguard.errors import UsageError
from ddguard.sandbox.calls import Request
from ddguard.sandbox.faults import KINDS, Fault, Faults, earlier_page, parse_fault
from ddguard.sandbox.server import Sandbox
from tests.sandbox.conversation import BURST

KEYS = {"DD-API-KEY": "any", "DD-APPLICATION-KEY": "thing"}
POST = Request("POST", "/api/v1/monitor")


@pytest.mark.parametrize(
    ("spelling", "fault"),
    [
        ("503", Fault("503")),
        ("latency=100ms", Fault("latency", timedelta(milliseconds=100))),
        ("slow-body=1.5s:GET", Fault("slow-body", timedelta(seconds=1.5), "GET")),
        ("429=2:10%", Fault("429", timedelta(seconds=2), share=0.1)),
        ("latency=1m", Fault("latency", timedelta(minutes=1))),
        ("drop-after:POST:/api/v1/monitor:20%", Fault("drop-after", None, "POST", "/api/v1/monitor", 0.2)),
        ("drop-after:20%:/api/v1/monitor:POST", Fault("drop-after", None, "POST", "/api/v1/monitor", 0.2)),
        ("512-after:*:/api/v2/*:0.5%", Fault("512-after", None, "*", "/api/v2/*", 0.005)),
        ("500:3x", Fault("500", times=3)),
    ],
)
def test_spellings(spelling: str, fault: Fault) -> None:
    assert parse_fault(spelling) == fault


@pytest.mark.parametrize(
    ("spelling", "told"),
    [
        ("", ": there is no fault ''"),
        ("drop", "drop: there is no fault 'drop'"),
        ("501", "501: there is no fault '501'"),
        ("latency", "latency: latency needs a time"),
        ("latency=", "latency=: '' is no time"),
        ("latency=fast", "latency=fast: 'fast' is no time"),
        ("503:post", "503:post: 'post' is no method, path, share (20%) or number of times (3x)"),
        ("503:0%", "503:0%: '0%' is no method, path, share (20%) or number of times (3x)"),
        ("503:101%", "503:101%: '101%' is no method, path, share (20%) or number of times (3x)"),
    ],
)
def test_wrong_spellings(spelling: str, told: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_fault(spelling)
    assert refusal.value.message == told
    assert "Spell it like" in refusal.value.hint


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_described_and_can_be_spelled(kind: str) -> None:
    assert parse_fault(f"{kind}=1s").kind == kind
    assert KINDS[kind]


@pytest.mark.parametrize(
    ("spelling", "method", "path", "concerned"),
    [
        ("503", "GET", "/api/v1/monitor", True),
        ("503:POST", "GET", "/api/v1/monitor", False),
        ("503:/api/v1/monitor", "GET", "/api/v1/monitor/5", False),
        ("503:/api/v1/monitor*", "GET", "/api/v1/monitor/5", True),
        ("repeat-page", "GET", "/api/v2/downtime", True),
        ("repeat-page", "GET", "/api/v1/monitor/5", False),
        ("short-page", "POST", "/api/v1/monitor", False),
    ],
)
def test_what_a_fault_concerns(spelling: str, method: str, path: str, concerned: bool) -> None:
    assert parse_fault(spelling).concerns(Request(method, path)) is concerned


def hits(seed: int, spelling: str, rolls: int = 400) -> list[bool]:
    faults = Faults((parse_fault(spelling),), seed)
    return [bool(faults.striking(POST)) for _ in range(rolls)]


def test_the_dice_are_seeded() -> None:
    assert hits(1, "503:20%") == hits(1, "503:20%")
    assert hits(1, "503:20%") != hits(2, "503:20%")
    assert 50 < sum(hits(1, "503:20%")) < 110
    assert all(hits(1, "503"))
    assert hits(1, "503:2x", 4) == [True, True, False, False]


def test_times_add_up_and_one_failure_wins() -> None:
    spellings = ("latency=1s", "503", "drop-after", "slow-body=1s", "latency=2s")
    faults = Faults([parse_fault(spelling) for spelling in spellings])
    assert [fault.kind for fault in faults.striking(POST)] == ["latency", "503", "slow-body", "latency"]
    assert faults.striking(Request("GET", "/x"))[1].kind == "503"


@pytest.mark.parametrize(
    ("query", "earlier"),
    [
        ({"page": "2", "page_size": "10"}, {"page": "1", "page_size": "10"}),
        ({"page": "0"}, {"page": "0"}),
        ({"page[offset]": "100", "page[limit]": "50"}, {"page[offset]": "50", "page[limit]": "50"}),
        ({"page[offset]": "10"}, {"page[offset]": "0"}),
        ({}, {}),
        ({"page": "x"}, {"page": "x"}),
    ],
)
def test_the_page_before(query: dict[str, str], earlier: dict[str, str]) -> None:
    assert earlier_page(Request("GET", "/api/v1/monitor", query)).query == earlier


class Trouble:
    """A sandbox with one fault, and one connection to it."""

    def __init__(self, *spellings: str) -> None:
        self.sandbox = Sandbox(faults=[parse_fault(spelling) for spelling in spellings])

    def __enter__(self) -> "Trouble":
        self.sandbox.__enter__()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=10)
        return self

    def __exit__(self, *error: Any) -> None:
        self.connection.close()
        self.sandbox.__exit__(None, None, None)

    def call(self, method: str, path: str, body: Any = None) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(method, path, json.dumps(body) if body is not None else None, KEYS)
        response = self.connection.getresponse()
        return response, response.read()

    def create(self, name: str = "burst") -> tuple[http.client.HTTPResponse, bytes]:
        return self.call("POST", "/api/v1/monitor", BURST | {"name": name})


def test_429_says_when_to_come_back() -> None:
    with Trouble("429=2s:POST:1x") as trouble:
        response, content = trouble.create()
        headers = {name: value for name, value in response.getheaders() if name.startswith("X-RateLimit")}
        assert (response.status, json.loads(content)["errors"]) == (
            429,
            ["Rate limit of 500 requests in 10 seconds reached. Please try again later."],
        )
        assert headers == {
            "X-RateLimit-Limit": "500",
            "X-RateLimit-Period": "10",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "2",
            "X-RateLimit-Name": "post_monitors",
        }
        assert trouble.sandbox.state.monitors == {}
        assert trouble.create()[0].status == 200


def test_429_without_a_value_or_a_limit() -> None:
    with Trouble("429") as trouble:
        headers = trouble.call("GET", "/api/v1/unheard")[0].headers
        assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Reset"]) == ("12000", "1")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 512])
def test_errors_before_and_after(status: int) -> None:
    with Trouble(f"{status}=3s:1x", f"{status}-after:1x") as trouble:
        response, content = trouble.create()
        assert (response.status, response.headers["Retry-After"]) == (status, "3")
        assert (content.startswith(b"{"), trouble.sandbox.state.monitors) == (status == 500, {})
        response, _ = trouble.create()
        assert (response.status, list(trouble.sandbox.state.monitors)) == (status, [1_000_001])
        assert trouble.call("GET", "/api/v1/validate")[0].status == 200


def test_dropped_connections() -> None:
    with Trouble("drop-before:1x", "drop-after:1x") as trouble:
        with pytest.raises(http.client.RemoteDisconnected):
            trouble.create()
        assert trouble.sandbox.state.monitors == {}
        with pytest.raises(http.client.RemoteDisconnected):
            trouble.create()
        assert list(trouble.sandbox.state.monitors) == [1_000_001]
        assert [asked.status for asked in trouble.sandbox.requests] == [0, 0]
        assert trouble.call("GET", "/api/v1/monitor/1000001")[0].status == 200


def test_half_an_answer() -> None:
    with Trouble("cut-body:1x", "truncate:1x") as trouble:
        with pytest.raises(http.client.IncompleteRead):
            trouble.create("cut")
        trouble.connection.close()
        response, content = trouble.create("truncated")
        assert (response.status, response.headers["Content-Length"]) == (200, str(len(content)))
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(content)
        assert len(trouble.sandbox.state.monitors) == 2


def test_an_empty_answer_cant_be_cut() -> None:
    with Trouble("cut-body") as trouble:
        sent = {"data": {"attributes": {"scope": "*", "monitor_identifier": {"monitor_tags": ["*"]}}}}
        trouble.sandbox.faults = Faults(())
        uuid = json.loads(trouble.call("POST", "/api/v2/downtime", sent)[1])["data"]["id"]
        trouble.sandbox.faults = Faults((parse_fault("cut-body"),))
        response, content = trouble.call("DELETE", f"/api/v2/downtime/{uuid}")
        assert (response.status, content) == (204, b"")


def test_slowness() -> None:
    with Trouble("latency=30ms:GET", "slow-body=20ms:GET") as trouble:
        trouble.create()
        began = time.monotonic()
        response, content = trouble.call("GET", "/api/v1/monitor")
        assert time.monotonic() - began >= 0.05
        assert (response.status, len(json.loads(content))) == (200, 1)


def test_latency_before_a_failure() -> None:
    with Trouble("latency=20ms", "503") as trouble:
        began = time.monotonic()
        assert trouble.create()[0].status == 503
        assert time.monotonic() - began >= 0.02


def names(content: bytes) -> list[str]:
    return [monitor["name"] for monitor in json.loads(content)]


def test_pages_that_lie() -> None:
    with Trouble("repeat-page:1x", "missing-page:1x", "short-page:1x") as trouble:
        for name in "abcd":
            trouble.create(name)
        second = "/api/v1/monitor?page=1&page_size=2"
        assert [names(trouble.call("GET", second)[1]) for _ in range(4)] == [["a", "b"], [], ["c"], ["c", "d"]]


def test_pages_of_downtimes_that_lie() -> None:
    with Trouble("short-page:1x", "missing-page:1x", "short-page:2x") as trouble:
        for tenant in "ab":
            sent = {"scope": f"tenant:{tenant}", "monitor_identifier": {"monitor_tags": ["*"]}}
            trouble.call("POST", "/api/v2/downtime", {"data": {"attributes": sent}})
        counts = [len(json.loads(trouble.call("GET", "/api/v2/downtime")[1])["data"]) for _ in range(3)]
        assert counts == [1, 0, 1]
        refused = json.loads(trouble.call("GET", "/api/v2/downtime?page[limit]=x")[1])
        assert refused == {"errors": ["The value provided for parameter 'page[limit]' is invalid"]}


def test_the_sandboxs_own_endpoints_are_spared() -> None:
    with Trouble("503") as trouble:
        assert trouble.call("GET", "/sandbox")[0].status == 200
        assert trouble.call("GET", "/api/v1/monitor")[0].status == 503
