"""Scopes of downtimes: what is told of them, and that all the others can be created."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddguard.sandbox.scopes import parsed_scope
from ddguard.spec.scopes import scope_mistake


@pytest.mark.parametrize(
    "scope",
    [
        "*",
        " * ",
        "env:prod",
        "env:prod AND tenant:batch-*",
        "env:prod service:web",
        "env:(dev OR staging)",
        "env:* -env:prod",
        "-env:(dev OR staging)",
        "(env:dev OR env:staging) AND tenant:a",
        "-(env:dev)",
        "NOT env:dev",
        'host:"a b (c)"',
        "env:(dev OR (staging))",
        "url:http://x:80",
        "@http.status_code:500 kube_app/x-y:a&b",
    ],
)
def test_scopes_without_a_mistake(scope: str) -> None:
    assert scope_mistake(scope) is None


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        ("acme", (0, 4)),
        ("-acme", (0, 5)),
        (":acme", (0, 5)),
        ('"env:prod"', (0, 10)),
        ("env:prod OR (acme)", (13, 4)),
        ("env: (dev)", (6, 3)),
        ("", (-1, 1)),
        ("OR env:prod", (0, 2)),
        ("env:prod AND OR env:dev", (13, 2)),
        ("env:()", (5, 1)),
        ("env:prod -", (9, 1)),
        ("en&v:prod", (2, 1)),
        ("a:b AND -t,x:(c OR d)", (10, 1)),
    ],
)
def test_where_a_mistake_stands(scope: str, place: tuple[int, int]) -> None:
    mistake = scope_mistake(scope)
    assert mistake is not None
    assert (mistake.offset, mistake.width) == place


PARTS = st.sampled_from(["a", "k:", "k:v", "-", "(", ")", "k:(", "AND", "or", "NOT", "*", '"', ":", " ", " ", "?"])


@given(st.lists(PARTS, max_size=12).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
def test_every_scope_has_a_mistake_or_is_taken(scope: str) -> None:
    if scope_mistake(scope) is None:
        assert parsed_scope(scope)
