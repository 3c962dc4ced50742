"""An e-mail address stands in a text.

## What
A message, a name, a tag, a query or a reason holds an e-mail address that is no handle.

## Why
Everybody who gets the alert, reads the repository or looks at the plan in a pull request reads it too, and people move
on while texts stay. As a way to notify somebody it does nothing: that takes an `@` before it, and a blank before that.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors, see https://runbooks.example.com/errors or ask jane.roe@example.com @slack-team
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors, see https://runbooks.example.com/errors @slack-team @on-duty@example.com
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/#notification-recipients
"""

import re
from collections.abc import Iterator

from ddguard.checks.base import Check, Theme
from ddguard.checks.in_texts import examiners
from ddguard.findings import Severity
from ddguard.templates import Span

EMAIL = re.compile(
    r"(?<![\w.+%@-])(?!git@)[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}(?!internal\b|local\b|lan\b)[a-z]{2,24}\b",
    re.IGNORECASE,
)
"""An address that no `@` stands before; hosts of the inside and git's `git@` aside."""
AT = re.compile(r"@(?<=[\w.+%-]@)[\w-]")
"""What every address has, and few handles."""

HINT = "leave it away; to notify somebody, put an @ before it and a blank before that"


def addresses(text: str) -> Iterator[tuple[str, Span]]:
    """Each e-mail address in a text that is no handle."""
    for found in EMAIL.finditer(text) if AT.search(text) else ():
        yield "an e-mail address", Span(*found.span())


CHECK = Check("DDG403", "literal-email", Severity.WARNING, Theme.PRIVACY, __doc__, *examiners(addresses, HINT))
