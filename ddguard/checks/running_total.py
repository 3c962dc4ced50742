"""A running total begins anew in each round.

## What
`cumsum()` and `integral()` add up from the beginning of the window that is looked at.

## Why
A monitor's window moves every minute, and the total with it: the value depends on the length of the window, not on a
total since some day. Datadog advises against both in monitors.

## Example
```yaml
id: spending
name: Spending
type: query alert
query: max(last_1d):cumsum(sum:shop.cost{env:prod}) > 10000
message: The day gets expensive @slack-team
```

## Use instead
```yaml
id: spending
name: Spending
type: query alert
query: sum(current_1d):sum:shop.cost{env:prod}.as_count() > 10000
message: The day gets expensive @slack-team
options:
  scheduling_options: {evaluation_window: {day_starts: "00:00"}}
```

## Source
https://docs.datadoghq.com/dashboards/functions/arithmetic/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import MetricMonitor


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for running totals that aren't inside of a function that learns, where they are refused altogether."""
    if isinstance(subject.query, MetricMonitor) and not subject.calls("anomalies", "forecast"):
        for call in subject.calls("cumsum", "integral"):
            message = f"{call.name}() adds up from the beginning of the window, which moves with every round"
            yield found_in_query(call, message, "sum(current_1d) adds up since midnight")


CHECK = Check("DDG125", "running-total", Severity.WARNING, Theme.QUERY, __doc__, examine)
