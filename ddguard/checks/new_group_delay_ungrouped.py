"""A delay for new groups stands in a monitor without groups.

## What
`new_group_delay` is set, and the query has no groups.

## Why
Datadog refuses it: `The new_group_delay option can only be used for multi-alert monitors`.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  new_group_delay: 60
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  new_group_delay: 60
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the delay where it is known that there are no groups."""
    if subject.number("new_group_delay") and subject.keys == ():
        message = "new_group_delay is for monitors with groups, and this query has none"
        yield found_at_option(message, "remove it, or group the query", "new_group_delay")


CHECK = Check("DDG206", "new-group-delay-ungrouped", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
