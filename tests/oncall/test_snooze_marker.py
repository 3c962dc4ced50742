"""What a snooze writes into a downtime, and how it is told from all other downtimes again."""

from datetime import UTC, datetime

import pytest

from ddguard.model import Identity
from ddguard.payload.groups import LiveGroup, live_groups
from ddguard.payload.identity import identity_in_message, marked_message
from ddguard.payload.snoozes import (
    LONGEST_REASON,
    Target,
    Term,
    one_line,
    snooze_extension,
    snooze_in,
    snooze_message,
    snooze_request,
    target_in,
    times_of,
)
from tests.oncall.examples import ACME, NOW, STACK, downtime, monitor, with_groups

END = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
MARK = "ddguard_stack:streampay/prod ddguard_snooze:tenant:acme"
TARGETS = [
    (ACME, "tenant:acme", MARK),
    (
        Target("streampay/prod", ACME.terms, 1000003),
        "tenant:acme",
        f"{MARK}#1000003",
    ),
    (
        Target(
            "a/b", (Term("region", ("eu", "us")), Term("region", ("eu-west",), negated=True), Term("tenant", ("a",)))
        ),
        "region:(eu OR us) AND -region:eu-west AND tenant:a",
        "ddguard_stack:a/b ddguard_snooze:region:eu|us+-region:eu-west+tenant:a",
    ),
]


@pytest.mark.parametrize(("target", "scope", "marker"), TARGETS)
def test_a_target_has_a_scope_and_a_marker_that_is_read_back(target: Target, scope: str, marker: str) -> None:
    assert (target.scope, target.marker) == (scope, marker)
    assert target_in(snooze_message(target, "why", "bob")) == target


@pytest.mark.parametrize(
    "message",
    [
        None,
        7,
        "",
        "planned work",
        f"{MARK}\nnot the last line",
        f"note {MARK}",
        f"{MARK} ddguard_id:x",
        "ddguard_stack:streampay/prod ddguard_id:burst",
        "ddguard_stack:streampay/prod ddguard_snooze:tenant:*",
        "ddguard_stack:streampay/prod ddguard_snooze:tenant:Acme",
        "ddguard_stack:streampay/prod ddguard_snooze:tenant",
        "ddguard_stack:streampay/prod ddguard_snooze:tenant:acme#",
        "ddguard_stack:streampay/prod ddguard_snooze:tenant:acme#007",
        "ddguard_stack:streampay ddguard_snooze:tenant:acme",
        "ddguard_stack:streampay/prod  ddguard_snooze:tenant:acme",
    ],
)
def test_only_the_written_form_is_a_marker(message: object) -> None:
    assert target_in(message) is None


def test_the_markers_of_specs_and_of_snoozes_are_never_taken_for_each_other() -> None:
    assert identity_in_message(snooze_message(ACME, "why", "bob")) is None
    assert target_in(marked_message("planned", Identity(STACK.name, "nightly"), protect=False)) is None


def test_the_message_says_why_and_who_and_pages_nobody() -> None:
    message = snooze_message(ACME, " load\ttest\n@slack-risk \x1b[31m ", "al\u202eice@example.com")
    assert message == f"load test (at)slack-risk [31m\nSnoozed by al ice(at)example.com with ddguard.\n{MARK}"
    assert snooze_message(ACME, "", "bob") == f"Snoozed by bob with ddguard.\n{MARK}"


def test_a_reason_that_tries_to_be_the_marker_isnt() -> None:
    other = "ddguard_stack:streampay/prod ddguard_snooze:tenant:other"
    message = snooze_message(ACME, f"x\n{other}", f"bob\n{other}")
    assert target_in(message) == ACME


def test_long_texts_are_cut() -> None:
    assert one_line("ab " * 200, 10) == "ab ab a..."
    assert len(one_line("a" * 1000, LONGEST_REASON)) == LONGEST_REASON
    assert one_line("a" * 10, 10) == "a" * 10


