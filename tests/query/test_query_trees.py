"""The trees that queries are read as, node by node."""

import pytest

from ddguard.query import QueryError, duration, named_window, parse, parse_series, walk
from ddguard.query.nodes import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Change,
    Comparison,
    Composite,
    CompositeGroup,
    CompositeJoin,
    CompositeNot,
    DynamicThreshold,
    EventMonitor,
    Everything,
    FormulaMonitor,
    Group,
    GroupKey,
    Keyword,
    Method,
    MetricMonitor,
    MetricQuery,
    MonitorNumber,
    MonitorReference,
    Node,
    Not,
    Number,
    Opaque,
    Scope,
    ScopeGroup,
    ServiceCheck,
    SloMonitor,
    Span,
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

LAST_5M = TimeAggregation("avg", Window("last", 5, "m"))
M = MetricQuery("avg", "m", Everything())
OVER_5 = Comparison(">", Number("5"))


def expression(text: str) -> Node:
    query = parse("query alert", f"avg(last_5m):{text} > 5")
    assert isinstance(query, MetricMonitor)
    return query.expression


def scope(text: str) -> Scope:
    found = expression(f"avg:m{{{text}}}")
    assert isinstance(found, MetricQuery)
    return found.scope


def test_a_metric_monitor() -> None:
    query = parse("query alert", "sum(last_1h):sum:streams.created{env:prod} by {tenant,region}.as_count() > 1.50")
    assert query == MetricMonitor(
        TimeAggregation("sum", Window("last", 1, "h")),
        MetricQuery(
            "sum",
            "streams.created",
            Tag("env", "prod"),
            (GroupKey("tenant"), GroupKey("region")),
            (Method("as_count"),),
        ),
        Comparison(">", Number("1.50")),
    )


def test_spans_are_offsets_into_the_text() -> None:
    query = parse("query alert", " avg(last_5m):avg:m{env:prod} by {host}.as_count() >= -5\n")
    assert isinstance(query, MetricMonitor)
    metric = query.expression
    assert isinstance(metric, MetricQuery)
    assert query.span == Span(1, 56)
    assert query.aggregation.span == Span(1, 13)
    assert query.window.span == Span(5, 12)
    assert metric.span == Span(14, 50)
    assert metric.scope.span == Span(20, 28)
    assert metric.by[0].span == Span(34, 38)
    assert metric.modifiers[0].span == Span(39, 50)
    assert query.comparison.span == Span(51, 56)
    assert query.comparison.threshold.span == Span(54, 56)
    assert query.comparison.span.width == 5


def test_spans_inside_formulas_are_offsets_into_the_whole_text() -> None:
    text = r'formula("abs(query1, \"x\") / 2").last("5m") > 1'
    query = parse("log alert", text)
    covered = [text[node.span.start : node.span.end] for node in walk(query)]
    assert covered == [
        text,
        r"abs(query1, \"x\") / 2",
        r"abs(query1, \"x\")",
        "query1",
        r"\"x\"",
        "2",
        '.last("5m")',
        '"5m"',
        "> 1",
        "1",
    ]


def test_spans_take_no_part_in_comparisons() -> None:
    assert Tag("a", "b", span=Span(1, 4)) == Tag("a", "b")
    assert hash(Tag("a", "b", span=Span(1, 4))) == hash(Tag("a", "b"))
    assert repr(Tag("a", "b", span=Span(1, 4))) == "Tag(key='a', value='b')"


def test_operators_of_one_level_are_one_node() -> None:
    assert expression("avg:m{*} - avg:m{*} + 1") == Arithmetic((M, M, Number("1")), ("-", "+"))
    assert expression("8 / 4 * 2") == Arithmetic((Number("8"), Number("4"), Number("2")), ("/", "*"))


def test_products_bind_tighter_than_sums() -> None:
    product = Arithmetic((Number("2"), Number("3")), ("*",))
    assert expression("1 + 2 * 3 - 4") == Arithmetic((Number("1"), product, Number("4")), ("+", "-"))


