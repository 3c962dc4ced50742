"""A handle has no blank before it.

## What
Something other than a blank, a line break or the beginning of the message stands right before an `@`.

## Why
Datadog takes `low@slack-team` and `(@slack-team)` for text: nobody is notified, and nothing tells you.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors (@slack-team)
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/#notification-recipients
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the character before each handle, as the message is written out."""
    for mention in subject.mentions:
        handle = mention.handle
        if not handle.is_mention:
            message = f"{handle.text} is no mention: it has no blank before it"
            yield found_in_text(mention.path, handle.span, message, "put a blank before the @")


CHECK = Check("DDG308", "handle-without-blank", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
