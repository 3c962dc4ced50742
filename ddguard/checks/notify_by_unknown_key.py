"""Notifications are split by a key that the query doesn't group by.

## What
`notify_by` names a key that isn't among the query's groups, or `"*"` where there are no groups.

## Why
Datadog can only tell groups apart by the keys that the query has, and refuses others.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service,host} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  notify_by: [cluster]
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service,host} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  notify_by: [service]
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity

ALL = "*"


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two lists of keys."""
    keys = subject.keys
    if keys is None or ALL in keys:
        return
    hint = f"the query has {', '.join(keys)}" if keys else "the query has no groups: leave notify_by out"
    for place, key in enumerate(subject.options.get("notify_by") or ()):
        if key not in keys and (key != ALL or not keys):
            message = f"notify_by: the query isn't grouped by {key}"
            yield Found(("options", "notify_by", place), message, hint)


CHECK = Check("DDG207", "notify-by-unknown-key", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