def test_signs_belong_to_numbers_and_stand_before_the_rest() -> None:
    assert expression("- 5 * -avg:m{*} - -1") == Arithmetic(
        (Arithmetic((Number("-5"), Unary("-", M)), ("*",)), Number("-1")), ("-",)
    )


def test_parentheses_are_kept_and_take_modifiers() -> None:
    assert expression("((avg:m{*})).rollup(max, 60)") == Group(
        Group(M), (Method("rollup", (Word("max"), Number("60"))),)
    )


def test_all_kinds_of_arguments() -> None:
    assert expression(
        """f(avg:m{*}, 'a b', "c\\"d", -2, word, {x, y}, k='v', n=-1, w=fast, avg:m{*} / 2).abs()"""
    ) == Call(
        "f",
        (
            M,
            Text("a b", "'"),
            Text('c\\"d', '"'),
            Number("-2"),
            Word("word"),
            TagSet((GroupKey("x"), GroupKey("y"))),
            Keyword("k", Text("v", "'")),
            Keyword("n", Number("-1")),
            Keyword("w", Word("fast")),
            Arithmetic((M, Number("2")), ("/",)),
        ),
        (Method("abs"),),
    )


def test_a_metric_without_an_aggregator() -> None:
    assert expression("system.load.1{*}") == MetricQuery(None, "system.load.1", Everything())
    assert expression("abs(load{*})") == Call("abs", (MetricQuery(None, "load", Everything()),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", Everything()),
        ("example", Tag(None, "example")),
        ("a:b:c", Tag("a", "b:c")),
        ("a:", Tag("a", "")),
        ("!a:1,b:*", AllOf((Not(Tag("a", "1")), Tag("b", "*")), (",",))),
        ("a:1 AND b:2 and c:3", AllOf((Tag("a", "1"), Tag("b", "2"), Tag("c", "3")), ("AND", "and"))),
        (
            "a:1 OR b:2 AND NOT c:3",
            AnyOf((Tag("a", "1"), AllOf((Tag("b", "2"), Not(Tag("c", "3"), "NOT")), ("AND",))), ("OR",)),
        ),
        (
            "(a:1 or b:2) AND c:3",
            AllOf((ScopeGroup(AnyOf((Tag("a", "1"), Tag("b", "2")), ("or",))), Tag("c", "3")), ("AND",)),
        ),
        ("a IN (1, 2)", TagIn("a", ("1", "2"))),
        ("a not in (1)", TagIn("a", ("1",), ("not", "in"))),
        ("a:1 OR b:2,!c:3", AllOf((AnyOf((Tag("a", "1"), Tag("b", "2")), ("OR",)), Not(Tag("c", "3"))), (",",))),
    ],
)
def test_scopes(text: str, expected: Scope) -> None:
    assert scope(text) == expected


def test_what_tags_say() -> None:
    assert (Tag("env", "prod").text, Tag(None, "bare").text) == ("env:prod", "bare")
    assert not TagIn("a", ("1",)).negated
    assert TagIn("a", ("1",), ("NOT", "IN")).negated


def test_change_monitors() -> None:
    query = parse("query alert", "pct_change(avg(last_5m),1h_ago):avg:m{*} > 5")
    assert query == MetricMonitor(Change("pct_change", LAST_5M, Window("ago", 1, "h")), M, OVER_5)
    assert isinstance(query, MetricMonitor)
    assert query.window == Window("last", 5, "m")


def test_a_dynamic_threshold() -> None:
    query = parse("query alert", "avg(last_5m):avg:m{*} <= threshold")
    assert query == MetricMonitor(LAST_5M, M, Comparison("<=", DynamicThreshold()))


def test_event_monitors() -> None:
    text = 'logs("a \\"b\\"").index("main").rollup("cardinality", "@usr.id").by("host").last("5m") > 2'
    query = parse("log alert", text)
    assert query == EventMonitor(
        "logs",
        Text('a \\"b\\"'),
        (
            Method("index", (Text("main"),)),
            Method("rollup", (Text("cardinality"), Text("@usr.id"))),
            Method("by", (Text("host"),)),
            Method("last", (Text("5m"),)),
        ),
        Comparison(">", Number("2")),
    )
    assert isinstance(query, EventMonitor)
    assert query.search.value == 'a "b"'


