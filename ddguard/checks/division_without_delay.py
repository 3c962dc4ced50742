"""Counts are divided by counts that may not be complete yet.

## What
The query divides counts or rates of different metrics (`as_count()`, `as_rate()`) over a short window, and the monitor
has no `evaluation_delay`.

## Why
The two sides of a division reach Datadog at slightly different times. At the newest end of a short window one of them
is still incomplete, and the quotient swings: an error rate of 100 % that was never there. Datadog recommends a delay
of 60 seconds.

## Example
```yaml
id: error-rate
name: Error rate
type: query alert
query: sum(last_5m):sum:app.errors{env:prod}.as_count() / sum:app.requests{env:prod}.as_count() > 0.05
message: Too many errors @slack-team
```

## Use instead
```yaml
id: error-rate
name: Error rate
type: query alert
query: sum(last_5m):sum:app.errors{env:prod}.as_count() / sum:app.requests{env:prod}.as_count() > 0.05
message: Too many errors @slack-team
options:
  evaluation_delay: 60
```

## Source
https://docs.datadoghq.com/monitors/configuration/ and
https://docs.datadoghq.com/monitors/guide/troubleshooting-no-data/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.shapes import divisors, is_modelled
from ddguard.findings import Severity
from ddguard.query import window
from ddguard.query.nodes import MetricQuery

ADVISED = 60
"""Seconds."""

FLOWS = ("as_count", "as_rate")
SHORT = 15 * 60
"""Seconds of a window in which the newest minute weighs."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at divisions of different metrics over short windows; levels (gauges) don't grow until complete."""
    span = window(subject.query) if subject.query else None
    if span is None or span.seconds > SHORT or is_modelled(subject) or not subject.calls(*FLOWS):
        return
    metrics = {query.metric for query in subject.found(MetricQuery)}
    if len(metrics) < 2 or (subject.number("evaluation_delay") or 0) >= ADVISED:
        return
    for divisor in list(divisors(subject))[:1]:
        message = "the newest minute of a quotient is often incomplete on one side"
        yield found_in_query(divisor, message, f"options.evaluation_delay: {ADVISED} waits for both sides")


CHECK = Check("DDG110", "division-without-delay", Severity.INFO, Theme.QUERY, __doc__, examine)
