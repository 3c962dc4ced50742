"""Tokens, keys and passwords in a text, by the forms that those who issue them gave them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ddguard.templates import Span

VALUE = r"(?=[^\s'\"]{0,100}\d)(?=[^\s'\"]{0,100}[A-Za-z])[^\s'\"<>{}$,;&)]{12,}"
"""What a password or a token in plain text looks like: long, with letters and digits, no placeholder."""

WORDS = r"[a-z]+\d{0,2}(?:[-_.:/](?:[a-z]+\d{0,2}|\d{1,4}))+(?![^\s'\"<>{}$,;&)])"
"""What a name looks like, not a token: words and short numbers, as in the tag `token:usdc-polygon-v2`."""
LINK = "https?://"


START = 3
"""Letters by which signs are looked for together: most texts have none that begin so."""


@dataclass(frozen=True)
class Kind:
    """A kind of secret, and what it looks like; a group holds the secret part where there is more around it.

    `signs` tell quickly that there is none: each one that the pattern finds holds one of them, in letters of any case.
    """

    what: str
    pattern: re.Pattern[str]
    signs: tuple[str, ...]

    def may_be_in(self, folded: str) -> bool:
        """Whether a text, its letters folded (`str.casefold`), shows a sign."""
        for start, signs in self._by_start:
            if start in folded and (signs == (start,) or any(sign in folded for sign in signs)):
                return True
        return False

    @cached_property
    def _by_start(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The signs by how they begin: one alone by itself, several by the letters that they share."""
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for sign in self.signs:
            groups[sign[:START]].append(sign)
        return tuple((signs[0] if len(signs) == 1 else start, tuple(signs)) for start, signs in groups.items())


KINDS = (
    Kind("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"), ("private key-----",)),
    Kind(
        "a Datadog key",
        re.compile(
            r"(?i)\b(?:dd|datadog)?[_-]?(?:api|app|application|client)[_-]?key\W{1,4}((?:[0-9a-f]{40}|[0-9a-f]{32}))\b"
        ),
        tuple(f"{what}{joint}key" for what in ("api", "app", "application", "client") for joint in ("", "-", "_")),
    ),
    Kind(
        "a Datadog key",
        re.compile(r"\b(?:ddapp_|ddpat_)[A-Za-z0-9_]{20,}|\bpub[0-9a-f]{32}\b"),
        ("ddapp_", "ddpat_", "pub"),
    ),
    Kind("an AWS key", re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"), ("akia", "asia")),
    Kind(
        "an AWS key",
        re.compile(r"(?i)aws_?secret_?(?:access_?)?key\W{1,4}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"),
        ("awssecret", "aws_secret"),
    ),
    Kind(
        "a webhook's secret address",
        re.compile(
            r"https://(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/-]{20,}"
            r"|[\w.-]+\.webhook\.office\.com/[\w/@-]{20,}"
            r"|(?:[a-z]+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"
            r"|events\.pagerduty\.com/integration/[0-9a-f]{32}"
            r"|chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?\S*token=[\w%-]{10,})"
        ),
        ("hook", "events.pagerduty.com/", "chat.googleapis.com/"),
    ),
    Kind(
        "a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}"), ("xox", "xapp-")
    ),
    Kind("a JSON Web Token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"), ("eyj",)),
    Kind(
        "a GitHub token",
        re.compile(r"\bgh[opsur]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{22,}"),
        ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_"),
    ),
    Kind("a GitLab token", re.compile(r"\bgl(?:pat|ptt|rt|dt)-[\w-]{20,}"), ("glpat-", "glptt-", "glrt-", "gldt-")),
    Kind("a Stripe key", re.compile(r"\b(?:[rs]k|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}"), ("rk_", "sk_", "whsec_")),
    Kind("a Google key", re.compile(r"\bAIza[\w-]{35}(?![\w-])"), ("aiza",)),
    Kind("a SendGrid key", re.compile(r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"), ("sg.",)),
    Kind("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"), ("npm_",)),
    Kind("a bearer token", re.compile(rf"(?i)\bbearer\s+({VALUE})"), ("bearer",)),
    Kind(
        "a password in an address",
        re.compile(r"://(?<=[a-z0-9+.-]://)[^\s/:@{}<>$]{1,64}:([^\s/@{}<>$]{3,})@"),
        ("://",),
    ),
    Kind(
        "a password or token",
        re.compile(rf"(?i)(?:password|passwd)\s?[=:]\s?['\"]?(?!{LINK})({VALUE})"),
        ("passw",),
    ),
    Kind(
        "a password or token",
        re.compile(rf"(?i)(?:secret|token|api[_-]?key|access[_-]?key)\s?[=:]\s?['\"]?(?!{LINK}|{WORDS})({VALUE})"),
        ("secret", "token", *(f"{what}{joint}key" for what in ("api", "access") for joint in ("", "-", "_"))),
    ),
)


def credentials(text: str) -> Iterator[tuple[str, Span]]:
    """Each secret in a text: what it is, and where; of several readings of the same characters the first."""
    folded = text.casefold()
    taken: list[Span] = []
    for kind in KINDS:
        for found in kind.pattern.finditer(text) if kind.may_be_in(folded) else ():
            span = Span(*found.span(found.lastindex or 0))
            if not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
                yield kind.what, span
