"""The critical threshold isn't the number that the query compares with.

## What
The number in `options.thresholds.critical` and the one at the end of the query differ.

## Why
Datadog takes the threshold from the query and refuses a monitor whose options say something else.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 5
message: Too many errors @slack-team
options:
  thresholds: {critical: 10}
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  thresholds: {critical: 10}
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.query import threshold

PATH = ("options", "thresholds", "critical")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two numbers."""
    stated = threshold(subject.query) if subject.query else None
    given = subject.thresholds.get("critical")
    if stated is not None and isinstance(given, (int, float)) and given != stated.value:
        message = f"the critical threshold {given} isn't the query's {stated.text}"
        yield Found(PATH, message, "one variable for both keeps them the same, or leave the threshold out here")


CHECK = Check("DDG101", "threshold-differs", Severity.ERROR, Theme.QUERY, __doc__, examine)
