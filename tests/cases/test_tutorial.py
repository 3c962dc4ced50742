"""The tutorial is played: its files are written, its commands run, and what it shows is what they print.

`name:` before a block of YAML is a file; a block of `console` holds commands behind `$ ` and what they print.
"""

import io
import re
import shlex
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ddguard.cli import run
from ddguard.sandbox.server import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
URL = "http://127.0.0.1:8321"
IN_THE_BACKGROUND = "ddguard sandbox --port 8321 &"


def played(page: str, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> str:
    """The page as it turned out."""

    def block(found: re.Match[str]) -> str:
        name, kind, body = found.groups()
        if kind == "yaml":
            if name:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_text(body, encoding="utf-8")
            return found.group()
        commands = [line.removeprefix("$ ") for line in body.split("\n") if line.startswith("$ ")]
        return f"```console\n{''.join(answered(command, monkeypatch, sandbox) for command in commands)}```"

    return BLOCK.sub(block, page)


def answered(command: str, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> str:
    """A command with what it prints on both streams."""
    if command == IN_THE_BACKGROUND:
        return f"$ {command}\n{URL}\nserving until Ctrl-C\n"
    if command.startswith("export "):
        for pair in shlex.split(command)[1:]:
            name, _, value = pair.partition("=")
            monkeypatch.setenv(name, value.replace(URL, sandbox.url))
        return f"$ {command}\n"
    program, *arguments = shlex.split(command)
    assert program == "ddguard"
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        run(arguments)
    return f"$ {command}\n{printed.getvalue().replace(sandbox.url, URL)}"


def test_the_tutorial_shows_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COLUMNS", raising=False)
    for name in ("DD_API_KEY", "DD_APP_KEY", "DD_SITE", "DDGUARD_API_URL"):
        monkeypatch.delenv(name, raising=False)

    with Sandbox() as sandbox:
        turned_out = played(PAGE.read_text(encoding="utf-8"), monkeypatch, sandbox)

    golden(PAGE, turned_out)
