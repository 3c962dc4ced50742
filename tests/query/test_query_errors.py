"""What is said of queries that Datadog would refuse: the words, the place, and what to write instead."""

import pytest
from query_files import ERRORS, Row

from ddguard.query import Place, QueryError, parse
from ddguard.query.mistakes import quoted


def refusal(kind: str, text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(kind, text)
    return caught.value


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row.text)
def test_a_mistake_is_told(row: Row) -> None:
    error = refusal(row.kind, row.text)
    column, message, suggestion = (*row.rest, "")[:3]
    assert (error.span.offset + 1, error.message, error.suggestion) == (int(column), message, suggestion)
    assert str(error) == message
    assert error.span.width >= 1
    assert error.expected
    assert error.hint == (f"did you mean {quoted(suggestion)}?" if suggestion else "")


@pytest.mark.parametrize("row", [row for row in ERRORS if len(row.rest) == 3], ids=lambda row: row.text)
def test_a_suggestion_takes_the_mistake_away(row: Row) -> None:
    error = refusal(row.kind, row.text)
    offset, width = error.span
    better = row.text[:offset] + error.suggestion + row.text[offset + width :]
    try:
        parse(row.kind, better)
    except QueryError as next_error:
        assert next_error.span.offset > offset


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_query(text: str) -> None:
    error = refusal("query alert", text)
    assert (error.message, error.span, error.expected) == ("the query is empty", Place(0, 1), ())


@pytest.mark.parametrize(
    ("kind", "text", "offset"),
    [
        ("query alert", f"avg(last_5m):{'(' * 60}avg:m{{*}}{')' * 60} > 5", 13 + 40),
        ("query alert", f"avg(last_5m):{'abs(' * 41}avg:m{{*}}{')' * 41} > 5", 13 + 40 * 4 + 3),
        ("query alert", f"avg(last_5m):{'-' * 5000}avg:m{{*}} > 5", 13 + 40),
        ("query alert", f"avg(last_5m):avg:m{{{'(' * 5000}a{')' * 5000}}} > 5", 19 + 40),
        ("query alert", f"avg(last_5m):avg:m{{{'!' * 5000}a}} > 5", 19 + 40),
        ("composite", f"{'(' * 5000}1{')' * 5000}", 40),
        ("composite", f"{'!' * 5000}1", 40),
        ("log alert", f'formula("{"(" * 5000}a{")" * 5000}").last("5m") > 1', 9 + 40),
    ],
)
def test_deep_nesting_is_a_mistake_and_no_crash(kind: str, text: str, offset: int) -> None:
    error = refusal(kind, text)
    assert error.message == "the query is nested too deeply: ddguard reads 40 levels"
    assert error.span == Place(offset, 1)


def test_what_nests_as_deeply_as_allowed_is_read() -> None:
    parse("query alert", f"avg(last_5m):{'(' * 40}avg:m{{{'(' * 40}a{')' * 40}}}{')' * 40} > 5")


def test_long_sums_are_not_deep() -> None:
    parse("query alert", f"avg(last_5m):{' + '.join(['avg:m{*}'] * 3000)} > 5")
    parse("composite", " && ".join(["1"] * 3000))


@pytest.mark.parametrize(
    "text",
    [
        f"avg(last_{'9' * 5000}m):avg:m{{*}} > 5",
        "avg(last_5m):avg:m{*} > \x1b[31m5",
        "avg(last_٣m):avg:m{*} > 5",
        "avg(last_5m):avg:m{*} > ٣",
        "avg(last_İ5m):avg:m{*} > 5",
    ],
)
def test_hostile_texts_are_refused_in_short_printable_words(text: str) -> None:
    error = refusal("query alert", text)
    assert error.message.isprintable()
    assert len(error.message) < 120


def test_a_huge_monitor_number_is_refused() -> None:
    assert refusal("composite", "9" * 5000).span == Place(0, 5000)


def test_pieces_are_shown_short() -> None:
    assert quoted("a\nb\x1b") == "`a b `"
    assert quoted("x" * 50) == f"`{'x' * 39}…`"
