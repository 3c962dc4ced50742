"""Tokens, keys and passwords in a text, by the forms that those who issue them gave them."""

import re
from collections.abc import Iterator

from ddguard.templates import Span

VALUE = r"(?=[^\s'\"]{0,100}\d)(?=[^\s'\"]{0,100}[A-Za-z])[^\s'\"<>{}$,;&)]{12,}"
"""What a password or a token in plain text looks like: long, with letters and digits, no placeholder."""

KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    (
        "a Datadog key",
        re.compile(
            r"(?i)\b(?:dd|datadog)?[_-]?(?:api|app|application|client)[_-]?key\W{1,4}((?:[0-9a-f]{40}|[0-9a-f]{32}))\b"
        ),
    ),
    ("a Datadog key", re.compile(r"\b(?:ddapp_|ddpat_)[A-Za-z0-9_]{20,}|\bpub[0-9a-f]{32}\b")),
    ("an AWS key", re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    ("an AWS key", re.compile(r"(?i)aws_?secret_?(?:access_?)?key\W{1,4}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])")),
    (
        "a webhook's secret address",
        re.compile(
            r"https://(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/-]{20,}"
            r"|[\w.-]+\.webhook\.office\.com/[\w/@-]{20,}"
            r"|(?:[a-z]+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"
            r"|events\.pagerduty\.com/integration/[0-9a-f]{32}"
            r"|chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?\S*token=[\w%-]{10,})"
        ),
    ),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}")),
    ("a JSON Web Token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")),
    ("a GitHub token", re.compile(r"\bgh[opsur]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{22,}")),
    ("a GitLab token", re.compile(r"\bgl(?:pat|ptt|rt|dt)-[\w-]{20,}")),
    ("a Stripe key", re.compile(r"\b(?:[rs]k|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}")),
    ("a Google key", re.compile(r"\bAIza[\w-]{35}(?![\w-])")),
    ("a SendGrid key", re.compile(r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a bearer token", re.compile(rf"(?i)\bbearer\s+({VALUE})")),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@{}<>$]{1,64}:([^\s/@{}<>$]{3,})@")),
    (
        "a password or token",
        re.compile(rf"(?i)(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)\s?[=:]\s?['\"]?({VALUE})"),
    ),
)
"""What it is, and what it looks like; a group holds the secret part where there is more around it."""


def credentials(text: str) -> Iterator[tuple[str, Span]]:
    """Each secret in a text: what it is, and where; of several readings of the same characters the first."""
    taken: list[Span] = []
    for what, pattern in KINDS:
        for found in pattern.finditer(text):
            span = Span(*found.span(found.lastindex or 0))
            if not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
                yield what, span
