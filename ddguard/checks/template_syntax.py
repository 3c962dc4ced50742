"""The braces of a message can't be read.

## What
A block is never closed, closed twice or in the wrong order, or what stands between braces is no variable and no helper.

## Why
Datadog refuses some of these (`Invalid monitor name: Error at character 149 of line 1 near {{/is_match}`). The others
it stores, and then the message can't be written out: the alert reaches nobody, or reaches people with its braces.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  {{#is_alert}}
  Too many errors, see https://runbooks.example.com/errors @slack-team
  {{/is_alrt}}
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  {{#is_alert}}
  Too many errors, see https://runbooks.example.com/errors @slack-team
  {{/is_alert}}
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/ and
https://github.com/DataDog/terraform-provider-datadog/issues/1882
"""

from collections.abc import Iterator
from itertools import islice

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity

MOST = 20
"""Mistakes told of one text: after so many it is something else than a message."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Tells what the reader of templates stumbled over."""
    for path, template in subject.templates.items():
        for mistake in islice(template.mistakes, MOST):
            yield found_in_text(path, mistake.span, mistake.message, mistake.hint)


CHECK = Check("DDG301", "template-syntax", Severity.ERROR, Theme.MESSAGE, __doc__, examine)
