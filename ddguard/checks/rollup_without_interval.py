"""A sum per bucket is compared, and the bucket has no stated width.

## What
`.rollup(sum)` or `.rollup(count)` stands without seconds, and the time aggregation isn't `sum`.

## Why
Datadog then chooses the width of a bucket by the length of the window: 2 seconds for `last_5m`, 20 for `last_1h`. The
same threshold means a tenth as much in the one as in the other, and another number whenever somebody edits the window.

## Example
```yaml
id: orders
name: Many orders
type: query alert
query: max(last_1h):sum:shop.orders{env:prod}.rollup(sum) > 100
message: Many orders @slack-team
```

## Use instead
```yaml
id: orders
name: Many orders
type: query alert
query: max(last_1h):sum:shop.orders{env:prod}.rollup(sum, 60) > 100
message: Many orders @slack-team
```

## Source
https://docs.datadoghq.com/dashboards/functions/rollup/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.shapes import is_modelled, time_aggregation
from ddguard.findings import Severity
from ddguard.query.nodes import Method, Word

ADDING_UP = frozenset({"sum", "count"})


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for rollups whose only argument is how to add up."""
    outer = time_aggregation(subject.query)
    if outer is None or outer.aggregator == "sum" or is_modelled(subject):
        return
    for call in subject.calls("rollup"):
        alone = call.arguments[0] if isinstance(call, Method) and len(call.arguments) == 1 else None
        if isinstance(alone, Word) and alone.text in ADDING_UP:
            message = f"rollup({alone.text}) adds up over buckets whose width Datadog chooses by the window"
            yield found_in_query(call, message, f"state the width in seconds: .rollup({alone.text}, 60)")


CHECK = Check("DDG127", "rollup-without-interval", Severity.WARNING, Theme.QUERY, __doc__, examine)
