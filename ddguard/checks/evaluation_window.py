"""A cumulative window doesn't say when it begins anew, or a window that moves does.

## What
`current_1h` needs `scheduling_options.evaluation_window.hour_starts`, `current_1d` `day_starts`, `current_1mo`
`day_starts` with `month_starts`. `hour_starts` stands alone. Beside `last_1h` there is no `evaluation_window`.

## Why
Datadog refuses the one without the other (`Monitors with an evaluation_window scheduling_option must have a current
query period and vice versa.`), and a beginning of an hour beside one of a day.

## Example
```yaml
id: budget
name: Budget of the day
type: query alert
query: sum(current_1d):sum:shop.cost{env:prod}.as_count() > 10000
message: The day gets expensive @slack-team
```

## Use instead
```yaml
id: budget
name: Budget of the day
type: query alert
query: sum(current_1d):sum:shop.cost{env:prod}.as_count() > 10000
message: The day gets expensive @slack-team
options:
  scheduling_options: {evaluation_window: {day_starts: "00:00", timezone: Europe/Paris}}
```

## Source
https://docs.datadoghq.com/monitors/configuration/ and https://docs.datadoghq.com/api/latest/monitors/
"""

from collections.abc import Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option, found_in_query
from ddguard.findings import Severity
from ddguard.query import to_text, window

WANTED: Mapping[str, tuple[str, ...]] = {
    "h": ("hour_starts",),
    "d": ("day_starts",),
    "mo": ("day_starts", "month_starts"),
}
"""What a cumulative window of a unit needs."""

KEY = ("scheduling_options", "evaluation_window")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the window with the beginnings that are given."""
    given = (subject.options.get("scheduling_options") or {}).get("evaluation_window") or {}
    span = window(subject.query) if subject.query else None
    if "hour_starts" in given and ("day_starts" in given or "month_starts" in given):
        message = "hour_starts stands alone: a day or a month doesn't begin at a minute of the hour"
        yield found_at_option(message, "remove it, or the others", *KEY, "hour_starts")
    elif span is not None and span.kind == "current":
        missing = [name for name in WANTED.get(span.unit, ()) if name not in given]
        if missing:
            message = f"{to_text(span)} needs {' and '.join(missing)}: when it begins anew"
            yield found_in_query(span, message, "in options.scheduling_options.evaluation_window")
    elif span is not None and given:
        message = f"evaluation_window says when a window begins anew, and {to_text(span)} never does: it moves"
        yield found_at_option(message, "write current_1h, current_1d or current_1mo, or remove it", *KEY)


CHECK = Check("DDG214", "evaluation-window", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
