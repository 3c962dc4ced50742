"""A message has a conditional that doesn't exist.

## What
`{{#name}}` opens a block for a name that Datadog has no conditional for, or a conditional stands without its `#`.

## Why
Datadog takes the name for a variable, finds none and leaves the whole block out: the text in it is never sent and the
handles in it are never told.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  See https://runbooks.example.com/errors
  {{#is_alrt}}
  Too many errors @slack-team
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
  See https://runbooks.example.com/errors
  {{#is_alert}}
  Too many errors @slack-team
  {{/is_alert}}
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#conditional-variables
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity
from ddguard.model import Path
from ddguard.templates.nodes import Block, Output, Verbatim
from ddguard.templates.vocabulary import CONDITIONALS, VERBATIM


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for blocks of unknown names, and for conditionals that open no block."""
    for path, part, _branches in subject.parts:
        if not isinstance(part, Output):
            yield from _unknown(path, part)
        elif part.call.name.text in CONDITIONALS:
            name = part.call.name
            message = f"{{{{{name.text}}}}} opens no block and shows nothing"
            yield found_in_text(path, name.span, message, f"write {{{{#{name.text}}}}}...{{{{/{name.text}}}}}")


def _unknown(path: Path, part: Block | Verbatim) -> Iterator[Found]:
    name = part.call.name
    known = CONDITIONALS if isinstance(part, Block) else VERBATIM
    if name.text not in known:
        near = get_close_matches(name.text, sorted(known), n=1)
        hint = f"did you mean {near[0]}?" if near else "conditionals are is_alert, is_recovery, is_match and so on"
        yield found_in_text(path, name.span, f"there is no conditional {name.text}: its block is never sent", hint)


CHECK = Check("DDG302", "unknown-conditional", Severity.ERROR, Theme.MESSAGE, __doc__, examine)
