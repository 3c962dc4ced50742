"""The filter holds a template variable of a dashboard.

## What
`$env` in a filter is replaced on dashboards. In a monitor nothing replaces it.

## Why
No series has the tag `$env`: the query finds nothing, and the monitor never alerts.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{$env} > 10
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
https://docs.datadoghq.com/dashboards/template_variables/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Tag


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for dollar signs at the beginning of tags and of their values."""
    for tag in subject.found(Tag):
        if tag.text.startswith("$") or tag.value.startswith("$"):
            hint = "write the tag, or ${name} for a variable of ddguard's"
            yield found_in_query(tag, f"`{tag.text}` is a variable of a dashboard: a monitor finds nothing by it", hint)


CHECK = Check("DDG123", "dashboard-variable", Severity.WARNING, Theme.QUERY, __doc__, examine)
