"""One connection to the sandbox: requests read, answers written, the connection kept open in between."""

import json
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ddguard import __version__
from ddguard.sandbox.calls import Access, Answer, Request
from ddguard.sandbox.delivery import Delivery, delivered

Take = Callable[[Request], Delivery]
"""Answers a request and remembers what it changed."""

KEY_HEADERS = ("DD-API-KEY", "DD-APPLICATION-KEY")
REFUSED_KEY = "invalid"
PIECES = 10
"""A body that trickles in comes in so many pieces."""


class Listener(ThreadingMixIn, TCPServer):
    """The listening socket and its threads, one a connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], take: Take) -> None:
        self.take = take
        self.connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong, but not that a client left: it may do so whenever it likes."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening and end the connections that are open."""
        super().server_close()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection until the client ends it."""

    protocol_version = "HTTP/1.1"
    server_version = f"ddguard-sandbox/{__version__}"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def setup(self) -> None:
        """Note that the connection is open."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Note that it is no longer."""
        self.server.connections.discard(self.connection)
        super().finish()

    def serve(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit():
            self.close_connection = True
            self.send(delivered(Answer(400, {"errors": ["Content-Length is not a number"]}), {}, ()))
            return
        text = self.rfile.read(int(length))
        try:
            body = json.loads(text, parse_constant=no_number) if text else None
        except (ValueError, RecursionError):
            self.send(delivered(Answer(400, {"errors": ["The request body is not valid JSON"]}), {}, ()))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, parts.path, query, body, access=access(self.headers))
        self.send(self.server.take(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - http.server asks for these names

    def send(self, delivery: Delivery) -> None:
        """Write the answer, or what a fault leaves of it."""
        if delivery.delay:
            time.sleep(delivery.delay)
        if not delivery.status:
            self.close_connection = True
            return
        self.send_response(delivery.status)
        for name, value in delivery.headers.items():
            self.send_header(name, value)
        if delivery.status != 204:
            self.send_header("Content-Type", delivery.content_type)
            self.send_header("Content-Length", str(delivery.length))
        self.end_headers()
        self.write(delivery)
        if delivery.length > len(delivery.content):
            self.close_connection = True

    def write(self, delivery: Delivery) -> None:
        """Write the body, in one piece with the headers unless it has to trickle in."""
        size = -(-len(delivery.content) // PIECES) if delivery.trickle else len(delivery.content)
        for start in range(0, len(delivery.content), max(size, 1)):
            if delivery.trickle:
                time.sleep(delivery.trickle / PIECES)
            self.wfile.write(delivery.content[start : start + size])
            self.wfile.flush()
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: what was asked is in `Sandbox.requests`."""


def no_number(text: str) -> float:
    """JSON has no NaN and no infinities."""
    raise ValueError(text)


def access(headers: Message) -> Access:
    """What the keys of a request are worth: any will do but the word `invalid`."""
    keys = [headers.get(name) for name in KEY_HEADERS]
    if REFUSED_KEY in keys:
        return Access.REFUSED
    if not keys[0]:
        return Access.MISSING
    return Access.GRANTED if keys[1] else Access.API_KEY_ALONE
