"""Datadog itself refuses the monitor.

## What
`ddguard validate --remote` asked Datadog about a monitor that an apply would create or change, and Datadog said no. The
message is its own.

## Why
Datadog knows what a spec alone doesn't tell: which monitors, SLOs and roles exist, what the account may use, and rules
that are nowhere written down. An apply would end in the same words.

## Example
```yaml
id: everything
name: Everything
type: composite
query: 1 && 2
message: Two monitors that nobody has @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
---
id: latency
name: Latency
type: query alert
query: avg(last_5m):avg:app.latency{*} > 2
message: The app is slow @slack-team
---
id: everything
name: Everything
type: composite
query: ${monitor:errors} && ${monitor:latency}
message: Errors and slow @slack-team
```

## Source
https://docs.datadoghq.com/api/latest/monitors/#validate-a-monitor
"""

import re
from collections.abc import Mapping

from ddguard.checks.base import Rule, Theme
from ddguard.findings import Finding, Severity
from ddguard.model import Json, Monitor, Path

RULE = Rule("DDG199", "refused-by-datadog", Severity.ERROR, Theme.QUERY, __doc__)

THRESHOLDS = ("options", "thresholds")
KNOWN_WORDS: Mapping[str, Path] = {
    "alert recovery": (*THRESHOLDS, "critical_recovery"),
    "alert status": (*THRESHOLDS, "critical"),
    "alert threshold": (*THRESHOLDS, "critical"),
    "custom schedule": ("options", "scheduling_options", "custom_schedule"),
    "last field": ("query",),
    "monitor ids": ("query",),
    "threshold statuses": THRESHOLDS,
    "warning threshold": (*THRESHOLDS, "warning"),
}
"""What Datadog calls some keys."""


def refusal(monitor: Monitor, reason: str) -> Finding:
    """Datadog's words about a monitor, at the key that they speak of."""
    place = monitor.source.at(place_of(reason, monitor.definition))
    return Finding(place, RULE.code, RULE.name, RULE.severity, f"Datadog: {reason.strip()}")


def place_of(reason: str, definition: Mapping[str, Json]) -> Path:
    """The key that a refusal names: of those that the monitor has, the first one named; empty where none is."""
    said = reason.lower()
    named = {said.find(words): path for words, path in KNOWN_WORDS.items() if words in said}
    for path in _paths(definition):
        match = re.search(rf"\b{re.escape(str(path[-1]).lower())}\b", said)
        if match:
            named.setdefault(match.start(), path)
    return named[min(named)] if named else ()


def _paths(definition: Mapping[str, Json]) -> list[Path]:
    """The keys of a monitor, of its options and of its thresholds whose names are words that only they have."""
    options = definition.get("options") or {}
    paths: list[Path] = [("options", key) for key in options if "_" in key or key == "variables"]
    paths += [(*THRESHOLDS, key) for key in options.get("thresholds") or {} if "_" in key]
    return [*paths, *((key,) for key in definition if key != "options")]
