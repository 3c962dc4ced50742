"""What everybody asks a query: its parts, its metrics, its groups, its window, its threshold."""

from collections.abc import Iterator

from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Argument,
    Arithmetic,
    Call,
    Comparison,
    EventMonitor,
    FormulaMonitor,
    Group,
    Method,
    MetricMonitor,
    MetricQuery,
    MonitorNumber,
    MonitorReference,
    Node,
    Not,
    Number,
    Query,
    ServiceCheck,
    SloMonitor,
    TagIn,
    TagSet,
    Text,
    Unary,
    Window,
    Word,
)
from ddguard.query.windows import duration

WITHOUT_GROUPS = frozenset({"count_nonzero", "count_nonzero_finite", "count_not_null", "dt"})
"""Functions that make one series of all groups. https://docs.datadoghq.com/dashboards/functions/count/"""


COMPARING = (MetricMonitor, EventMonitor, FormulaMonitor, SloMonitor)
"""The kinds of query that end with a comparison."""


def children(node: Node) -> list[Node]:
    """The nodes directly below a node, in the order in which they are written."""
    found: list[Node] = []
    names: tuple[str, ...] = type(node).__match_args__
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, Node)]
    return found


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, in the order in which it is written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += reversed(children(current))


def metric_queries(node: Node) -> tuple[MetricQuery, ...]:
    """The metric queries in it, from left to right."""
    return tuple(found for found in walk(node) if isinstance(found, MetricQuery))


def calls(node: Node, name: str) -> tuple[Call | Method, ...]:
    """The calls of a function or of a method of this name in it, before an argument or after a dot."""
    return tuple(found for found in walk(node) if isinstance(found, Call | Method) and found.name == name)


def comparison(query: Query) -> Comparison | None:
    """The comparison that a query ends with; None for the kinds that have none."""
    if isinstance(query, COMPARING):
        return query.comparison
    return None


def threshold(query: Query) -> Number | None:
    """The number that a query compares with; None where there is none, or none that is fixed."""
    end = comparison(query)
    return end.threshold if end and isinstance(end.threshold, Number) else None


def window(query: Query) -> Window | None:
    """The stretch of time that one evaluation looks at; None for the kinds that have none."""
    if isinstance(query, MetricMonitor):
        return query.window
    if isinstance(query, EventMonitor | FormulaMonitor):
        return _length(query.methods, "last")
    return None


def _length(methods: tuple[Method, ...], name: str) -> Window | None:
    for method in methods:
        if method.name == name and method.arguments:
            argument = method.arguments[0]
            if isinstance(argument, Text):
                return duration(argument.text, argument.inside)
            return duration(argument.text, argument.span) if isinstance(argument, Word) else None
    return None


def group_keys(query: Query) -> tuple[str, ...]:
    """The keys of a monitor's groups, each once; empty for a simple alert.

    A service check by all its tags has the one key `*`. The groups of a formula without `.by` and of a composite stand
    outside their query: empty here.
    """
    if isinstance(query, MetricMonitor):
        return tuple(dict.fromkeys(_expression_keys(query.expression)))
    if isinstance(query, EventMonitor | FormulaMonitor | ServiceCheck):
        return tuple(dict.fromkeys(key for method in query.methods if method.name == "by" for key in _listed(method)))
    return ()


def _listed(method: Method) -> Iterator[str]:
    for argument in method.arguments:
        if isinstance(argument, Text | Word):
            yield from (key.strip() for key in argument.text.split(",") if key.strip())


def _expression_keys(node: Argument) -> Iterator[str]:
    if isinstance(node, MetricQuery):
        yield from (key.key for key in node.by)
    elif isinstance(node, Call):
        yield from _call_keys(node)
    elif isinstance(node, Group):
        yield from _expression_keys(node.inner)
    elif isinstance(node, Unary):
        yield from _expression_keys(node.operand)
    elif isinstance(node, Arithmetic):
        for operand in node.operands:
            yield from _expression_keys(operand)


def _call_keys(call: Call) -> Iterator[str]:
    if call.name in WITHOUT_GROUPS:
        return
    kept = [argument for argument in call.arguments if isinstance(argument, TagSet)]
    if kept:
        yield from (key.key for key in kept[0].keys)
    else:
        for argument in call.arguments:
            yield from _expression_keys(argument)


def scope_families(node: Node) -> frozenset[str]:
    """Which ways of writing filters it uses: `symbols` (`,` and `!`), `words` (AND, OR, NOT, IN), or both."""
    return frozenset(family for found in walk(node) for family in _families(found))


def _families(node: Node) -> Iterator[str]:
    if isinstance(node, AllOf | AnyOf):
        yield from ("symbols" if word == "," else "words" for word in node.words)
    elif isinstance(node, Not):
        yield "symbols" if node.word == "!" else "words"
    elif isinstance(node, TagIn):
        yield "words"


def monitors(query: Query) -> tuple[MonitorNumber | MonitorReference, ...]:
    """The monitors that a composite is made of, from left to right."""
    return tuple(found for found in walk(query) if isinstance(found, MonitorNumber | MonitorReference))
