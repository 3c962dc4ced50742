"""A monitor's name ends with a blank.

## What
The last character of the name is a blank.

## Why
Nobody sees it, and whoever looks for the name finds nothing: searches, dashboards and scripts compare whole names.

## Example
```yaml
id: errors
name: "Errors "
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
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
Monitors that were copied by name; Datadog keeps the blank.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.written import NAME
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the name's last character."""
    name = subject.monitor.name
    kept = len(name.rstrip())
    if 0 < kept < len(name):
        yield Found(NAME, "the name ends with a blank", "remove it", kept, len(name) - kept)


CHECK = Check("DDG504", "name-ends-with-blank", Severity.INFO, Theme.HYGIENE, __doc__, examine)
