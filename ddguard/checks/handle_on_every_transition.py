"""A handle is told of every transition of a monitor that also warns.

## What
The monitor has a warning threshold, and a handle stands outside of all conditionals on its state. Where other parts of
the message tell the states apart, only handles of pagers are pointed at: what is said to all is meant for all.

## Why
Text and handles outside of conditionals count for every transition: whoever is meant for alerts also hears of each
warning and of each recovery. For a channel that is often meant, for a pager it seldom is.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: Errors are up, see https://runbooks.example.com/errors @pagerduty-shop
tags: [team:shop]
priority: 3
options:
  thresholds: {critical: 10, warning: 5}
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  Errors are up, see https://runbooks.example.com/errors
  {{#is_alert}} @pagerduty-shop {{/is_alert}}
  {{#is_warning}} @slack-team {{/is_warning}}
tags: [team:shop]
priority: 3
options:
  thresholds: {critical: 10, warning: 5}
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#conditional-variables
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.mentions import PAGER
from ddguard.findings import Severity
from ddguard.templates import Branches
from ddguard.templates.nodes import Block
from ddguard.templates.vocabulary import STATES

LEVELS = STATES.keys() - {"is_renotify"}


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the first handle that no conditional on the state keeps back."""
    if subject.thresholds.get("warning") is None:
        return
    apart = _tells_apart(subject)
    for mention in subject.notified:
        handle = mention.handle
        if not _kept_back(handle.branches) and (not apart or PAGER.match(handle.text)):
            message = f"{handle.text} is told of alerts, warnings and recoveries alike"
            hint = "put it into {{#is_alert}} or {{#is_warning}}, or leave it if all of them are meant"
            yield found_in_text(mention.path, handle.span, message, hint)
            return


def _kept_back(branches: Branches) -> bool:
    return any(branch.block.name in LEVELS for branch in branches)


def _tells_apart(subject: Subject) -> bool:
    """Whether a message has other words for alerts than for warnings: then what it says to all is meant for all."""
    return any(isinstance(part, Block) and part.name in LEVELS for _, part, _ in subject.parts)


CHECK = Check("DDG312", "handle-on-every-transition", Severity.INFO, Theme.MESSAGE, __doc__, examine)
