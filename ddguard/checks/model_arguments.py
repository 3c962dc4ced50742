"""`forecast()` or `outliers()` gets an argument that it doesn't know.

## What
The algorithm of a forecast is `linear` or `seasonal`, its model `default`, `simple` or `reactive`, its seasonality
`hourly`, `daily` or `weekly`. The algorithm of outliers is `DBSCAN`, `MAD`, `scaledDBSCAN` or `scaledMAD`, in capitals
or not.

## Why
Datadog has no other models.

## Example
```yaml
id: disk
name: The disk fills up
type: query alert
query: max(next_1w):forecast(avg:system.disk.in_use{env:prod}, 'exponential', 1) >= 0.9
message: The disk fills up within a week @slack-team
```

## Use instead
```yaml
id: disk
name: The disk fills up
type: query alert
query: max(next_1w):forecast(avg:system.disk.in_use{env:prod}, 'linear', 1) >= 0.9
message: The disk fills up within a week @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/forecasts/ and https://docs.datadoghq.com/monitors/types/outlier/
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Call, Keyword, Node, Text

ALGORITHM = "algorithm"
KNOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "forecast": {
        ALGORITHM: ("linear", "seasonal"),
        "model": ("default", "simple", "reactive"),
        "seasonality": ("hourly", "daily", "weekly"),
    },
    "outliers": {ALGORITHM: ("DBSCAN", "MAD", "scaledDBSCAN", "scaledMAD")},
}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks the arguments up that have a fixed set of words."""
    for call in subject.calls(*KNOWN):
        if not isinstance(call, Call):
            continue
        for name, node in _arguments(call):
            words = {word.lower(): word for word in KNOWN[call.name].get(name, ())}
            if words and isinstance(node, Text) and node.value.lower() not in words:
                near = get_close_matches(node.value.lower(), words, n=1)
                message = f"{name} {node.value!r} of {call.name}() isn't one of {', '.join(words.values())}"
                yield found_in_query(node, message, f"did you mean {words[near[0]]}?" if near else "")


def _arguments(call: Call) -> Iterator[tuple[str, Node]]:
    for place, argument in enumerate(call.arguments):
        if isinstance(argument, Keyword):
            yield argument.name, argument.value
        elif place == 1:
            yield ALGORITHM, argument


CHECK = Check("DDG131", "model-arguments", Severity.ERROR, Theme.QUERY, __doc__, examine)
