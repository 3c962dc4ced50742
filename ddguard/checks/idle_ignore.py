"""An `ignore` is over, or there is nothing for it to silence.

## What
The last day of an `ignore` has passed, or its check finds nothing in this spec.

## Why
An `ignore` that isn't needed today hides tomorrow's mistake. One that has ended silences nothing any more: either the
monitor was to be mended by then, or the reason still holds and wants a new day.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
ignore:
  - {check: threshold-differs, reason: to be settled with the team}
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
```

## Source
The contract of `ignore`: a reason always, an end if you like.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from ddguard.checks.base import Found, Rule, Theme
from ddguard.findings import Severity
from ddguard.model import Ignore

RULE = Rule("DDG591", "idle-ignore", Severity.WARNING, Theme.HYGIENE, __doc__)


def runs_on(ignore: Ignore, day: date) -> bool:
    """Whether an `ignore` still counts on that day (UTC)."""
    return ignore.until is None or day <= ignore.until


def idle_ignores(
    ignores: Sequence[Ignore], names: Collection[str], used: Collection[str], today: date
) -> Iterator[Found]:
    """A hit for each `ignore` of one of the checks that has ended, or whose check isn't among the `used` ones."""
    for place, ignore in enumerate(ignores):
        path = ("ignore", place, "check")
        if ignore.check not in names:
            continue
        if not runs_on(ignore, today):
            message = f"the ignore of {ignore.check} ended on {ignore.until}"
            yield Found(path, message, "mend what it was for, or give a later day")
        elif ignore.check not in used:
            yield Found(path, f"{ignore.check} finds nothing here: this ignore is not needed", "remove it")
