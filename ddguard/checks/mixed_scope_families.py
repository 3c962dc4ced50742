"""A filter mixes `,` and `!` with AND, OR, NOT or IN.

## What
Filters are written in one of two ways: `{env:prod,!region:us}` with symbols, or `{env:prod AND NOT region:us}` with
words. One pair of braces takes one way.

## Why
Datadog refuses a filter that mixes them.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{env:prod AND !region:us-east} > 10
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{env:prod AND NOT region:us-east} > 10
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/metrics/advanced-filtering/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import scope_families
from ddguard.query.nodes import MetricQuery


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the filter of each metric."""
    for query in subject.found(MetricQuery):
        if len(scope_families(query.scope)) > 1:
            message = "the filter mixes `,` or `!` with AND, OR, NOT or IN"
            yield found_in_query(query.scope, message, "write AND for `,` and NOT for `!`")


CHECK = Check("DDG108", "mixed-scope-families", Severity.ERROR, Theme.QUERY, __doc__, examine)
