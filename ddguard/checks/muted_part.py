"""A part of a composite is muted or a draft.

## What
A monitor that this composite is made of is a draft, or has a downtime without an end.

## Why
Muting a part doesn't mute the composite: it goes on to alert on the part's state. And a draft may be switched off by
somebody who doesn't know that a composite needs it.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
draft_status: draft
---
id: traffic
name: Traffic
type: query alert
query: avg(last_5m):sum:app.hits{*} > 100
message: There is traffic, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: errors-under-traffic
name: Errors under traffic
type: composite
query: ${monitor:errors} && ${monitor:traffic}
message: Errors are up while there is traffic, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 2
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: traffic
name: Traffic
type: query alert
query: avg(last_5m):sum:app.hits{*} > 100
message: There is traffic, see https://runbooks.example.com/errors
tags: [team:shop]
priority: 3
---
id: errors-under-traffic
name: Errors under traffic
type: composite
query: ${monitor:errors} && ${monitor:traffic}
message: Errors are up while there is traffic, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 2
```

## Source
https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.downtime_targets import has_no_end
from ddguard.checks.silence import is_draft
from ddguard.findings import Severity
from ddguard.query.nodes import Composite, MonitorReference


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks at the parts that are specs of the project."""
    if not isinstance(subject.query, Composite):
        return
    for part in subject.found(MonitorReference):
        other = surroundings.monitors.get(part.id)
        state = _state(other, surroundings) if other else ""
        if state:
            yield found_in_query(part, f"{part.id} {state}", "the composite alerts on it all the same: is that meant?")


def _state(part: Subject, surroundings: Surroundings) -> str:
    if is_draft(part):
        return "is a draft"
    ids = [one.id for one in surroundings.downtimes.values() if one.monitor == part.monitor.id and has_no_end(one)]
    return f"is muted for good by {min(ids)}" if ids else ""


CHECK = Check("DDG511", "muted-part", Severity.WARNING, Theme.HYGIENE, __doc__, examine)
