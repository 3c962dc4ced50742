"""Conditionals around a text contradict each other.

## What
A block for one state of the monitor stands inside a block for another.

## Why
A notification is about one state. The inner text is never sent, and its handles are never told.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  {{#is_alert}}
  Too many errors, see https://runbooks.example.com/errors @slack-team
  {{#is_recovery}}Over. @slack-team{{/is_recovery}}
  {{/is_alert}}
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
  {{#is_recovery}}Over. @slack-team{{/is_recovery}}
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#conditional-variables
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity
from ddguard.templates import Branch, Branches, sides
from ddguard.templates.nodes import Block
from ddguard.templates.vocabulary import OCCASIONS, SOMETIMES, STATES


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Follows every block and its else part and asks for which occasions it is left."""
    for path, part, branches in subject.parts:
        if isinstance(part, Block) and _contradicts(part, branches):
            outer = next(one for one in reversed(branches) if one.block.name in STATES)
            message = f"never sent: {_written(part, negated=part.negated)} inside of {_side(outer)}"
            yield found_in_text(path, part.call.span, message, "put the blocks one after the other")


def _contradicts(block: Block, branches: Branches) -> bool:
    """Whether a side of the block is left no occasion, though the branches around it leave some."""
    if not _occasions(branches):
        return False
    return any(inner and not _occasions((*branches, side)) for inner, side in sides(block))


def _occasions(branches: Branches) -> frozenset[str]:
    """What a notification may be about that shows a text inside of these branches."""
    left = OCCASIONS
    for branch in branches:
        name = branch.block.name
        if name in STATES and branch.holds:
            left &= STATES[name]
        elif name in STATES and name not in SOMETIMES:
            left -= STATES[name]
    return left


def _side(branch: Branch) -> str:
    return _written(branch.block, negated=not branch.holds)


def _written(block: Block, *, negated: bool) -> str:
    return f"{{{{{'^' if negated else '#'}{block.name}}}}}"


CHECK = Check("DDG306", "block-never-sent", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
