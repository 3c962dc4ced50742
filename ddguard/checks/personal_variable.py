"""A message shows something that identifies a person.

## What
A variable in the message shows an attribute that a person can be told by: an e-mail address, a name, a phone number,
the address of their computer, a card, a bank account or a wallet.

## Why
Messages go to chats, pagers and mailboxes and stay there. Whoever looks into an alert finds the person in Datadog, with
the rights that this takes; an id in the message is enough to get there.

## Example
```yaml
id: refunds
name: Failed refunds
type: log alert
query: logs("service:refunds status:error").index("*").rollup("count").by("@refund.id").last("5m") > 0
message: The refund of {{log.attributes.customer.email}} failed, see https://runbooks.example.com/refunds @slack-team
tags: [team:payments]
priority: 3
```

## Use instead
```yaml
id: refunds
name: Failed refunds
type: log alert
query: logs("service:refunds status:error").index("*").rollup("count").by("@refund.id").last("5m") > 0
message: The refund {{[@refund.id].name}} failed, see https://runbooks.example.com/refunds @slack-team
tags: [team:payments]
priority: 3
```

## Source
`privacy.group_keys.allow` in `ddguard.yaml` lists keys that are none of this in your project; see also
https://docs.datadoghq.com/monitors/notify/variables/#matching-attributetag-variables
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.group_places import group_places
from ddguard.checks.personal import identifies, is_allowed
from ddguard.findings import Severity
from ddguard.templates import Purpose
from ddguard.templates.nodes import Name
from ddguard.templates.vocabulary import EVENTS, VARIABLES


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks at the names of what is shown; groups are another check's matter."""
    groups = {place.key.lstrip("@") for place in group_places(subject)}
    for path, use in subject.uses:
        key = _key(use.name)
        what = identifies(key) if use.purpose is Purpose.SHOWN and key.lstrip("@") not in groups else ""
        if what and not is_allowed(key, surroundings.project):
            yield found_in_text(path, use.name.span, f"{use.name.text} shows {what}", "show an id instead")


def _key(name: Name) -> str:
    """The tag or the attribute that a variable shows; empty for Datadog's own ones."""
    first, *rest = name.segments
    if first in VARIABLES:
        return ""
    if first in EVENTS:
        return ".".join(rest[1:] if rest[:1] in (["attributes"], ["tags"]) else rest)
    return first if rest == ["name"] else ".".join((first, *rest))


CHECK = Check("DDG402", "personal-variable", Severity.WARNING, Theme.PRIVACY, __doc__, examine)
