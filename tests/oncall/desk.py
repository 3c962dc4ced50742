"""Where somebody is on call: a project, a local Datadog, a clock that is set by hand, and a terminal if wanted."""

import io
import json
import urllib.request
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ddguard.cli import clock, run
from ddguard.datadog import Clock
from ddguard.sandbox.server import Asked, Sandbox

THREE = datetime.fromisoformat("2026-01-05T03:00:00+00:00")
PROJECT = "project: streampay\nenvironments: {prod: {}}\n"
SPEC = """\
id: burst
name: Burst by {{tenant.name}}
type: query alert
query: sum(last_1h):sum:streams.created{env:${env}} by {tenant}.as_count() > 100
message: Too many streams of {{tenant.name}}.
hold: {review: "@webhook-review", reason: may be fraud}
---
id: load
name: Load
type: query alert
query: avg(last_5m):avg:system.load.1{env:${env}} by {host} > 4
message: ""
"""


class Screen(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, text: str = "", *, is_terminal: bool = False) -> None:
        super().__init__(text)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Desk:
    """Runs commands against a sandbox, both at the time `now`."""

    def __init__(self, sandbox: Sandbox, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.patch = patch
        self.now = THREE
        sandbox.clock = lambda: self.now
        patch.setattr(clock, "now", lambda: self.now)
        patch.setattr("ddguard.datadog.client.Clock", lambda: Clock(sleep=lambda _: None))

    def write(self, **files: str) -> None:
        """Writes `NAME.yaml` for each."""
        for name, text in files.items():
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def pass_time(self, **length: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**length)

    def do(self, *arguments: str, answer: str | None = None) -> Said:
        """One command; with an answer there is a terminal, on which it is typed."""
        out, err = Screen(), Screen()
        with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", Screen(answer or "", is_terminal=answer is not None))
            code = run(arguments)
        return Said(int(code), out.getvalue(), err.getvalue())

    def snooze(self, *arguments: str) -> Said:
        """Snoozes the tenant that is named first without a question, and gives the JSON."""
        return self.do("snooze", "tenant", *arguments, "--reason", "load test", "--yes", "--format", "json")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Asks the sandbox behind ddguard's back."""
        headers = {"DD-API-KEY": "k", "DD-APPLICATION-KEY": "k", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.sandbox.url + path, data=content, method=method, headers=headers)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def number(self, id_: str) -> int:
        """The number of a spec's monitor."""
        found: int = next(
            number for number, one in self.sandbox.state.monitors.items() if f"ddguard_id:{id_}" in one["tags"]
        )
        return found

    def set_group(self, id_: str, group: str, status: str) -> None:
        """Lets a group of a spec's monitor be in a state."""
        self.ask("POST", f"/sandbox/monitor/{self.number(id_)}/group", {"group": group, "status": status})

    def requests_of(self, *arguments: str) -> list[str]:
        """What a command asks Datadog."""
        before = len(self.sandbox.requests)
        assert self.do(*arguments).code == 0
        return [f"{one.method} {one.path}" for one in self.asked_since(before)]

    def asked_since(self, before: int) -> Sequence[Asked]:
        """What the sandbox was asked after so many requests."""
        return self.sandbox.requests[before:]

    def live(self) -> list[dict[str, Any]]:
        """The downtimes that silence something now or later."""
        rows = self.ask("GET", "/api/v2/downtime?page[limit]=100")["data"]
        return [row for row in rows if row["attributes"]["status"] in {"active", "scheduled"}]

    def matches(self, id_: str) -> list[list[str]]:
        """The groups that each running downtime silences of a spec's monitor."""
        rows = self.ask("GET", f"/api/v2/monitor/{self.number(id_)}/downtime_matches")["data"]
        return [row["attributes"]["groups"] for row in rows]
