"""A reason says nothing.

## What
The reason of an `allow`, a `hold` or an `ignore` is empty, or a word such as `todo`.

## Why
The next reader has to decide whether it still holds. A reason names what it is about, best with a ticket.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
allow:
  - {tag: "tenant:acme-loadtest", reason: "tbd", expires: 2027-01-31}
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
allow:
  - {tag: "tenant:acme-loadtest", reason: "load test, RISK-12", expires: 2027-01-31}
```

## Source
The contract of `allow`, `hold` and `ignore`: each with a reason.
"""

import re
from collections.abc import Iterable, Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.written import texts_of
from ddguard.findings import Severity
from ddguard.model import Downtime, Path

LETTERS = re.compile(r"[^\W_]+")
SAYING_NOTHING = frozenset(
    {"because", "fixme", "foo", "ignore", "later", "na", "no", "none", "ok", "reason", "tbd", "temp", "temporary"}
    | {"test", "todo", "wip", "xxx", "yes"}
)


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at every reason in a monitor."""
    return _in_texts(subject.texts)


def examine_downtime(downtime: Downtime, _: Surroundings) -> Iterator[Found]:
    """Looks at every reason in a downtime."""
    return _in_texts(texts_of(downtime))


def _in_texts(texts: Iterable[tuple[Path, str]]) -> Iterator[Found]:
    for path, text in texts:
        if path[0] in {"allow", "hold", "ignore"} and path[-1] == "reason" and _says_nothing(text):
            yield Found(path, f"the reason of this `{path[0]}` says nothing", "say why, and name a ticket")


def _says_nothing(text: str) -> bool:
    found = "".join(LETTERS.findall(text.lower()))
    return len(found) < 3 or found in SAYING_NOTHING


CHECK = Check("DDG508", "empty-reason", Severity.WARNING, Theme.HYGIENE, __doc__, examine, examine_downtime)
