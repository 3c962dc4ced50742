"""One connection to the sandbox: requests read, answers written, the connection kept open in between."""

import json
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ddguard import __version__
from ddguard.sandbox.calls import Access, Answer, Request

CarryOut = Callable[[Request], Answer]
"""Answers a request and remembers what it changed."""

KEY_HEADERS = ("DD-API-KEY", "DD-APPLICATION-KEY")
REFUSED_KEY = "invalid"


class Listener(ThreadingHTTPServer):
    """The listening socket and its threads, one a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], carry_out: CarryOut) -> None:
        self.carry_out = carry_out
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection until the client ends it."""

    protocol_version = "HTTP/1.1"
    server_version = f"ddguard-sandbox/{__version__}"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def serve(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(text) if text else None
        except ValueError:
            self.send(Answer(400, {"errors": ["The request body is not valid JSON"]}))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, parts.path, query, body, access=access(self.headers))
        self.send(self.server.carry_out(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - http.server asks for these names

    def send(self, answer: Answer) -> None:
        """Write the answer in one piece."""
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: what was asked is in `Sandbox.requests`."""


def access(headers: Message) -> Access:
    """What the keys of a request are worth: any will do but the word `invalid`."""
    keys = [headers.get(name) for name in KEY_HEADERS]
    if not keys[0]:
        return Access.MISSING
    return Access.GRANTED if all(keys) and REFUSED_KEY not in keys else Access.REFUSED
