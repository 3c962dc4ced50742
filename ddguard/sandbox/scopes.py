"""Which groups of which monitors a downtime mutes.

The rules are Datadog's: https://docs.datadoghq.com/monitors/guide/scoping_downtimes/. The filter of a monitor's query
counts as tags of all its groups; a group that lacks a key doesn't match it.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ddguard.model import Json
from ddguard.sandbox.calls import RefusalError
from ddguard.sandbox.expressions import Expression, SyntaxProblem, Term, holds, parse, terms
from ddguard.sandbox.queries import filter_tags

EVERYTHING = "*"


@lru_cache(maxsize=1024)
def parsed_scope(scope: str) -> Expression:
    """A scope as an expression; Datadog refuses terms without a key."""
    try:
        expression = parse(scope)
    except SyntaxProblem as problem:
        raise RefusalError(400, f"Invalid scope: {problem}") from problem
    found = terms(expression)
    if not found or any(not term.key for term in found if scope.strip() != EVERYTHING):
        raise RefusalError(400, "All values must have a key")
    return expression


def covers(scope: str, tags: Iterable[str]) -> bool:
    """Whether something with these tags falls under the scope."""
    if scope.strip() == EVERYTHING:
        return True
    pairs = [tag.partition(":") for tag in tags]

    def carried(term: Term) -> bool:
        return any(key.lower() == term.key.lower() and term.accepts(value) for key, _, value in pairs)

    return holds(parsed_scope(scope), carried)


def is_meant(identifier: Mapping[str, Json], monitor: Mapping[str, Json]) -> bool:
    """Whether a `monitor_identifier` names the monitor: by its number, or by tags that it carries all of."""
    if "monitor_id" in identifier:
        return bool(identifier["monitor_id"] == monitor["id"])
    wanted = set(identifier["monitor_tags"])
    return wanted == {EVERYTHING} or wanted <= set(monitor["tags"])


def muted_groups(scope: str, monitor: Mapping[str, Json], groups: Iterable[str]) -> tuple[str, ...]:
    """Those of a monitor's groups that the scope mutes; `("*",)` for the whole monitor, nothing for none."""
    fixed = filter_tags(monitor["query"])
    known = [group for group in groups if group != EVERYTHING]
    muted = tuple(group for group in known if covers(scope, fixed | set(group.split(","))))
    if covers(scope, fixed) and len(muted) == len(known):
        return (EVERYTHING,)
    return muted
