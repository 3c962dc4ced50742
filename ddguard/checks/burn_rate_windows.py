"""The windows of a burn rate alert don't fit together.

## What
The long window has 1 to 48 hours, and the short window is shorter than the long one.

## Why
The long window says that much of the error budget is gone, the short one that it still goes: Datadog documents no
other combination (and advises a twelfth of the long window for the short one).

## Example
```yaml
id: budget
name: Error budget burns
type: slo alert
query: burn_rate("abc123").over("30d").long_window("5m").short_window("1h") > 14.4
message: The error budget burns @slack-team
```

## Use instead
```yaml
id: budget
name: Error budget burns
type: slo alert
query: burn_rate("abc123").over("30d").long_window("1h").short_window("5m") > 14.4
message: The error budget burns @slack-team
```

## Source
https://docs.datadoghq.com/service_management/service_level_objectives/burn_rate/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query import duration, to_text
from ddguard.query.nodes import HOUR, SloMonitor, Text, Window

LONG = (HOUR, 48 * HOUR)


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the two windows of a burn rate."""
    if not isinstance(subject.query, SloMonitor):
        return
    long, short = (_window(subject.query, name) for name in ("long_window", "short_window"))
    if long and not LONG[0] <= long.seconds <= LONG[1]:
        yield found_in_query(long, f"a long window has 1 to 48 hours, not {_length(long)}")
    elif long and short and short.seconds >= long.seconds:
        message = f"the short window {_length(short)} isn't shorter than the long one, {_length(long)}"
        yield found_in_query(short, message, "a twelfth of the long window is advised")


def _window(query: SloMonitor, name: str) -> Window | None:
    for method in query.methods:
        argument = method.arguments[0] if method.name == name and method.arguments else None
        if isinstance(argument, Text):
            return duration(argument.value, argument.span)
    return None


def _length(window: Window) -> str:
    return to_text(window).removeprefix("last_")


CHECK = Check("DDG122", "burn-rate-windows", Severity.ERROR, Theme.QUERY, __doc__, examine)
