"""The page about the query language holds what it says."""

import re
from pathlib import Path

import pytest

from ddguard.query import parse, to_text
from ddguard.query.nodes import Opaque
from ddguard.query.parser import FAMILIES
from ddguard.query.reader import DEEPEST
from ddguard.query.vocabulary import SOURCES

PAGE = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text(encoding="utf-8")
EXAMPLES = [
    (kind, line)
    for kind, block in re.findall(r"^```datadog ([a-z -]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_an_example_is_read(kind: str, text: str) -> None:
    tree = parse(kind, text)
    assert not isinstance(tree, Opaque)
    assert to_text(tree) == text


def test_every_type_that_is_read_is_named() -> None:
    assert [kind for kind in FAMILIES if f"`{kind}`" not in PAGE] == []


def test_every_known_source_is_named() -> None:
    extended = {f"error-tracking-{kind}" for kind in ("logs", "rum", "traces")}
    assert [source for source in SOURCES - extended if f"`{source}`" not in PAGE] == []


def test_the_depth_is_told() -> None:
    assert f"{DEEPEST} deep" in PAGE
