"""A server that answers what it is told to, and a clock that only says it slept."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ddguard.datadog import Clock, Credentials, Patience, Settings

API_KEY = "a" * 15 + "0123456789abcdef" + "z"
APP_KEY = "b" * 23 + "0123456789abcdef" + "y"

QUICK = Patience(
    connect=5.0,
    silence=5.0,
    answer=10.0,
    attempts=6,
    dials=4,
    first_pause=0.5,
    longest_pause=20.0,
    max_wait=300.0,
    lookups=(1.0, 3.0),
)


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """What the server does: answers, or fails in one of the ways in which networks fail."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    promise: int | None = None
    """The Content-Length that is announced; more than there is makes a body that is cut off."""
    drop: bool = False
    dribble: bool = False
    dribble_headers: bool = False

    @property
    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        seen = Seen(
            self.command,
            parts.path,
            {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            dict(self.headers.items()),
            json.loads(content) if content else None,
        )
        reply = self.server.take(seen)  # type: ignore[attr-defined]
        if reply.drop:
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.dribble_headers:
            self.flush_headers()
            self.dribble()
            return
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.content) if reply.promise is None else reply.promise))
        self.end_headers()
        if reply.dribble:
            self.dribble()
        self.wfile.write(reply.content)
        if reply.promise is not None:
            self.close_connection = True

    def dribble(self) -> None:
        with suppress(OSError):
            for _ in range(1000):
                self.wfile.write(b" ")
                self.wfile.flush()
                if self.server.stopped.wait(0.005):  # type: ignore[attr-defined]
                    break
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = handle_any  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    """Answers the queued replies in their order, or what `answer` makes of a request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.replies: list[Reply] = []
        self.answer: Callable[[Seen], Reply] | None = None
        self.stopped = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def asked(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]

    def take(self, seen: Seen) -> Reply:
        with self.lock:
            self.seen.append(seen)
            if self.replies:
                return self.replies.pop(0)
        if self.answer is None:
            return Reply(status=418, body={"errors": ["nothing more was to be asked"]})
        return self.answer(seen)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


class FakeClock:
    """Time passes only by sleeping; chance always draws the most."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.slept.append(seconds)
            self.time += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep, random=lambda: 1.0)


def settings_for(url: str, patience: Patience = QUICK, **changes: Any) -> Settings:
    return Settings(Credentials(API_KEY, APP_KEY), api_url=url, patience=patience, **changes)
