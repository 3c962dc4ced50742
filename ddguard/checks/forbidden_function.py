"""A function stands where Datadog doesn't allow it in monitors.

## What
`autosmooth()` doesn't work in monitors. Inside `anomalies()` and `forecast()` the functions `cumsum`, `integral`,
`outliers`, `piecewise_constant`, `robust_trend` and `trend_line` don't either, nor does `anomalies()` inside
`forecast()`.

## Why
`autosmooth` chooses its span by what is on the screen, which a monitor doesn't have. A model can't learn from
series that another model, or a running total, has bent already.

## Example
```yaml
id: latency
name: Latency
type: query alert
query: avg(last_5m):autosmooth(avg:shop.latency{env:prod}) > 2
message: The shop is slow @slack-team
```

## Use instead
```yaml
id: latency
name: Latency
type: query alert
query: avg(last_5m):ewma_5(avg:shop.latency{env:prod}) > 2
message: The shop is slow @slack-team
```

## Source
https://docs.datadoghq.com/dashboards/functions/smoothing/, https://docs.datadoghq.com/monitors/types/anomaly/ and
https://docs.datadoghq.com/monitors/types/forecasts/
"""

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import walk
from ddguard.query.nodes import Call, Method

BENT = frozenset({"cumsum", "integral", "outliers", "piecewise_constant", "robust_trend", "trend_line"})
FORBIDDEN: Mapping[str, tuple[frozenset[str], str]] = {
    "anomalies": (BENT, "look for anomalies in the series itself"),
    "forecast": (BENT | {"anomalies"}, "forecast the series itself"),
}
"""What can't stand inside of the functions that learn, and what to do instead."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the functions everywhere and inside of those that learn."""
    for call in subject.calls("autosmooth"):
        yield found_in_query(call, "autosmooth() doesn't work in monitors", "smooth with ewma_5(), or not at all")
    for outer in subject.calls(*FORBIDDEN):
        forbidden, hint = FORBIDDEN[outer.name]
        for inner in walk(outer):
            if isinstance(inner, Call | Method) and inner.name in forbidden:
                yield found_in_query(inner, f"{inner.name}() can't stand inside of {outer.name}()", hint)


CHECK = Check("DDG107", "forbidden-function", Severity.ERROR, Theme.QUERY, __doc__, examine)
