"""No Data is told after the group is forgotten.

## What
`no_data_timeframe` is longer than Datadog remembers a group without data: 24 hours, for service checks 48 hours, or
what `group_retention_duration` says.

## Why
After that time the group is gone and can't have No Data. Datadog refuses it: `no_data_timeframe must not exceed group
retention`.

## Example
```yaml
id: backup
name: Backup
type: query alert
query: avg(last_1d):avg:backup.age{env:prod} by {host} > 2
message: Backup of {{host.name}} @slack-team
options:
  notify_no_data: true
  no_data_timeframe: 4320
```

## Use instead
```yaml
id: backup
name: Backup
type: query alert
query: avg(last_12h):avg:backup.age{env:prod} by {host} > 2
message: Backup of {{host.name}} @slack-team
options:
  notify_no_data: true
  no_data_timeframe: 1440
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import shown
from ddguard.findings import Severity
from ddguard.query import duration
from ddguard.query.nodes import ServiceCheck

HOUR = 60
RETENTION = 24 * HOUR
RETENTION_OF_CHECKS = 48 * HOUR
"""Minutes."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the time frame with the retention of groups."""
    minutes, most = subject.number("no_data_timeframe"), _retention(subject)
    if minutes and minutes > most and subject.keys and subject.options.get("notify_no_data") is True:
        message = f"a group is forgotten after {most} minutes without data, before {shown(minutes)} have gone by"
        yield Found(("options", "no_data_timeframe"), message, f"write at most {most}")


def _retention(subject: Subject) -> int:
    stated = duration(str(subject.options.get("group_retention_duration")))
    if stated:
        return stated.seconds // 60
    return RETENTION_OF_CHECKS if isinstance(subject.query, ServiceCheck) else RETENTION


CHECK = Check("DDG204", "no-data-timeframe-long", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
