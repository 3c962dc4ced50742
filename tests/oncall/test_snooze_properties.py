"""Whatever the name: one tenant is silenced, exactly, or none. Two readers of scopes, written apart, agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ddguard.errors import RefusedError
from ddguard.payload.snoozes import VALUE, Target, Term, snooze_message, target_in
from ddguard.replay.scopes import parse_scope
from ddguard.sandbox.scopes import covers
from ddguard.snooze import tag_target
from tests.oncall.examples import POLICY, STACK

ODD = st.text(st.sampled_from("aZ0_./-:*?()\"' \t\n|+#@,!&\x1b\u202eé") | st.characters(), max_size=12)
NAMES = st.from_regex(VALUE, fullmatch=True).filter(lambda name: len(name) < 100)
KEYS = st.sampled_from(["tenant", "region", "a.b/c-d_e"])


@settings(max_examples=300)
@given(ODD | NAMES, NAMES)
def test_a_name_means_itself_or_is_refused(name: str, neighbour: str) -> None:
    try:
        scope = tag_target(STACK, "tenant", name, POLICY).scope
    except RefusedError as error:
        assert (error.message + error.hint).isprintable()
        return
    for tag in {f"tenant:{name}", f"tenant:{neighbour}", f"region:{name}", f"xtenant:{name}"}:
        expected = tag == f"tenant:{name}"
        assert parse_scope(scope).covers({tag}) is expected
        assert covers(scope, {tag}) is expected


@st.composite
def targets(draw: st.DrawFn) -> Target:
    values = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(lambda names: tuple(sorted(names)))
    terms = draw(st.lists(st.builds(Term, KEYS, values, st.booleans()), min_size=1, max_size=3, unique=True))
    return Target(STACK.name, tuple(sorted(terms)), draw(st.none() | st.integers(0, 10**9)))


@settings(max_examples=200)
@given(targets(), ODD, ODD)
def test_every_target_is_read_back_from_its_message(target: Target, reason: str, author: str) -> None:
    message = snooze_message(target, reason, author)
    assert target_in(message) == target
    assert "@" not in message
