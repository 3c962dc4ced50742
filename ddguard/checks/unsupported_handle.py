"""A handle has characters that Datadog can't use, or no name.

## What
Parentheses in a handle, a slash in an e-mail address, a `-` or `_` at the end of a Slack channel, or an integration
with nobody behind it, as `@slack-` where a variable was empty.

## Why
Datadog documents that it doesn't read or doesn't serve such handles: the alert isn't sent.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @pagerduty-Shop-(night)
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @pagerduty-Shop-night
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/ and https://docs.datadoghq.com/integrations/slack/
"""

import re
from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.mentions import INTEGRATION
from ddguard.findings import Severity

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "nobody's name follows": re.compile(rf"@{INTEGRATION}\Z", re.IGNORECASE),
    "a handle with parentheses isn't read": re.compile(r".*[()]"),
    "e-mail isn't sent to an address with a slash": re.compile(r"@[^@]*/[^@]*@|@[^@]+@[^@]*/"),
    "a Slack channel that ends with - or _ isn't reached": re.compile(r"@slack-.*[-_]\Z"),
}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Holds every handle to what Datadog documents that it can't use."""
    for mention in subject.notified:
        handle = mention.handle
        if not handle.goes_on:
            reason = next((reason for reason, pattern in PATTERNS.items() if pattern.match(handle.text)), "")
            if reason:
                yield found_in_text(mention.path, handle.span, f"{handle.text}: {reason}")


CHECK = Check("DDG310", "unsupported-handle", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
