"""An alert resolves itself later than Datadog documents.

## What
`timeout_h` is more than 24.

## Why
Datadog documents 0 to 24 hours. Its API has taken greater values, but a group without data is forgotten after 24
hours, so that there is nothing left to resolve.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  timeout_h: 48
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  timeout_h: 24
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import shown
from ddguard.findings import Severity

MOST = 24
"""Hours."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the hours with what is documented."""
    hours = subject.number("timeout_h")
    if hours and hours > MOST:
        message = f"Datadog documents at most {MOST} hours, not {shown(hours)}"
        yield Found(("options", "timeout_h"), message, f"write {MOST}, or 0 for never")


CHECK = Check("DDG208", "timeout-over-a-day", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
