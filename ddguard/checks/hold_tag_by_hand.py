"""The tag of `hold` is written by hand.

## What
The tags hold `hold:manual-review`, and the spec has no `hold`.

## Why
The tag means that an alert asks a named handle for a manual review. Without `hold` nobody is asked, and the list of
tenants that wait for a review shows ones that nobody looks at.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop, "hold:manual-review"]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
hold: {review: "@webhook-review", reason: a burst may be fraud or a bug}
```

## Source
The contract of `hold`: it flags, it never freezes anything.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity
from ddguard.model import HOLD_TAG


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the tag where no `hold` puts it."""
    if subject.monitor.hold is None:
        for place, tag in enumerate(subject.tags):
            if tag == HOLD_TAG:
                message = f"{HOLD_TAG} asks nobody for a review: the spec has no `hold`"
                yield Found(("tags", place), message, "write `hold` with a handle and a reason; it adds the tag")


CHECK = Check("DDG502", "hold-tag-by-hand", Severity.WARNING, Theme.HYGIENE, __doc__, examine)
