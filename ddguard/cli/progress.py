"""How far a long run is, on the last line of a terminal, and that there is something to wait for."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from ddguard.cli.options import Common

WORTH_A_BAR = 2
LONGEST_BAR = 40
CLEAR = "\r\x1b[K"
SLOW = 5.0
"""Seconds without an answer after which a person wonders."""
WAITING = "Datadog hasn't answered yet: still waiting. Ctrl-C leaves."


@dataclass(slots=True)
class Progress:
    """A bar on stderr: `clear` it before other lines are printed, `step` shows it again, one further."""

    total: int
    shown: bool
    done: int = 0

    def clear(self) -> None:
        """Takes the bar off the screen."""
        if self.shown:
            click.echo(CLEAR, nl=False, err=True, color=True)

    def step(self) -> None:
        """Counts one more and shows how far it is."""
        self.done += 1
        self.draw()

    def draw(self) -> None:
        """Shows how far it is."""
        if not self.shown:
            return
        numbers = f" {self.done} of {self.total}"
        room = min(LONGEST_BAR, shutil.get_terminal_size().columns - len(numbers) - 3)
        filled = room * self.done // self.total
        bar = f"[{'#' * filled}{'.' * (room - filled)}]" if room > 0 else ""
        click.echo(f"{CLEAR}{bar}{numbers}", nl=False, err=True, color=True)


@contextmanager
def progress(total: int, common: Common) -> Iterator[Progress]:
    """A bar while the block runs, on a terminal only and not with --quiet; a run of one step needs none."""
    is_screen = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    bar = Progress(total, shown=is_screen and common.loudness >= 0 and total >= WORTH_A_BAR)
    bar.draw()
    try:
        yield bar
    finally:
        bar.clear()


@contextmanager
def told_if_slow(common: Common) -> Iterator[None]:
    """Says once, on a terminal only and not with --quiet, that the block's calls take long."""
    notice = threading.Timer(SLOW, click.echo, [WAITING], {"err": True})
    notice.daemon = True
    if sys.stderr.isatty() and common.loudness >= 0:
        notice.start()
    try:
        yield
    finally:
        notice.cancel()
