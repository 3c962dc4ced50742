"""Two settings resolve an alert without data.

## What
`on_missing_data: resolve` stands beside a `timeout_h` that isn't 0.

## Why
The first resolves an alert as soon as a window is empty, so the hours of the second never go by. Datadog refuses the
pair.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  on_missing_data: resolve
  timeout_h: 4
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service} > 10
message: Too many errors in {{service.name}} @slack-team
options:
  on_missing_data: resolve
```

## Source
https://docs.datadoghq.com/monitors/guide/on_missing_data/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for both settings."""
    if subject.options.get("on_missing_data") == "resolve" and subject.number("timeout_h"):
        message = "on_missing_data: resolve leaves nothing for timeout_h to resolve"
        yield found_at_option(message, "remove one of the two", "timeout_h")


CHECK = Check("DDG215", "resolve-with-timeout", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
