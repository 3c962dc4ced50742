"""The windows of an anomaly monitor don't fit together.

## What
`alert_window` in the query and `trigger_window` in `options.threshold_windows` are the same; `recovery_window` stands
beside it and is long enough that a window can't trigger and recover at once: at least `trigger_window` times (1 -
threshold), plus a minute. The query's own window is at least as long as `alert_window`.

## Why
Datadog refuses the rest, in part with words that don't name the window: `alert and alert recovery criteria are such
that the monitor can be simultaneously in alert and alert recovery states`.

## Example
```yaml
id: logins
name: Logins look odd
type: query alert
query: >-
  avg(last_4h):anomalies(sum:app.logins{env:prod}, 'basic', 2,
  direction='both', alert_window='last_15m', interval=60) >= 0.5
message: Logins look odd @slack-team
options:
  thresholds: {critical: 0.5, critical_recovery: 0}
  threshold_windows: {trigger_window: last_15m, recovery_window: last_5m}
```

## Use instead
```yaml
id: logins
name: Logins look odd
type: query alert
query: >-
  avg(last_4h):anomalies(sum:app.logins{env:prod}, 'basic', 2,
  direction='both', alert_window='last_15m', interval=60) >= 0.5
message: Logins look odd @slack-team
options:
  thresholds: {critical: 0.5, critical_recovery: 0}
  threshold_windows: {trigger_window: last_15m, recovery_window: last_15m}
```

## Source
https://docs.datadoghq.com/monitors/types/anomaly/
"""

import math
from collections.abc import Iterator, Mapping

from ddguard.checks.anomalies import Anomalies, anomalies
from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option, found_in_query
from ddguard.findings import Severity
from ddguard.model import Json
from ddguard.query import named_window, to_text, window

MINUTE = 60
WINDOWS = ("trigger_window", "recovery_window")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the windows in the query with those in the options."""
    for call in anomalies(subject):
        given = {name: text for name, text in (subject.options.get("threshold_windows") or {}).items() if text}
        yield from _longer_than_query(subject, call)
        yield from _missing(call, given)
        yield from _different(call, given)
        yield from _too_short_to_recover(subject, given)


def _longer_than_query(subject: Subject, call: Anomalies) -> Iterator[Found]:
    alerting, whole = call.window("alert_window"), window(subject.query) if subject.query else None
    if alerting and whole and alerting.seconds > whole.seconds:
        message = f"alert_window {to_text(alerting)} is longer than the query's window {to_text(whole)}"
        yield found_in_query(alerting, message, "a window of about five times alert_window is advised")


def _missing(call: Anomalies, given: Mapping[str, Json]) -> Iterator[Found]:
    if "alert_window" in call.named and not given:
        message = "alert_window needs options.threshold_windows with the same trigger_window, and a recovery_window"
        yield found_in_query(call.named["alert_window"], message, "add both, or leave alert_window out")
    elif len(given) == 1:
        (there,) = given
        (absent,) = set(WINDOWS) - {there}
        yield found_at_option(f"{there} stands alone: Datadog wants both windows", f"add {absent}", *_path(there))


def _different(call: Anomalies, given: Mapping[str, Json]) -> Iterator[Found]:
    alerting, trigger = call.window("alert_window"), given.get("trigger_window")
    meant = named_window(str(trigger))
    if alerting and trigger and (meant is None or meant.seconds != alerting.seconds):
        message = f"trigger_window {trigger} isn't the alert_window {to_text(alerting)} of the query"
        yield Found(("options", *_path("trigger_window")), message, "both are the same window")


def _too_short_to_recover(subject: Subject, given: Mapping[str, Json]) -> Iterator[Found]:
    """https://docs.datadoghq.com/monitors/types/anomaly/#alert-and-recovery-windows."""
    trigger, recovery = (named_window(str(given.get(name, ""))) for name in WINDOWS)
    share = subject.level("critical")
    if trigger is None or recovery is None or share is None or not 0 < share <= 1:
        return
    shortest = math.ceil(round(trigger.seconds * (1 - share) / MINUTE, 9)) + 1
    if recovery.seconds < shortest * MINUTE:
        reason = f"a threshold of {share:g} over {to_text(trigger)} takes at least {shortest} minutes"
        message = f"recovery_window {to_text(recovery)} is too short: {reason}"
        hint = f"write last_{shortest}m, or {to_text(trigger)}"
        yield Found(("options", *_path("recovery_window")), message, hint)


def _path(name: str) -> tuple[str, str]:
    return "threshold_windows", name


CHECK = Check("DDG115", "anomaly-windows", Severity.ERROR, Theme.QUERY, __doc__, examine)
