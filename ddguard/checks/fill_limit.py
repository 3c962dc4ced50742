"""`.fill()` is asked to bridge more than it does.

## What
The limit of `.fill(...)` is more than 600 seconds.

## Why
Datadog documents 600 seconds as the most that is filled. A longer gap stays a gap, and what the monitor makes of it
depends on `on_missing_data`.

## Example
```yaml
id: queue
name: Queue grows
type: query alert
query: avg(last_1h):avg:app.queue{env:prod}.fill(last, 3600) > 100
message: The queue grows @slack-team
```

## Use instead
```yaml
id: queue
name: Queue grows
type: query alert
query: avg(last_1h):avg:app.queue{env:prod}.fill(last, 600) > 100
message: The queue grows @slack-team
```

## Source
https://docs.datadoghq.com/dashboards/functions/interpolation/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Number

MOST = 600


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the limits of fills."""
    for call in subject.calls("fill"):
        for limit in call.arguments:
            if isinstance(limit, Number) and limit.value > MOST:
                yield found_in_query(limit, f"fill() bridges at most {MOST} s, not {limit.text}", f"write {MOST}")


CHECK = Check("DDG124", "fill-limit", Severity.WARNING, Theme.QUERY, __doc__, examine)
