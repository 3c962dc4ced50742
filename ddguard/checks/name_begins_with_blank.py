"""A monitor's name begins with a blank.

## What
The first character of the name is a blank.

## Why
Datadog refuses such a name.

## Example
```yaml
id: errors
name: " Errors"
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
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
https://github.com/grosser/kennel: `lib/kennel/models/monitor.rb` knows the refusal.
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.written import NAME
from ddguard.findings import Severity


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the name's first character."""
    name = subject.monitor.name
    if name[:1].isspace():
        width = len(name) - len(name.lstrip())
        yield Found(NAME, "the name begins with a blank", "remove it", 0, width)


CHECK = Check("DDG503", "name-begins-with-blank", Severity.ERROR, Theme.HYGIENE, __doc__, examine)
