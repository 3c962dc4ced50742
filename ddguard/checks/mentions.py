"""The handles in a monitor's notifications, told apart from addresses, code and the like.

https://docs.datadoghq.com/monitors/notify/#notification-recipients
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ddguard.checks.written import word_before
from ddguard.model import Path
from ddguard.templates import Handle, Template, handles

INTEGRATION = (
    r"(?:slack|pagerduty|webhook|teams?|opsgenie|on-?call|case|jira|workflow|servicenow|victorops|splunk|hipchat|"
    r"hangouts|google-chat|incident|statuspage|sns|eventbridge|event-?bridge|zendesk|xmatters|moogsoft|flowdock|"
    r"campfire|trello|microsoft-teams|hook|bigpanda|rollbar|shortcut)-"
)
"""How handles of integrations begin, after the `@`."""

PAGER = re.compile(r"@(?:pagerduty|opsgenie|on-?call-|victorops|splunk-|xmatters|incident-|bigpanda)", re.IGNORECASE)
"""Handles that wake somebody."""

BY_NAME = re.compile(rf"@(?:{INTEGRATION}|pagerduty\b|all\b|[^\s@]+@)", re.IGNORECASE)
"""What is a handle for sure, whatever stands before it."""
ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
NO_HANDLE = re.compile(r"@[\w.-]+[:=]")
"""A facet in a search: `@http.status_code:500`."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A handle, the text that it stands in, and the word that ends right before it (may be empty)."""

    path: Path
    handle: Handle
    word_before: str


def mentions(path: Path, text: str, template: Template) -> Iterator[Mention]:
    """Everything in a message that Datadog reads as a handle, or that its writer meant as one.

    `template` is the text read, `path` the place of both in the monitor.
    """
    if "@" not in text:
        return
    for handle in handles(template):
        found = Mention(path, handle, word_before(text, handle.span.start))
        if _is_meant(found):
            yield found


def _is_meant(mention: Mention) -> bool:
    handle = mention.handle
    if NO_HANDLE.match(handle.text):
        return False
    if handle.is_mention:
        return True
    if handle.before in "`<" or "://" in mention.word_before:
        return False
    if ADDRESS.fullmatch(mention.word_before + handle.text):
        return False
    return bool(BY_NAME.match(handle.text)) or not handle.before.isalnum()
