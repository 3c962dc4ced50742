"""A downtime's scope matches no group of its monitors.

## What
The scope names a tag that none of the downtime's monitors is grouped by or filtered by.

## Why
A downtime silences the groups that carry the tags of its scope. Here there are none: the alerts go out as ever, and the
downtime looks as if all was well. Tags of the monitor itself belong into `monitor_tags`, not into the scope.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly
scope: "customer:acme"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly
scope: "tenant:acme"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
```

## Source
https://docs.datadoghq.com/monitors/guide/scoping_downtimes/
"""

import re
from collections.abc import Iterator, Sequence

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, nothing
from ddguard.checks.downtime_targets import targets
from ddguard.checks.provided import provided
from ddguard.findings import Severity
from ddguard.model import Downtime

KEY = re.compile(r"(?<![\w.:/@*-])([A-Za-z_@][\w.@/-]*):")
"""A key of a scope; one after a `-` is left out, which silences all the others."""


def examine_downtime(downtime: Downtime, surroundings: Surroundings) -> Iterator[Found]:
    """Compares the scope's keys with the groups and filters of the project's monitors that the downtime means."""
    aimed_at = targets(downtime, surroundings)
    for key in KEY.finditer(str(downtime.attributes.get("scope", ""))):
        if aimed_at and not _any_has(key[1], aimed_at, surroundings):
            start, end = key.span(1)
            message = f"no monitor of this downtime has groups with a {key[1]}: nothing is silenced"
            hint = f"they have {', '.join(_keys(aimed_at, surroundings)) or 'no groups at all'}"
            yield Found(("scope",), message, hint, start, end - start)


def _any_has(key: str, monitors: Sequence[Subject], surroundings: Surroundings) -> bool:
    return any(provided(one, surroundings).has_key(key) for one in monitors)


def _keys(monitors: Sequence[Subject], surroundings: Surroundings) -> list[str]:
    return sorted({key for one in monitors for key in provided(one, surroundings).keys or ()})


CHECK = Check("DDG520", "downtime-matches-nothing", Severity.WARNING, Theme.HYGIENE, __doc__, nothing, examine_downtime)
