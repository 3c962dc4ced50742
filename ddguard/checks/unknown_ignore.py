"""An `ignore` names a check that doesn't exist.

## What
`ignore` names checks by their names. There is none of this name.

## Why
The finding that it was meant for is still shown, or was never there.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors @slack-team
ignore:
  - {check: threshold-difers, reason: the query is right}
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
`ddguard explain` lists the checks.
"""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from ddguard.checks.base import Found, Rule, Theme
from ddguard.findings import Severity
from ddguard.model import Ignore

RULE = Rule("DDG590", "unknown-ignore", Severity.ERROR, Theme.HYGIENE, __doc__)


def unknown_ignores(ignores: Sequence[Ignore], names: Collection[str]) -> Iterator[Found]:
    """A hit for each entry of `ignore` that names none of the checks."""
    for place, ignore in enumerate(ignores):
        if ignore.check not in names:
            near = get_close_matches(ignore.check, names, n=1)
            hint = f"did you mean {near[0]}?" if near else "`ddguard explain` lists them"
            yield Found(("ignore", place, "check"), f"there is no check {ignore.check!r}", hint)
