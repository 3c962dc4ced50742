"""A service check looks at fewer statuses than a threshold needs.

## What
`.last(n)` has to be at least the largest of the thresholds `ok`, `warning`, `critical` and `unknown`, and at most
100.

## Why
Three critical statuses in a row can't be found among the last two. Datadog refuses it: `Last field should be larger
than or equal to max threshold defined in monitor options`.

## Example
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").by("host").last(2).count_by_status()'
message: The clock of {{host.name}} is off @slack-team
options:
  thresholds: {critical: 3, warning: 1, ok: 1}
```

## Use instead
```yaml
id: ntp
name: Clock is off
type: service check
query: '"ntp.in_sync".over("env:prod").by("host").last(4).count_by_status()'
message: The clock of {{host.name}} is off @slack-team
options:
  thresholds: {critical: 3, warning: 1, ok: 1}
```

## Source
https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.sides import shown
from ddguard.findings import Severity
from ddguard.query.nodes import Method, Number, ServiceCheck

LEVELS = ("ok", "warning", "critical", "unknown")
MOST = 100


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares `last` with the thresholds; a share of statuses (`pct_by_status`) isn't a number in a row."""
    if not isinstance(subject.query, ServiceCheck) or subject.calls("pct_by_status"):
        return
    for method in subject.query.methods:
        yield from _last(method, subject)


def _last(method: Method, subject: Subject) -> Iterator[Found]:
    number = method.arguments[0] if method.name == "last" and method.arguments else None
    if not isinstance(number, Number):
        return
    levels = {name: subject.level(name) or 0 for name in LEVELS}
    most = max(levels, key=lambda name: levels[name])
    if number.value < levels[most]:
        needed = shown(levels[most])
        message = f"the last {number.text} statuses can't hold the {needed} in a row that the threshold {most} asks for"
        yield found_in_query(number, message, f"write last({needed}) or more, one more leaves room for recovery")
    elif number.value > MOST:
        yield found_in_query(number, f"last() takes at most {MOST}, not {number.text}")


CHECK = Check("DDG118", "service-check-last", Severity.ERROR, Theme.QUERY, __doc__, examine)