def test_the_request_leaves_the_start_to_datadog_and_the_extension_sends_it_back() -> None:
    assert snooze_request(ACME, END, "load test", "alice") == {
        "scope": "tenant:acme",
        "monitor_identifier": {"monitor_tags": ["ddguard_stack:streampay/prod"]},
        "schedule": {"end": "2026-01-05T05:00:00Z"},
        "message": f"load test\nSnoozed by alice with ddguard.\n{MARK}",
    }
    snooze = snooze_in(downtime())
    assert snooze is not None
    assert snooze_extension(snooze, END, "still", "bob") == {
        "schedule": {"start": "2026-01-05T02:00:00.5+00:00", "end": "2026-01-05T05:00:00Z"},
        "message": f"still\nSnoozed by bob with ddguard.\n{MARK}",
    }


def test_a_snooze_is_read_back() -> None:
    snooze = snooze_in(downtime())
    assert snooze is not None
    assert (snooze.target, snooze.reason, snooze.author) == (ACME, "load test", "alice")
    assert snooze.end == datetime(2026, 1, 5, 4, tzinfo=UTC)
    assert snooze.runs
    assert snooze.is_as_made
    assert not snooze_in(downtime(status="canceled")).runs  # type: ignore[union-attr]
    assert snooze_in(downtime(message="somebody's own")) is None


@pytest.mark.parametrize(
    ("message", "reason", "author"),
    [
        (MARK, "", ""),
        (f"edited\nby hand @all\n{MARK}", "edited by hand (at)all", ""),
        (f"x\nSnoozed by a with ddguard.\nSnoozed by b with ddguard.\n{MARK}", "x Snoozed by a with ddguard.", "b"),
    ],
)
def test_messages_edited_in_datadog(message: str, reason: str, author: str) -> None:
    snooze = snooze_in(downtime(message=message))
    assert snooze is not None
    assert (snooze.reason, snooze.author) == (reason, author)


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "*"},
        {"scope": "tenant:acme OR tenant:b"},
        {"monitor_identifier": {"monitor_tags": ["*"]}},
        {"monitor_identifier": {"monitor_id": 1}},
    ],
)
def test_what_somebody_widened_is_not_as_made(changes: dict[str, object]) -> None:
    snooze = snooze_in(downtime(**changes))  # type: ignore[arg-type]
    assert snooze is not None
    assert not snooze.is_as_made


def test_times() -> None:
    moment = datetime(2026, 1, 5, 2, tzinfo=UTC)
    assert times_of({"schedule": None}) == (None, None)
    assert times_of({"schedule": {"start": "2026-01-05T03:00:00+01:00", "end": None}}) == (moment, None)
    current = {"start": "2026-01-05T02:00:00+00:00", "end": "soon"}
    assert times_of({"schedule": {"recurrences": [], "current_downtime": current}}) == (moment, None)
    assert times_of({"schedule": {"start": "2026-01-05T03:00:00"}}) == (None, None)
    nowhere = {"start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-01:00"}
    assert times_of({"schedule": nowhere}) == (None, None)


def test_the_groups_of_a_monitor() -> None:
    raw = with_groups(monitor(1), acme="Alert")
    (group,) = live_groups(raw)
    assert group == LiveGroup("tenant:acme", "Alert", NOW.replace(microsecond=0))
    assert LiveGroup("Tenant:A,region:eu", "OK", None).tags == {"tenant:a", "region:eu"}
    assert LiveGroup("*", "OK", None).tags == frozenset()


@pytest.mark.parametrize("state", [None, [], {"groups": None}, {"groups": []}, {"groups": {"a": 1}}])
def test_damaged_states_are_no_groups(state: object) -> None:
    assert live_groups({"state": state}) == ()


@pytest.mark.parametrize("seconds", [None, "1", True, 0, -5, 2**60])
def test_a_time_that_is_none(seconds: object) -> None:
    (group,) = live_groups({"state": {"groups": {"*": {"last_triggered_ts": seconds}}}})
    assert group == LiveGroup("*", "", None)
