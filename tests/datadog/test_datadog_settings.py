"""Environment variables and options become settings, or one clear error that shows no secret."""

from dataclasses import replace

import pytest
from datadog_api_client.configuration import Configuration

from ddguard.datadog import SITES, Credentials, Settings, settings_from
from ddguard.datadog.proxies import Proxy, is_loopback, proxy_for
from ddguard.errors import DatadogError, UsageError

KEYS = {"DD_API_KEY": "0123456789abcdef", "DD_APP_KEY": "fedcba9876543210"}


def refusal(environ: dict[str, str], **options: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        settings_from(environ, **options)
    assert caught.value.exit_code == 64
    return caught.value


def unusable_keys(environ: dict[str, str]) -> DatadogError:
    with pytest.raises(DatadogError) as caught:
        settings_from(environ)
    assert caught.value.exit_code == 5
    return caught.value


def test_keys_alone_reach_the_usual_site() -> None:
    settings = settings_from(KEYS)
    assert settings.credentials == Credentials("0123456789abcdef", "fedcba9876543210")
    assert settings.api_url == "https://api.datadoghq.com"
    assert settings.host == "api.datadoghq.com"
    assert (settings.proxy, settings.ca_bundle, settings.workers) == (None, None, 8)


def test_workers_are_handed_on() -> None:
    assert settings_from(KEYS, workers=20).workers == 20


@pytest.mark.parametrize("site", SITES)
def test_every_site_has_its_api(site: str) -> None:
    assert settings_from(KEYS | {"DD_SITE": site}).api_url == f"https://api.{site}"


def test_the_sites_are_those_of_the_official_client() -> None:
    known = Configuration().get_host_settings()[0]["variables"]["site"]["enum_values"]
    assert set(known) <= set(SITES)


def test_the_projects_site_goes_before_the_environments() -> None:
    assert settings_from(KEYS | {"DD_SITE": "datadoghq.eu"}, site="us3.datadoghq.com").host == "api.us3.datadoghq.com"


def test_an_url_goes_before_every_site_and_the_option_before_the_variable() -> None:
    environ = KEYS | {"DD_SITE": "nonsense", "DDGUARD_API_URL": "https://gateway.example.com/datadog/"}
    assert settings_from(environ).api_url == "https://gateway.example.com/datadog"
    assert settings_from(environ, api_url="http://127.0.0.1:8126").api_url == "http://127.0.0.1:8126"


@pytest.mark.parametrize(
    ("site", "hint"),
    [
        ("app.datadoghq.eu", "did you mean datadoghq.eu?"),
        ("https://api.us3.datadoghq.com/", "did you mean us3.datadoghq.com?"),
        ("https://datadoghq.com", "did you mean datadoghq.com?"),
    ],
)
def test_a_host_where_a_site_belongs_names_the_site(site: str, hint: str) -> None:
    error = refusal(KEYS | {"DD_SITE": site})
    assert error.message == f"{site!r} is not a Datadog site"
    assert error.hint == hint


def test_an_unknown_site_lists_the_known_ones() -> None:
    error = refusal(KEYS, site="example.com\x1b[2J")
    assert error.message == "'example.com\\x1b[2J' is not a Datadog site"
    assert error.hint.startswith("one of datadoghq.com, us3.datadoghq.com,")
    assert error.hint.endswith("; --api-url names any other server")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "DD_API_KEY and DD_APP_KEY are not set"),
        ({"DD_API_KEY": "k"}, "DD_APP_KEY is not set"),
        ({"DD_APP_KEY": "k", "DD_API_KEY": " "}, "DD_API_KEY is not set"),
    ],
)
def test_missing_keys_are_named(environ: dict[str, str], message: str) -> None:
    error = unusable_keys(environ)
    assert error.message == message
    assert "Organization Settings" in error.hint


@pytest.mark.parametrize("key", ["abc\ndef", "abc def", "schlüssel", "a\x00b"])
def test_a_key_that_would_break_a_header_is_refused_without_showing_it(key: str) -> None:
    error = unusable_keys(KEYS | {"DD_APP_KEY": key})
    assert error.message == "DD_APP_KEY holds characters that no key has"
    assert key not in error.message + error.hint


def test_blanks_around_a_key_are_cut_off() -> None:
    assert settings_from(KEYS | {"DD_API_KEY": " k\n"}).credentials.api_key == "k"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8126", "http://localhost:1", "http://[::1]:8126", "http://127.9.9.9"]
)
def test_a_server_on_this_machine_needs_no_keys_and_no_proxy(url: str) -> None:
    settings = settings_from({"HTTPS_PROXY": "http://proxy:3128", "all_proxy": "http://proxy:3128"}, api_url=url)
    assert settings.api_url == url
    assert settings.proxy is None
    assert settings.credentials == Credentials("sandbox", "sandbox")


@pytest.mark.parametrize("url", ["http://api.datadoghq.com", "http://10.0.0.1:8126", "http://localhost.example.com"])
def test_keys_never_travel_in_the_clear(url: str) -> None:
    error = refusal(KEYS, api_url=url)
    assert error.message == f"the keys would travel in the clear to {url.removeprefix('http://')!r}"
    assert error.hint == "use an https URL; plain http is for this machine only (http://127.0.0.1:PORT)"


