"""A tag ends with its colon.

## What
A filter of the query, a search of it, or a tag of the monitor, has a key and a colon and nothing behind it, as
`env:`. Mostly a variable was empty.

## Why
Datadog lets no tag end with a colon: no series carries such a tag, so the filter finds nothing and the monitor never
alerts. A search it refuses (`Check for invalid tags or facets in your query`). A monitor with such a tag is found by
nobody who looks for its team.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: "avg(last_5m):sum:app.errors{env:,service:shop} > 10"
message: Too many errors @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{env:prod,service:shop} > 10
message: Too many errors @slack-team
```

## Source
https://docs.datadoghq.com/getting_started/tagging/#define-tags and
https://github.com/DataDog/terraform-provider-datadog/issues/1079
"""

import re
from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import EventMonitor, Tag, Text

QUOTED = re.compile(r'(\\?")(?:(?!\1).)*\1', re.DOTALL)
BARE = re.compile(r"(?<![^\s(])-?(?P<key>@?[\w./-]+:)(?![^\s)])")
FREE = frozenset({"event alert", "process alert"})
"""The types whose searches have words of their own, as `tags: "a text"`."""
HINT = "write the value; if it stands for a variable, give that one"


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for tags without a value in the filters and among the monitor's own."""
    for tag in subject.found(Tag):
        if tag.text.endswith(":"):
            yield found_in_query(tag, f"`{tag.text}` has no value: no series carries it", HINT)
    if isinstance(subject.query, EventMonitor) and subject.monitor.type not in FREE:
        yield from _in_search(subject.query.search)
    for place, text in enumerate(subject.tags):
        if text.endswith(":"):
            yield Found(("tags", place), f"the tag `{text}` has no value", HINT)


def _in_search(search: Text) -> Iterator[Found]:
    unquoted = QUOTED.sub(lambda found: "_" * len(found[0]), search.text)
    begins = search.span.start + len(search.quote)
    for found in BARE.finditer(unquoted):
        message = f"`{found['key']}` has no value: Datadog refuses such a search"
        yield Found(("query",), message, HINT, begins + found.start("key"), len(found["key"]))


CHECK = Check("DDG130", "tag-without-value", Severity.WARNING, Theme.QUERY, __doc__, examine)
