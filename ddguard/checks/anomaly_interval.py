"""An anomaly monitor judges too few points.

## What
`interval` in `anomalies()` is more than a fifth of `alert_window`.

## Why
The monitor compares a share of points with its threshold. With fewer than five points in the window a single one is
enough for 20 % or more. Datadog asks for at most a fifth; a `.rollup()` in the query takes the place of the interval.

## Example
```yaml
id: logins
name: Logins look odd
type: query alert
query: >-
  avg(last_4h):anomalies(sum:app.logins{env:prod}, 'basic', 2,
  direction='both', alert_window='last_15m', interval=600) >= 1
message: Logins look odd @slack-team
options:
  thresholds: {critical: 1, critical_recovery: 0}
  threshold_windows: {trigger_window: last_15m, recovery_window: last_15m}
```

## Use instead
```yaml
id: logins
name: Logins look odd
type: query alert
query: >-
  avg(last_4h):anomalies(sum:app.logins{env:prod}, 'basic', 2,
  direction='both', alert_window='last_15m', interval=60) >= 1
message: Logins look odd @slack-team
options:
  thresholds: {critical: 1, critical_recovery: 0}
  threshold_windows: {trigger_window: last_15m, recovery_window: last_15m}
```

## Source
https://docs.datadoghq.com/monitors/types/anomaly/
"""

from collections.abc import Iterator

from ddguard.checks.anomalies import anomalies
from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import to_text
from ddguard.query.nodes import Number

POINTS = 5


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the interval with the window."""
    for call in anomalies(subject):
        interval, alerting = call.named.get("interval"), call.window("alert_window")
        if not isinstance(interval, Number) or alerting is None or subject.calls("rollup"):
            continue
        most = alerting.seconds // POINTS
        if interval.value > most:
            message = f"an interval of {interval.text} s leaves less than {POINTS} points in {to_text(alerting)}"
            yield found_in_query(interval, message, f"write at most {most}")


CHECK = Check("DDG117", "anomaly-interval", Severity.WARNING, Theme.QUERY, __doc__, examine)
