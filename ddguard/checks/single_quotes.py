"""The search of a log or event monitor stands in single quotes.

## What
`logs('...')` and `events('...')` in place of `logs("...")` and `events("...")`. Only process monitors and the event
monitors of old take single quotes.

## Why
Datadog refuses the query: `invalid operator specified`.

## Example
```yaml
id: errors
name: Errors
type: log alert
query: logs('service:shop status:error').index('main').rollup('count').last('5m') > 10
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: log alert
query: logs("service:shop status:error").index("main").rollup("count").last("5m") > 10
message: Too many errors @slack-team
```

## Source
https://github.com/DataDog/terraform-provider-datadog/issues/1125 and
https://github.com/DataDog/terraform-provider-datadog/issues/1426
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import EventMonitor

TYPES = frozenset({"log alert", "event-v2 alert"})


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the quotes around the search."""
    query = subject.query
    if subject.monitor.type in TYPES and isinstance(query, EventMonitor) and query.search.quote == "'":
        message = f"Datadog refuses a search of {query.source} in single quotes"
        yield found_in_query(query.search, message, "write double quotes in the whole query")


CHECK = Check("DDG132", "single-quotes", Severity.ERROR, Theme.QUERY, __doc__, examine)