@pytest.mark.parametrize(
    "url",
    [
        "api.datadoghq.com",
        "ftp://api.datadoghq.com",
        "https://",
        "https://user:secret@api.datadoghq.com",
        "https://:secret@api.datadoghq.com",
        "https://secret@api.datadoghq.com",
        "https://@api.datadoghq.com",
        "http://:secret@127.0.0.1:8126",
        "https://api.datadoghq.com/?key=secret",
        "https://api.datadoghq.com/#secret",
        "https://api.datadoghq.com:port",
        "https://[::1",
    ],
)
def test_a_broken_url_is_refused_without_repeating_it(url: str) -> None:
    error = refusal(KEYS, api_url=url)
    assert error.message == "the API's URL can't be used"
    assert "secret" not in error.message + error.hint


def test_nothing_shows_a_secret() -> None:
    settings = replace(
        settings_from(KEYS | {"https_proxy": "http://user:geheim@proxy:3128"}), api_url="https://api.datadoghq.eu"
    )
    for text in (repr(settings), str(settings), repr(settings.credentials), repr(settings.proxy)):
        assert not any(secret in text for secret in (*KEYS.values(), "geheim", "user"))
    assert repr(settings.credentials) == "Credentials()"


def test_keys_are_hidden_in_texts_of_others_but_the_sandboxes_are_no_secret() -> None:
    mine = Credentials("01234567", "89abcdef")
    assert mine.hidden_in("01234567 and 89abcdef, not 0123456") == "******** and ********, not 0123456"
    assert Credentials("k", "a").hidden_in("a task") == "a task"
    assert Credentials("sandbox", "sandbox").hidden_in("the sandbox") == "the sandbox"
    assert Credentials("", "").hidden_in("text") == "text"


@pytest.mark.parametrize(
    ("environ", "bundle"),
    [
        ({}, None),
        ({"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": "/b"}, "/b"),
        ({"CURL_CA_BUNDLE": "/c", "REQUESTS_CA_BUNDLE": "/b", "SSL_CERT_FILE": "/a"}, "/a"),
        ({"CURL_CA_BUNDLE": "/c"}, "/c"),
    ],
)
def test_the_ca_bundle_comes_from_the_first_variable_that_is_set(environ: dict[str, str], bundle: str | None) -> None:
    assert settings_from(KEYS | environ).ca_bundle == bundle


HOST = "api.datadoghq.eu"


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://p:1", "http_proxy": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, Proxy("http://p:3128")),
        ({"HTTPS_PROXY": "http://p:3128", "https_proxy": "http://q:3128/"}, Proxy("http://q:3128")),
        ({"HTTPS_PROXY": "http://p:3128", "https_proxy": ""}, None),
        ({"ALL_PROXY": "https://p"}, Proxy("https://p")),
        ({"https_proxy": "p.example.com:8080"}, Proxy("http://p.example.com:8080")),
        ({"https_proxy": "http://u%40x:p%3Aw@p:1"}, Proxy("http://p:1", "u@x:p:w")),
        ({"https_proxy": "http://u@p:1"}, Proxy("http://p:1", "u:")),
        ({"https_proxy": "http://[fd00::1]:3128"}, Proxy("http://[fd00::1]:3128")),
    ],
)
def test_the_proxy_for_https(environ: dict[str, str], proxy: Proxy | None) -> None:
    assert proxy_for(environ, HOST) == proxy


@pytest.mark.parametrize(
    "value", ["socks5://p:1", "http://", "http://p:port", "http://p:0", "http://p:99999", "http://[p"]
)
def test_a_proxy_that_cannot_be_used_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        proxy_for({"https_proxy": value.replace("://", "://user:geheim@")}, HOST)
    assert caught.value.message == "the proxy in https_proxy can't be used"
    assert "geheim" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("*", HOST, True),
        (HOST, HOST, True),
        ("datadoghq.eu", HOST, True),
        (".datadoghq.eu", HOST, True),
        ("*.datadoghq.eu", HOST, True),
        ("DATADOGHQ.EU:443", HOST, True),
        ("example.com, datadoghq.eu", HOST, True),
        ("adoghq.eu", HOST, False),
        ("api.datadoghq", HOST, False),
        (" , .", HOST, False),
        ("", HOST, False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", HOST, False),
    ],
)
def test_no_proxy_names_hosts_and_networks(no_proxy: str, host: str, direct: bool) -> None:
    environ = {"https_proxy": "http://p:1", "NO_PROXY": no_proxy}
    assert (proxy_for(environ, host) is None) is direct


def test_loopback_is_this_machine_only() -> None:
    assert is_loopback("::1")
    assert not is_loopback("localhost.localdomain.example")


def test_the_defaults_are_usable_by_hand() -> None:
    settings = Settings(Credentials("a", "b"))
    assert settings.api_url == "https://api.datadoghq.com"
    assert settings.patience.max_wait == 300.0
