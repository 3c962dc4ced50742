"""An alert on an SLO compares the wrong way.

## What
The comparator of `error_budget(...)` and `burn_rate(...)` is `>` or `>=`.

## Why
Both measure how much is gone. Datadog takes no other comparator for them: what is left of a budget can't be compared.

## Example
```yaml
id: budget
name: Little is left of the error budget
type: slo alert
query: error_budget("abc123").over("30d") < 25
message: Little is left of the error budget @slack-team
```

## Use instead
```yaml
id: budget
name: Little is left of the error budget
type: slo alert
query: error_budget("abc123").over("30d") > 75
message: Little is left of the error budget @slack-team
```

## Source
https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import SloMonitor

ALLOWED = (">", ">=")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the comparator of an alert on an SLO."""
    query = subject.query
    if isinstance(query, SloMonitor) and query.comparison.comparator not in ALLOWED:
        message = f"{query.measure} is compared by > or >=, not by {query.comparison.comparator}"
        yield found_in_query(query.comparison, message, "alert above a share that is gone")


CHECK = Check("DDG129", "slo-comparator", Severity.ERROR, Theme.QUERY, __doc__, examine)
