"""A service check monitor has no groups.

## What
The query has no `.by(...)`.

## Why
A check reports for each host or instance. Without groups their statuses fall into one row: ten hosts that are fine
and one that isn't never make two critical statuses in a row. Newer versions of Datadog's API refuse such a monitor:
`Custom check monitor requires at least one group-by`.

## Example
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").last(2).count_by_status()'
message: A clock is off @slack-team
```

## Use instead
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").by("host").last(2).count_by_status()'
message: The clock of {{host.name}} is off @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/service_check/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import group_keys
from ddguard.query.nodes import ServiceCheck


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the groups of a service check."""
    query = subject.query
    if isinstance(query, ServiceCheck) and not group_keys(query):
        message = "the statuses of all hosts fall into one row: there is no .by(...)"
        yield found_in_query(query.check, message, 'write .by("host"), or .by("*") for every instance')


CHECK = Check("DDG119", "service-check-ungrouped", Severity.WARNING, Theme.QUERY, __doc__, examine)
