"""The data file: what it remembers, what it refuses."""

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ddguard.errors import InputError
from ddguard.sandbox.calls import Change
from ddguard.sandbox.journal import Journal
from ddguard.sandbox.server import Sandbox

SERVE = """
import sys
from pathlib import Path
from ddguard.sandbox.server import Sandbox
sandbox = Sandbox(data=Path(sys.argv[1]))
print(sandbox.url, flush=True)
sandbox.serve_forever()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.db"


def test_what_is_written_is_read_in_the_order_of_creation(data: Path) -> None:
    journal = Journal(data)
    journal.write([Change("monitors", 10, {"name": "ten"}), Change("monitors", 9, {"name": "nine"})])
    journal.write([Change("downtimes", "b", {"x": [1.0, None]}), Change("settings", "monitors_made", 2)])
    journal.write([Change("groups", 9, {"groups": {}}), Change("monitors", 10, None)])
    journal.close()
    state = Journal(data).read()
    assert state.monitors == {9: {"name": "nine"}}
    assert state.downtimes == {"b": {"x": [1.0, None]}}
    assert (state.groups, state.settings) == ({9: {"groups": {}}}, {"monitors_made": 2})


def test_changes_are_written_together_or_not_at_all(data: Path) -> None:
    journal = Journal(data)
    with pytest.raises(InputError, match="can't be used as the sandbox's data file"):
        journal.write([Change("monitors", 1, {}), Change("monitors", [], {})])  # type: ignore[arg-type]
    assert journal.read().monitors == {}
    journal.close()


def content(text: str) -> Any:
    def write(path: Path) -> None:
        path.write_text(text)

    return write


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (a)")
    connection.close()


def newer(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged(path: Path) -> None:
    journal = Journal(path)
    journal.write([Change("monitors", 1, {})])
    journal.connection.execute("UPDATE rows SET value = 'no json'")
    journal.connection.commit()
    journal.close()


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (content("just a text, long enough to be read as a header of a database " * 20), "file is not a database"),
        (foreign, "it belongs to another program or version"),
        (newer, "it belongs to another program or version"),
        (damaged, "Expecting value: line 1 column 1 (char 0)"),
        (lambda path: path.mkdir(), "unable to open database file"),
    ],
)
def test_a_file_that_cant_be_used_is_a_clear_error(data: Path, prepare: Any, told: str) -> None:
    prepare(data)
    with pytest.raises(InputError) as refusal:
        Sandbox(data=data)
    assert refusal.value.message == f"{data}: can't be used as the sandbox's data file: {told}"
    assert refusal.value.hint == "Name another file, or one that doesn't exist yet."


def test_one_sandbox_at_a_time_has_the_file(data: Path) -> None:
    with Sandbox(data=data), pytest.raises(InputError, match="database is locked"):
        Sandbox(data=data)


def call(url: str, method: str, body: Any = None) -> Any:
    request = urllib.request.Request(f"{url}/api/v1/monitor", method=method)
    request.data = json.dumps(body).encode() if body else None
    request.add_header("DD-API-KEY", "a")
    request.add_header("DD-APPLICATION-KEY", "b")
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_every_answered_write_survives_a_kill(data: Path) -> None:
    answered = []
    for life in range(2):
        with subprocess.Popen([sys.executable, "-c", SERVE, str(data)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            url = process.stdout.readline().strip()
            assert [monitor["name"] for monitor in call(url, "GET")] == answered
            for number in range(3):
                name = f"monitor {life}.{number}"
                call(url, "POST", {"type": "slo alert", "query": 'error_budget("a").over("7d") > 1', "name": name})
                answered.append(name)
            process.send_signal(signal.SIGKILL)
    with Sandbox(data=data) as sandbox:
        assert [monitor["name"] for monitor in call(sandbox.url, "GET")] == answered
