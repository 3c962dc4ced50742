"""`default_zero()` and `on_missing_data` contradict each other.

## What
The query makes zeros of missing data, and `on_missing_data` wants something else than `default`.

## Why
With `default_zero()` there is no missing data: it is always evaluated as zero, and Datadog offers no other choice for
such a query.

## Example
```yaml
id: crashes
name: Crashes
type: query alert
query: max(last_10m):default_zero(max:app.crashes{env:prod} by {pod}) >= 1
message: "{{pod.name}} crashes @slack-team"
options:
  on_missing_data: show_and_notify_no_data
```

## Use instead
```yaml
id: crashes
name: Crashes
type: query alert
query: max(last_10m):default_zero(max:app.crashes{env:prod} by {pod}) >= 1
message: "{{pod.name}} crashes @slack-team"
options:
  on_missing_data: default
```

## Source
https://docs.datadoghq.com/monitors/configuration/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.query.nodes import MetricMonitor


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for default_zero in metric monitors."""
    choice = subject.options.get("on_missing_data")
    if choice in {None, "default"} or not isinstance(subject.query, MetricMonitor):
        return
    if subject.calls("default_zero"):
        message = f"default_zero() leaves no missing data: on_missing_data can't be {choice}"
        yield Found(("options", "on_missing_data"), message, "write default, or leave default_zero() out")


CHECK = Check("DDG202", "default-zero-missing-data", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
