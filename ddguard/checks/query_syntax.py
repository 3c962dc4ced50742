"""The query can't be read.

## What
The query isn't written as Datadog's query language wants it, or one of the queries of metrics or of cost in
`options.variables` isn't: the caret is at the first character that doesn't fit.

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

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.model import Path
from ddguard.query import QueryError, parse_series

SOURCES = frozenset({"metrics", "cloud_cost"})
"""The data sources whose queries are written in the query language of metrics."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Tells the mistake that stopped the reader, in the monitor's query and in each query of a formula."""
    if subject.mistake is not None:
        yield _told(subject.mistake, ("query",))
    for place, one in enumerate(subject.options.get("variables") or ()):
        text = one.get("query") if isinstance(one, Mapping) and one.get("data_source") in SOURCES else None
        if isinstance(text, str):
            try:
                parse_series(text)
            except QueryError as mistake:
                yield _told(mistake, ("options", "variables", place, "query"))


def _told(mistake: QueryError, path: Path) -> Found:
    return Found(path, f"query: {mistake.message}", mistake.hint, mistake.span.offset, mistake.span.width)


CHECK = Check("DDG100", "query-syntax", Severity.ERROR, Theme.QUERY, __doc__, examine)
