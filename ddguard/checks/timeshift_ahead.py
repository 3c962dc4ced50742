"""`timeshift()` looks into the future.

## What
The seconds of `timeshift()` count backwards when they are negative. Here they are positive.

## Why
There is no data ahead of now: the shifted series is empty, and what is computed with it has no value.

## Example
```yaml
id: orders
name: Fewer orders than an hour ago
type: query alert
query: avg(last_15m):avg:shop.orders{env:prod} - timeshift(avg:shop.orders{env:prod}, 3600) < -100
message: Orders drop @slack-team
```

## Use instead
```yaml
id: orders
name: Fewer orders than an hour ago
type: query alert
query: avg(last_15m):avg:shop.orders{env:prod} - timeshift(avg:shop.orders{env:prod}, -3600) < -100
message: Orders drop @slack-team
```

## Source
https://docs.datadoghq.com/dashboards/functions/timeshift/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Number


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the seconds of time shifts."""
    for call in subject.calls("timeshift"):
        for seconds in call.arguments:
            if isinstance(seconds, Number) and seconds.value > 0:
                message = f"timeshift() by {seconds.text} s looks ahead of now, where nothing is"
                yield found_in_query(seconds, message, f"write -{seconds.text}")


CHECK = Check("DDG126", "timeshift-ahead", Severity.WARNING, Theme.QUERY, __doc__, examine)
