"""A downtime's scope matches no group of its monitors.

## What
The scope names a tag that none of the downtime's monitors is grouped by or filtered by, or that only the filters of a
composite's parts fix.

## Why
A downtime silences the groups that carry the tags of its scope. Here there are none: the alerts go out as ever, and the
downtime looks as if all was well. Tags of the monitor itself belong into `monitor_tags`, not into the scope. A
composite's groups carry what its parts are grouped by; whether they carry what the parts' filters fix, such as `env`,
Datadog doesn't say.

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
from ddguard.checks.provided import ANY_KEY, provided
from ddguard.findings import Severity
from ddguard.model import Downtime
from ddguard.query import monitors
from ddguard.query.nodes import Composite, MonitorReference

KEY = re.compile(r"(?<![\w.:/@*-])([A-Za-z_@][\w.@/-]*):")
"""A key of a scope; one after a `-` is left out, which silences all the others."""


def examine_downtime(downtime: Downtime, surroundings: Surroundings) -> Iterator[Found]:
    """Compares the scope's keys with the groups and filters of the project's monitors that the downtime means."""
    aimed_at = targets(downtime, surroundings)
    for key in KEY.finditer(str(downtime.attributes.get("scope", ""))):
        told = _told(key[1], aimed_at, surroundings) if aimed_at else None
        if told:
            start, end = key.span(1)
            yield Found(("scope",), *told, start, end - start)


def _told(key: str, aimed_at: Sequence[Subject], surroundings: Surroundings) -> tuple[str, str] | None:
    """What is wrong with a key, and what to do about it."""
    having = [one for one in aimed_at if provided(one, surroundings).has_key(key)]
    if not having:
        message = f"no monitor of this downtime has groups with a {key}: nothing is silenced"
        return message, f"they have {', '.join(_keys(aimed_at, surroundings)) or 'no groups at all'}"
    if all(_is_filtered_in_parts(one, key, surroundings) for one in having):
        message = (
            f"Datadog doesn't say whether groups of composites have the {key} that only filters of their parts fix"
        )
        return message, f"leave {key} out of the scope: perhaps nothing is silenced with it"
    return None


def _is_filtered_in_parts(subject: Subject, key: str, surroundings: Surroundings) -> bool:
    """Whether it is a composite that has the key from its parts' filters alone."""
    if not isinstance(subject.query, Composite) or provided(subject, surroundings).keys is None:
        return False
    parts = (surroundings.monitors[part.id] for part in monitors(subject.query) if isinstance(part, MonitorReference))
    grouped = {group.lstrip("@") for part in parts for group in part.keys or ()}
    return not grouped & {key.lstrip("@"), ANY_KEY}


def _keys(aimed_at: Sequence[Subject], surroundings: Surroundings) -> list[str]:
    return sorted({key for one in aimed_at for key in provided(one, surroundings).keys or ()})


CHECK = Check("DDG520", "downtime-matches-nothing", Severity.WARNING, Theme.HYGIENE, __doc__, nothing, examine_downtime)
