"""A monitor mentions nobody.

## What
Neither the message nor the escalation message has an `@handle`. Parts of composites and drafts are left alone: they are
silent on purpose.

## Why
An alert that nobody gets is found out when it is too late. Where notification rules add the recipients by the monitor's
tags, all is well: then ignore this check in the spec, and name the rule in the reason.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors
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
https://docs.datadoghq.com/monitors/notify/ and https://docs.datadoghq.com/monitors/notify/notification_rules/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.silence import is_silent_on_purpose
from ddguard.checks.written import MESSAGE
from ddguard.findings import Severity


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for any handle; one that was written wrongly is another check's matter."""
    if subject.monitor.hold or is_silent_on_purpose(subject, surroundings) or subject.mentions:
        return
    hint = "add a handle, or a notification rule for the monitor's tags"
    yield Found(MESSAGE, "this monitor mentions nobody", hint, key=True)


CHECK = Check("DDG311", "notifies-nobody", Severity.INFO, Theme.MESSAGE, __doc__, examine)
