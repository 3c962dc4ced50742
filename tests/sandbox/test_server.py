"""The sandbox on HTTP: connections, keys, persistence, refusals."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ddguard.errors import InputError, UsageError
from ddguard.sandbox.server import Asked, Sandbox

KEYS = {"DD-API-KEY": "any", "DD-APPLICATION-KEY": "thing"}
MONITOR = {"type": "query alert", "query": "avg(last_5m):avg:system.load.1{*} > 5", "name": "load"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def call(sandbox: Sandbox, method: str, path: str, body: Any = None, headers: dict[str, str] = KEYS) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text else None


def test_a_monitor_lives_over_http(sandbox: Sandbox) -> None:
    status, made = call(sandbox, "POST", "/api/v1/monitor", MONITOR)
    assert (status, made["id"], made["overall_state"]) == (200, 1_000_001, "No Data")
    assert call(sandbox, "GET", "/api/v1/monitor/1000001")[1]["name"] == "load"
    assert call(sandbox, "DELETE", "/api/v1/monitor/1000001") == (200, {"deleted_monitor_id": 1_000_001})
    assert call(sandbox, "GET", "/api/v1/monitor/1000001?with_assets=true") == (404, {"errors": ["Monitor not found"]})
    assert sandbox.requests == (
        Asked("POST", "/api/v1/monitor", "", 200),
        Asked("GET", "/api/v1/monitor/1000001", "", 200),
        Asked("DELETE", "/api/v1/monitor/1000001", "", 200),
        Asked("GET", "/api/v1/monitor/1000001", "with_assets=true", 404),
    )


def test_one_connection_carries_many_requests(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/api/v1/validate", headers=KEYS)
        assert json.loads(connection.getresponse().read()) == {"valid": True}
        assert connection.sock is first
    connection.close()


@pytest.mark.parametrize("headers", [{"DD-API-KEY": "invalid", "DD-APPLICATION-KEY": "x"}, {"DD-API-KEY": "x"}])
def test_bad_keys_are_forbidden(sandbox: Sandbox, headers: dict[str, str]) -> None:
    status, body = call(sandbox, "GET", "/api/v1/monitor", headers=headers)
    assert (status, body["errors"], body["code"]) == (403, ["Forbidden"], 403)


def test_a_missing_key_is_told_by_validate(sandbox: Sandbox) -> None:
    assert call(sandbox, "GET", "/api/v1/validate", headers={}) == (403, {"errors": ["API key required"]})


def test_it_serves_this_machine_alone() -> None:
    with pytest.raises(UsageError) as refused:
        Sandbox(host="192.168.0.1")
    assert refused.value.message == "the sandbox doesn't listen on 192.168.0.1"


def test_a_taken_port_is_a_clear_error(sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match=f"port {sandbox.port} can't be used"):
        Sandbox(port=sandbox.port)


def test_the_data_file_remembers(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    with Sandbox(data=data) as first:
        call(first, "POST", "/api/v1/monitor", MONITOR)
        call(first, "DELETE", "/api/v1/monitor/1000001")
        call(first, "POST", "/api/v1/monitor", MONITOR)
    with Sandbox(data=data) as second:
        assert [monitor["id"] for monitor in call(second, "GET", "/api/v1/monitor")[1]] == [1_000_002]
        assert call(second, "POST", "/api/v1/monitor", MONITOR | {"name": "other"})[1]["id"] == 1_000_003