def test_formulas() -> None:
    query = parse(
        "data-jobs alert", 'formula(\'f(a - b, c, "d", 10)\').by(x,y).last(10d).anomaly(direction="above") > 0'
    )
    assert query == FormulaMonitor(
        Call(
            "f",
            (Arithmetic((Variable("a"), Variable("b")), ("-",)), Variable("c"), Text("d", '"'), Number("10")),
        ),
        (
            Method("by", (Word("x"), Word("y"))),
            Method("last", (Word("10d"),)),
            Method("anomaly", (Keyword("direction", Text("above")),)),
        ),
        Comparison(">", Number("0")),
        "'",
    )


def test_a_variable_takes_modifiers() -> None:
    query = parse("query alert", 'formula("a.rollup(sum, 60)-b").last("5m") > 0')
    assert isinstance(query, FormulaMonitor)
    rollup = Method("rollup", (Word("sum"), Number("60")))
    assert query.expression == Arithmetic((Variable("a", (rollup,)), Variable("b")), ("-",))


def test_service_checks() -> None:
    assert parse("service check", '"a.b".over("x", "y").by(\'*\').last(2).count_by_status()') == ServiceCheck(
        Text("a.b"),
        (
            Method("over", (Text("x"), Text("y"))),
            Method("by", (Text("*", "'"),)),
            Method("last", (Number("2"),)),
            Method("count_by_status"),
        ),
    )


def test_slos() -> None:
    assert parse("slo alert", 'error_budget("id").over("7d") > 75') == SloMonitor(
        "error_budget", Text("id"), (Method("over", (Text("7d"),)),), Comparison(">", Number("75"))
    )


def test_a_series_is_what_stands_between_a_window_and_a_comparison() -> None:
    text = "sum:m{a IN (b ,c ) } by {d}.rollup(sum, 86400) / 2"
    monitor = parse("query alert", f"avg(last_5m):{text} > 0")
    assert isinstance(monitor, MetricMonitor)
    assert parse_series(text) == monitor.expression


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        (" ", 0, "the query is empty"),
        ("sum:m{*} > 5", 9, "expected an operator or the end of the query, got `>`"),
        ("sum:m{*", 7, "expected `}` to close the scope, got the end of the query"),
        ("avg(last_5m):sum:m{*}", 11, "expected `{` and a scope after the metric `last_5m`"),
    ],
)
def test_what_is_no_series(text: str, offset: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_series(text)
    assert (caught.value.span.offset, caught.value.message) == (offset, message)


def test_composites() -> None:
    query = parse("composite", "1 && !(${monitor:a-b} || 02) || 3")
    inner = CompositeGroup(CompositeJoin("||", (MonitorReference("a-b"), MonitorNumber("02"))))
    both = CompositeJoin("&&", (MonitorNumber("1"), CompositeNot(inner)))
    assert query == Composite(CompositeJoin("||", (both, MonitorNumber("3"))))
    assert MonitorNumber("02").number == 2


def test_what_is_not_read_is_opaque() -> None:
    assert parse("synthetics alert", "no_query") == Opaque("no_query")
    assert parse("", "") == Opaque("")
    assert parse("network-path alert", "anything (") == Opaque("anything (")
    assert parse("cost alert", 'formula("a").last("7d") > 1') != Opaque('formula("a").last("7d") > 1')


@pytest.mark.parametrize(
    ("window", "seconds"),
    [("last_5m", 300), ("current_1h", 3600), ("next_2d", 172800), ("last_1w", 604800), ("last_1mo", 2628000)],
)
def test_windows_have_lengths(window: str, seconds: int) -> None:
    found = named_window(window)
    assert found is not None
    assert found.seconds == seconds


def test_bare_lengths_are_windows_that_lie_back() -> None:
    assert duration("30m") == Window("last", 30, "m")
    assert duration("last_30m") is None
    assert named_window("30m") is None


def test_numbers_and_texts_have_values() -> None:
    assert (Number("-0.50").value, Number("1e3").value) == (-0.5, 1000.0)
    assert Text(r"a\\\"b\'c").value == "a\\\"b'c"
