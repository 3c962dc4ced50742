"""Work that is done in shares, by several processes at once where that saves time."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
Work = Callable[[int, int], Result]
"""Does one share out of so many: `work(0, 2)` and `work(1, 2)` together are all of it. Its result can be pickled."""

SMALLEST_SHARE = 150
"""How much there is to do in a share at the least: below it, a process costs as much as it saves."""

MOST = 4
"""Processes at the most: each further one saves less."""

THREADS = Path("/proc/self/task")
"""Where Linux lists the threads of this process."""


def best_shares(things: int) -> int:
    """In how many shares so many things are done soonest here.

    In one where forks aren't safe: on other systems than Linux, and where this process has threads, which a fork loses.
    """
    if sys.platform != "linux" or things < 2 * SMALLEST_SHARE or not _has_one_thread():
        return 1
    return min(MOST, len(os.sched_getaffinity(0)), things // SMALLEST_SHARE)


def in_shares(work: Work[Result], shares: int) -> list[Result]:
    """What each share of the work comes to. A share whose process gives nothing back is done here instead."""
    readers = [_begun_elsewhere(work, share, shares) for share in range(1, shares)]
    first = work(0, shares)
    others = [_result(work, share, shares, reader) for share, reader in enumerate(readers, start=1)]
    return [first, *others]


def _has_one_thread() -> bool:
    try:
        return len(list(THREADS.iterdir())) == 1
    except OSError:
        return False


def _begun_elsewhere(work: Work[Result], share: int, shares: int) -> "Connection | None":
    """Where the result of a share will come from; None where no process could be started."""
    from multiprocessing import get_context

    context = get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    with writer:
        try:
            context.Process(target=send_share, args=(writer, work, share, shares), daemon=True).start()
        except OSError:
            reader.close()
            return None
    return reader


def send_share(writer: "Connection", work: Work[Result], share: int, shares: int) -> None:
    """What a new process does. It fails in silence: who then does the share instead fails too, and tells."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(Exception):
        writer.send(work(share, shares))


def _result(work: Work[Result], share: int, shares: int, reader: "Connection | None") -> Result:
    if reader is not None:
        with reader, suppress(EOFError, OSError):
            received: Result = reader.recv()
            return received
    return work(share, shares)
