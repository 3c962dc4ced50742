"""The evaluated window lies too far in the past.

## What
`evaluation_delay` is more than 86400 seconds.

## Why
Datadog takes at most a day. A greater number is mostly one in milliseconds.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  evaluation_delay: 900000
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  evaluation_delay: 900
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import shown
from ddguard.findings import Severity

MOST = 86_400
"""Seconds."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the delay with a day."""
    delay = subject.number("evaluation_delay")
    if delay and delay > MOST:
        message = f"Datadog delays an evaluation by at most {MOST} seconds, not {shown(delay)}"
        yield Found(("options", "evaluation_delay"), message, "the number is in seconds")


CHECK = Check("DDG210", "evaluation-delay-too-long", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
