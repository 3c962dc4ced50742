"""A rollup's bucket is as long as the window, or longer.

## What
The window holds less than two buckets of the `.rollup(...)` in the query.

## Why
Buckets begin at multiples of their width since 1970, not with the window, and a bucket counts only if it begins
inside of the window. A window of one hour with buckets of one hour sees just the bucket that has begun last: two
minutes past the full hour that is two minutes of data. A window shorter than the bucket sees none at all most of the
time.

## Example
```yaml
id: orders
name: Many orders
type: query alert
query: max(last_1h):sum:shop.orders{env:prod}.rollup(sum, 3600) > 1000
message: Many orders @slack-team
```

## Use instead
```yaml
id: orders
name: Many orders
type: query alert
query: sum(last_1h):sum:shop.orders{env:prod}.as_count() > 1000
message: Many orders @slack-team
```

## Source
https://docs.datadoghq.com/monitors/guide/why-rollup-should-not-be-used-in-monitors/ and
https://docs.datadoghq.com/dashboards/functions/rollup/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.rollups import rollups
from ddguard.findings import Severity
from ddguard.query import to_text, window


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Compares each rollup with the window."""
    span = window(subject.query) if subject.query else None
    for rollup in rollups(subject):
        if span is not None and span.seconds < 2 * rollup.seconds:
            seen = "mostly none of them" if span.seconds < rollup.seconds else "only the one that began last"
            message = f"buckets of {rollup.seconds} s in a window of {span.seconds} s: a round sees {seen}"
            hint = f"take a window of several buckets, or leave the rollup out and aggregate over {to_text(span)}"
            yield found_in_query(rollup.call, message, hint)


CHECK = Check("DDG112", "rollup-fills-window", Severity.WARNING, Theme.QUERY, __doc__, examine)
