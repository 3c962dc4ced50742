"""A `hold` on a monitor that doesn't tell tenants apart.

## What
The monitor isn't grouped by `tenant`.

## Why
`hold` asks for a manual review of a tenant. Here an alert can't say which one: the reviewer is sent to look at nobody.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
hold: {review: "@webhook-review", reason: a burst may be fraud or a bug}
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
hold: {review: "@webhook-review", reason: a burst may be fraud or a bug}
```

## Source
The contract of `hold`: it flags alerting groups.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.provided import provided
from ddguard.findings import Severity

KEY = "tenant"
"""What the paragraph of a hold names, as `{{tenant.name}}`."""


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for the tenant among the monitor's groups, or those of a composite's parts."""
    if subject.monitor.hold and not provided(subject, surroundings).has_key(KEY):
        message = f"the review can't be told which {KEY}: the query isn't grouped by it"
        yield Found(("hold",), message, f"group by {{{KEY}}}", key=True)


CHECK = Check("DDG509", "hold-without-tenant", Severity.WARNING, Theme.HYGIENE, __doc__, examine)
