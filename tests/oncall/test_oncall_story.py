"""A night on call, from the page to the end of the snooze, over HTTP; and the same downtime in the evaluator."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ddguard.replay.downtimes import silence
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.series import MetricType, Series, series_set
from tests.oncall.desk import Desk, Said

TRANSCRIPT = Path(__file__).with_name("story.txt")
SNOOZE = ("snooze", "tenant", "acme", "--reason", "load test, RISK-12")
CREATED = "GET /api/v1/monitor", "POST /api/v2/downtime", "GET /api/v2/downtime"
EXTENDED = "GET /api/v1/monitor", "GET /api/v2/downtime", "PATCH /api/v2/downtime/", "GET /api/v2/downtime/"
UNCHANGED = "GET /api/v1/monitor", "GET /api/v2/downtime"


class Night:
    """Runs commands and writes down what was typed and said."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.written = ""

    def do(self, *arguments: str, answer: str | None = None) -> list[str]:
        """One command; gives what it asked Datadog."""
        before = len(self.desk.sandbox.requests)
        said = self.desk.do(*arguments, answer=answer)
        self._write(arguments, answer, said)
        return [f"{one.method} {one.path}".rstrip("-0123456789") for one in self.desk.asked_since(before)]

    def _write(self, arguments: tuple[str, ...], answer: str | None, said: Said) -> None:
        typed = " ".join(f"'{word}'" if " " in word else word for word in arguments)
        address = self.desk.sandbox.url
        told = (said.out + said.err + ("" if answer is None else answer)).replace(address, "http://SANDBOX")
        self.written += f"{self.desk.now:%H:%M} UTC $ ddguard {typed}\n{told}"
        self.written += f"exit code {said.code}\n\n" if said.code else "\n"


def test_a_night_on_call(desk: Desk, golden: Callable[[Path, str], None]) -> None:
    night = Night(desk)
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.set_group("burst", "tenant:acme2", "Alert")
    desk.set_group("burst", "tenant:quiet", "OK")
    desk.pass_time(minutes=5)
    assert night.do("holds") == ["GET /api/v1/monitor"]

    night.do(*SNOOZE)
    night.do(*SNOOZE, answer="n\n")
    night.do(*SNOOZE, "--dry-run")
    assert desk.live() == []
    assert tuple(night.do(*SNOOZE, "--for", "2h", answer="y\n")) == CREATED
    (made,) = desk.live()
    assert desk.matches("burst") == [["tenant:acme"]]
    assert desk.matches("load") == []
    muted = {one["group"]: one["muted"] for one in desk.ask("GET", "/api/v1/monitor/groups/search")["groups"]}
    assert muted == {"tenant:acme": True, "tenant:acme2": False, "tenant:quiet": False}

    desk.pass_time(minutes=30)
    assert tuple(night.do(*SNOOZE, "--for", "1h", "--yes")) == UNCHANGED
    assert desk.live() == [made]
    extended = night.do("snooze", "tenant", "acme", "--until", "10:00", "--reason", "still on", "--by", "bob", "--yes")
    assert tuple(extended) == EXTENDED
    (longer,) = desk.live()
    assert longer["id"] == made["id"]
    assert longer["attributes"]["schedule"] == {
        "start": made["attributes"]["schedule"]["start"],
        "end": "2026-01-05T09:00:00+00:00",
    }
    night.do("snooze", "list")
    night.do("plan")
    assert desk.live() == [longer]

    desk.pass_time(hours=1)
    night.do("snooze", "end", "tenant", "acme")
    assert desk.matches("burst") == []
    night.do("snooze", "list")
    night.do("snooze", "end", "tenant", "acme")
    golden(TRANSCRIPT, night.written)
    assert_silent_for_that_tenant_alone(made["attributes"], desk.sandbox.state.monitors[desk.number("burst")])


def assert_silent_for_that_tenant_alone(downtime: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    """Both tenants burst at four; the snooze of one of them lasts from 03:05 to 05:05."""
    three = 1_767_582_000
    times = np.arange(three, three + 4 * 3600, 60, dtype=np.int64)
    values = np.where((times >= three + 3600) & (times < three + 3 * 3600), 5.0, 0.0)
    series = [
        Series("streams.created", ("env:prod", f"tenant:{name}"), MetricType.COUNT, times, values)
        for name in ("acme", "acme2")
    ]
    held = silence(downtime, int(times[0]), int(times[-1]), "snooze")
    found = evaluate(definition, series_set(series), Run(int(times[0]), int(times[-1]), silences=[held]))

    def letters(group: str) -> list[tuple[int, str, tuple[str, ...]]]:
        own = [letter for letter in found.notifications if letter.group == group]
        return [((letter.at - three) // 60, str(letter.kind), letter.suppressed_by) for letter in own]

    assert letters("tenant:acme2") == [(80, "alert", ()), (219, "recovery", ())]
    assert letters("tenant:acme") == [(80, "alert", ("snooze",)), (125, "alert", ()), (219, "recovery", ())]
