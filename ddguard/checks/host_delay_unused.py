"""The delay for new hosts isn't used.

## What
`new_host_delay` stands beside a `new_group_delay` that says something else.

## Why
`new_group_delay` took the place of `new_host_delay`: where both are set, it wins, and the other number is never
looked at.

## Example
```yaml
id: load
name: Load
type: query alert
query: avg(last_5m):avg:system.load.1{env:prod} by {host} > 8
message: Load of {{host.name}} @slack-team
options:
  new_host_delay: 600
  new_group_delay: 60
```

## Use instead
```yaml
id: load
name: Load
type: query alert
query: avg(last_5m):avg:system.load.1{env:prod} by {host} > 8
message: Load of {{host.name}} @slack-team
options:
  new_group_delay: 600
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.checks.sides import shown
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two delays."""
    host, group = subject.number("new_host_delay"), subject.number("new_group_delay")
    if host is not None and group and host != group:
        message = f"new_host_delay isn't looked at: new_group_delay {shown(group)} wins"
        yield found_at_option(message, "remove it", "new_host_delay")


CHECK = Check("DDG216", "host-delay-unused", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
