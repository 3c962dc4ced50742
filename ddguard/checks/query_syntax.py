"""The query can't be read.

## What
The query isn't written as Datadog's query language wants it: the caret is at the first character that doesn't fit.

## Why
Datadog refuses such a monitor with `The value provided for parameter 'query' is invalid` and doesn't say where.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{env:prod > 10
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{env:prod} > 10
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/api/latest/monitors/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Tells the mistake that stopped the reader."""
    mistake = subject.mistake
    if mistake is not None:
        yield Found(("query",), f"query: {mistake.message}", mistake.hint, mistake.span.offset, mistake.span.width)


CHECK = Check("DDG100", "query-syntax", Severity.ERROR, Theme.QUERY, __doc__, examine)
