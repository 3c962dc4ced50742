"""Where stories are played: an empty folder, a clock that stands still, a local Datadog, a terminal if wanted."""

import io
import json
import os
import re
import shlex
import shutil
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from story import EXPECTED, Section

from ddguard import __version__
from ddguard.cli import clock, run
from ddguard.datadog import Clock
from ddguard.sandbox.faults import Faults, parse_fault
from ddguard.sandbox.server import Sandbox

START = "2026-01-05T12:00:00Z"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SUM = re.compile(r"\b[0-9a-f]{64}\b")
FRAMES = re.compile(r"^  File .*?(?=^\w)", re.MULTILINE | re.DOTALL)


class Screen(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, text: str = "", *, is_terminal: bool) -> None:
        super().__init__(text)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


class Stage:
    """Plays one story; `close` ends its sandbox."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch
        self.now = datetime.fromisoformat(START)
        self.terminal = False
        self.answer = ""
        self.sandbox: Sandbox | None = None
        self.names: dict[str, str] = {}
        self.seen = 0
        self.ending = ExitStack()
        for name in [name for name in os.environ if name.startswith(("DD_", "DDGUARD_", "DATADOG_"))]:
            monkeypatch.delenv(name)
        monkeypatch.delenv("COLUMNS", raising=False)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr("ddguard.datadog.client.Clock", lambda: Clock(sleep=lambda _: None))
        monkeypatch.chdir(folder)

    def close(self) -> None:
        self.ending.close()

    def play(self, sections: list[Section]) -> list[Section]:
        """The sections as they turned out."""
        played: list[Section] = []
        for section in sections:
            if section.word not in EXPECTED:
                played += ACTS[section.word](self, section) or [section]
        return played

    def file(self, section: Section) -> None:
        path = self.folder / section.rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(section.body, encoding="utf-8")

    def remove(self, section: Section) -> None:
        (self.folder / section.rest).unlink()

    def copy(self, section: Section) -> None:
        assert section.rest == "pack"
        shutil.copytree(Path(__file__).parents[2] / "monitors", self.folder / "monitors")

    def start_sandbox(self, section: Section) -> None:
        faults = [parse_fault(spelled) for spelled in section.rest.split()]
        self.sandbox = self.ending.enter_context(Sandbox(faults=faults, clock=lambda: self.now))
        self.seen = 0
        self.names[f"127.0.0.1:{self.sandbox.port}"] = f"SANDBOX-{len(self.names) + 1}" if self.names else "SANDBOX"
        self.patch.setenv("DDGUARD_API_URL", self.sandbox.url)

    def set_faults(self, section: Section) -> None:
        assert self.sandbox is not None
        self.sandbox.faults = Faults([parse_fault(spelled) for spelled in section.rest.split()])

    def set_clock(self, section: Section) -> None:
        self.now = datetime.fromisoformat(section.rest).astimezone(UTC)

    def env(self, section: Section) -> None:
        name, _, value = section.rest.partition("=")
        if value:
            self.patch.setenv(name, value)
        else:
            self.patch.delenv(name)

    def set_terminal(self, section: Section) -> None:
        self.terminal = bool(section.rest)
        self.patch.setenv("COLUMNS", section.rest or "80")
        if not section.rest:
            self.patch.delenv("COLUMNS")

    def set_answer(self, section: Section) -> None:
        self.answer += f"{section.rest}\n"

    def break_function(self, section: Section) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError(f"broken, with the key {os.environ.get('DD_API_KEY')} in it")

        self.patch.setattr(section.rest, broken)

    def behind(self, section: Section) -> None:
        assert self.sandbox is not None
        method, path = section.rest.split()
        body = json.dumps(json.loads(section.body)).encode() if section.body else None
        headers = {"DD-API-KEY": "k", "DD-APPLICATION-KEY": "k", "Content-Type": "application/json"}
        request = urllib.request.Request(self.sandbox.url + path, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request):
            self.seen = len(self.sandbox.requests)

    def run(self, section: Section) -> list[Section]:
        program, *arguments = shlex.split(section.rest)
        assert program == "ddguard"
        stdin = Screen(self.answer, is_terminal=self.terminal)
        stdout, stderr = Screen(is_terminal=self.terminal), Screen(is_terminal=self.terminal)
        self.answer = ""
        with redirect_stdout(stdout), redirect_stderr(stderr), pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            code = run(arguments)
        sections = [Section("run", section.rest, self.settled(stdout.getvalue()))]
        if stderr.getvalue():
            sections.append(Section("stderr", body=self.settled(stderr.getvalue())))
        if code:
            sections.append(Section("exit", str(int(code))))
        return sections

    def settled(self, text: str) -> str:
        """The text with what differs from run to run put in words."""
        for address, name in self.names.items():
            text = text.replace(address, name)
        text = SUM.sub("<sha256>", text.replace(str(self.folder), "/story"))
        text = FRAMES.sub("  ...\n", text).replace(__version__, "<version>")
        text = re.sub(" +$", "", text.replace("\x1b", "<esc>").replace("\r", "<cr>"), flags=re.MULTILINE)
        return text if not text or text.endswith("\n") else f"{text}\\\n"

    def written(self, section: Section) -> list[Section]:
        assert self.sandbox is not None
        asked = self.sandbox.requests[self.seen :]
        self.seen += len(asked)
        lines = [f"{one.method} {one.path} {one.status}\n" for one in asked if one.method in WRITING]
        return [Section("written", body="".join(lines))]


ACTS: dict[str, Callable[[Stage, Section], list[Section] | None]] = {
    "file": Stage.file,
    "remove": Stage.remove,
    "copy": Stage.copy,
    "sandbox": Stage.start_sandbox,
    "faults": Stage.set_faults,
    "clock": Stage.set_clock,
    "env": Stage.env,
    "terminal": Stage.set_terminal,
    "answer": Stage.set_answer,
    "behind": Stage.behind,
    "break": Stage.break_function,
    "run": Stage.run,
    "written": Stage.written,
}
