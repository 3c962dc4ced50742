"""What a query can come to, by its shape."""

import math

import pytest

from ddguard.checks.ranges import ANY, COUNTS, SHARES, Range, range_of
from ddguard.query import parse

INF = math.inf
COUNT = "sum:m{*}.as_count()"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("avg:m{*}", ANY),
        (COUNT, COUNTS),
        ("count:m{*}", COUNTS),
        (f"-{COUNT}", Range(-INF, 0)),
        (f"+{COUNT}", COUNTS),
        (f"({COUNT} + 3)", COUNTS),
        (f"{COUNT} - 1", Range(-1, INF)),
        (f"1 - {COUNT}", Range(-INF, 1)),
        (f"{COUNT} * 0", Range(0, 0)),
        (f"{COUNT} * -2", Range(-INF, 0)),
        (f"{COUNT} / {COUNT} * 100", COUNTS),
        (f"{COUNT} / avg:m{{*}}", ANY),
        ("is_greater(avg:m{*}, 1) / 4", Range(0, 0.25)),
        ("is_greater(avg:m{*}, 1) / -4", Range(-0.25, 0)),
        ("1 / clamp_min(avg:m{*}, 2)", Range(0, 0.5)),
        (f"1 / (-{COUNT})", Range(-INF, 0)),
        ("(is_greater(avg:m{*}, 1)).as_rate()", SHARES),
        ("abs(avg:m{*})", COUNTS),
        ("abs(-3)", Range(0, 3)),
        ("clamp_max(avg:m{*}, 7)", Range(-INF, 7)),
        ("clamp_min(avg:m{*}, -7)", Range(-7, INF)),
        ("clamp_min(clamp_max(avg:m{*}, 7), 0)", Range(0, 7)),
        ("cutoff_max(avg:m{*}, 7)", Range(-INF, 7)),
        ("cutoff_min(avg:m{*}, 2)", COUNTS),
        ("default_zero(cutoff_max(avg:m{*}, -7))", Range(-INF, 0)),
        ("count_nonzero(avg:m{*} by {host})", COUNTS),
        ("avg:m{*}.rollup(count, 60)", COUNTS),
        ("avg:m{*}.rollup(sum, 60)", ANY),
        ("is_less(avg:m{*}, 1).rollup(sum, 60)", COUNTS),
        ("is_less(avg:m{*}, 1).rollup(60)", SHARES),
        (f"ewma_5({COUNT})", ANY),
        ("anomalies(avg:m{*}, 'basic', 2)", SHARES),
    ],
)
def test_the_mean_of_an_expression(expression: str, expected: Range) -> None:
    assert range_of(parse("query alert", f"avg(last_5m):{expression} > 5")) == expected


@pytest.mark.parametrize(
    ("type_", "query", "expected"),
    [
        ("query alert", "sum(last_5m):is_greater(avg:m{*}, 1) > 5", COUNTS),
        ("query alert", "sum(last_5m):clamp_max(avg:m{*}, -1) > 5", Range(-INF, 0)),
        ("query alert", "sum(last_5m):anomalies(avg:m{*}, 'basic', 2) > 0.5", SHARES),
        ("query alert", f"change(sum(last_5m),last_5m):{COUNT} > 5", ANY),
        ("log alert", 'logs("x").rollup("cardinality", "@a").last("5m") > 1', COUNTS),
        ("log alert", 'logs("x").last("5m") > 1', ANY),
        ("log alert", 'formula("a - b").last("5m") > 1', ANY),
        ("error-tracking alert", 'error-tracking-rum("x").new().rollup("count").last("5m") > 1', ANY),
        ("slo alert", 'burn_rate("x").over("7d").long_window("1h").short_window("5m") > 1', COUNTS),
        ("slo alert", 'error_budget("x").over("7d") > 1', ANY),
        ("composite", "1 && 2", ANY),
    ],
)
def test_a_whole_query(type_: str, query: str, expected: Range) -> None:
    assert range_of(parse(type_, query)) == expected
