"""Which groups a downtime's scope mutes: Datadog's documented examples, and the corners of its syntax."""

import pytest

from ddguard.sandbox.calls import RefusalError
from ddguard.sandbox.expressions import All, Any, Not, SyntaxProblem, Term, parse
from ddguard.sandbox.queries import filter_tags
from ddguard.sandbox.scopes import covers, is_meant, muted_groups

STORE = "service:web-store"


@pytest.mark.parametrize(
    ("scope", "tags", "muted"),
    [
        ("*", "", True),
        (STORE, f"host:A,{STORE}", True),
        (STORE, f"host:A,host:B,service:synthesizer,service:demo,{STORE}", True),
        (STORE, "host:A,host:B,service:synthesizer", False),
        (f"env:prod {STORE}", f"env:prod,{STORE}", True),
        (f"env:prod {STORE}", f"env:prod,env:dev,service:synthesizer,service:demo,{STORE}", True),
        (f"env:prod AND {STORE}", f"env:dev,env:demo,{STORE}", False),
        (f"env:prod {STORE}", "env:prod,env:demo,service:synthesizer", False),
        ("env:(dev OR staging)", "env:staging,host:a", True),
        ("env:(dev OR staging)", "env:dev,env:prod", True),
        ("env:(dev OR staging)", "env:demo,env:prod", False),
        ("env:* -env:prod", "env:dev", True),
        ("env:* -env:prod", "env:prod", False),
        ("env:* -env:prod", "host:a", False),
        ("-env:(prod OR staging)", "env:dev", True),
        ("-env:(prod OR staging)", "env:staging", False),
        ("NOT env:prod", "env:prod", False),
        ("env:dev OR env:staging", "env:staging", True),
        ("(env:dev OR env:staging) AND host:a", "env:dev", False),
        ("tenant:acme*", "tenant:acme-loadtest", True),
        ("tenant:*test", "tenant:acme-loadtest", True),
        ("tenant:acme", "tenant:acme-loadtest", False),
        ("tenant:acme", "tenant:ACME", True),
        ('host:"web 1"', "host:web 1", True),
        ("host:i-0:8080", "host:i-0:8080", True),
        ("tenant:a.c", "tenant:abc", False),
    ],
)
def test_covers(scope: str, tags: str, muted: bool) -> None:
    assert covers(scope, tags.split(",")) is muted


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("acme", "All values must have a key"),
        ("tenant:acme OR (bare)", "All values must have a key"),
        ("", "All values must have a key"),
        ("tenant:(a OR", "Invalid scope: a value is missing"),
        ("tenant:(a", "Invalid scope: a parenthesis is not closed"),
        ("tenant:a)", "Invalid scope: unexpected ')'"),
        ("AND tenant:a", "Invalid scope: a value is missing"),
        ("tenant:a OR", "Invalid scope: a value is missing"),
        ("tenant:a NOT", "Invalid scope: a value is missing"),
        ('tenant:"a', "Invalid scope: unexpected '\"'"),
        ("(" * 5000, "Invalid scope: it is nested too deeply"),
    ],
)
def test_refused(scope: str, told: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        covers(scope, [])
    assert refusal.value.answer.body == {"errors": [told]}


def test_expressions() -> None:
    assert parse("a:1 AND (b:2 OR -c:3) d") == All(
        (Term("a", "1"), Any((Term("b", "2"), Not(Term("c", "3")))), Term("", "d"))
    )
    assert parse('k:(x OR "y:z")') == Any((Term("k", "x"), Term("k", "y:z")))
    assert parse("  ") == All(())
    with pytest.raises(SyntaxProblem, match="a value is missing"):
        parse("()")


@pytest.mark.parametrize(
    ("query", "scope", "groups", "muted"),
    [
        ("by {tenant}", "tenant:acme", ["tenant:acme", "tenant:quiet"], ("tenant:acme",)),
        ("by {tenant}", "tenant:acme", [], ()),
        ("by {tenant}", "tenant:*", ["tenant:acme", "tenant:quiet"], ("tenant:acme", "tenant:quiet")),
        ("by {tenant}", "*", ["tenant:acme"], ("*",)),
        ("by {tenant}", "env:prod", ["tenant:acme"], ("*",)),
        ("by {tenant}", "env:staging", ["tenant:acme"], ()),
        ("by {tenant}", "env:prod AND tenant:acme", ["tenant:acme", "tenant:quiet"], ("tenant:acme",)),
        ("by {tenant}", "-tenant:acme", ["tenant:acme", "tenant:quiet"], ("tenant:quiet",)),
        ("by {tenant,region}", "tenant:acme", ["tenant:acme,region:eu"], ("tenant:acme,region:eu",)),
        ("", "tenant:acme", ["*"], ()),
        ("", "env:prod", ["*"], ("*",)),
        ("", "env:prod", [], ("*",)),
    ],
)
def test_muted_groups(query: str, scope: str, groups: list[str], muted: tuple[str, ...]) -> None:
    monitor = {"query": f"avg(last_5m):avg:m{{env:prod}} {query} > 5"}
    assert muted_groups(scope, monitor, groups) == muted


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("avg(last_5m):avg:m{env:prod,!tenant:a,host:*} > 5", {"env:prod"}),
        ("avg(last_5m):avg:m{env:prod AND region:eu} > 5", {"env:prod", "region:eu"}),
        ("avg(last_5m):avg:m{env:prod OR env:dev} > 5", set()),
        ("avg(last_5m):avg:m{env:prod,a:b}/avg:n{env:prod} > 5", {"env:prod"}),
        ("avg(last_5m):avg:m{*} > 5", set()),
        ('logs("env:prod").last("5m") > 5', set()),
    ],
)
def test_filter_tags(query: str, tags: set[str]) -> None:
    assert filter_tags(query) == tags


@pytest.mark.parametrize(
    ("identifier", "meant"),
    [
        ({"monitor_id": 7}, True),
        ({"monitor_id": 8}, False),
        ({"monitor_tags": ["team:risk"]}, True),
        ({"monitor_tags": ["team:risk", "env:prod"]}, False),
        ({"monitor_tags": ["*"]}, True),
    ],
)
def test_which_monitors_are_meant(identifier: dict[str, object], meant: bool) -> None:
    assert is_meant(identifier, {"id": 7, "tags": ["team:risk", "a:b"]}) is meant
