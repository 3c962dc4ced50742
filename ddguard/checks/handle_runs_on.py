"""A handle runs on into the next word.

## What
The next word, or the next handle, follows without a blank once the conditionals around are gone.

## Why
`{{#is_alert}}@slack-team{{/is_alert}}Runbook: ...` is sent as `@slack-teamRunbook: ...`, a channel that doesn't exist.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: "{{#is_alert}}Errors are up @slack-team{{/is_alert}}Runbook: https://runbooks.example.com/errors"
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: "{{#is_alert}}Errors are up @slack-team {{/is_alert}}Runbook: https://runbooks.example.com/errors"
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/#notification-recipients
"""

import re
from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.mentions import INTEGRATION
from ddguard.findings import Severity

NEXT_HANDLE = re.compile(rf"@\S*?(@{INTEGRATION})", re.IGNORECASE)


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at what follows each handle, as the message is written out."""
    for mention in subject.notified:
        handle = mention.handle
        if NEXT_HANDLE.match(handle.text):
            message = f"{handle.text} are two handles without a blank between them"
            yield found_in_text(mention.path, handle.span, message, "put a blank before each @")
        elif handle.after.isalnum() or handle.after in {"@", "_", "-"}:
            message = f"{handle.text} runs on into what follows"
            yield found_in_text(mention.path, handle.span, message, "put a blank after the handle")


CHECK = Check("DDG309", "handle-runs-on", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
