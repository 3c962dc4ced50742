"""A composite names a part by its number.

## What
The query holds the number of a monitor in place of `${monitor:ID}`.

## Why
A number is that of one account: in another environment it means another monitor, or none, and Datadog answers `Some
monitor IDs are invalid`. Nothing here can tell whether that monitor is still there.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: errors-under-traffic
name: Errors under traffic
type: composite
query: ${monitor:errors} && 21053382
message: Errors are up while there is traffic, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 2
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: traffic
name: Traffic
type: query alert
query: avg(last_5m):sum:app.hits{*} > 100
message: There is traffic, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: errors-under-traffic
name: Errors under traffic
type: composite
query: ${monitor:errors} && ${monitor:traffic}
message: Errors are up while there is traffic, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 2
```

## Source
https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import MonitorNumber


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for numbers among a composite's parts."""
    for part in subject.found(MonitorNumber):
        hint = "import that monitor as a spec and write ${monitor:ID}"
        yield found_in_query(part, f"{part.text} is the number of a monitor in one account", hint)


CHECK = Check("DDG512", "part-by-number", Severity.INFO, Theme.HYGIENE, __doc__, examine)
