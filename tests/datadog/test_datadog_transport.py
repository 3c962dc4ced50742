"""One exchange: what goes over the wire, and what each way of failing is told as."""

import shutil
import socket
import ssl
import subprocess
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from datadog_api_client.configuration import Configuration
from scripted_server import API_KEY, APP_KEY, QUICK, FakeClock, Reply, Server, settings_for
from urllib3.exceptions import SSLError

from ddguard import __version__
from ddguard.datadog import Datadog, Patience, Settings, calls, transport
from ddguard.datadog.proxies import Proxy
from ddguard.datadog.transport import NoAnswerError, Transport, Trouble
from ddguard.errors import DatadogError, LostAnswerError, UsageError

CALL = calls.get_monitor(1)


def no_answer(settings: Settings) -> NoAnswerError:
    with closing(Transport(settings, FakeClock().clock().now)) as line, pytest.raises(NoAnswerError) as caught:
        line.exchange(CALL)
    return caught.value


def test_every_call_carries_the_keys_and_says_who_asks(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"id": 1})]
    datadog.monitor(1)
    headers = server.seen[0].headers
    assert headers["DD-API-KEY"] == API_KEY
    assert headers["DD-APPLICATION-KEY"] == APP_KEY
    assert headers["User-Agent"].startswith(f"ddguard/{__version__} datadog-api-client-python/")
    assert headers.get("X-Datadog-Managed-By") == ("iac" if hasattr(Configuration(), "is_iac") else None)
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    assert "Content-Type" not in headers


def test_a_body_is_json(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"id": 1})]
    datadog.update_monitor(1, {"name": "é", "options": {"thresholds": {"critical": 1.5}}})
    assert server.seen[0].headers["Content-Type"] == "application/json"
    assert server.seen[0].body == {"name": "é", "options": {"thresholds": {"critical": 1.5}}}


def test_the_environment_changes_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_SITE", "datadoghq.eu")
    monkeypatch.setenv("DD_API_KEY", "from the environment")
    monkeypatch.setenv("DD_APP_KEY", "from the environment")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.replies = [Reply({"id": 1})]
    with Datadog(settings_for(server.url)) as datadog:
        assert datadog.monitor(1) == {"id": 1}
    assert server.seen[0].headers["DD-API-KEY"] == API_KEY


def test_ids_cannot_leave_their_place_in_the_path(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=404)]
    assert datadog.downtime("../../v1/monitor?x=1#y") is None
    assert server.seen[0].path == "/api/v2/downtime/..%2F..%2Fv1%2Fmonitor%3Fx%3D1%23y"


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.replies = [Reply(status=307, headers={"Location": f"{server.url}/elsewhere"})]
    with closing(Transport(settings_for(server.url), FakeClock().clock().now)) as line:
        assert line.exchange(CALL).status == 307
    assert server.asked == ["GET /api/v1/monitor/1"]


def test_a_path_in_the_url_stays(server: Server) -> None:
    server.replies = [Reply({"id": 1})]
    with Datadog(settings_for(f"{server.url}/gateway")) as datadog:
        datadog.monitor(1)
    assert server.asked == ["GET /gateway/api/v1/monitor/1"]


def test_one_connection_serves_call_after_call(server: Server, datadog: Datadog) -> None:
    accepted = []
    accept = server.get_request

    def counted() -> tuple[socket.socket, object]:
        accepted.append(1)
        return accept()

    server.get_request = counted  # type: ignore[method-assign]
    server.replies = [Reply({"id": 1}), Reply(status=204), Reply(status=404, body={"errors": ["no"]}), Reply({"id": 2})]
    datadog.monitor(1)
    datadog.cancel_downtime("x")
    datadog.monitor(1)
    assert datadog.monitor(2) == {"id": 2}
    assert len(accepted) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(drop=True),
        Reply({"id": 1}, promise=1000),
        Reply(raw=b"5\r\n{'id'", headers={"Transfer-Encoding": "chunked"}, promise=0),
        Reply(raw=b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["dropped", "cut off", "cut off in a chunk", "not gzip"],
)
def test_a_broken_answer_is_lost(server: Server, reply: Reply) -> None:
    server.replies = [reply]
    error = no_answer(settings_for(server.url))
    assert (error.reason, error.trouble) == ("the connection broke", Trouble.LOST)


def test_silence_is_lost(server: Server) -> None:
    server.replies = [Reply(dribble=True, promise=10_000)]
    error = no_answer(settings_for(server.url, replace(QUICK, silence=0.001)))
    assert (error.reason, error.trouble) == ("no answer came in time", Trouble.LOST)


