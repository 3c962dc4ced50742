"""An `allow` is over: the tenant is back in the rule.

## What
The last day of an entry of `allow` has passed.

## Why
The next plan takes the entry out of the query, and the group can alert again. If the reason still holds it needs a new
day; if not, the entry is only in the way.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
allow:
  - {tag: "tenant:acme-loadtest", reason: "load test, RISK-12", expires: 2026-01-31}
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
```

## Source
The contract of `allow`: an entry counts to the end of its last day (UTC).
"""

from collections.abc import Iterator
from datetime import timedelta

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for entries whose last day lies before today."""
    for place, allowance in enumerate(subject.monitor.allow):
        if not allowance.runs_on(surroundings.today):
            since = allowance.expires + timedelta(days=1)
            message = f"{allowance.tag} is back in the rule since {since}: this entry has ended"
            yield Found(("allow", place, "expires"), message, "remove the entry, or give it a new day and its reason")


CHECK = Check("DDG506", "allowance-ended", Severity.WARNING, Theme.HYGIENE, __doc__, examine)
