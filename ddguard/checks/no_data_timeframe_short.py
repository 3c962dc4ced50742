"""No Data is told before it is one.

## What
`no_data_timeframe` is shorter than twice the query's window (for a service check: than two minutes).

## Why
A single late point is enough for a notification. Datadog advises at least twice the window, so that one evaluation
may find nothing.

## Example
```yaml
id: load
name: Load
type: query alert
query: avg(last_15m):avg:system.load.1{env:prod} by {host} > 8
message: Load of {{host.name}} @slack-team
options:
  notify_no_data: true
  no_data_timeframe: 10
```

## Use instead
```yaml
id: load
name: Load
type: query alert
query: avg(last_15m):avg:system.load.1{env:prod} by {host} > 8
message: Load of {{host.name}} @slack-team
options:
  notify_no_data: true
  no_data_timeframe: 30
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import shown
from ddguard.findings import Severity
from ddguard.query import window
from ddguard.query.nodes import ServiceCheck

FOR_CHECKS = 2
"""Minutes."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the time frame with the window, where it is used at all."""
    minutes, wanted = subject.number("no_data_timeframe"), _wanted(subject)
    is_used = subject.options.get("notify_no_data") is True and not subject.options.get("on_missing_data")
    if minutes and wanted and minutes < wanted and is_used:
        message = f"with {shown(minutes)} min a single late point is told as No Data"
        yield Found(("options", "no_data_timeframe"), message, f"write at least {wanted}")


def _wanted(subject: Subject) -> int:
    """Minutes; 0 where nothing is known."""
    if isinstance(subject.query, ServiceCheck):
        return FOR_CHECKS
    span = window(subject.query) if subject.query else None
    return 2 * span.seconds // 60 if span and span.kind == "last" else 0


CHECK = Check("DDG203", "no-data-timeframe-short", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
