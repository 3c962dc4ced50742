"""`.rollup()` or `.fill()` gets a word that it doesn't know.

## What
The first argument of `.rollup(...)` is none of `avg`, `sum`, `min`, `max`, `count` or a percentile, or that of
`.fill(...)` none of `linear`, `last`, `zero`, `null`.

## Why
Datadog documents these words alone. How it takes another one it doesn't say: at best it refuses the monitor.

## Example
```yaml
id: orders
name: Few orders
type: query alert
query: sum(last_1h):sum:shop.orders{env:prod}.as_count().fill(zeros) < 10
message: Few orders @slack-team
```

## Use instead
```yaml
id: orders
name: Few orders
type: query alert
query: sum(last_1h):sum:shop.orders{env:prod}.as_count().fill(zero) < 10
message: Few orders @slack-team
```

## Source
https://docs.datadoghq.com/dashboards/functions/rollup/, https://docs.datadoghq.com/dashboards/functions/interpolation/
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Method, MetricMonitor, Text, Word

WORDS: Mapping[str, tuple[str, ...]] = {
    "rollup": ("avg", "sum", "min", "max", "count"),
    "fill": ("linear", "last", "zero", "null"),
}
MEANT: Mapping[str, str] = {
    "average": "avg",
    "mean": "avg",
    "total": "sum",
    "minimum": "min",
    "maximum": "max",
    "previous": "last",
    "none": "null",
}
"""What these words are called elsewhere."""

PERCENTILE = re.compile(r"p\d{1,2}(\.\d+)?")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the first arguments of these methods of metric queries."""
    if not isinstance(subject.query, MetricMonitor):
        return
    for call in subject.calls(*WORDS):
        word = call.arguments[0] if isinstance(call, Method) and call.arguments else None
        if isinstance(word, Word | Text) and not _is_known(call.name, word.text):
            known = WORDS[call.name]
            message = f"{call.name}({word.text}) isn't one of {', '.join(known)}"
            yield found_in_query(word, message, _hint(word.text, known))


def _is_known(method: str, word: str) -> bool:
    return word in WORDS[method] or (method == "rollup" and PERCENTILE.fullmatch(word) is not None)


def _hint(word: str, known: tuple[str, ...]) -> str:
    meant = MEANT.get(word.lower(), "")
    near = [meant] if meant in known else get_close_matches(word.lower(), known, n=1)
    return f"did you mean {near[0]}?" if near else ""


CHECK = Check("DDG135", "method-arguments", Severity.WARNING, Theme.QUERY, __doc__, examine)
