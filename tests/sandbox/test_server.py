"""The sandbox on HTTP: connections, keys, headers, its own requests."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ddguard.errors import InputError, UsageError
from ddguard.sandbox.server import Asked, Sandbox
from tests.sandbox.conversation import BURST

KEYS = {"DD-API-KEY": "any", "DD-APPLICATION-KEY": "thing"}
NOON = datetime(2026, 1, 5, 12, 0, 7, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    yield opened
    opened.close()


def call(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] = KEYS,
) -> tuple[int, Any]:
    sent = body if isinstance(body, str) or body is None else json.dumps(body)
    connection.request(method, path, sent, headers)
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None


def test_a_monitor_lives_over_http(sandbox: Sandbox, connection: http.client.HTTPConnection) -> None:
    status, made = call(connection, "POST", "/api/v1/monitor", BURST)
    assert (status, made["id"], made["created"]) == (200, 1_000_001, "2026-01-05T12:00:07+00:00")
    path = "/api/v1/monitor/1000001"
    assert call(connection, "GET", path)[1]["name"] == "burst"
    assert call(connection, "DELETE", path) == (200, {"deleted_monitor_id": 1_000_001})
    assert call(connection, "GET", f"{path}?with_assets=true") == (404, {"errors": ["Monitor not found"]})
    assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
    assert sandbox.requests == (
        Asked("POST", "/api/v1/monitor", "", 200),
        Asked("GET", path, "", 200),
        Asked("DELETE", path, "", 200),
        Asked("GET", path, "with_assets=true", 404),
    )


def test_one_connection_carries_many_requests(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    for _ in range(3):
        assert call(connection, "GET", "/api/v1/validate") == (200, {"valid": True})
        assert call(connection, "DELETE", "/api/v2/downtime/x")[0] == 404
        assert connection.sock is first


@pytest.mark.parametrize("headers", [{"DD-API-KEY": "invalid", "DD-APPLICATION-KEY": "x"}, {"DD-API-KEY": "x"}])
def test_bad_keys_are_forbidden(connection: http.client.HTTPConnection, headers: dict[str, str]) -> None:
    status, body = call(connection, "GET", "/api/v1/monitor", headers=headers)
    assert (status, body["errors"], body["code"]) == (403, ["Forbidden"], 403)


def test_a_missing_key_is_told_by_validate(connection: http.client.HTTPConnection) -> None:
    assert call(connection, "GET", "/api/v1/validate", headers={}) == (403, {"errors": ["API key required"]})


def test_rate_limit_headers(connection: http.client.HTTPConnection) -> None:
    seen = []
    for path in ("/api/v1/monitor", "/api/v1/monitor", "/api/v1/validate", "/unheard"):
        connection.request("GET", path, headers=KEYS)
        response = connection.getresponse()
        response.read()
        seen.append({name[12:]: value for name, value in response.getheaders() if name.startswith("X-RateLimit-")})
    first = {"Limit": "1000", "Period": "10", "Remaining": "999", "Reset": "3", "Name": "get_all_monitors"}
    assert seen == [first, first | {"Remaining": "998"}, {}, {}]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("{", KEYS),
        ('{"options": {"thresholds": {"critical": NaN}}}', KEYS),
        ("[" * 100_000, KEYS),
    ],
)
def test_a_body_that_is_no_json(connection: http.client.HTTPConnection, body: str, headers: dict[str, str]) -> None:
    told = {"errors": ["The request body is not valid JSON"]}
    assert call(connection, "POST", "/api/v1/monitor", body, headers) == (400, told)


def test_a_length_that_is_no_number(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as raw:
        raw.sendall(b"POST /api/v1/monitor HTTP/1.1\r\nContent-Length: many\r\n\r\n")
        answered = b"".join(iter(lambda: raw.recv(1000), b""))
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert answered.endswith(b'{"errors": ["Content-Length is not a number"]}')


def test_a_client_that_leaves_is_no_trouble(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    raw = socket.create_connection(("127.0.0.1", sandbox.port), timeout=10)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    raw.sendall(b"POST /api/v1/monitor HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    raw.close()
    with http_connection(sandbox) as other:
        assert call(other, "GET", "/api/v1/validate") == (200, {"valid": True})
    assert capfd.readouterr().err == ""


class http_connection(http.client.HTTPConnection):  # noqa: N801 - read like a function
    """A connection that closes with its block."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__("127.0.0.1", sandbox.port, timeout=10)

    def __enter__(self) -> "http_connection":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def test_a_bug_is_reported(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sandbox.listener, "take", lambda _: 1 / 0)
    with http_connection(sandbox) as broken, pytest.raises(http.client.RemoteDisconnected):
        call(broken, "GET", "/api/v1/validate")
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_many_clients_at_once(sandbox: Sandbox) -> None:
    def create(worker: int) -> None:
        with http_connection(sandbox) as mine:
            for number in range(20):
                assert call(mine, "POST", "/api/v1/monitor", BURST | {"name": f"{worker}.{number}"})[0] == 200

    workers = [threading.Thread(target=create, args=(worker,)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert list(sandbox.state.monitors) == list(range(1_000_001, 1_000_161))
    assert len({monitor["name"] for monitor in sandbox.state.monitors.values()}) == 160


def test_the_sandboxs_own_endpoints(sandbox: Sandbox, connection: http.client.HTTPConnection) -> None:
    call(connection, "POST", "/api/v1/monitor?x=1&y=", BURST)
    assert call(connection, "GET", "/sandbox/requests", headers={}) == (
        200,
        [{"method": "POST", "path": "/api/v1/monitor", "query": "x=1&y=", "status": 200}],
    )
    assert call(connection, "POST", "/sandbox/clock", {"advance": "1d"})[0] == 200
    assert call(connection, "GET", "/sandbox")[1]["now"] == "2026-01-06T12:00:07+00:00"
    assert call(connection, "POST", "/api/v1/monitor/1000001/validate", BURST)[0] == 200
    assert call(connection, "PUT", "/api/v1/monitor/1000001", {})[1]["modified"] == "2026-01-06T12:00:07+00:00"
    assert call(connection, "POST", "/sandbox/reset", {}) == (200, {})
    assert sandbox.state.monitors == {}


def test_it_serves_this_machine_alone() -> None:
    with pytest.raises(UsageError) as refusal:
        Sandbox(host="192.168.0.1")
    assert refusal.value.message == "the sandbox doesn't listen on 192.168.0.1"


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(InputError, match=f"port {port} can't be used"):
        Sandbox(port=port)


def test_a_taken_port_is_a_clear_error(sandbox: Sandbox) -> None:
    with pytest.raises(InputError) as refusal:
        Sandbox(port=sandbox.port)
    assert refusal.value.message.startswith(f"port {sandbox.port} can't be used: ")
    assert refusal.value.hint == "Port 0 takes any free one."


def test_a_stopped_sandbox_ends_its_connections() -> None:
    with Sandbox() as stopping:
        mine = http_connection(stopping)
        assert call(mine, "GET", "/api/v1/validate")[0] == 200
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        call(mine, "GET", "/api/v1/validate")
    mine.close()


def test_serve_forever_lets_go_when_it_is_stopped(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    serving = Sandbox(data=data)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    with http_connection(serving) as mine:
        assert call(mine, "POST", "/api/v1/monitor", BURST)[0] == 200
    serving.listener.shutdown()
    thread.join()
    with Sandbox(data=data, port=serving.port) as again:
        assert list(again.state.monitors) == [1_000_001]


def test_a_write_that_cant_be_kept_is_an_error(tmp_path: Path) -> None:
    with Sandbox(data=tmp_path / "sandbox.db") as broken, http_connection(broken) as mine:
        assert broken.journal
        broken.journal.connection.execute("DROP TABLE rows")
        status, body = call(mine, "POST", "/api/v1/monitor", BURST)
        assert (status, body["errors"][0][-19:]) == (500, "no such table: rows")
        assert broken.state.monitors == {}
