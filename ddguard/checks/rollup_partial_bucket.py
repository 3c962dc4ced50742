"""A bucket that has just begun can alert on its own.

## What
The query sums or counts in buckets of its own (`.rollup(sum, 60)`), alerts on low values of the lowest or the highest
bucket, and the monitor has no `evaluation_delay` of at least a bucket.

## Why
The window ends inside of a bucket. What that bucket has added up so far is less than what it will be, and the first
bucket that the window only touches is dropped: a value that was there is seen in neither, and the monitor alerts on
nothing.

## Example
```yaml
id: heartbeat
name: No heartbeat
type: query alert
query: max(last_10m):sum:app.heartbeats{env:prod}.rollup(sum, 60) < 1
message: No heartbeat @slack-team
```

## Use instead
```yaml
id: heartbeat
name: No heartbeat
type: query alert
query: max(last_10m):sum:app.heartbeats{env:prod}.rollup(sum, 60) < 1
message: No heartbeat @slack-team
options:
  evaluation_delay: 60
```

## Source
https://docs.datadoghq.com/monitors/guide/why-rollup-should-not-be-used-in-monitors/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.rollups import rollups
from ddguard.checks.shapes import time_aggregation
from ddguard.checks.sides import alerting_side
from ddguard.findings import Severity

SINGLE_BUCKETS = frozenset({"min", "max"})
ADDING_UP = frozenset({"sum", "count"})


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for single buckets that are compared from below."""
    outer = time_aggregation(subject.query)
    if outer is None or outer.aggregator not in SINGLE_BUCKETS or alerting_side(subject) >= 0:
        return
    delay = subject.number("evaluation_delay") or 0
    for rollup in rollups(subject):
        if rollup.how in ADDING_UP and delay < rollup.seconds and outer.window.seconds >= 2 * rollup.seconds:
            message = f"the newest bucket of {rollup.seconds} s isn't full yet when it is compared"
            yield found_in_query(rollup.call, message, f"options.evaluation_delay: {rollup.seconds} waits for it")


CHECK = Check("DDG113", "rollup-partial-bucket", Severity.WARNING, Theme.QUERY, __doc__, examine)
