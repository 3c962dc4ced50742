"""A downtime never ends.

## What
It has no schedule, or a start without an end.

## Why
It silences until somebody remembers it, and nobody is reminded of silence. A rule that is never to alert belongs out of
the project, a tenant that is never to alert into `allow`, with a day on which it is looked at again.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly
scope: "tenant:acme"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z"}
message: the shop is closed
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly
scope: "tenant:acme"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
```

## Source
https://docs.datadoghq.com/monitors/downtimes/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Surroundings, Theme, nothing
from ddguard.checks.downtime_targets import has_no_end
from ddguard.findings import Severity
from ddguard.model import Downtime


def examine_downtime(downtime: Downtime, _: Surroundings) -> Iterator[Found]:
    """Looks for the end of what doesn't recur."""
    if has_no_end(downtime):
        yield Found(("schedule",), "this downtime never ends", "give its schedule an `end`", key=True)


CHECK = Check("DDG521", "downtime-without-end", Severity.WARNING, Theme.HYGIENE, __doc__, nothing, examine_downtime)
