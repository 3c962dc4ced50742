"""Datadog refuses this option for this type of monitor.

## What
`on_missing_data` isn't for composites, SLO alerts and service checks; recovery thresholds aren't for event alerts.

## Why
Datadog answers `Invalid monitor option: on_missing_data` or `Invalid threshold statuses found: critical_recovery.`

## Example
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").by("host").last(2).count_by_status()'
message: The clock of {{host.name}} is off @slack-team
options:
  on_missing_data: show_and_notify_no_data
```

## Use instead
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").by("host").last(2).count_by_status()'
message: The clock of {{host.name}} is off @slack-team
options:
  notify_no_data: true
```

## Source
https://docs.datadoghq.com/monitors/guide/on_missing_data/ and the answers of the API
"""

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity

LEGACY = "notify_no_data is what this type has"
NOT_ALLOWED: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "composite": {("on_missing_data",): LEGACY},
    "slo alert": {("on_missing_data",): "remove it"},
    "service check": {("on_missing_data",): LEGACY},
    "event-v2 alert": {
        ("thresholds", "critical_recovery"): "remove it",
        ("thresholds", "warning_recovery"): "remove it",
    },
}
"""What is refused by type, as paths below `options`, and what to do instead."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for what the type doesn't have."""
    kind = subject.monitor.type
    for path, hint in NOT_ALLOWED.get(kind, {}).items():
        in_thresholds = path[0] == "thresholds"
        value = (subject.thresholds if in_thresholds else subject.options).get(path[-1])
        if value or (in_thresholds and value is not None):
            yield found_at_option(f"Datadog refuses {path[-1]} for monitors of type {kind}", hint, *path)


CHECK = Check("DDG211", "option-not-allowed", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
