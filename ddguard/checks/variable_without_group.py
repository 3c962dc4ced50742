"""A message names a tag that an alert of this monitor doesn't have.

## What
`{{key.name}}` has a value if the query is grouped by `key`, or its filter fixes it. Here neither is so.

## Why
Datadog writes nothing in its place, `{{#is_match "key.name" ...}}` never holds, and a handle such as
`@slack-{{key.name}}` reaches nobody. Messages are copied from one monitor to the next; groups aren't.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service} > 10
message: "Errors on {{host.name}}, see https://runbooks.example.com/errors @slack-team"
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {service,host} > 10
message: "Errors on {{host.name}}, see https://runbooks.example.com/errors @slack-team"
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/#attribute-and-tag-variables
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.checks.provided import Provided, provided
from ddguard.findings import Severity
from ddguard.templates import Purpose, Use
from ddguard.templates.vocabulary import EVENTS


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Compares the variables that are named with those that there are."""
    known = provided(subject, surroundings)
    for path, use in subject.uses:
        if _is_missing(use, known):
            yield found_in_text(path, use.name.span, _message(use, known), _hint(use, known))


def _is_missing(use: Use, known: Provided) -> bool:
    if use.purpose is Purpose.LOOKED_FOR:
        return False
    alone = len(use.name.segments) == 1
    return not known.has(use.name) and (not alone or use.purpose is Purpose.COMPARED)


def _message(use: Use, known: Provided) -> str:
    name, first = use.name.text, use.name.segments[0]
    dotted = known.dotted(use.name)
    if dotted:
        return f"{name} means the key {first}, not {'@' * first.startswith('@')}{dotted}"
    if known.letters and len(first) == 1:
        return f"this composite has no part {first}: its parts are {', '.join(known.letters)}"
    if first in EVENTS:
        return f"no event is behind this monitor's alerts: {name} stays empty"
    effect = "nothing matches" if use.purpose is Purpose.COMPARED else "nothing stands in its place"
    return f"the query neither groups by {first} nor fixes it: {effect}"


def _hint(use: Use, known: Provided) -> str:
    first, *rest = use.name.segments
    dotted = known.dotted(use.name)
    if dotted:
        return f"write {'.'.join([known.written(dotted), *rest[dotted.count('.') :]])}"
    keys = sorted(known.keys or ())
    near = get_close_matches(first, keys, n=1)
    if near:
        return f"did you mean {'.'.join([known.written(near[0]), *rest])}?"
    if keys:
        return f"there are {', '.join(map(known.written, keys))}"
    return "a monitor without groups knows no tags: group the query"


CHECK = Check("DDG305", "variable-without-group", Severity.WARNING, Theme.MESSAGE, __doc__, examine)
