"""Notifications are split by all keys of the query.

## What
`notify_by` names every key that the query groups by.

## Why
Each group notifies by itself anyway, and Datadog has refused the list: `The notify_by list may not include all of the
query's group keys.`

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service,host} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  notify_by: [service, host]
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service,host} > 10
message: Too many errors in {{service.name}} @slack-team
```

## Source
https://github.com/DataDog/terraform-provider-datadog/issues/2102
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two lists of keys."""
    keys = set(subject.keys or ()) - {"*"}
    if keys and keys == set(subject.options.get("notify_by") or ()):
        message = "notify_by names all keys of the query: each group notifies by itself anyway"
        yield found_at_option(message, "leave notify_by out, or some of its keys", "notify_by")


CHECK = Check("DDG219", "notify-by-all-keys", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
