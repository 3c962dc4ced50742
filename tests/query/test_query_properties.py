"""What holds for all trees and all texts."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_files import CORPUS, RECORDED, Row, rows
from query_trees import KINDS

from ddguard.query import QueryError, children, group_keys, parse, threshold, to_text, walk, window
from ddguard.query.nodes import Opaque, Span
from ddguard.query.parser import FAMILIES
from ddguard.query.tokens import BRACES, COMPOSITE, FORMULA, QUERY, SCOPE, TEXT, Token, tokenize, tokenize_part

steady = settings(derandomize=True, database=None, max_examples=60)


@pytest.mark.parametrize("kind", KINDS)
@steady
@given(data=st.data())
def test_a_printed_tree_is_read_as_the_same_tree(kind: str, data: st.DataObject) -> None:
    tree = data.draw(KINDS[kind])
    again = parse(kind, to_text(tree))
    assert again == tree
    assert to_text(again) == to_text(tree)


@settings(steady, max_examples=300)
@given(st.sampled_from(sorted(FAMILIES)), st.text(max_size=60) | st.text(alphabet="avg(last_5m):{}*by.'\"\\ >=!&|1,$"))
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    try:
        tree = parse(kind, text)
    except QueryError as error:
        assert 0 <= error.span.offset <= len(text)
        assert error.span.width >= 1
        assert error.message.isprintable()
    else:
        assert parse(kind, to_text(tree)) == tree


@pytest.mark.parametrize("kind", KINDS)
@settings(steady, max_examples=15)
@given(data=st.data())
def test_questions_have_answers_for_every_tree(kind: str, data: st.DataObject) -> None:
    tree = data.draw(KINDS[kind])
    assert len(set(group_keys(tree))) == len(group_keys(tree))
    assert sum(1 for _ in walk(tree)) == 1 + sum(len(tuple(walk(child))) for child in children(tree))
    assert window(tree) is not None or kind in {"service check", "slo alert", "composite"}
    number = threshold(tree)
    assert number is None or to_text(tree).endswith(number.text)


def mutated(text: str, chance: random.Random) -> tuple[str, Span]:
    """The text with one character dropped, doubled or swapped with the next, and where the change is."""
    change = chance.choice(["drop", "double", "swap"])
    place = chance.randrange(len(text) - 1)
    before, character, behind = text[:place], text[place], text[place + 1 :]
    if change == "drop":
        return before + behind, Span(place, place)
    if change == "double":
        return before + character * 2 + behind, Span(place, place + 2)
    return before + behind[0] + character + behind[1:], Span(place, place + 2)


def pieces(kind: str, text: str) -> list[Token]:
    """The tokens of a text, braces and formulas taken apart."""
    return list(_apart(text, tokenize(COMPOSITE if kind == "composite" else QUERY, text)))


def _apart(text: str, tokens: list[Token]) -> Iterator[Token]:
    for place, token in enumerate(tokens):
        if token.kind == BRACES:
            yield from tokenize_part(SCOPE, text, token.span, "")[:-1]
        elif token.kind == TEXT and place > 1 and tokens[place - 2].text == "formula":
            yield from tokenize_part(FORMULA, text, Span(token.start + 1, token.end - 1), "")
        else:
            yield token


def is_near(offset: int, change: Span, tokens: list[Token]) -> bool:
    """Whether an error stands at a token that a change touches, or at the one before or behind."""
    touched = [place for place, token in enumerate(tokens) if token.end >= change.start and token.start <= change.end]
    first, last = (touched[0], touched[-1]) if touched else (len(tokens) - 1, len(tokens) - 1)
    return tokens[max(0, first - 1)].start <= offset <= tokens[min(len(tokens) - 1, last + 1)].end


def readable(source: list[Row]) -> list[Row]:
    found = []
    for row in source:
        try:
            tree = parse(row.kind, row.text)
        except QueryError:
            continue
        if not isinstance(tree, Opaque):
            found.append(row)
    return found


@pytest.mark.parametrize("source", ["corpus", "recorded"])
def test_slips_of_one_character_are_told_where_they_are(source: str) -> None:
    if source == "recorded" and not RECORDED.is_file():
        pytest.skip("the recorded queries aren't beside this repository")
    queries = readable(CORPUS if source == "corpus" else rows(RECORDED))
    chance = random.Random(20260105)  # noqa: S311 - the same mutations every time
    refused = near = 0
    for _ in range(1000):
        row = chance.choice(queries)
        text, change = mutated(row.text, chance)
        try:
            parse(row.kind, text)
        except QueryError as error:
            refused += 1
            near += is_near(error.span.offset, change, pieces(row.kind, text))
    print(f"{source}: {refused} of 1000 mutated queries refused, {near / refused:.1%} of them within one token")
    assert refused > 300
    assert near / refused >= 0.9
