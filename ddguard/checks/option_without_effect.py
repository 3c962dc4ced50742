"""This option does nothing for this type of monitor.

## What
The option belongs to another type or to another form of the query: log samples to log monitors, failure durations to
synthetics monitors, `threshold_windows` to anomaly monitors, `no_data_timeframe` to monitors of other things than logs,
`evaluation_delay` to all but error budgets, the thresholds `ok` and `unknown` to service checks, numbers as thresholds
to everything but composites.

## Why
Datadog's API takes such an option and doesn't use it. Whoever reads the spec believes in a protection that isn't there;
and with a `no_data_timeframe` a log monitor can't be saved in Datadog's editor any more.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
options:
  threshold_windows: {trigger_window: last_15m, recovery_window: last_15m}
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_15m):sum:app.errors{*} > 10
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/ and, for log monitors,
https://github.com/grosser/kennel/pull/223
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity
from ddguard.model import Json
from ddguard.query.nodes import FormulaMonitor, Opaque, SloMonitor

NOT_OF_EVENTS = frozenset(
    {"composite", "cost alert", "metric alert", "query alert", "service check", "slo alert", "synthetics alert"}
)
CI = frozenset({"ci-pipelines alert", "ci-tests alert"})
SYNTHETICS = frozenset({"synthetics alert"})


class Use(NamedTuple):
    """An option by its path below `options`, where it does something, and how to call that."""

    path: tuple[str, ...]
    fits: Callable[[Subject], bool]
    owner: str


def _counts_events(subject: Subject) -> bool:
    return subject.monitor.type not in NOT_OF_EVENTS


def _is_unread(subject: Subject) -> bool:
    return subject.query is None or isinstance(subject.query, Opaque)


def _looks_for_anomalies(subject: Subject) -> bool:
    return _is_unread(subject) or bool(subject.calls("anomalies"))


def _has_formula(subject: Subject) -> bool:
    return _is_unread(subject) or isinstance(subject.query, FormulaMonitor)


def _is_service_check(subject: Subject) -> bool:
    return subject.monitor.type == "service check"


def _reads_logs(subject: Subject) -> bool:
    return subject.monitor.type == "log alert"


def _looks_at_a_budget(subject: Subject) -> bool:
    return isinstance(subject.query, SloMonitor) and subject.query.measure == "error_budget"


def _is_composite(subject: Subject) -> bool:
    return subject.monitor.type == "composite"


USES = (
    Use(("enable_logs_sample",), _counts_events, "log monitors"),
    Use(("enable_samples",), lambda subject: subject.monitor.type in CI, "CI monitors"),
    Use(("groupby_simple_monitor",), _counts_events, "log, CI and RUM monitors"),
    Use(("no_data_timeframe",), lambda subject: not _reads_logs(subject), "other data than logs"),
    Use(("evaluation_delay",), lambda subject: not _looks_at_a_budget(subject), "other monitors than error budgets"),
    Use(("group_retention_duration",), _counts_events, "event, log, trace, RUM, CI and audit monitors"),
    Use(("min_failure_duration",), lambda subject: subject.monitor.type in SYNTHETICS, "synthetics monitors"),
    Use(("min_location_failed",), lambda subject: subject.monitor.type in SYNTHETICS, "synthetics monitors"),
    Use(("threshold_windows",), _looks_for_anomalies, "queries with anomalies()"),
    Use(("variables",), _has_formula, "queries with formula()"),
    Use(("thresholds", "ok"), _is_service_check, "service checks"),
    Use(("thresholds", "unknown"), _is_service_check, "service checks"),
    Use(("thresholds", "critical"), lambda subject: not _is_composite(subject), "monitors that measure something"),
    Use(("thresholds", "warning"), lambda subject: not _is_composite(subject), "monitors that measure something"),
    Use(("thresholds", "critical_recovery"), lambda subject: not _is_service_check(subject), "measured values"),
    Use(("thresholds", "warning_recovery"), lambda subject: not _is_service_check(subject), "measured values"),
)


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for options that are set where they do nothing."""
    options = subject.options
    for use in USES:
        if use.path[0] in options and _is_set(options, use.path) and not use.fits(subject):
            message = f"{use.path[-1]} is for {use.owner}: it does nothing here"
            yield found_at_option(message, "remove it", *use.path)


def _is_set(options: Mapping[str, Json], path: tuple[str, ...]) -> bool:
    """Whether there is a value that asks for something; a threshold may be 0."""
    value: Json = options
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        return any(value.values())
    return value is not None if path[0] == "thresholds" else bool(value)


CHECK = Check("DDG212", "option-without-effect", Severity.WARNING, Theme.OPTIONS, __doc__, examine)
