"""`outliers()` has nothing to compare.

## What
The query inside of `outliers(...)` has no `by {...}`.

## Why
An outlier is a group that behaves otherwise than the other groups, and Datadog wants at least three of them. A single
series is never an outlier: the monitor can't alert.

## Example
```yaml
id: odd-host
name: A host behaves oddly
type: query alert
query: avg(last_30m):outliers(avg:system.load.1{env:prod}, 'DBSCAN', 3) > 0
message: A host behaves oddly @slack-team
```

## Use instead
```yaml
id: odd-host
name: A host behaves oddly
type: query alert
query: avg(last_30m):outliers(avg:system.load.1{env:prod} by {host}, 'DBSCAN', 3) > 0
message: "{{host.name}} behaves oddly @slack-team"
```

## Source
https://docs.datadoghq.com/monitors/types/outlier/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import metric_queries


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for groups inside of outliers."""
    for call in subject.calls("outliers"):
        inner = metric_queries(call)
        if inner and not any(query.by for query in inner):
            yield found_in_query(inner[0], "outliers() compares groups, and this query has none", "add by {host}, say")


CHECK = Check("DDG120", "outliers-ungrouped", Severity.WARNING, Theme.QUERY, __doc__, examine)
