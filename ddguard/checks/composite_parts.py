"""A composite has too many parts, or a part that is a composite itself.

## What
A composite monitor combines at most ten monitors, and none of them may be a composite.

## Why
Datadog refuses both.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
---
id: not-errors
name: No errors
type: composite
query: "!${monitor:errors}"
message: No errors @slack-team
---
id: everything
name: Everything
type: composite
query: "!${monitor:not-errors}"
message: All of it @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
---
id: everything
name: Everything
type: composite
query: "!!${monitor:errors}"
message: All of it @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import monitors
from ddguard.query.nodes import Composite, MonitorReference

MOST = 10


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Counts a composite's parts and looks at those of the same project."""
    if not isinstance(subject.query, Composite):
        return
    parts = tuple(dict.fromkeys(monitors(subject.query)))
    if len(parts) > MOST:
        yield found_in_query(parts[MOST], f"a composite has at most {MOST} parts, this one has {len(parts)}")
    for part in parts:
        other = surroundings.monitors.get(part.id) if isinstance(part, MonitorReference) else None
        if other is not None and other.monitor.type == "composite":
            message = f"{other.monitor.id} is a composite itself: a composite can't be part of another"
            yield found_in_query(part, message, "write its parts in its place")


CHECK = Check("DDG121", "composite-parts", Severity.ERROR, Theme.QUERY, __doc__, examine)
