"""A `metric alert` that Datadog takes for a `query alert`.

## What
The type is `metric alert`, and the query has a window or a function that belongs to `query alert`.

## Why
Datadog stores monitors with `current_1d` or `current_1mo` as `query alert`, whatever was sent, and documents anomaly,
forecast and outlier monitors as `query alert`. Exports and the API then show another type than the spec.

## Example
```yaml
id: cost
name: Cost of the month
type: metric alert
query: sum(current_1mo):sum:shop.cost{env:prod}.as_count() > 10000
message: The month gets expensive @slack-team
options:
  scheduling_options: {evaluation_window: {month_starts: 1, day_starts: "00:00"}}
```

## Use instead
```yaml
id: cost
name: Cost of the month
type: query alert
query: sum(current_1mo):sum:shop.cost{env:prod}.as_count() > 10000
message: The month gets expensive @slack-team
options:
  scheduling_options: {evaluation_window: {month_starts: 1, day_starts: "00:00"}}
```

## Source
Recorded answers of the API, and https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.shapes import is_modelled, time_aggregation
from ddguard.findings import Severity

STORED_AS_QUERY_ALERT = frozenset({"d", "mo"})
"""The units of cumulative windows for which the type is changed; an hour keeps it."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the window and the functions of metric alerts."""
    outer = time_aggregation(subject.query)
    if subject.monitor.type != "metric alert" or outer is None:
        return
    cumulative = outer.window.kind == "current" and outer.window.unit in STORED_AS_QUERY_ALERT
    if cumulative or is_modelled(subject):
        yield Found(("type",), "Datadog takes this monitor for a query alert", "write `type: query alert`")


CHECK = Check("DDG114", "metric-alert-type", Severity.INFO, Theme.QUERY, __doc__, examine)
