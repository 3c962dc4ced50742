"""Queries that are read come out as they went in."""

import pytest
from query_files import CORPUS, RECORDED, Row, without_blanks

from ddguard.query import QueryError, children, parse, to_text, walk
from ddguard.query.nodes import Node, Opaque
from ddguard.query.parser import FAMILIES

NEVER_READ = {
    ("synthetics alert", "no_query"),
    ("network-performance alert", 'flows("*") > 1'),
    ("cost alert", 'budget("all_months") > 90'),
    ("a type of tomorrow", "anything at all (("),
}


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: row.text)
def test_a_query_prints_back(row: Row) -> None:
    tree = parse(row.kind, row.text)
    assert to_text(tree) == row.text
    assert isinstance(tree, Opaque) == ((row.kind, row.text) in NEVER_READ)


WITHOUT_QUOTES = [row for row in CORPUS if row.kind in {"query alert", "composite"} and not set("\"'$") & set(row.text)]


@pytest.mark.parametrize("row", WITHOUT_QUOTES, ids=lambda row: row.text)
def test_blanks_around_punctuation_mean_nothing(row: Row) -> None:
    loose = row.text
    for symbol in "(){},":
        loose = loose.replace(symbol, f" {symbol}\n")
    assert parse(row.kind, f"\n {loose} \n") == parse(row.kind, row.text)


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: row.text)
def test_every_span_covers_the_text_of_its_node(row: Row) -> None:
    tree = parse(row.kind, f"  {row.text} ")
    for node in walk(tree):
        if isinstance(tree, Opaque):
            continue
        covered = f"  {row.text} "[node.span.start : node.span.end]
        assert without_blanks(covered) == without_blanks(to_text(node))
        assert covered == covered.strip()
        assert all(inside(child, node) for child in children(node))


def inside(child: Node, parent: Node) -> bool:
    return parent.span.start <= child.span.start < child.span.end <= parent.span.end


def test_the_corpus_has_every_type_that_is_read() -> None:
    assert set(FAMILIES) - {row.kind for row in CORPUS} == set()


REFUSED = {
    ("log alert", "query"): "Datadog refused it: no comparison",
    ("metric alert", "THIS IS A BAD QUERY"): "Datadog refused it: no query at all",
}
UNREAD = {
    ("synthetics alert", "no_query"): "synthetic tests have no query",
    ("", ""): "a recorded monitor without type and query",
}


def recorded() -> list[Row]:
    if not RECORDED.is_file():
        pytest.skip("the recorded queries aren't beside this repository")
    return [
        Row(kind, text.replace("\\n", "\n"))
        for kind, text in (line.split("\t") for line in RECORDED.read_text(encoding="utf-8").splitlines())
    ]


def test_every_recorded_query_prints_back() -> None:
    read = 0
    for row in recorded():
        if (row.kind, row.text) in REFUSED:
            with pytest.raises(QueryError):
                parse(row.kind, row.text)
            continue
        tree = parse(row.kind, row.text)
        printed = to_text(tree)
        assert isinstance(tree, Opaque) == ((row.kind, row.text) in UNREAD), row
        assert without_blanks(printed) == without_blanks(row.text)
        assert parse(row.kind, printed) == tree
        read += 1
    assert read >= 400
