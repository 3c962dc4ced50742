"""A message shows a variable that doesn't exist.

## What
The name between the braces is none of Datadog's variables and no group of the query.

## Why
Datadog writes nothing in its place: `{{vaule}} errors` is sent as ` errors`.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: "{{vaule}} errors, see https://runbooks.example.com/errors @slack-team"
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: "{{value}} errors, see https://runbooks.example.com/errors @slack-team"
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#template-variables
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.provided import Provided, provided
from ddguard.findings import Severity
from ddguard.templates import Purpose
from ddguard.templates.nodes import Name
from ddguard.templates.vocabulary import CONDITIONALS, VARIABLES


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks for names without a dot that mean nothing."""
    known = provided(subject, surroundings)
    for path, use in subject.uses:
        if use.purpose is Purpose.SHOWN and _is_unknown(use.name, known):
            name = use.name.text
            yield found_in_text(path, use.name.span, f"there is no variable {name}", _hint(name, known))


def _is_unknown(name: Name, known: Provided) -> bool:
    if len(name.segments) != 1 or name.text in CONDITIONALS or name.text in VARIABLES:
        return False
    return not known.has(name) or (known.keys is None and bool(get_close_matches(name.text, VARIABLES, cutoff=0.75)))


def _hint(name: str, known: Provided) -> str:
    meant = {key: f"{known.written(key)}.name" for key in known.keys or ()}
    meant |= {variable: variable for variable in VARIABLES}
    bare = name.lstrip("@")
    near = get_close_matches(bare, sorted(meant), n=1) or get_close_matches(bare.lower(), sorted(meant), n=1)
    return f"did you mean {meant[near[0]]}?" if near else f"a group's value is written {{{{{name}.name}}}}"


CHECK = Check("DDG304", "unknown-variable", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
