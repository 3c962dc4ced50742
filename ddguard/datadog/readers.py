"""Threads for several calls at a time that only read.

Nobody has to wait for them. Once the block that they work for is left, by Ctrl-C or an error, what nobody took up yet
is dropped, and what is under way goes on unseen until its answer comes or `Datadog.close` ends its waiting. The threads
are daemons, which the interpreter doesn't join at its end, as it does those of a ThreadPoolExecutor: an interrupted
command is over at once, and nothing is lost by that, since nothing was written. So nothing that writes belongs here.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
Value = TypeVar("Value")
T = TypeVar("T")


class Readers:
    """Up to `workers` threads, started as they are needed. To be used in a `with` block."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._begun = 0
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()

    def begin(self, read: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> "Future[T]":
        """What the call will have read, or its error."""
        future: Future[T] = Future()
        self._tasks.put((future, partial(read, *arguments, **options)))
        if self._begun < self._workers:
            self._begun += 1
            threading.Thread(target=self._work, name=f"read-{self._begun}", daemon=True).start()
        return future

    def each(self, read: Callable[[Value], T], values: Iterable[Value]) -> list[T]:
        """What a call reads for each value, in their order; the error of the first that failed is raised."""
        futures = [self.begin(read, value) for value in values]
        return [future.result() for future in futures]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Empty):
            while task := self._tasks.get_nowait():
                task[0].cancel()
        for _ in range(self._begun):
            self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            _settle(*task)


def _settle(future: "Future[T]", read: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(read())
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
