"""A formula names a query that there is not.

## What
A name in `formula("...")` is none of the names of the queries in `options.variables`.

## Why
Datadog computes the formula of those queries and refuses one that it has no query for. Mostly a query was renamed, or
its `name` was forgotten.

## Example
```yaml
id: errors
name: Share of errors
type: log alert
query: formula("errors / hits * 100").last("15m") > 5
message: Too many errors @slack-team
options:
  variables:
    - {name: errors, data_source: logs, search: {query: "status:error"}, indexes: ["*"], compute: {aggregation: count}}
    - {name: all, data_source: logs, search: {query: "*"}, indexes: ["*"], compute: {aggregation: count}}
```

## Use instead
```yaml
id: errors
name: Share of errors
type: log alert
query: formula("errors / hits * 100").last("15m") > 5
message: Too many errors @slack-team
options:
  variables:
    - {name: errors, data_source: logs, search: {query: "status:error"}, indexes: ["*"], compute: {aggregation: count}}
    - {name: hits, data_source: logs, search: {query: "*"}, indexes: ["*"], compute: {aggregation: count}}
```

## Source
https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import Call, FormulaMonitor, Variable


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks each name of a formula up among the queries."""
    if not isinstance(subject.query, FormulaMonitor):
        return
    names = [str(one.get("name")) for one in subject.options.get("variables") or () if isinstance(one, Mapping)]
    for variable in _operands(subject):
        if variable.name not in names:
            message = f"no query in options.variables is named {variable.name}"
            yield found_in_query(variable, message, _hint(variable.name, names))


def _operands(subject: Subject) -> Iterator[Variable]:
    """What stands for a query for sure: a mere word that isn't a function's first argument may be a setting of it."""
    words = [one for call in subject.found(Call) for one in call.arguments[1:] if isinstance(one, Variable)]
    settings = {word.span for word in words}
    return (variable for variable in subject.found(Variable) if variable.span not in settings)


def _hint(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(names)}" if names else "add the query to options.variables"


CHECK = Check("DDG128", "formula-variable", Severity.ERROR, Theme.QUERY, __doc__, examine)
