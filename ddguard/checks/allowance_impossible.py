"""An `allow` can't be written into the query.

## What
The query has no group of that key, or it is of a kind whose filters ddguard doesn't add to.

## Why
The plan stops: leaving the entry out silently would alert for a tenant that was promised silence.

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
  - {tag: "customer:acme-loadtest", reason: "load test, RISK-12", expires: 2027-01-31}
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
allow:
  - {tag: "tenant:acme-loadtest", reason: "load test, RISK-12", expires: 2027-01-31}
```

## Source
The contract of `allow`: entries become filters of the metric queries that are grouped by their key.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.payload import AllowanceError, with_allowances


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Tries each entry that is running; a query that can't be read is another check's matter."""
    monitor = subject.monitor
    if subject.query is None:
        return
    for place, allowance in enumerate(monitor.allow):
        try:
            with_allowances(str(monitor.definition["query"]), monitor.type, [allowance], surroundings.today)
        except AllowanceError as error:
            yield Found(("allow", place, "tag"), error.message, error.hint)


CHECK = Check("DDG507", "allowance-impossible", Severity.ERROR, Theme.HYGIENE, __doc__, examine)
