"""`ddguard demo`: the tour, as commands that anyone can repeat, on a sandbox of its own."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib import resources
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill
from typing import TextIO

import click
from click.exceptions import Exit

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, width
from ddguard.datadog import Datadog, settings_from
from ddguard.errors import DdguardError, ExitCode
from ddguard.sandbox.calls import Request
from ddguard.sandbox.server import Sandbox

SLIPPED_THRESHOLD = 100_000
BEGINNING = """\
A local Datadog serves on {url} as long as this demo lasts. The commands run in a folder that goes away with it; \
./monitors is a copy of the StreamPay guardrails there. To run them yourself, in an empty folder:"""
COMMANDS = """\
  cp -r {pack} monitors
  ddguard sandbox                                # in another terminal; it says its URL
  export DDGUARD_API_URL=URL"""
LINE = 110
"""Columns of prose at most."""

DEMO_KEYS = {"DD_API_KEY": "demo", "DD_APP_KEY": "demo"}
"""Stand in for the user's own keys, which nothing here needs."""


class DemoError(DdguardError):
    """A step of the demo ended otherwise than it has to."""

    exit_code = ExitCode.BUG


@click.command("demo")
@common_options("text")
def command(common: Common) -> int:
    """Show what ddguard does, on a local Datadog that lives as long as the demo. No account, no network."""
    with Sandbox() as sandbox, _folder_of_the_demo(sandbox.url):
        if not common.color:
            os.environ["NO_COLOR"] = "1"
        emit(fill(BEGINNING.format(url=sandbox.url), min(width(), LINE), break_on_hyphens=False))
        emit(COMMANDS.format(pack=shlex.quote(str(pack()))))
        _step("Are the specs sound?", ["validate"])
        _step("What would be done? (the first of them)", ["plan", "monitors/streampay/stream-creation-burst.yaml"])
        _step("Do all of it.", ["apply", "--yes", "--quiet"])
        _step("Once more: nothing is left to do.", ["plan", "--detailed-exitcode"])
        _told("Somebody raises a threshold by hand, in the middle of the night.")
        _slip(sandbox.url)
        _step(
            "The next plan shows the drift; exit code 2 tells CI.",
            ["plan", "--detailed-exitcode"],
            expect=ExitCode.CHANGES,
        )
        _step("Put it right.", ["apply", "--yes"], last_lines=2)
        _step("And that is all.", ["plan", "--detailed-exitcode"])
        _on_call(sandbox)
    return ExitCode.DONE


def _on_call(sandbox: Sandbox) -> None:
    """A night on call: a tenant that alerts, the flag for manual review, and a snooze of that tenant alone."""
    _told("Three in the morning: two tenants open streams by the thousand.")
    for tenant in ("acme", "globex"):
        _alert(sandbox, "stream-creation-burst", f"tenant:{tenant}")
    _step("Who carries the flag for manual review? Nothing is frozen by it: a person decides.", ["holds"])
    _step(
        "acme is a load test. Silence that tenant alone, for a while, with a reason.",
        ["snooze", "tenant", "acme", "--for", "2h", "--reason", "load test, RISK-12", "--by", "you", "--yes"],
    )
    _step("The next person on call sees it.", ["snooze", "list"])
    _step("The load test is over.", ["snooze", "end", "tenant", "acme"])


def _alert(sandbox: Sandbox, monitor: str, group: str) -> None:
    """Lets a group of a monitor alert, which Datadog would find out by itself."""
    tag = f"ddguard_id:{monitor}"
    number = next(number for number, one in sandbox.state.monitors.items() if tag in one["tags"])
    body = {"group": group, "status": "Alert"}
    sandbox.take(Request("POST", f"/sandbox/monitor/{number}/group", {}, body, sandbox.now()))


def pack() -> Path:
    """The folder of the StreamPay guardrails: inside the installed package, or beside it in a checkout."""
    package = Path(str(resources.files("ddguard")))
    installed = package / "pack"
    return installed if installed.is_dir() else package.parent / "monitors"


@contextmanager
def _folder_of_the_demo(url: str) -> Iterator[None]:
    """A folder with a copy of the pack to stand in, and an environment that leads to the sandbox."""
    kept = dict(os.environ)
    here = Path.cwd()
    with TemporaryDirectory(prefix="ddguard-demo-") as folder:
        shutil.copytree(pack(), Path(folder) / "monitors")
        os.chdir(folder)
        os.environ.update(DEMO_KEYS, DDGUARD_API_URL=url)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(kept)
            os.chdir(here)


class _Printed(StringIO):
    """What a step prints: as wide and as coloured as where it is going to be shown."""

    def __init__(self, shown_on: TextIO) -> None:
        super().__init__()
        self._shown_on = shown_on

    def isatty(self) -> bool:
        """Whether a person will read it on a terminal."""
        return self._shown_on.isatty()


def _told(sentence: str) -> None:
    emit("")
    emit(click.style(f"# {sentence}", bold=True))


def _step(sentence: str, arguments: Sequence[str], *, expect: ExitCode = ExitCode.DONE, last_lines: int = 0) -> None:
    """One command as a user would type it, with what it prints (of a long answer the last lines)."""
    from ddguard.cli import run

    _told(sentence)
    emit(f"$ ddguard {shlex.join(arguments)}")
    printed = _Printed(sys.stdout)
    with redirect_stdout(printed):
        code = run(arguments)
    lines = printed.getvalue().rstrip("\n").split("\n")
    emit("\n".join(["  ...", *lines[-last_lines:]] if 0 < last_lines < len(lines) else lines))
    if code == ExitCode.INTERRUPTED:
        raise Exit(code)
    if code != expect:
        raise DemoError(f"the demo went wrong: `ddguard {' '.join(arguments)}` ended with exit code {code}")


def _slip(url: str) -> None:
    """Changes a monitor behind ddguard's back, as a person in Datadog's UI would."""
    with Datadog(settings_from(os.environ, api_url=url)) as datadog:
        monitor = next(one for one in datadog.monitors() if "ddguard_id:stream-creation-burst" in one["tags"])
        query = f"{monitor['query'].rpartition('>')[0]}> {SLIPPED_THRESHOLD}"
        options = {**monitor["options"], "thresholds": {"critical": SLIPPED_THRESHOLD}}
        datadog.update_monitor(monitor["id"], {"query": query, "options": options})
