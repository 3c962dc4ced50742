"""`anomalies()` gets an argument that it doesn't know.

## What
The algorithm is `basic`, `agile` or `robust`, the direction `above`, `below` or `both`, the seasonality `hourly`,
`daily` or `weekly`.

## Why
Datadog has no other models.

## Example
```yaml
id: logins
name: Logins look odd
type: query alert
query: avg(last_4h):anomalies(sum:app.logins{env:prod}, 'smart', 2, direction='both') >= 1
message: Logins look odd @slack-team
```

## Use instead
```yaml
id: logins
name: Logins look odd
type: query alert
query: avg(last_4h):anomalies(sum:app.logins{env:prod}, 'agile', 2, direction='both') >= 1
message: Logins look odd @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/anomaly/ and https://docs.datadoghq.com/dashboards/functions/algorithms/
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ddguard.checks.anomalies import Anomalies, anomalies
from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Node, Text

KNOWN: Mapping[str, tuple[str, ...]] = {
    "algorithm": ("basic", "agile", "robust"),
    "direction": ("above", "below", "both"),
    "seasonality": ("hourly", "daily", "weekly"),
}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks the arguments up that have a fixed set of words."""
    for call in anomalies(subject):
        for name, words in KNOWN.items():
            node = _argument(call, name)
            if isinstance(node, Text) and node.value not in words:
                near = get_close_matches(node.value.lower(), words, n=1)
                message = f"{name} {node.value!r} of anomalies() isn't one of {', '.join(words)}"
                yield found_in_query(node, message, f"did you mean {near[0]}?" if near else "")


def _argument(call: Anomalies, name: str) -> Node | None:
    return call.algorithm if name == "algorithm" else call.named.get(name)


CHECK = Check("DDG116", "anomaly-arguments", Severity.ERROR, Theme.QUERY, __doc__, examine)
