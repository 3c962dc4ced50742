"""Two monitors have the same name.

## What
Another monitor of the project has this name.

## Why
In a chat, on a pager and in the list of monitors they look alike, and a copied monitor often keeps more than the name.
Datadog refuses the second one if query, message, tags and options are equal too.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
id: errors-eu
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{region:eu} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
id: errors-eu
name: Errors in the EU
type: query alert
query: avg(last_5m):sum:app.errors{region:eu} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/ advises unique titles.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.written import NAME
from ddguard.findings import Severity

FEW = 3
"""So many of the others are named."""


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for the other monitors of the same name; those without a name get one of Datadog's."""
    name = subject.monitor.name
    others = sorted(other for other in surroundings.names.get(name, ()) if other != subject.monitor.id)
    if name and others:
        more = f" and {len(others) - FEW} more" if len(others) > FEW else ""
        yield Found(NAME, f"the same name as {', '.join(others[:FEW])}{more}", "say in the name what this one watches")


CHECK = Check("DDG505", "duplicate-name", Severity.WARNING, Theme.HYGIENE, __doc__, examine)
