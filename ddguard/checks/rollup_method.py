"""A search is counted by a method that Datadog doesn't have, or measured without a measure.

## What
`.rollup(...)` of a search is `count`, `cardinality`, `avg`, `min`, `max`, `sum`, `median` or one of `pc75`, `pc90`,
`pc95`, `pc98` and `pc99`. All but `count` need the facet or the measure that they look at. Percentiles of metrics are
spelled otherwise: `p99`.

## Why
Datadog has no other methods, and can't tell what to measure.

## Example
```yaml
id: latency
name: Latency
type: trace-analytics alert
query: trace-analytics("service:shop").rollup("p99", "@duration").last("5m") > 2000000000
message: The shop is slow @slack-team
```

## Use instead
```yaml
id: latency
name: Latency
type: trace-analytics alert
query: trace-analytics("service:shop").rollup("pc99", "@duration").last("5m") > 2000000000
message: The shop is slow @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/log/ and https://docs.datadoghq.com/api/latest/monitors/
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import EventMonitor, Text

COUNT = "count"
MEASURED = ("cardinality", "avg", "min", "max", "sum", "median", "pc75", "pc90", "pc95", "pc98", "pc99")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the method of a search, and at what stands beside it."""
    if not isinstance(subject.query, EventMonitor):
        return
    for call in subject.calls("rollup"):
        method = call.arguments[0] if call.arguments else None
        if not isinstance(method, Text) or method.value == COUNT:
            continue
        if method.value not in MEASURED:
            near = get_close_matches(method.value.lower(), (COUNT, *MEASURED), n=1)
            hint = f"did you mean {near[0]}?" if near else f"write one of {COUNT}, {', '.join(MEASURED)}"
            yield found_in_query(method, f"{method.value!r} is no rollup that Datadog has for searches", hint)
        elif len(call.arguments) == 1:
            example = f'write the facet or the measure behind it, as in rollup("{method.value}", "@duration")'
            yield found_in_query(method, f"{method.value} doesn't say what it measures", example)


CHECK = Check("DDG134", "rollup-method", Severity.WARNING, Theme.QUERY, __doc__, examine)
