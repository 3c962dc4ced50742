"""A custom schedule comes without what it needs.

## What
`scheduling_options.custom_schedule` is for metric, log, event and RUM monitors; it needs `on_missing_data`, no
`require_full_window: true`, and a rule that recurs daily or more rarely.

## Why
Datadog refuses the rest: a scheduled evaluation stands alone, so it must be said what a run without data means, and
nothing runs more than once a day.

## Example
```yaml
id: nightly
name: Nightly load
type: query alert
query: avg(last_1h):avg:system.load.5{env:prod} > 4
message: The night was loaded @slack-team
options:
  on_missing_data: default
  scheduling_options:
    custom_schedule:
      recurrences: [{rrule: FREQ=HOURLY, start: "2026-01-01T06:00:00", timezone: Europe/Paris}]
```

## Use instead
```yaml
id: nightly
name: Nightly load
type: query alert
query: avg(last_1h):avg:system.load.5{env:prod} > 4
message: The night was loaded @slack-team
options:
  on_missing_data: default
  scheduling_options:
    custom_schedule:
      recurrences: [{rrule: FREQ=DAILY, start: "2026-01-01T06:00:00", timezone: Europe/Paris}]
```

## Source
https://docs.datadoghq.com/monitors/guide/custom_schedules/ and
https://docs.datadoghq.com/monitors/types/real_user_monitoring/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity

TYPES = frozenset({"event alert", "event-v2 alert", "log alert", "metric alert", "query alert", "rum alert"})
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
KEY = ("scheduling_options", "custom_schedule")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the schedule and at the options that it goes with."""
    schedule = (subject.options.get("scheduling_options") or {}).get("custom_schedule")
    if not schedule:
        return
    if subject.monitor.type not in TYPES:
        message = f"a custom schedule is for metric, log, event and RUM monitors, not for type {subject.monitor.type}"
        yield found_at_option(message, "remove it", *KEY)
    if subject.options.get("on_missing_data") is None:
        hint = "add options.on_missing_data"
        yield found_at_option("a custom schedule needs on_missing_data: what a run without data means", hint, *KEY)
    if subject.options.get("require_full_window") is True:
        message = "a custom schedule doesn't go with require_full_window: true"
        yield found_at_option(message, "write false, or leave it out", "require_full_window")
    for place, recurrence in enumerate(schedule.get("recurrences") or ()):
        if _frequency(str(recurrence.get("rrule", ""))) in TOO_OFTEN:
            path = ("options", *KEY, "recurrences", place, "rrule")
            yield Found(path, "a custom schedule runs once a day at most", "write FREQ=DAILY or rarer")


def _frequency(rule: str) -> str:
    parts = dict(part.partition("=")[::2] for part in rule.upper().removeprefix("RRULE:").split(";"))
    return parts.get("FREQ", "")


CHECK = Check("DDG213", "custom-schedule", Severity.ERROR, Theme.OPTIONS, __doc__, examine)
