"""A recovery threshold lies where the monitor still alerts.

## What
With `>` or `>=` a recovery threshold has to be at most the threshold that it belongs to, with `<` or `<=` at least.

## Why
Otherwise a value between the two would be in alert and recovered at the same time. Datadog refuses that for anomaly
monitors in these words: `alert and alert recovery criteria are such that the monitor can be simultaneously in alert
and alert recovery states`.

## Example
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.9
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.9, critical_recovery: 0.95}
```

## Use instead
```yaml
id: disk
name: Disk
type: query alert
query: avg(last_5m):avg:system.disk.in_use{*} by {host} > 0.9
message: Disk of {{host.name}} fills up @slack-team
options:
  thresholds: {critical: 0.9, critical_recovery: 0.85}
```

## Source
https://docs.datadoghq.com/monitors/guide/recovery-thresholds/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.sides import alerting_side, shown
from ddguard.findings import Severity

LEVELS = ("critical", "warning")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares each recovery threshold with its own."""
    side = alerting_side(subject)
    for name in LEVELS:
        level, recovery = subject.level(name), subject.level(f"{name}_recovery")
        if level is not None and recovery is not None and side * recovery > side * level:
            wanted = "at most" if side > 0 else "at least"
            message = f"the {name} recovery {shown(recovery)} has to be {wanted} the {name} threshold {shown(level)}"
            hint = "a recovery lies on the quiet side of its threshold"
            yield Found(("options", "thresholds", f"{name}_recovery"), message, hint)


CHECK = Check("DDG103", "recovery-past-threshold", Severity.ERROR, Theme.QUERY, __doc__, examine)
