"""A monitor has no owner.

## What
No tag says whose monitor it is: neither `team:...` nor `owner:...`, in the spec or in the project's `tags`.

## Why
When it alerts at night, and when it has to be changed next year, somebody has to know whom to ask. Datadog's teams and
notification rules go by the `team` tag.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [service:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/account_management/teams/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.findings import Severity

KEYS = ("team:", "owner:")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the tag; the project's tags count."""
    if not any(tag.lower().startswith(KEYS) and not tag.endswith(":") for tag in subject.tags):
        hint = "a tag such as team:payments, here or under `tags` in ddguard.yaml"
        yield Found(("tags",), "no tag says whose monitor this is", hint, key=True)


CHECK = Check("DDG501", "missing-owner", Severity.INFO, Theme.HYGIENE, __doc__, examine)
