"""Ctrl-C, or the SIGTERM of a CI job that is canceled: before anything was changed, and while calls are running."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from ddguard.errors import ExitCode, InterruptedRun

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FIRST = b"\nInterrupted: what is running comes to its end, the rest is left. Press Ctrl-C again to leave at once.\n"
SECOND = b"\nLeft at once: what was running may or may not have been done. `ddguard plan` tells.\n"


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Says so where what only reads and asks is interrupted, or its question isn't answered."""
    try:
        yield
    except (click.Abort, KeyboardInterrupt):
        raise InterruptedRun("interrupted", "nothing was changed") from None


@contextmanager
def gentle_interrupts(hurry: Callable[[], None] = lambda: None) -> Iterator[Callable[[], bool]]:
    """Hands out a function that tells whether Ctrl-C was pressed, or SIGTERM came; the second time ends the process.

    `hurry` is called the first time, in the signal's handler: it lets running calls end sooner.
    """
    pressed = threading.Event()

    def press(_number: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            _warn(SECOND)
            os._exit(ExitCode.INTERRUPTED)
        else:
            pressed.set()
            _warn(FIRST)
            hurry()

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    kept = {number: signal.signal(number, press) for number in SIGNALS}
    try:
        yield pressed.is_set
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _warn(text: bytes) -> None:
    """Says it at once, past all buffers, if anybody still reads it."""
    with suppress(OSError):
        os.write(2, text)
