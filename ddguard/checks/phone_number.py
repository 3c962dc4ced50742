"""A phone number stands in a text.

## What
A message, a name, a tag, a query or a reason holds a phone number.

## Why
Everybody who gets the alert, reads the repository or looks at the plan in a pull request reads it too. A pager's
schedule knows whom to call, also next year.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors, see https://runbooks.example.com/errors or call +44 20 7946 0958 @slack-team
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Too many errors, see https://runbooks.example.com/errors @slack-team @pagerduty-shop
tags: [team:shop]
priority: 3
```

## Source
https://en.wikipedia.org/wiki/E.164 for the form of international numbers.
"""

import re
from collections.abc import Iterator

from ddguard.checks.base import Check, Theme
from ddguard.checks.in_texts import examiners
from ddguard.findings import Severity
from ddguard.templates import Span

INTERNATIONAL = r"(?<![\w+.,/=)])(?:\+|(?<=tel:)\+?)[1-9](?:[ .()/-]{0,2}\d){7,14}(?![\w.]*\w)"
NORTH_AMERICAN = r"(?<![\w+./=:-])(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}(?![\w-]|\.\d)"
PHONE = re.compile(f"{INTERNATIONAL}|{NORTH_AMERICAN}")
DIGITS = re.compile(r"[1-9](?:[ .()/-]{0,2}\d){6}")
"""What every phone number has, and few texts."""
HINT = "mention a handle; the pager's schedule knows whom to call"


def numbers(text: str) -> Iterator[tuple[str, Span]]:
    """Each phone number in a text: international with its `+`, or as North America writes them."""
    for found in PHONE.finditer(text) if DIGITS.search(text) else ():
        yield "a phone number", Span(*found.span())


CHECK = Check("DDG404", "phone-number", Severity.WARNING, Theme.PRIVACY, __doc__, *examiners(numbers, HINT))
