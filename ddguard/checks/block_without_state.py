"""A block is for a state that this monitor doesn't notify of.

## What
A block for warnings, and the monitor has no warning threshold; or a block for missing data, and the monitor doesn't
notify when data is missing.

## Why
The text in it is never sent, and its handles are never told. Mostly the threshold or the option was forgotten, or the
message was copied from another monitor.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  Errors are up, see https://runbooks.example.com/errors
  {{#is_alert}} @pagerduty-shop {{/is_alert}}
  {{#is_warning}} @slack-team {{/is_warning}}
tags: [team:shop]
priority: 3
options:
  thresholds: {critical: 10}
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  Errors are up, see https://runbooks.example.com/errors
  {{#is_alert}} @pagerduty-shop {{/is_alert}}
  {{#is_warning}} @slack-team {{/is_warning}}
tags: [team:shop]
priority: 3
options:
  thresholds: {critical: 10, warning: 5}
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#conditional-variables
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity
from ddguard.query.nodes import Composite, EventMonitor, FormulaMonitor, MetricMonitor, ServiceCheck, SloMonitor
from ddguard.templates.nodes import Block

OF_WARNINGS = frozenset({"is_warning", "is_alert_to_warning", "is_warning_recovery"})
OF_MISSING_DATA = frozenset({"is_no_data", "is_no_data_recovery"})


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for blocks of states that the options leave out; `{{^...}}` and else parts say something else."""
    for path, part, _branches in subject.parts:
        if not isinstance(part, Block) or part.negated:
            continue
        if part.name in OF_WARNINGS and not _warns(subject):
            hint = "give options.thresholds.warning, or take the block out"
            yield found_in_text(path, part.call.span, f"{part.name} never holds: there is no warning threshold", hint)
        elif part.name in OF_MISSING_DATA and not _notifies_of_missing_data(subject):
            hint = "give options.on_missing_data: show_and_notify_no_data, or take the block out"
            yield found_in_text(path, part.call.span, f"{part.name} never holds: missing data isn't notified of", hint)


def _warns(subject: Subject) -> bool:
    """Whether it may warn. A service check always may, of a query that isn't read nobody knows."""
    if not isinstance(subject.query, MetricMonitor | EventMonitor | FormulaMonitor | SloMonitor):
        return True
    return subject.thresholds.get("warning") is not None


def _notifies_of_missing_data(subject: Subject) -> bool:
    if not isinstance(subject.query, MetricMonitor | EventMonitor | FormulaMonitor | ServiceCheck | Composite):
        return True
    return bool(subject.options.get("notify_no_data")) or (
        subject.options.get("on_missing_data") == "show_and_notify_no_data"
    )


CHECK = Check("DDG307", "block-without-state", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
