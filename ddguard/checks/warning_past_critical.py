"""The warning threshold isn't on the way to the critical one.

## What
With `>` or `>=` the warning has to be less than the critical threshold, with `<` or `<=` greater.

## Why
A value on its way to critical has to pass the warning first. Datadog refuses anything else: `Warning threshold (50.0)
must be less than the alert threshold (20.0) with > comparison.`

## Example
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.8
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.8, warning: 0.9}
```

## Use instead
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.9
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.9, warning: 0.8}
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import alerting_side, shown
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two thresholds on the side on which the monitor alerts."""
    side, critical, warning = alerting_side(subject), subject.level("critical"), subject.level("warning")
    if not side or critical is None or warning is None:
        return
    if side * warning >= side * critical:
        wanted = "less" if side > 0 else "greater"
        message = f"the warning threshold {shown(warning)} has to be {wanted} than the critical {shown(critical)}"
        yield Found(("options", "thresholds", "warning"), message, "swap the two, or leave the warning out")


CHECK = Check("DDG102", "warning-past-critical", Severity.ERROR, Theme.QUERY, __doc__, examine)
