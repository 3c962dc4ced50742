"""Connections whose answers must have come by a deadline, from the first byte of the headers on.

A socket's timeout bounds each silence alone: a server that sends a byte now and then is never silent for long.
"""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_left: ContextVar[Callable[[], float]] = ContextVar("_left")
"""Seconds that are left of the exchange that this thread carries on."""


@contextmanager
def within(left: Callable[[], float]) -> Iterator[None]:
    """Reading of answers ends in a timeout once no second is left, in this thread and within the block."""
    token = _left.set(left)
    try:
        yield
    finally:
        _left.reset(token)


def with_deadlines(pools: PoolManager) -> PoolManager:
    """The same pool manager, its connections reading by the deadlines that `within` sets."""
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return pools


class _Reader(io.RawIOBase):
    """What comes from a socket. Before each read the socket's timeout becomes what is left, if that is less."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, left: Callable[[], float]) -> None:
        self._raw = raw
        self._sock = sock
        self._left = left
        self._silence = sock.gettimeout()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Reads what is there, or raises TimeoutError."""
        left = self._left()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        self._sock.settimeout(left if self._silence is None else min(self._silence, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Lets go of the socket."""
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        left = _left.get(None)
        if left is not None:
            self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, left))


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
