"""One HTTP exchange, through the official client's configuration, headers and connection pool.

The client's own way of calling builds models and raises on error statuses before the body is read; here the answer
comes back as it is. Nothing is repeated and no redirect is followed: a redirect would carry the keys elsewhere.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from datadog_api_client.api_client import ApiClient
from datadog_api_client.configuration import Configuration
from datadog_api_client.rest import RESTClientObject
from urllib3 import BaseHTTPResponse, Timeout, make_headers
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from ddguard import __version__
from ddguard.datadog.calls import Call
from ddguard.datadog.deadlines import with_deadlines, within
from ddguard.datadog.settings import Settings
from ddguard.errors import UsageError

LARGEST_ANSWER = 256 * 2**20
"""Bytes. A page of 1,000 monitors has some 3 MB; what is larger than this is no answer but an accident."""

_PIECE = 2**20


class Trouble(Enum):
    """What a missing answer means for the call."""

    UNSENT = "Datadog never saw the call"
    LOST = "Datadog may have carried the call out"
    HOPELESS = "Datadog never saw the call, and the next try would end the same"


class NoAnswerError(Exception):
    """No answer came. `args[0]` says why, without a word of what was sent."""

    def __init__(self, reason: str, trouble: Trouble, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.trouble = trouble
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (found by any spelling of their names) and the whole body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport:
    """A pool of connections to one Datadog. Threads may share it."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._closed = False
        configuration = _configuration(settings)
        self._client = ApiClient(configuration)
        self._client.rest_client = RESTClientObject(configuration, maxsize=settings.workers)  # type: ignore[no-untyped-call]
        self._pools = with_deadlines(self._client.rest_client.pool_manager)
        self._headers = {
            **self._client.default_headers,
            **_keys(configuration),
            "User-Agent": f"ddguard/{__version__} {self._client.user_agent}",
            "Accept": "application/json",
        }

    def close(self) -> None:
        """Let go of all connections, and make no new ones."""
        self._closed = True
        self._client.close()

    def exchange(self, call: Call[object]) -> Answer:
        """Send a call once and read its whole answer, whatever its status. Raises `NoAnswerError`."""
        if self._closed:
            raise NoAnswerError("the connections are closed", Trouble.HOPELESS)
        patience = self._settings.patience
        headers, body = self._headers, None
        if call.body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            body = json.dumps(call.body)
        until = self._now() + patience.answer
        try:
            with within(lambda: until - self._now()):
                response = self._pools.request(
                    call.method,
                    self._settings.api_url + call.target,
                    headers=headers,
                    body=body,
                    timeout=Timeout(connect=patience.connect, read=patience.silence),
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
                with response:
                    return Answer(response.status, response.headers, _content(response))
        except HTTPError as error:
            if isinstance(error, ReadTimeoutError) and self._now() >= until:
                raise NoAnswerError("the answer took too long to arrive", Trouble.LOST) from None
            raise self._no_answer(error) from None

    def _no_answer(self, error: HTTPError) -> NoAnswerError:
        """The trouble that an exception means; its own text, which may hold addresses and headers, isn't kept."""
        if isinstance(error, SSLError):
            return _tls_trouble(error.args[0] if error.args else error, self._settings.host)
        for kind, trouble, reason in _TROUBLES:
            if isinstance(error, kind):
                return NoAnswerError(reason.format(host=self._settings.host), trouble)
        return NoAnswerError("the connection broke", Trouble.LOST)


def _content(response: BaseHTTPResponse) -> bytes:
    content = bytearray()
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise NoAnswerError(f"the answer is larger than {LARGEST_ANSWER // 2**20} MB", Trouble.LOST)
    return bytes(content)


_TROUBLES: tuple[tuple[type[HTTPError], Trouble, str], ...] = (
    (ProxyError, Trouble.UNSENT, "the proxy can't be reached or refuses"),
    (NameResolutionError, Trouble.UNSENT, "the name {host} can't be resolved"),
    (NewConnectionError, Trouble.UNSENT, "{host} can't be reached"),
    (ConnectTimeoutError, Trouble.UNSENT, "{host} didn't take the connection in time"),
    (ReadTimeoutError, Trouble.LOST, "no answer came in time"),
)
"""The first row that fits counts."""


def _tls_trouble(error: object, host: str) -> NoAnswerError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoAnswerError(
            f"the certificate of {host} isn't trusted: {error.verify_message}",
            Trouble.HOPELESS,
            "behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE",
        )
    if getattr(error, "reason", None) == "WRONG_VERSION_NUMBER":
        return NoAnswerError(f"{host} doesn't speak TLS", Trouble.HOPELESS, "is the API's URL right?")
    return NoAnswerError("the TLS connection broke", Trouble.LOST)


def _configuration(settings: Settings) -> Configuration:
    """The client's configuration with everything set, so that it takes nothing from the environment."""
    configuration = Configuration(  # type: ignore[no-untyped-call]
        host=settings.api_url,
        api_key={"apiKeyAuth": settings.credentials.api_key, "appKeyAuth": settings.credentials.app_key},
        ssl_ca_cert=_ca_bundle(settings.ca_bundle) if urlsplit(settings.api_url).scheme == "https" else None,
    )
    configuration.is_iac = True
    if settings.proxy:
        configuration.proxy = settings.proxy.url
        configuration.proxy_headers = make_headers(proxy_basic_auth=settings.proxy.login)
    return configuration


def _keys(configuration: Configuration) -> dict[str, str]:
    """The headers that the client would authenticate with."""
    settings = configuration.auth_settings()  # type: ignore[no-untyped-call]
    return {entry["key"]: entry["value"] for entry in settings.values()}


def _ca_bundle(path: str | None) -> str | None:
    """The same path, once the certificates in it can be read. Raises `UsageError`."""
    if path is None:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the CA bundle {str(Path(path))!r} can't be used",
            "SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name a file of certificates in PEM",
        ) from error
    return path