def test_an_answer_that_never_ends_is_lost(server: Server) -> None:
    server.replies = [Reply(dribble=True, promise=10_000)]
    error = no_answer(settings_for(server.url, replace(QUICK, answer=-1.0)))
    assert (error.reason, error.trouble) == ("the answer took too long to arrive", Trouble.LOST)


@pytest.mark.parametrize("reply", [Reply(dribble_headers=True), Reply(dribble=True, promise=10_000)])
def test_an_answer_that_trickles_is_lost_when_its_time_is_over(server: Server, reply: Reply) -> None:
    server.replies = [reply]
    ticks = count()
    with (
        closing(Transport(settings_for(server.url), lambda: float(next(ticks)))) as line,
        pytest.raises(NoAnswerError) as caught,
    ):
        line.exchange(CALL)
    assert (caught.value.reason, caught.value.trouble) == ("the answer took too long to arrive", Trouble.LOST)


def test_an_answer_over_tls_that_trickles_is_lost_too(tls_server: Server, certificate: Path) -> None:
    tls_server.replies = [Reply(dribble_headers=True)]
    settings = settings_for(tls_server.url.replace("http:", "https:"), ca_bundle=str(certificate / "cert.pem"))
    ticks = count()
    with (
        closing(Transport(settings, lambda: float(next(ticks)))) as line,
        pytest.raises(NoAnswerError, match="the answer took too long to arrive"),
    ):
        line.exchange(CALL)


def test_an_answer_beyond_all_measure_is_lost(server: Server) -> None:
    server.replies = [Reply(raw=b" " * (2 * 2**20))]
    with patch.object(transport, "LARGEST_ANSWER", 2**20):
        error = no_answer(settings_for(server.url))
    assert (error.reason, error.trouble) == ("the answer is larger than 1 MB", Trouble.LOST)


def test_a_refused_connection_was_never_sent() -> None:
    error = no_answer(settings_for("http://127.0.0.1:1"))
    assert (error.reason, error.trouble) == ("127.0.0.1:1 can't be reached", Trouble.UNSENT)


def test_a_name_that_means_nothing_was_never_sent() -> None:
    with patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "Name or service not known")):
        error = no_answer(settings_for("https://api.datadoghq.invalid"))
    assert (error.reason, error.trouble) == ("the name api.datadoghq.invalid can't be resolved", Trouble.UNSENT)


def test_a_connection_that_takes_too_long_was_never_sent() -> None:
    with patch("socket.socket.connect", side_effect=TimeoutError):
        error = no_answer(settings_for("http://127.0.0.1:1"))
    assert (error.reason, error.trouble) == ("127.0.0.1:1 didn't take the connection in time", Trouble.UNSENT)


def proxied(proxy_url: str) -> Settings:
    return settings_for("https://api.datadoghq.invalid", proxy=Proxy(proxy_url, "user:geheim"))


def test_a_proxy_is_told_who_asks_and_its_refusal_was_never_sent(server: Server) -> None:
    server.replies = [Reply(status=407)]
    error = no_answer(proxied(server.url))
    assert (error.reason, error.trouble) == ("the proxy can't be reached or refuses", Trouble.UNSENT)
    assert server.seen[0].headers["proxy-authorization"] == "Basic dXNlcjpnZWhlaW0="
    assert not {"DD-API-KEY", "DD-APPLICATION-KEY"} & server.seen[0].headers.keys()


def test_a_proxy_that_cannot_be_reached_was_never_sent() -> None:
    error = no_answer(proxied("http://127.0.0.1:1"))
    assert (error.reason, error.trouble) == ("the proxy can't be reached or refuses", Trouble.UNSENT)


def test_plain_http_where_tls_belongs_is_hopeless(server: Server) -> None:
    error = no_answer(settings_for(server.url.replace("http:", "https:")))
    assert error.reason == f"{server.url.removeprefix('http://')} doesn't speak TLS"
    assert error.trouble is Trouble.HOPELESS
    assert error.hint == "is the API's URL right?"


