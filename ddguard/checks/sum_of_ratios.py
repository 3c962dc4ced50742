"""Ratios are added up over the window.

## What
`sum(last_...)` stands before a division by a measured value, and nothing in it is `as_count()`.

## Why
Datadog divides in each bucket of the window and then adds the quotients up: five minutes of 1 % come to 150 % with
buckets of two seconds. With `as_count()` both sides are added up first and divided once; for gauges the mean of the
quotients is what was meant.

## Example
```yaml
id: error-share
name: Error share
type: query alert
query: sum(last_5m):sum:net.errors{env:prod} / sum:net.packets{env:prod} * 100 > 5
message: Too many errors @slack-team
options:
  evaluation_delay: 60
```

## Use instead
```yaml
id: error-share
name: Error share
type: query alert
query: avg(last_5m):sum:net.errors{env:prod} / sum:net.packets{env:prod} * 100 > 5
message: Too many errors @slack-team
options:
  evaluation_delay: 60
```

## Source
https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.shapes import divisors, is_modelled, time_aggregation
from ddguard.findings import Severity
from ddguard.query import to_text


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for divisions below a sum that stays in buckets."""
    outer = time_aggregation(subject.query)
    if outer is None or outer.aggregator != "sum" or is_modelled(subject) or subject.calls("as_count"):
        return
    if any(divisors(subject)):
        message = "sum() adds up the quotients of all buckets of the window"
        yield found_in_query(outer, message, f"write avg({to_text(outer.window)}), or divide counts with .as_count()")


CHECK = Check("DDG111", "sum-of-ratios", Severity.WARNING, Theme.QUERY, __doc__, examine)
