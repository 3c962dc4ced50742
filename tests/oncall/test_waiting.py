"""A Datadog that takes long: whoever sits before a terminal is told that there is something to wait for."""

import threading

import pytest

from ddguard.cli import progress
from ddguard.sandbox.faults import Faults, parse_fault
from tests.oncall.desk import Desk, Screen

COMMANDS = [
    ("plan",),
    ("apply", "--yes"),
    ("holds",),
    ("snooze", "list"),
    ("snooze", "tenant", "acme", "--reason", "x", "--yes"),
    ("snooze", "end", "tenant", "acme"),
]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The terminal that errors are told on. A tenth of a second without an answer is long here."""
    monkeypatch.setattr(progress, "SLOW", 0.1)
    screen = Screen(is_terminal=True)
    monkeypatch.setattr("tests.oncall.desk.Screen", lambda *_, **__: screen)
    return screen


def slow(desk: Desk) -> None:
    desk.sandbox.faults = Faults((parse_fault("latency=300ms"),), 7)


def running() -> list[threading.Thread]:
    """The notices that would be told by and by."""
    timers = (one for one in threading.enumerate() if isinstance(one, threading.Timer))
    return [one for one in timers if not one.finished.is_set()]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_slow_datadog_is_told_on_a_terminal(desk: Desk, screen: Screen, command: tuple[str, ...]) -> None:
    slow(desk)
    assert desk.do(*command, answer="").code == 0
    assert f"{progress.WAITING}\n" in screen.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_told_with_quiet(desk: Desk, screen: Screen, command: tuple[str, ...]) -> None:
    slow(desk)
    assert desk.do(*command, "-q", answer="").code == 0
    assert progress.WAITING not in screen.getvalue()


@pytest.mark.usefixtures("screen")
def test_nothing_is_told_where_nobody_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("tests.oncall.desk.Screen", lambda *_, **__: screen)
    slow(desk)
    assert desk.do("snooze", "list").code == 0
    assert progress.WAITING not in screen.getvalue()


def test_a_quick_datadog_leaves_no_notice_behind(desk: Desk, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SLOW", 600.0)
    assert desk.do("snooze", "list").code == 0
    assert (running(), progress.WAITING in screen.getvalue()) == ([], False)


@pytest.mark.usefixtures("screen")
def test_thinking_about_the_question_is_no_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def think(*_: object, **__: object) -> bool:
        seen.append(running())
        return False

    monkeypatch.setattr(progress, "SLOW", 600.0)
    monkeypatch.setattr("click.confirm", think)
    assert desk.do("snooze", "tenant", "acme", "--reason", "x", answer="").code == 3
    assert seen == [[]]
