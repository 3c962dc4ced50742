"""The query looks at a window that this type of monitor doesn't have.

## What
Each type has a shortest and a longest window: metric monitors up to a month, event monitors up to two days, and so
on. A short window that Datadog only advises against is none of this. `next_...` is for forecasts only; cumulative
windows are `current_1h`, `current_1d` and, for metrics, `current_1mo`.

## Why
Datadog refuses the query as invalid.

## Example
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").last("7d") > 1000
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").last("1d") > 150
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/api/latest/monitors/, https://docs.datadoghq.com/monitors/types/metric/,
https://docs.datadoghq.com/monitors/types/process/, https://docs.datadoghq.com/monitors/types/outlier/ and
https://docs.datadoghq.com/monitors/types/forecasts/
"""

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import window
from ddguard.query.nodes import HOUR, UNIT_SECONDS, MetricMonitor, Window

MINUTE, DAY, MONTH = 60, 24 * HOUR, UNIT_SECONDS["mo"]
METRIC_TYPES = ("metric alert", "query alert")

LAST: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(METRIC_TYPES, (MINUTE, MONTH)),
    "audit alert": (MINUTE, 2 * DAY),
    "ci-pipelines alert": (MINUTE, 2 * DAY),
    "ci-tests alert": (MINUTE, 2 * DAY),
    "database-monitoring alert": (MINUTE, 2 * DAY),
    "error-tracking alert": (MINUTE, 2 * DAY),
    "event-v2 alert": (MINUTE, 2 * DAY),
    "log alert": (MINUTE, 2 * DAY),
    "network-path alert": (MINUTE, 2 * DAY),
    "network-performance alert": (MINUTE, 2 * DAY),
    "process alert": (MINUTE, DAY),
    "rum alert": (MINUTE, 2 * DAY),
    "trace-analytics alert": (5 * MINUTE, 2 * DAY),
}
"""The shortest and the longest window of a type, in seconds; types that aren't here are left alone."""

CURRENT = ("1h", "1d", "1mo")
FORECASTS = (MINUTE, 3 * MONTH)
"""The twelve hours at least that Datadog names are its page's own range; its example for the API begins at four."""
LONGEST_FOR_OUTLIERS = DAY
NAMES = {MINUTE: "1 minute", 5 * MINUTE: "5 minutes", DAY: "1 day", 2 * DAY: "2 days"} | {
    MONTH: "1 month",
    3 * MONTH: "3 months",
}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the window with what the type, and the function in the query, allow."""
    span = window(subject.query) if subject.query else None
    if span is None:
        return
    message = _refusal(subject, span)
    if message:
        yield found_in_query(span, message, "")


def _refusal(subject: Subject, span: Window) -> str:
    if span.kind == "next":
        if not subject.calls("forecast"):
            return "a window that lies ahead is for forecast(...) only"
        return _outside(span, *FORECASTS, "a forecast looks")
    if span.kind == "current":
        return "" if _written(span) in CURRENT else "cumulative windows are current_1h, current_1d and current_1mo"
    if subject.calls("outliers") and isinstance(subject.query, MetricMonitor):
        return _outside(span, MINUTE, LONGEST_FOR_OUTLIERS, "outliers(...) looks")
    kind = subject.monitor.type
    return _outside(span, *LAST[kind], f"monitors of type {kind} look") if kind in LAST else ""


def _written(span: Window) -> str:
    return f"{span.count}{span.unit}"


def _outside(span: Window, shortest: int, longest: int, who: str) -> str:
    if shortest <= span.seconds <= longest:
        return ""
    where = "ahead" if span.kind == "next" else "back"
    return f"{who} {NAMES[shortest]} to {NAMES[longest]} {where}, not {_written(span)}"


CHECK = Check("DDG106", "window-not-allowed", Severity.ERROR, Theme.QUERY, __doc__, examine)
