"""Strategies that make syntax trees such as the parser makes: one function a level of precedence."""

from hypothesis import strategies as st

from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Change,
    Comparison,
    Composite,
    CompositeExpression,
    CompositeGroup,
    CompositeJoin,
    CompositeNot,
    DynamicThreshold,
    EventMonitor,
    Everything,
    Expression,
    FormulaMonitor,
    Group,
    GroupKey,
    Keyword,
    Method,
    MetricMonitor,
    MetricQuery,
    MonitorNumber,
    MonitorReference,
    Not,
    Number,
    Query,
    Scope,
    ScopeGroup,
    ServiceCheck,
    SloMonitor,
    Tag,
    TagIn,
    TagSet,
    Text,
    TimeAggregation,
    Unary,
    Variable,
    Window,
    Word,
)
from ddguard.query.scopes import RESERVED
from ddguard.query.vocabulary import COMPARATORS, FUNCTIONS, SPACE_AGGREGATORS, TIME_AGGREGATORS

DEEP = 3

numbers = st.from_regex(r"[+-]?[0-9]{1,4}(\.[0-9]{1,3})?(e-?[0-9]{1,2})?", fullmatch=True).map(Number)
words = st.from_regex(r"[a-z]{1,6}", fullmatch=True).map(Word)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
metrics = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}(\.[A-Za-z0-9_]{1,6}){0,2}", fullmatch=True)
functions = st.sampled_from(sorted(FUNCTIONS))
group_keys = st.from_regex(r"[a-z@][a-z0-9_./-]{0,8}", fullmatch=True).map(GroupKey)
tag_keys = st.from_regex(r"[a-z@*.][a-z0-9_.*/-]{0,8}", fullmatch=True).filter(lambda key: key.lower() not in RESERVED)
tag_values = st.from_regex(r"[^\s,(){}]{0,8}", fullmatch=True)


def texts(quotes: str) -> st.SearchStrategy[Text]:
    """Texts in one of these quotes; where only one is to be had, the other and escapes don't stand inside either."""

    def made(quote: str) -> st.SearchStrategy[Text]:
        escaped = st.sampled_from([r"\\", r"\"", r"\'", r"\n"])
        plain = st.characters(exclude_characters=f'{quote}"\\', exclude_categories=["Cs"])
        parts = plain | escaped if len(quotes) > 1 else plain
        return st.lists(parts, max_size=6).map(lambda some: Text("".join(some), quote))

    return st.sampled_from(quotes).flatmap(made)


def several(operands: st.SearchStrategy, joints: st.SearchStrategy, join: type) -> st.SearchStrategy:
    """Two or three operands with a joint between each two."""
    pairs = st.lists(st.tuples(joints, operands), min_size=1, max_size=2)
    return st.builds(
        lambda first, rest: join((first, *(operand for _, operand in rest)), tuple(joint for joint, _ in rest)),
        operands,
        pairs,
    )


def scopes(depth: int = DEEP) -> st.SearchStrategy[Scope]:
    tags = st.builds(Tag, tag_keys, tag_values) | st.builds(Tag, st.none(), tag_keys.filter(lambda key: key != "*"))
    listed = st.builds(
        TagIn,
        tag_keys.filter(lambda key: key != "*"),
        st.lists(st.from_regex(r"[a-z0-9*.-]{1,5}", fullmatch=True), min_size=1, max_size=3).map(tuple),
        st.sampled_from([("IN",), ("in",), ("NOT", "IN"), ("not", "in")]),
    )
    atoms = st.just(Everything()) | tags | listed
    if depth:
        atoms |= st.deferred(lambda: scopes(depth - 1)).map(ScopeGroup)
    single = atoms | st.builds(Not, atoms, st.sampled_from(["!", "NOT", "not"]))
    both = single | several(single, st.sampled_from(["AND", "and"]), AllOf)
    either = both | several(both, st.sampled_from(["OR", "or"]), AnyOf)
    return either | several(either, st.just(","), AllOf)


def methods(quotes: str, names_: st.SearchStrategy[str] = functions) -> st.SearchStrategy[tuple[Method, ...]]:
    arguments = st.lists(numbers | words | texts(quotes), max_size=2).map(tuple)
    return st.lists(st.builds(Method, names_, arguments), max_size=2).map(tuple)


