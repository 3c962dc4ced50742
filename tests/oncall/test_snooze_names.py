"""Which groups may be snoozed: exactly those that are named."""

from collections.abc import Sequence

import pytest

from ddguard.errors import ExitCode, RefusedError, UsageError
from ddguard.model import SnoozePolicy
from ddguard.payload.snoozes import VALUE, Target, Term
from ddguard.replay.scopes import parse_scope
from ddguard.snooze import checked_author, checked_reason, scope_target, tag_target
from tests.oncall.examples import ACME, POLICY, STACK
from tests.oncall.hostile import HOSTILE, SCOPED

WIDE = SnoozePolicy(keys=("tenant", "region"))


@pytest.mark.parametrize("name", SCOPED)
def test_a_plain_name_is_scoped_exactly(name: str) -> None:
    assert tag_target(STACK, "tenant", name, POLICY).scope == f"tenant:{name}"
    assert parse_scope(f"tenant:{name}").covers({f"tenant:{name}"})
    assert not parse_scope(f"tenant:{name}").covers({"tenant:neighbour"})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_and_told_only_escaped(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        tag_target(STACK, "tenant", name, POLICY)
    told = caught.value.message + caught.value.hint
    assert caught.value.exit_code is ExitCode.REFUSED
    assert told.isprintable()
    assert len(told) < 400


def test_sixty_names_are_tried() -> None:
    assert len(HOSTILE) + len(SCOPED) >= 60
    assert len(set(HOSTILE) | set(SCOPED)) == len(HOSTILE) + len(SCOPED)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("", "'' is no tenant that can be snoozed", "name the tenant"),
        (" \t", "' \\t' is no tenant that can be snoozed", "name the tenant"),
        (
            "Acme",
            "'Acme' is no tenant that can be snoozed",
            "Datadog's tags are in lower case: did you mean acme?",
        ),
        ("tenant:acme", "'tenant:acme' is no tenant that can be snoozed", "leave out the key: acme"),
        (
            "acme*",
            "'acme*' is no tenant that can be snoozed",
            "a snooze is for one tenant: a star would silence others too",
        ),
        (
            "-acme",
            "'-acme' is no tenant that can be snoozed",
            "a tag's value has the letters a to z, digits and _ . / - in it, and doesn't begin with - . or /",
        ),
        (
            "\x1b[2Jé",
            "'\\x1b[2Jé' is no tenant that can be snoozed",
            "a tag's value has the letters a to z, digits and _ . / - in it, and doesn't begin with - . or /",
        ),
        ("a" * 194, f"'{'a' * 60}...' is no tenant that can be snoozed", "a tag has 200 characters at most"),
    ],
)
def test_what_is_said_of_a_name(name: str, message: str, hint: str) -> None:
    with pytest.raises(RefusedError) as caught:
        tag_target(STACK, "tenant", name, POLICY)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_tag_of_two_hundred_characters_is_taken() -> None:
    assert len(tag_target(STACK, "tenant", "a" * 193, POLICY).scope) == 200


@pytest.mark.parametrize("key", ["region", "", "Tenant", "tenant\n", "\x1b[0m"])
def test_only_the_projects_keys_may_be_snoozed(key: str) -> None:
    with pytest.raises(RefusedError) as caught:
        tag_target(STACK, key, "acme", POLICY)
    assert caught.value.message == f"{key!r} can't be snoozed in this project"
    assert caught.value.hint == "`snooze.keys` in ddguard.yaml allows tenant"


@pytest.mark.parametrize(
    ("text", "scope", "terms"),
    [
        ("tenant:acme", "tenant:acme", ACME.terms),
        (
            " tenant:b   region:eu ",
            "region:eu AND tenant:b",
            (Term("region", ("eu",)), Term("tenant", ("b",))),
        ),
        ("tenant:(b OR a OR b)", "tenant:(a OR b)", (Term("tenant", ("a", "b")),)),
        ("tenant:a OR tenant:b", "tenant:(a OR b)", (Term("tenant", ("a", "b")),)),
        (
            "tenant:a AND -region:(us OR eu)",
            "-region:(eu OR us) AND tenant:a",
            (Term("region", ("eu", "us"), negated=True), Term("tenant", ("a",))),
        ),
        ('tenant:"acme"', "tenant:acme", ACME.terms),
    ],
)
def test_a_scope_in_its_own_words(text: str, scope: str, terms: Sequence[Term]) -> None:
    target = scope_target(STACK, text, parse_scope(text).terms, WIDE)
    assert (target.scope, target.terms) == (scope, terms)
    assert target == Target("streampay/prod", tuple(terms))
    assert scope_target(STACK, target.scope, parse_scope(target.scope).terms, WIDE) == target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*", "the scope '*' would silence every group but some"),
        ("-tenant:acme", "the scope '-tenant:acme' would silence every group but some"),
        ("tenant:*", "'*' is no tenant that can be snoozed"),
        ("tenant:a AND region:e*", "'e*' is no region that can be snoozed"),
        ("tenant:(a OR *)", "'*' is no tenant that can be snoozed"),
        ("tenant:(a AND b)", "no group carries several values of tenant at once"),
        ("tenant:a AND env:prod", "'env' can't be snoozed in this project"),
        ('tenant:"a b"', "'a b' is no tenant that can be snoozed"),
        ("tenant:Acme", "the scope 'tenant:Acme' isn't all in lower case"),
        ("tenant:(a OR or)", "the value or among alternatives reads like an operator"),
    ],
)
def test_a_scope_that_would_widen_is_refused(text: str, message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        scope_target(STACK, text, parse_scope(text).terms, WIDE)
    assert caught.value.message == message


def test_reasons_and_authors() -> None:
    assert checked_reason(" load\ntest ", POLICY) == "load test"
    assert checked_reason(None, SnoozePolicy(reason_required=False)) == ""
    assert checked_author([None, " ", "ci@example", "root"]) == "ci(at)example"
    assert checked_reason("...", SnoozePolicy(reason_required=False)) == "..."
    for nothing in ("\n\x00", "...", " - ", "", None):
        with pytest.raises(RefusedError, match="a snooze needs a reason"):
            checked_reason(nothing, POLICY)
    with pytest.raises(UsageError, match="nothing says who snoozes"):
        checked_author([None, ""])


def test_the_names_that_are_taken_are_the_plain_ones() -> None:
    assert all(VALUE.fullmatch(name) for name in SCOPED)
