"""The sandbox on HTTP, for the loopback interface alone."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ddguard.errors import InputError, UsageError
from ddguard.sandbox.calls import Answer, Outcome, Request
from ddguard.sandbox.delivery import Delivery, delivered, rate_headers, refused, seconds_left
from ddguard.sandbox.faults import PAGE_KINDS, Fault, Faults, earlier_page, with_entries
from ddguard.sandbox.journal import Journal
from ddguard.sandbox.state import State
from ddguard.sandbox.store import OWN_PATHS, Limit, answer, route
from ddguard.sandbox.wire import Listener

LOOPBACK = ("127.0.0.1", "localhost")
REQUESTS_PATH = "/sandbox/requests"
POLL_SECONDS = 0.02
"""How soon it notices that it has to stop."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came. `status` is what was answered, 0 where the connection ended. No headers, no keys."""

    method: str
    path: str
    query: str
    status: int


class Sandbox:
    """A local Datadog.

    In a `with` block it serves from a thread of its own. `url` is where it listens, `requests` what it was asked.
    `data` names a SQLite file to remember everything in; without it the memory ends with the sandbox.
    `faults` go wrong on purpose, the same ones for the same `seed`; `clock` tells the time in UTC.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        faults: Iterable[Fault] = (),
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if host not in LOOPBACK:
            raise UsageError(
                f"the sandbox doesn't listen on {host}", "It takes any key, so it serves this machine only: 127.0.0.1."
            )
        self.clock = clock
        self.faults = Faults(tuple(faults), seed)
        self.lock = threading.Lock()
        self._requests: list[Asked] = []
        self._used: Counter[tuple[Limit, int]] = Counter()
        try:
            self.listener = Listener((host, port), self.take)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"port {port} can't be used: {reason}", "Port 0 takes any free one.") from error
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(POLL_SECONDS,), daemon=True)
        try:
            self.journal = Journal(data) if data else None
            self.state = self.journal.read() if self.journal else State()
        except InputError:
            self.listener.server_close()
            raise

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:43121`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listener.server_address[1])

    @property
    def requests(self) -> tuple[Asked, ...]:
        """What was asked so far, oldest first; the sandbox's own endpoints aside."""
        with self.lock:
            return tuple(self._requests)

    def now(self) -> datetime:
        """The sandbox's time: the clock's, moved by what `/sandbox/clock` was told."""
        return self.clock() + timedelta(seconds=self.state.settings.get("clock_shift", 0))

    def take(self, request: Request) -> Delivery:
        """What is sent back for a request. One request at a time is carried out."""
        with self.lock:
            if request.path.startswith(OWN_PATHS):
                return delivered(self.own_answer(request), {}, ())
            struck = self.faults.striking(request)
            chosen = route(request)
            limit = chosen[0].limit if chosen else None
            delivery = refused(struck, limit) or self.carried_out(request, limit, struck)
            query = "&".join(f"{name}={value}" for name, value in request.query.items())
            self._requests.append(Asked(request.method, request.path, query, delivery.status))
            return delivery

    def carried_out(self, request: Request, limit: Limit | None, struck: tuple[Fault, ...]) -> Delivery:
        """Answer a request that no fault kept back."""
        request = replace(request, now=self.now(), turn=len(self._requests))
        page_fault = next((fault.kind for fault in struck if fault.kind in PAGE_KINDS), "")
        if page_fault == "repeat-page":
            request = earlier_page(request)
        outcome = self.remembered(answer(self.state, request))
        if page_fault in {"missing-page", "short-page"}:
            outcome = replace(outcome, answer=with_entries(outcome.answer, page_fault))
        return delivered(outcome.answer, self.limit_headers(limit, request.now), struck)

    def own_answer(self, request: Request) -> Answer:
        """The answer of the sandbox's own endpoints."""
        if (request.method, request.path) == ("GET", REQUESTS_PATH):
            return Answer(200, [asdict(asked) for asked in self._requests])
        return self.remembered(answer(self.state, replace(request, now=self.now()))).answer

    def remembered(self, outcome: Outcome) -> Outcome:
        """The outcome, once its changes are made; an error where they can't be."""
        if self.journal and outcome.changes:
            try:
                self.journal.write(outcome.changes)
            except InputError as error:
                return Outcome(Answer(500, {"errors": [error.message]}))
        self.state = self.state.after(outcome.changes)
        return outcome

    def limit_headers(self, limit: Limit | None, now: datetime) -> dict[str, str]:
        """The rate limit's headers. The sandbox refuses nobody, so there is always one call left."""
        if limit is None:
            return {}
        left = seconds_left(limit, now)
        period = int(now.timestamp()) // limit.period
        self._used[limit, period] += 1
        return rate_headers(limit, max(1, limit.limit - self._used[limit, period]), left)

    def serve_forever(self) -> None:
        """Serve in this thread until it is interrupted."""
        try:
            self.listener.serve_forever(POLL_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening, end all connections and let go of the data file."""
        self.listener.server_close()
        with self.lock:
            if self.journal:
                self.journal.close()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.shutdown()
        self.thread.join()
        self.close()
