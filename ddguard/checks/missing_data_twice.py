"""Two settings say what missing data means.

## What
`on_missing_data` stands beside `notify_no_data: true` or a `no_data_timeframe`.

## Why
They are the new and the old way to say the same, and Datadog's tools use one or the other. Which of them wins isn't
documented.

## Example
```yaml
id: heartbeat
name: No heartbeat
type: query alert
query: avg(last_10m):sum:app.heartbeats{env:prod} by {host} < 1
message: No heartbeat of {{host.name}} @slack-team
options:
  on_missing_data: show_no_data
  notify_no_data: true
```

## Use instead
```yaml
id: heartbeat
name: No heartbeat
type: query alert
query: avg(last_10m):sum:app.heartbeats{env:prod} by {host} < 1
message: No heartbeat of {{host.name}} @slack-team
options:
  on_missing_data: show_and_notify_no_data
```

## Source
https://docs.datadoghq.com/monitors/guide/on_missing_data/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the old settings beside the new one."""
    if subject.options.get("on_missing_data") is None:
        return
    hint = "keep on_missing_data: show_and_notify_no_data tells about missing data"
    framed = bool(subject.number("no_data_timeframe"))
    if subject.options.get("notify_no_data") is True:
        both = " instead of notify_no_data and no_data_timeframe" if framed else ""
        yield found_at_option(f"on_missing_data says already what missing data means{both}", hint, "notify_no_data")
    elif framed:
        message = "no_data_timeframe belongs to notify_no_data: on_missing_data looks at the query's window"
        yield found_at_option(message, hint, "no_data_timeframe")


CHECK = Check("DDG201", "missing-data-twice", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
