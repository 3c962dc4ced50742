"""Groups are remembered for too short or too long.

## What
`group_retention_duration` is less than an hour or more than 72 hours.

## Why
Datadog takes 1 to 72 hours.

## Example
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").by("service").last("5m") > 10
message: Too many errors in {{service.name}} @slack-team
options:
  group_retention_duration: 7d
```

## Use instead
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").by("service").last("5m") > 10
message: Too many errors in {{service.name}} @slack-team
options:
  group_retention_duration: 72h
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.query import duration
from ddguard.query.nodes import HOUR

LEAST, MOST = HOUR, 72 * HOUR


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the duration with what Datadog takes."""
    text = subject.options.get("group_retention_duration")
    retention = duration(text) if isinstance(text, str) else None
    if retention and not LEAST <= retention.seconds <= MOST:
        message = f"Datadog remembers groups for 1 to 72 hours, not for {text}"
        yield Found(("options", "group_retention_duration"), message, "write a number between 1h and 72h")


CHECK = Check("DDG217", "group-retention-range", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
