"""Ctrl-C while Datadog is read ends the command at once; while it is written, nothing is waited for any more."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from scripted_server import QUICK, Reply, Seen, Server, settings_for

from ddguard.datadog import Clock, Datadog, Readers
from ddguard.errors import AnswerError, DatadogError

SPEC = """\
id: errors
type: query alert
query: avg(last_5m):avg:errors{*} > 1
message: ""
"""
LONG = 200.0
"""Seconds. No test waits for so long, and Datadog may be waited for so long."""


@contextmanager
def started(arguments: list[str], folder: Path, url: str) -> "Iterator[subprocess.Popen[str]]":
    """The command, running; it is killed at the end if it still does."""
    (folder / "ddguard.yaml").write_text("project: shop\n")
    (folder / "errors.yaml").write_text(SPEC)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DD", "DATADOG"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "ddguard", *arguments],
        cwd=folder,
        env={**kept, "DDGUARD_API_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def empty_account(seen: Seen) -> Reply:
    if seen.path.endswith("/search"):
        return Reply({"monitors": [], "counts": {}, "metadata": {"total_count": 0}})
    if seen.path == "/api/v2/downtime":
        return Reply({"data": [], "meta": {"page": {"total_filtered_count": 0}}})
    return Reply([])


class Held:
    """An empty account in which one kind of call gets no answer as long as the test runs."""

    def __init__(self, server: Server, method: str, path: str, reply: Reply | None = None) -> None:
        self.asked = threading.Event()
        self._released = threading.Event()
        self._place = (method, path)
        self._reply = reply
        server.answer = self.answer

    def answer(self, seen: Seen) -> Reply:
        if (seen.method, seen.path) != self._place:
            return empty_account(seen)
        self.asked.set()
        if self._reply is None:
            self._released.wait(LONG)
        return self._reply or Reply(drop=True)

    def close(self) -> None:
        self._released.set()


@pytest.mark.parametrize(
    ("arguments", "method", "path"),
    [
        (["plan"], "GET", "/api/v2/downtime"),
        (["plan"], "GET", "/api/v1/monitor/search"),
        (["plan"], "GET", "/api/v1/monitor"),
        (["apply", "--yes"], "GET", "/api/v2/downtime"),
        (["import", "--all"], "GET", "/api/v2/downtime"),
        (["import", "7"], "GET", "/api/v1/monitor/7"),
        (["snooze", "tenant", "acme", "--reason", "x", "--by", "me", "--yes"], "GET", "/api/v1/monitor"),
        (["snooze", "list"], "GET", "/api/v1/monitor"),
        (["snooze", "list"], "GET", "/api/v2/downtime"),
        (["snooze", "end", "tenant", "acme"], "GET", "/api/v2/downtime"),
        (["holds"], "GET", "/api/v1/monitor"),
        (["validate", "--remote"], "POST", "/api/v1/monitor/validate"),
    ],
)
def test_ctrl_c_ends_reading_at_once(
    arguments: list[str], method: str, path: str, server: Server, tmp_path: Path
) -> None:
    with closing(Held(server, method, path)) as held, started(arguments, tmp_path, server.url) as process:
        assert held.asked.wait(20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        unchanged = "\n  nothing was changed" if ends_up_writing(arguments) else ""
        assert (process.returncode, out, err.strip()) == (130, "", f"ddguard: interrupted{unchanged}")


def ends_up_writing(arguments: list[str]) -> bool:
    """Whether the command would have written after it read."""
    return arguments[0] == "apply" or (arguments[0] == "snooze" and arguments[1] != "list")


def test_ctrl_c_ends_waiting_for_a_rate_limit_while_reading(server: Server, tmp_path: Path) -> None:
    limited = Reply(status=429, headers={"X-RateLimit-Reset": str(LONG)})
    with (
        closing(Held(server, "GET", "/api/v2/downtime", limited)) as held,
        started(["plan"], tmp_path, server.url) as process,
    ):
        assert held.asked.wait(20)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err.strip()) == (130, "ddguard: interrupted")


def test_ctrl_c_ends_waiting_for_a_rate_limit_while_writing(server: Server, tmp_path: Path) -> None:
    limited = Reply(status=429, headers={"X-RateLimit-Reset": str(LONG)})
    with (
        closing(Held(server, "POST", "/api/v1/monitor", limited)) as held,
        started(["apply", "--yes", "-q"], tmp_path, server.url) as process,
    ):
        assert held.asked.wait(20)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "is used up for another" in out


@pytest.mark.parametrize("end", [Datadog.hurry, Datadog.close])
def test_what_ends_all_waiting(end: Callable[[Datadog], None], server: Server) -> None:
    limited = Reply(status=429, headers={"X-RateLimit-Reset": str(LONG)})
    datadog = Datadog(settings_for(server.url))
    with closing(Held(server, "GET", "/api/v1/monitor/1", limited)) as held, Readers(1) as readers:
        reading = readers.begin(datadog.monitor, 1)
        assert held.asked.wait(20)
        end(datadog)
        with pytest.raises(AnswerError, match="is used up for another"):
            reading.result(20)
    datadog.close()


def test_hurry_lets_calls_through_and_repeats_none(server: Server) -> None:
    server.replies = [Reply({"id": 1}), Reply(status=503, body={"errors": ["no"]})]
    with Datadog(settings_for(server.url)) as datadog:
        datadog.hurry()
        assert datadog.monitor(1) == {"id": 1}
        with pytest.raises(AnswerError, match="no"):
            datadog.monitor(1)
    assert len(server.seen) == 2


def test_nothing_is_sent_once_it_is_closed(server: Server) -> None:
    datadog = Datadog(settings_for(server.url))
    datadog.close()
    with pytest.raises(DatadogError, match="could not read monitor 1: the connections are closed"):
        datadog.monitor(1)
    assert server.seen == []


def test_a_sleep_ends_when_there_is_hurry() -> None:
    clock = Clock()
    slept: list[bool] = []
    sleeper = threading.Thread(target=lambda: slept.append(clock.wait(LONG, clock.now() + 2 * LONG)), daemon=True)
    sleeper.start()
    clock.hurried.set()
    sleeper.join(20)
    assert slept == [False]
    assert not clock.wait(0.0, clock.now() + 1.0)


# Threads that read


def test_readers_read_several_at_a_time_and_keep_the_order() -> None:
    both = threading.Barrier(2, timeout=20)

    def read(value: int) -> int:
        both.wait()
        return value * value

    with Readers(2) as readers:
        assert readers.each(read, [3, 1, 2, 5]) == [9, 1, 4, 25]


def test_an_error_of_a_reader_is_told() -> None:
    with Readers(2) as readers, pytest.raises(ZeroDivisionError):
        readers.each(lambda value: 1 / value, [1, 0, 1])


def test_whoever_leaves_waits_for_no_reader_and_what_nobody_took_up_is_dropped() -> None:
    begun, released = threading.Event(), threading.Event()
    read: list[int] = []

    def hold() -> None:
        begun.set()
        released.wait(LONG)

    with pytest.raises(KeyboardInterrupt), Readers(1) as readers:
        held = readers.begin(hold)
        dropped = readers.begin(read.append, 1)
        assert begun.wait(20)
        raise KeyboardInterrupt
    assert not held.done()
    assert dropped.cancelled()
    released.set()
    held.result(20)
    assert read == []


def test_readers_do_not_hold_up_the_end_of_the_interpreter() -> None:
    def is_daemon() -> bool:
        return threading.current_thread().daemon

    with Readers(1) as readers:
        assert readers.begin(is_daemon).result(20)


def test_the_usual_patience_would_wait_that_long() -> None:
    assert QUICK.max_wait > LONG