def test_a_break_in_tls_is_lost() -> None:
    with closing(Transport(settings_for("https://h"), FakeClock().clock().now)) as line:
        error = line._no_answer(SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")))
    assert (error.reason, error.trouble) == ("the TLS connection broke", Trouble.LOST)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A throw-away certificate for 127.0.0.1 with its key in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl isn't installed")
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([openssl, "req", *kind, *names, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with Server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_certificate_of_nobody_is_hopeless(tls_server: Server) -> None:
    error = no_answer(settings_for(tls_server.url.replace("http:", "https:")))
    host = tls_server.url.removeprefix("http://")
    assert error.reason == f"the certificate of {host} isn't trusted: self-signed certificate"
    assert error.trouble is Trouble.HOPELESS
    assert error.hint == "behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE"


def test_a_ca_bundle_makes_it_trusted(tls_server: Server, certificate: Path) -> None:
    tls_server.replies = [Reply({"id": 1})]
    url = tls_server.url.replace("http:", "https:")
    with Datadog(settings_for(url, ca_bundle=str(certificate / "cert.pem"))) as datadog:
        assert datadog.monitor(1) == {"id": 1}


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe"])
def test_a_ca_bundle_that_cannot_be_used_is_told_before_the_first_call(tmp_path: Path, content: bytes | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(UsageError, match=r"the CA bundle '.*ca\.pem' can't be used") as caught:
        Datadog(settings_for("https://api.datadoghq.eu", ca_bundle=str(bundle)))
    assert caught.value.hint.endswith("name a file of certificates in PEM")


def test_a_ca_bundle_plays_no_part_without_tls(server: Server) -> None:
    server.replies = [Reply({"id": 1})]
    with Datadog(settings_for(server.url, ca_bundle="/nowhere")) as datadog:
        assert datadog.monitor(1) == {"id": 1}


def test_as_many_connections_as_workers_stay_open(server: Server) -> None:
    settings = settings_for(server.url, workers=3)
    with closing(Transport(settings, FakeClock().clock().now)) as line:
        pool = line._client.rest_client.pool_manager.connection_from_url(server.url)
        assert pool.pool.maxsize == 3


FAILURES = {
    "denied": Reply(status=403, body={"errors": [f"no such key {API_KEY}/{APP_KEY}"]}),
    "echo": Reply(status=400, raw=f"<pre>DD-API-KEY: {API_KEY}\r\nDD-APPLICATION-KEY: {APP_KEY}</pre>".encode()),
    "redirect": Reply(status=302, headers={"Location": f"http://127.0.0.1:1/?api_key={API_KEY}"}),
    "overload": Reply(status=512, raw=b"\xff\xfe"),
    "dropped": Reply(drop=True),
    "cut off": Reply({"id": 1}, promise=1000),
    "no json": Reply(raw=f"<html>{APP_KEY}</html>".encode()),
    "wrong shape": Reply([API_KEY]),
    "limited": Reply(status=429, headers={"X-RateLimit-Reset": "9999", "X-RateLimit-Name": API_KEY[:5]}),
}


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_no_key_is_told_on_any_way_to_fail(
    failure: str,
    server: Server,
    datadog: Datadog,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    for name in ("urllib3", "datadog_api_client"):
        caplog.set_level("DEBUG", logger=name)
    server.answer = lambda _: FAILURES[failure]
    told = []
    for act in (lambda: datadog.monitor(1), lambda: datadog.update_monitor(1, {}), datadog.monitors, datadog.downtimes):
        with pytest.raises(DatadogError) as caught:
            act()
        told += traceback.format_exception(caught.value)
        told += [repr(caught.value), repr(caught.value.args), caught.value.hint]
        told += [str(getattr(caught.value, "reasons", "")), repr(caught.value.__cause__)]
    output = capfd.readouterr()
    everything = "\n".join([*told, output.out, output.err, caplog.text])
    assert caplog.records, "the debug log was meant to be looked at"
    assert API_KEY not in everything
    assert APP_KEY not in everything


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://api.datadoghq.invalid"])
def test_no_key_and_no_password_is_told_without_a_connection(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    patience = replace(QUICK, attempts=2)
    proxy = Proxy("http://127.0.0.1:1", "user:geheim") if url.startswith("https") else None
    with (
        Datadog(settings_for(url, patience, proxy=proxy), FakeClock().clock()) as datadog,
        pytest.raises(DatadogError) as caught,
    ):
        datadog.monitor(1)
    everything = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not any(secret in everything for secret in (API_KEY, APP_KEY, "geheim", "dXNlcjpnZWhlaW0="))
    assert not isinstance(caught.value, LostAnswerError)


def test_patience_says_what_is_usual() -> None:
    assert Patience() == Patience(10.0, 60.0, 180.0, 8, 4, 0.5, 15.0, 300.0, (1.0, 3.0))
