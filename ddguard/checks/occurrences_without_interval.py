"""Repeated notifications are counted, and there are none.

## What
`renotify_occurrences` is set, and `renotify_interval` isn't (or is 0).

## Why
Datadog refuses it: `The renotify_occurrences option can only be used if renotify_interval is set`.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  renotify_occurrences: 3
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
  renotify_occurrences: 3
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/ and
https://github.com/DataDog/terraform-provider-datadog/pull/2820
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity

OPTION = "renotify_occurrences"


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for a number of notifications that nothing repeats."""
    if subject.number(OPTION) and not subject.number("renotify_interval"):
        message = f"Datadog refuses {OPTION} without renotify_interval"
        yield found_at_option(message, "add renotify_interval, in minutes, or leave this out", OPTION)


CHECK = Check("DDG218", "occurrences-without-interval", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
