"""Repeated notifications are described, and there are none.

## What
`renotify_statuses` or `escalation_message` is set, and `renotify_interval` isn't (or is 0). A number of notifications
without an interval is an error of its own, occurrences-without-interval.

## Why
Without an interval nothing is told again: the escalation that somebody relies on never goes out.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  escalation_message: Still too many errors @pagerduty
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  renotify_interval: 60
  escalation_message: Still too many errors @pagerduty
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity

NEEDING = ("renotify_statuses", "escalation_message")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for what an interval is needed for."""
    if subject.number("renotify_interval"):
        return
    for name in NEEDING:
        if subject.options.get(name):
            message = f"{name} does nothing without renotify_interval: nothing is told again"
            yield found_at_option(message, "add renotify_interval, in minutes, or leave this out", name)


CHECK = Check("DDG205", "renotify-without-interval", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
