"""A threshold stands without the one that it needs, or beside one that excludes it.

## What
`warning_recovery` needs `warning`. A query that ends in the word `threshold` needs `critical_query`, and then no
thresholds that are numbers. `critical_query` needs a metric monitor whose query is a formula.

## Why
Datadog refuses a recovery from a state that the monitor can't be in, doesn't mix numbers with thresholds that are
queries themselves, and takes these for formulas of metrics alone.

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
from ddguard.query import threshold
from ddguard.query.nodes import DynamicThreshold, FormulaMonitor

METRIC_TYPES = frozenset({"metric alert", "query alert"})
NUMBERS = ("critical", "warning", "critical_recovery", "warning_recovery")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for thresholds that are alone, and for numbers beside a query."""
    given = subject.thresholds
    if subject.level("warning_recovery") is not None and subject.level("warning") is None:
        message = "a warning_recovery needs a warning to recover from"
        yield found_at_option(message, "add the warning, or leave its recovery out", "thresholds", "warning_recovery")
    if given.get("critical_query"):
        yield from _beside_numbers(subject)
        yield from _without_formula(subject)
    else:
        for word in subject.found(DynamicThreshold):
            message = "the query compares with `threshold`, and there is no critical_query that says what it is"
            yield found_in_query(word, message, "add options.thresholds.critical_query, or write a number")


def _beside_numbers(subject: Subject) -> Iterator[Found]:
    for name in NUMBERS:
        if subject.thresholds.get(name) is not None:
            message = f"the number {name} can't stand beside critical_query"
            yield found_at_option(message, "keep one of the two", "thresholds", name)
    stated = threshold(subject.query) if subject.query else None
    if stated is not None:
        message = f"the query's number {stated.text} can't stand beside critical_query"
        yield found_in_query(stated, message, "write `threshold` in its place, or leave critical_query out")


def _without_formula(subject: Subject) -> Iterator[Found]:
    of_metrics = subject.monitor.type in METRIC_TYPES and isinstance(subject.query, FormulaMonitor)
    if subject.query is not None and not of_metrics:
        message = "critical_query is for metric monitors whose query is a formula"
        yield found_at_option(
            message, "write the query as a formula of options.variables", "thresholds", "critical_query"
        )


CHECK = Check("DDG104", "threshold-without-partner", Severity.ERROR, Theme.QUERY, __doc__, examine)
