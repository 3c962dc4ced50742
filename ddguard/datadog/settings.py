"""What the adapter must know before it speaks: where Datadog is, the keys, the way there, how patient to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ddguard.datadog.proxies import Proxy, is_loopback, proxy_for
from ddguard.errors import DatadogError, UsageError

DEFAULT_SITE = "datadoghq.com"

SITES = (
    DEFAULT_SITE,
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "uk1.datadoghq.com",
    "datadoghq.eu",
    "ddog-gov.com",
    "us2.ddog-gov.com",
)
"""Datadog's sites (https://docs.datadoghq.com/getting_started/site/)."""

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KEY_VARIABLES = ("DD_API_KEY", "DD_APP_KEY")
_SANDBOX_KEY = "sandbox"
_HIDDEN = "********"
_SHORTEST_KEY = 8
"""Characters. What is shorter is no key of Datadog's, and blacking it out would only garble the text."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The two keys of a Datadog account. Nothing that prints this object shows them."""

    api_key: str = field(repr=False)
    app_key: str = field(repr=False)

    def hidden_in(self, text: str) -> str:
        """The text without the keys, for texts that another machine wrote."""
        for key in (self.api_key, self.app_key):
            if len(key) >= _SHORTEST_KEY:
                text = text.replace(key, _HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take, and how often and for how long it is repeated. All times are in seconds.

    `connect` bounds the connection, `silence` the time without a byte, `answer` one whole answer. A call is tried
    `attempts` times at most, but only `dials` times as long as no connection comes about. The pause before a
    repetition is drawn from 0 to `first_pause`, twice that each time after, and `longest_pause` at most. Nothing is
    repeated, and no rate limit waited for, where that would go on beyond `max_wait` from the beginning of the call.
    `lookups` are the pauses between the looks for an object whose creation was never confirmed.
    """

    connect: float = 10.0
    silence: float = 60.0
    answer: float = 180.0
    attempts: int = 8
    dials: int = 4
    first_pause: float = 0.5
    longest_pause: float = 15.0
    max_wait: float = 300.0
    lookups: tuple[float, ...] = (1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and how Datadog is reached.

    `api_url` has no slash at its end (`https://api.datadoghq.eu`); `ca_bundle` is a PEM file, None for the system's
    certificates; `workers` is the number of calls that may be under way at once.
    """

    credentials: Credentials
    api_url: str = f"https://api.{DEFAULT_SITE}"
    proxy: Proxy | None = None
    ca_bundle: str | None = None
    workers: int = 8
    patience: Patience = Patience()

    @property
    def host(self) -> str:
        """The host (and port, if it isn't the usual one) as messages name it: `api.datadoghq.eu`."""
        return urlsplit(self.api_url).netloc


def settings_from(
    variables: Mapping[str, str], *, site: str | None = None, api_url: str | None = None, workers: int = 8
) -> Settings:
    """The settings that environment variables and options make up.

    Raises `DatadogError` for keys that are missing or can be none, `UsageError` for a site or a URL that is none.

    `api_url` (the option) goes before `DDGUARD_API_URL`, both before a site; `site` (the project's) before `DD_SITE`.
    """
    url = _api_url(api_url or variables.get("DDGUARD_API_URL") or "", site or variables.get("DD_SITE") or DEFAULT_SITE)
    host = urlsplit(url).hostname or ""
    local = is_loopback(host)
    return Settings(
        credentials=_credentials(variables, _SANDBOX_KEY if local else ""),
        api_url=url,
        proxy=None if local else proxy_for(variables, host),
        ca_bundle=next((variables[name] for name in _CA_VARIABLES if variables.get(name)), None),
        workers=workers,
    )


def _credentials(variables: Mapping[str, str], otherwise: str) -> Credentials:
    keys = {name: variables.get(name, "").strip() or otherwise for name in _KEY_VARIABLES}
    missing = [name for name, key in keys.items() if not key]
    if missing:
        raise DatadogError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
            "Datadog wants an API key (DD_API_KEY) and an application key (DD_APP_KEY) from Organization Settings; "
            "`ddguard sandbox` and `ddguard demo` need neither",
        )
    for name, key in keys.items():
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise DatadogError(
                f"{name} holds characters that no key has", "copy the key again, without quotes or blanks"
            )
    return Credentials(api_key=keys["DD_API_KEY"], app_key=keys["DD_APP_KEY"])


def _api_url(url: str, site: str) -> str:
    if url:
        return _checked_url(url.strip())
    wanted = site.strip().lower()
    if wanted not in SITES:
        inside = [known for known in SITES if wanted.rstrip("/").endswith((f".{known}", f"/{known}"))]
        meant = max(inside, key=len, default=None)
        raise UsageError(
            f"{site!r} is not a Datadog site",
            f"did you mean {meant}?" if meant else f"one of {', '.join(SITES)}; --api-url names any other server",
        )
    return f"https://api.{wanted}"


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "the API's URL can't be used", "it looks like https://api.datadoghq.eu or http://127.0.0.1:8126"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"the keys would travel in the clear to {parts.netloc!r}",
            "use an https URL; plain http is for this machine only (http://127.0.0.1:PORT)",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
