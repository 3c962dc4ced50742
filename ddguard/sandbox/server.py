"""The sandbox on HTTP, for the loopback interface alone."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ddguard.errors import InputError, UsageError
from ddguard.sandbox.calls import Answer, Request
from ddguard.sandbox.journal import Journal
from ddguard.sandbox.state import State
from ddguard.sandbox.store import answer
from ddguard.sandbox.wire import Listener

LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered. No headers and no keys are kept."""

    method: str
    path: str
    query: str
    status: int


class Sandbox:
    """A local Datadog.

    In a `with` block it serves from a thread of its own. `url` is where it listens, `requests` what it was asked.
    `data` names a SQLite file to remember everything in; without it the memory ends with the sandbox.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if host not in LOOPBACK:
            raise UsageError(
                f"the sandbox doesn't listen on {host}", "It takes any key, so it serves this machine only: 127.0.0.1."
            )
        self.journal = Journal(data) if data else None
        self.state = self.journal.read() if self.journal else State()
        self.clock = clock
        self.lock = threading.Lock()
        self._requests: list[Asked] = []
        try:
            self.http = Listener((host, port), self.carry_out)
        except (OSError, OverflowError) as error:
            raise InputError(f"port {port} can't be used: {error}", "Port 0 takes any free one.") from error
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:43121`."""
        return f"http://127.0.0.1:{self.http.server_port}"

    @property
    def requests(self) -> tuple[Asked, ...]:
        """What was asked so far, oldest first; the sandbox's own endpoints aside."""
        with self.lock:
            return tuple(self._requests)

    def now(self) -> datetime:
        """The sandbox's time: the clock's, moved by what `/sandbox/clock` was told."""
        return self.clock() + timedelta(seconds=self.state.settings.get("clock_shift", 0))

    def carry_out(self, request: Request) -> Answer:
        """Answer one request and remember what it changed, one request at a time."""
        with self.lock:
            outcome = answer(self.state, replace(request, now=self.now(), turn=len(self._requests)))
            if outcome.changes:
                if self.journal:
                    self.journal.write(outcome.changes)
                self.state = self.state.after(outcome.changes)
            query = "&".join(f"{name}={value}" for name, value in request.query.items())
            self._requests.append(Asked(request.method, request.path, query, outcome.answer.status))
            return outcome.answer

    def serve_forever(self) -> None:
        """Serve in this thread until it is interrupted."""
        try:
            self.http.serve_forever()
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening and let go of the data file."""
        self.http.server_close()
        if self.journal:
            self.journal.close()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.shutdown()
        self.thread.join()
        self.close()
