"""Which proxy a host is reached through, from the environment variables that curl, git and pip read too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from ddguard.errors import UsageError

_PROXY_VARIABLES = ("https_proxy", "all_proxy")
"""In this order, each in lower case before upper case. Keys travel over https only, so http_proxy has no say."""

_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy: its `url` without credentials, and `login` as `user:password` where it wants one."""

    url: str
    login: str | None = field(default=None, repr=False)


def proxy_for(variables: Mapping[str, str], host: str) -> Proxy | None:
    """The proxy for https calls to a host, None where there is none.

    Raises `UsageError` for a proxy that can't be used, without repeating its password.
    """
    if _stays_off(host, _value(variables, "no_proxy")[1]):
        return None
    for wanted in _PROXY_VARIABLES:
        name, value = _value(variables, wanted)
        if name:
            return _proxy(name, value) if value else None
    return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _value(variables: Mapping[str, str], wanted: str) -> tuple[str, str]:
    for name in (wanted, wanted.upper()):
        if name in variables:
            return name, variables[name].strip()
    return "", ""


def _proxy(variable: str, value: str) -> Proxy:
    parts = _parts(value if "://" in value else f"http://{value}")
    if parts is None or parts.scheme not in _SCHEMES:
        raise UsageError(
            f"the proxy in {variable} can't be used",
            "ddguard speaks to http and https proxies: http://user:password@proxy.example.com:3128",
        )
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    return Proxy(url=f"{parts.scheme}://{host}{port}", login=login)


def _parts(url: str) -> SplitResult | None:
    """A URL taken apart; None where it has no host or no legal port."""
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _stays_off(host: str, no_proxy: str) -> bool:
    return any(_covers(entry.strip().lower(), host.lower()) for entry in no_proxy.split(",") if entry.strip())


def _covers(entry: str, host: str) -> bool:
    """Whether a NO_PROXY entry means the host: `*`, a name with or without a leading dot, an address or a network."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        name = entry.removeprefix("*").lstrip(".").partition(":")[0]
        return bool(name) and (host == name or host.endswith(f".{name}"))
