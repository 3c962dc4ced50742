"""Which series a query's filter lets through, and which tags it fixes for all of them.

https://docs.datadoghq.com/metrics/advanced-filtering/
"""

import re
from collections.abc import Collection

from ddguard.query.nodes import AllOf, AnyOf, Everything, Not, Scope, ScopeGroup, Tag, TagIn


def lets_through(scope: Scope, tags: Collection[str]) -> bool:
    """Whether a series with these tags (lower case) passes the filter."""
    match scope:
        case Tag(key=key, value=value):
            return _has(tags, value if key is None else f"{key}:{value}")
        case TagIn(key=key, values=values, negated=negated):
            return any(_has(tags, f"{key}:{value}") for value in values) != negated
        case Not(operand=inner) | ScopeGroup(inner=inner):
            return lets_through(inner, tags) != isinstance(scope, Not)
        case AllOf(operands=operands):
            return all(lets_through(operand, tags) for operand in operands)
        case AnyOf(operands=operands):
            return any(lets_through(operand, tags) for operand in operands)
        case Everything():
            return True


def fixed_tags(scope: Scope) -> frozenset[str]:
    """The tags that every series has that passes the filter."""
    match scope:
        case Tag(key=key, value=value) if "*" not in value:
            return frozenset({(value if key is None else f"{key}:{value}").lower()})
        case AllOf(operands=operands):
            return frozenset().union(*(fixed_tags(operand) for operand in operands))
        case ScopeGroup(inner=inner):
            return fixed_tags(inner)
        case _:
            return frozenset()


def _has(tags: Collection[str], wanted: str) -> bool:
    wanted = wanted.lower()
    if "*" not in wanted:
        return wanted in tags
    pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)
    return any(pattern.fullmatch(tag) for tag in tags)
