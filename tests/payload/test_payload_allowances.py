"""Leaving groups out of a query."""

from datetime import date

import pytest

from ddguard.errors import InputError
from ddguard.model import Allowance
from ddguard.payload.allowances import AllowanceError, with_allowances
from tests.payload.examples import DAY

ACME = Allowance("tenant:acme", "load test", date(2027, 1, 31))
METRIC = "sum(last_1h):sum:m{%s} by {tenant} > 5"


def allowed(query: str, *allowances: Allowance, kind: str = "query alert") -> str:
    return with_allowances(query, kind, allowances or (ACME,), DAY)


@pytest.mark.parametrize(
    ("scope", "narrowed"),
    [
        ("*", "!tenant:acme"),
        ("env:prod", "env:prod,!tenant:acme"),
        ("env:prod,!region:us", "env:prod,!region:us,!tenant:acme"),
        ("!region:us", "!region:us,!tenant:acme"),
        ("env:prod AND region:eu", "env:prod AND region:eu AND NOT tenant:acme"),
        ("env:prod and not region:us", "env:prod and not region:us and not tenant:acme"),
        ("NOT region:us", "NOT region:us AND NOT tenant:acme"),
        ("region IN (eu,us)", "region IN (eu,us) AND NOT tenant:acme"),
        ("region not in (eu)", "region not in (eu) and not tenant:acme"),
        ("env:prod OR env:dev", "(env:prod OR env:dev) AND NOT tenant:acme"),
        ("(env:prod OR env:dev)", "(env:prod OR env:dev) AND NOT tenant:acme"),
        ("(env:prod)", "(env:prod) AND NOT tenant:acme"),
        ("(env:prod,region:eu)", "(env:prod,region:eu),!tenant:acme"),
        ("!(env:dev)", "!(env:dev),!tenant:acme"),
        ("env:prod AND (a:1 OR b:2)", "env:prod AND (a:1 OR b:2) AND NOT tenant:acme"),
    ],
)
def test_the_filter_keeps_its_way_of_writing(scope: str, narrowed: str) -> None:
    assert allowed(METRIC % scope) == METRIC % narrowed


def test_every_metric_that_is_grouped_by_the_key_gets_the_filter_and_the_rest_stays() -> None:
    query = "sum(last_1h):  sum:a{*} by {region,tenant}.as_count() / (sum:b{x:1} by {tenant} + avg:c{*})   > 0.50"
    assert allowed(query) == (
        "sum(last_1h):  sum:a{!tenant:acme} by {region,tenant}.as_count() "
        "/ (sum:b{x:1,!tenant:acme} by {tenant} + avg:c{*})   > 0.50"
    )


def test_several_allowances_and_only_those_that_count() -> None:
    over = Allowance("tenant:old", "done", date(2026, 10, 31))
    last_day = Allowance("tenant:b/c", "test", DAY)
    assert allowed(METRIC % "*", ACME, over, last_day) == METRIC % "!tenant:acme,!tenant:b/c"


def test_without_a_running_allowance_the_query_is_not_even_read() -> None:
    assert with_allowances("((", "query alert", (Allowance("a:b", "x", date(2026, 1, 1)),), DAY) == "(("


def test_functions_and_changes_are_looked_into() -> None:
    query = "pct_change(avg(last_5m),last_1h):abs(anomalies(avg:m{*} by {tenant}, 'basic', 2)) >= 1"
    assert "avg:m{!tenant:acme} by {tenant}" in allowed(query)


@pytest.mark.parametrize(
    ("kind", "query", "message", "hint"),
    [
        (
            "query alert",
            "avg(last_5m):avg:m{*} by {host} > 5",
            "tenant:acme can't be left out: no metric in the query is grouped by tenant",
            "group by {tenant}, or drop `allow`",
        ),
        (
            "composite",
            "1 && 2",
            "tenant:acme can't be left out: only the filters of metric queries can be added to",
            "give `allow` to the monitors that the composite is made of",
        ),
        (
            "log alert",
            'logs("a").index("*").rollup("count").by("tenant").last("5m") > 5',
            "tenant:acme can't be left out: only the filters of metric queries can be added to",
            "write the filter into the query itself",
        ),
    ],
)
def test_where_a_group_cannot_be_left_out(kind: str, query: str, message: str, hint: str) -> None:
    with pytest.raises(AllowanceError) as caught:
        allowed(query, kind=kind)
    assert (caught.value.message, caught.value.hint, caught.value.tag) == (message, hint, "tenant:acme")
    assert isinstance(caught.value, InputError)


def test_a_query_with_a_mistake() -> None:
    with pytest.raises(AllowanceError, match=r"tenant:acme can't be left out: the query has a mistake: ") as caught:
        allowed("avg(last_5m:avg:m{*} > 5")
    assert caught.value.hint == "correct the query first"
