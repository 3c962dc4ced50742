"""A monitor has no priority.

## What
`priority` is missing, `null` or 0.

## Why
Whoever gets two alerts at once has to know which one comes first, and notification rules and pagers route by priority.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
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
https://docs.datadoghq.com/monitors/notify/#metadata
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the priority."""
    if not subject.monitor.definition.get("priority"):
        hint = "`priority`, from 1 (most urgent) to 5 (least)"
        yield Found(("priority",), "no priority says how urgent an alert is", hint, key=True)


CHECK = Check("DDG510", "missing-priority", Severity.INFO, Theme.HYGIENE, __doc__, examine)
