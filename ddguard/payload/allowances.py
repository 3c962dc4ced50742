"""`allow`: leaving groups out of a monitor by adding to the filters of its query.

https://docs.datadoghq.com/metrics/advanced-filtering/
"""

from collections.abc import Iterable
from datetime import date

from ddguard.errors import InputError
from ddguard.model import Allowance
from ddguard.query import QueryError, metric_queries, parse, scope_families, to_text, walk
from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Composite,
    Everything,
    MetricMonitor,
    MetricQuery,
    Not,
    Query,
    Scope,
    ScopeGroup,
    Tag,
    TagIn,
)

COMPOSITE_HINT = "give `allow` to the monitors that the composite is made of"
OTHER_HINT = "write the filter into the query itself"


class AllowanceError(InputError):
    """A group can't be left out of a query by adding to its filters. `tag` is the allowance's; `place` may be empty."""

    def __init__(self, tag: str, reason: str, hint: str, place: str = "") -> None:
        super().__init__(f"{place}{tag} can't be left out: {reason}", hint)
        self.tag = tag
        self.reason = reason


def with_allowances(query: str, monitor_type: str, allowances: Iterable[Allowance], day: date) -> str:
    """The query without the groups whose allowance counts on `day` (UTC).

    Every metric query that is grouped by the tag's key gets the filter, in the syntax that its filter already uses:
    `env:prod,!tenant:acme` or `env:prod AND NOT tenant:acme`. The rest of the text stays to the letter.

    Raises AllowanceError where the query has no such group, is of another family, or can't be read.
    """
    running = [allowance for allowance in allowances if allowance.runs_on(day)]
    for allowance in running:
        query = _without(query, monitor_type, allowance.tag)
    return query


def _without(query: str, monitor_type: str, tag: str) -> str:
    key, _, value = tag.partition(":")
    try:
        tree = parse(monitor_type, query)
    except QueryError as error:
        raise AllowanceError(tag, f"the query has a mistake: {error}", "correct the query first") from error
    for part in reversed(_grouped_by(key, tree, tag)):
        scope, span = to_text(_narrowed(part.scope, Tag(key, value))), part.scope.span
        query = query[: span.start] + scope + query[span.end :]
    return query


def _grouped_by(key: str, tree: Query, tag: str) -> list[MetricQuery]:
    if not isinstance(tree, MetricMonitor):
        reason = "only the filters of metric queries can be added to"
        raise AllowanceError(tag, reason, COMPOSITE_HINT if isinstance(tree, Composite) else OTHER_HINT)
    found = [part for part in metric_queries(tree) if key in {group.key for group in part.by}]
    if not found:
        raise AllowanceError(tag, f"no metric in the query is grouped by {key}", f"group by {{{key}}}, or drop `allow`")
    return found


def _narrowed(scope: Scope, tag: Tag) -> Scope:
    """The filter with one tag more left out."""
    words = _words(scope)
    if words is None:
        left_out = Not(tag, "!")
        return left_out if isinstance(scope, Everything) else _all_of(scope, left_out, ",")
    and_word, not_word = words
    whole = ScopeGroup(scope) if isinstance(scope, AnyOf) else scope
    return _all_of(whole, Not(tag, not_word), and_word)


def _all_of(scope: Scope, further: Scope, word: str) -> AllOf:
    if isinstance(scope, AllOf):
        return AllOf((*scope.operands, further), (*scope.words, word))
    return AllOf((scope, further), (word,))


def _words(scope: Scope) -> tuple[str, str] | None:
    """How the filter writes AND and NOT, in its own case; None where it is written in symbols."""
    written = [word for node in walk(scope) if isinstance(node, AllOf | AnyOf | TagIn) for word in node.words]
    written += [node.word for node in walk(scope) if isinstance(node, Not)]
    words = [word for word in written if word not in {",", "!"}]
    in_symbols = "symbols" in scope_families(scope) or not any(isinstance(node, ScopeGroup) for node in walk(scope))
    if not words and in_symbols:
        return None
    return ("and", "not") if words and words[0].islower() else ("AND", "NOT")