metric_queries = st.builds(
    MetricQuery,
    st.none() | st.sampled_from([*SPACE_AGGREGATORS, "p99.9", "count(v: v>=-0.5)"]),
    metrics,
    scopes(1),
    st.lists(group_keys, max_size=2).map(tuple),
    methods("'\""),
)


def expressions(operands: st.SearchStrategy, quotes: str, depth: int = DEEP) -> st.SearchStrategy[Expression]:
    factors = operands
    if depth:
        inner = st.deferred(lambda: expressions(operands, quotes, depth - 1))
        factors |= st.builds(Group, inner, methods(quotes))
        factors |= st.builds(Call, functions, arguments(inner, quotes), methods(quotes))
    signed = factors | st.builds(Unary, st.sampled_from("+-"), factors)
    whole = signed | numbers
    products = whole | several(whole, st.sampled_from("*/"), Arithmetic)
    return products | several(products, st.sampled_from("+-"), Arithmetic)


def arguments(inner: st.SearchStrategy[Expression], quotes: str) -> st.SearchStrategy[tuple]:
    key_sets = st.lists(group_keys, min_size=1, max_size=2).map(tuple).map(TagSet)
    named = st.builds(Keyword, st.sampled_from(["direction", "interval"]), numbers | words | texts(quotes))
    rest = st.lists(numbers | texts(quotes) | key_sets | named, max_size=2).map(tuple)
    return st.builds(lambda first, others: (first, *others), inner, rest)


def windows(*kinds: str) -> st.SearchStrategy[Window]:
    return st.builds(Window, st.sampled_from(kinds), st.integers(1, 9999), st.sampled_from(["m", "h", "d", "w", "mo"]))


comparisons = st.builds(Comparison, st.sampled_from(COMPARATORS), numbers | st.just(DynamicThreshold()))
aggregations = st.builds(TimeAggregation, st.sampled_from(TIME_AGGREGATORS), windows("last", "current", "next"))
changes = st.builds(Change, st.sampled_from(["change", "pct_change"]), aggregations, windows("last", "ago"))
metric_monitors = st.builds(MetricMonitor, aggregations | changes, expressions(metric_queries, "'\"", 2), comparisons)

lasts = st.sampled_from([(Method("last", (Text("5m"),)),), (Method("last", (Word("10d"),)),)])
chains = st.builds(lambda some, last: some + last, methods("'\"", st.sampled_from(["index", "rollup", "by"])), lasts)
event_monitors = st.builds(
    EventMonitor, st.sampled_from(["logs", "error-tracking-rum", "ci-tests"]), texts("'\""), chains, comparisons
)
variables = st.builds(Variable, names, st.just(()) | methods("'"))
formula_monitors = st.builds(FormulaMonitor, expressions(variables, "'", 2), chains, comparisons, st.just('"'))
statuses = st.just((Method("last", (Number("3"),)), Method("count_by_status")))
tags = st.lists(texts("'\"").filter(lambda text: bool(text.text)), min_size=1, max_size=2).map(tuple)
overs = st.just(()) | tags.map(lambda given: (Method("over", given),))
service_checks = st.builds(
    ServiceCheck,
    st.from_regex(r"[a-z_.]{1,12}", fullmatch=True).map(Text),
    st.builds(
        lambda over, some, end: over + some + end, overs, methods("'\"", st.sampled_from(["by", "exclude"])), statuses
    ),
)
slo_monitors = st.builds(
    SloMonitor, st.just("error_budget"), texts('"'), st.just((Method("over", (Text("7d"),)),)), comparisons
)


def composites(depth: int = DEEP) -> st.SearchStrategy[CompositeExpression]:
    atoms = st.from_regex(r"[0-9]{1,9}", fullmatch=True).map(MonitorNumber)
    atoms |= st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,9}", fullmatch=True).map(MonitorReference)
    if depth:
        atoms |= st.deferred(lambda: composites(depth - 1)).map(CompositeGroup)
    single = atoms | atoms.map(CompositeNot)
    both = single | st.lists(single, min_size=2, max_size=3).map(lambda parts: CompositeJoin("&&", tuple(parts)))
    return both | st.lists(both, min_size=2, max_size=3).map(lambda parts: CompositeJoin("||", tuple(parts)))


KINDS: dict[str, st.SearchStrategy[Query]] = {
    "query alert": metric_monitors,
    "log alert": event_monitors,
    "cost alert": formula_monitors,
    "service check": service_checks,
    "slo alert": slo_monitors,
    "composite": composites().map(Composite),
}
"""Trees by a monitor type that has them."""
