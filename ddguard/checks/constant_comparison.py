"""The comparison has the same answer whatever happens.

## What
Counts are never below 0, the share of points that `anomalies()` finds lies between 0 and 1, `is_greater()` gives 0 or
1: a comparison beyond such a bound never holds, or always.

## Why
A monitor that can't alert protects nobody and looks as if it did; one that always alerts is muted soon.

## Example
```yaml
id: silence
name: No orders
type: query alert
query: sum(last_1h):sum:shop.orders{env:prod}.as_count() < 0
message: No orders for an hour @slack-team
```

## Use instead
```yaml
id: silence
name: No orders
type: query alert
query: sum(last_1h):sum:shop.orders{env:prod}.as_count() < 1
message: No orders for an hour @slack-team
```

## Source
https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/, https://docs.datadoghq.com/monitors/types/anomaly/
and https://docs.datadoghq.com/dashboards/functions/

A metric of type COUNT that is also sent with negative values is outside of what this check knows: `ignore` it there.
"""

import math
from collections.abc import Callable, Iterator, Mapping

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.ranges import Range, range_of
from ddguard.checks.sides import shown
from ddguard.findings import Severity
from ddguard.query import comparison

Test = Callable[[Range, float], bool]


def _outside(one: Range, limit: float) -> bool:
    return not one.low <= limit <= one.high


NEVER: Mapping[str, Test] = {
    ">": lambda one, limit: one.high <= limit,
    ">=": lambda one, limit: one.high < limit,
    "<": lambda one, limit: one.low >= limit,
    "<=": lambda one, limit: one.low > limit,
    "==": _outside,
    "!=": lambda one, limit: one.low == one.high == limit,
}
ALWAYS: Mapping[str, Test] = {
    ">": lambda one, limit: one.low > limit,
    ">=": lambda one, limit: one.low >= limit,
    "<": lambda one, limit: one.high < limit,
    "<=": lambda one, limit: one.high <= limit,
    "==": lambda one, limit: one.low == one.high == limit,
    "!=": _outside,
}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares the bounds of what the query can come to with the thresholds."""
    end = comparison(subject.query) if subject.query else None
    if subject.query is None or end is None:
        return
    values = range_of(subject.query)
    for name in ("critical", "warning"):
        level = subject.level(name)
        if level is None:
            continue
        answers = [
            word for word, table in (("never", NEVER), ("always", ALWAYS)) if table[end.comparator](values, level)
        ]
        for answer in answers:
            message = f"{_described(values)}: `{end.comparator} {shown(level)}` {answer} holds"
            if name == "critical":
                yield found_in_query(end, message, "compare with a value inside of that")
            else:
                yield Found(("options", "thresholds", name), message, "compare with a value inside of that")


def _described(values: Range) -> str:
    if values.high == math.inf:
        return f"the value is never below {shown(values.low)}"
    if values.low == -math.inf:
        return f"the value is never above {shown(values.high)}"
    return f"the value lies between {shown(values.low)} and {shown(values.high)}"


CHECK = Check("DDG105", "constant-comparison", Severity.WARNING, Theme.QUERY, __doc__, examine)
