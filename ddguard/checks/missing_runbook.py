"""A message links to no runbook.

## What
There is no link in the message, and no runbook among the monitor's assets.

## Why
Whoever is woken by the alert has to find out alone what to do. A link costs one line.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up @slack-team
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
```

## Source
https://docs.datadoghq.com/monitors/notify/ says how to write messages that help.
"""

import re
from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.silence import is_silent_on_purpose
from ddguard.checks.written import MESSAGE
from ddguard.findings import Severity

LINK = re.compile(r"https?://\S|\{\{\{?\s*service\.(?:links|docs)\b|/notebook/\d")


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for any link."""
    assets = subject.monitor.definition.get("assets") or ()
    if assets or LINK.search(subject.message) or is_silent_on_purpose(subject, surroundings):
        return
    yield Found(MESSAGE, "no link to a runbook", "a link in the message, or a runbook under `assets`", key=True)


CHECK = Check("DDG313", "missing-runbook", Severity.INFO, Theme.MESSAGE, __doc__, examine)
