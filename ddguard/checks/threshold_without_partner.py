"""A threshold stands without the one that it needs, or beside one that excludes it.

## What
`warning_recovery` needs `warning`. A query that ends in the word `threshold` needs `critical_query`, and then no
thresholds that are numbers.

## Why
Datadog refuses a recovery from a state that the monitor can't be in, and doesn't mix numbers with thresholds that are
queries themselves.

## Example
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.9
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.9, warning_recovery: 0.7}
```

## Use instead
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.9
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.9, warning: 0.8, warning_recovery: 0.7}
```

## Source
https://docs.datadoghq.com/monitors/guide/recovery-thresholds/ and, for `critical_query`,
https://registry.terraform.io/providers/DataDog/datadog/latest/docs/resources/monitor
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import DynamicThreshold

NUMBERS = ("critical", "warning", "critical_recovery", "warning_recovery")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for thresholds that are alone, and for numbers beside a query."""
    given = subject.thresholds
    if subject.level("warning_recovery") is not None and subject.level("warning") is None:
        message = "a warning_recovery needs a warning to recover from"
        yield found_at_option(message, "add the warning, or leave its recovery out", "thresholds", "warning_recovery")
    if given.get("critical_query"):
        for name in NUMBERS:
            if given.get(name) is not None:
                message = f"the number {name} can't stand beside critical_query"
                yield found_at_option(message, "keep one of the two", "thresholds", name)
    else:
        for word in subject.found(DynamicThreshold):
            message = "the query compares with `threshold`, and there is no critical_query that says what it is"
            yield found_in_query(word, message, "add options.thresholds.critical_query, or write a number")


CHECK = Check("DDG104", "threshold-without-partner", Severity.ERROR, Theme.QUERY, __doc__, examine)
