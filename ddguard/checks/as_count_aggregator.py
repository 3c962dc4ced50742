"""A count is aggregated over the window by something else than `sum`.

## What
`as_count()` gives the number of events in each small bucket of the window. Only `sum(last_...)` adds them up to the
number of events in the window.

## Why
`avg(last_1h)` of counts is the mean over buckets whose width Datadog chooses (20 seconds for an hour), not the number
per hour: the threshold then means something that nobody wrote down. Datadog's documentation allows `sum` alone.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_1h):sum:app.errors{env:prod}.as_count() > 100
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: sum(last_1h):sum:app.errors{env:prod}.as_count() > 100
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.shapes import is_modelled, time_aggregation
from ddguard.findings import Severity
from ddguard.query import to_text


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the time aggregation of queries with as_count(); that of a model is for its graph only."""
    outer = time_aggregation(subject.query)
    if outer is None or outer.aggregator == "sum" or is_modelled(subject) or not subject.calls("as_count"):
        return
    message = f"{outer.aggregator}() of as_count() is per bucket: the number of events in the window is their sum()"
    yield found_in_query(outer, message, f"write sum({to_text(outer.window)})")


CHECK = Check("DDG109", "as-count-aggregator", Severity.WARNING, Theme.QUERY, __doc__, examine)
