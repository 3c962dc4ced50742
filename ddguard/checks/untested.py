"""A monitor has no test.

## What
No test file names the monitor, or a composite that it is a part of. Kinds that can't be evaluated locally are left
alone.

## Why
A rule whose alert nobody has seen is a guess. A test shows at which minute it alerts, for whom, and that it stays quiet
otherwise.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

And beside it, in `errors.test.yaml`:

```yaml
tests:
  - name: eleven errors a bucket alert, ten don't
    monitor: errors
    series:
      - {metric: app.errors, type: count, tags: [host:web-1], values: "10x9 11x9"}
    expect:
      - {at: 9m, group: "*", state: OK}
      - {group: "*", transitions: [{at: 10m, to: Alert}]}
```

## Source
`ddguard test`, and `ddguard test --coverage` for what tests reach.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.query.nodes import Composite, MetricMonitor, MetricQuery, MonitorNumber, MonitorReference

NOT_LOCAL = frozenset(
    {
        "anomalies",
        "autosmooth",
        "default",
        "forecast",
        "outliers",
        "percentile",
        "piecewise_constant",
        "robust_trend",
        "trend_line",
        "weighted",
    }
)
"""Functions that the local evaluator refuses."""

OF_SKETCHES = ("count", "p")
"""How space aggregations begin that it refuses."""


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for the monitor among those that test files name, and for the composites that it is a part of."""
    own = subject.monitor.id
    if surroundings.tested.intersection((own, *surroundings.composites.get(own, ()))):
        return
    if _is_local(subject, surroundings):
        yield Found(("id",), "no test names this monitor", "write one in a *.test.yaml beside it")


def _is_local(subject: Subject, surroundings: Surroundings) -> bool:
    """Whether a monitor can be evaluated without Datadog, as far as its query tells."""
    if isinstance(subject.query, Composite):
        parts = [surroundings.monitors.get(part.id) for part in subject.found(MonitorReference)]
        known = [part for part in parts if part and isinstance(part.query, MetricMonitor)]
        complete = len(known) == len(parts) and not subject.found(MonitorNumber)
        return complete and all(_is_local(part, surroundings) for part in known)
    if not isinstance(subject.query, MetricMonitor) or subject.calls(*NOT_LOCAL):
        return False
    return not any((query.aggregator or "").startswith(OF_SKETCHES) for query in subject.found(MetricQuery))


CHECK = Check("DDG513", "untested", Severity.INFO, Theme.HYGIENE, __doc__, examine)
