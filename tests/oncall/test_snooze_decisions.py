"""What has to be done for one snooze, and what is listed as snoozed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddguard.errors import InputError
from ddguard.model import Identity, SnoozePolicy, Stack
from ddguard.payload.identity import marked_message
from ddguard.payload.snoozes import Target, Term, snooze_message
from ddguard.replay.scopes import parse_scope
from ddguard.snooze import AnyTerm, ends_before, listed, oldest_running, own_snoozes, settle, times_snoozed
from tests.oncall.examples import ACME, NOW, POLICY, STACK, downtime, monitor, with_groups

FOUR = datetime(2026, 1, 5, 4, tzinfo=UTC)
OTHER = Target(STACK.name, (Term("tenant", ("other",)),))


def test_the_oldest_live_one_counts() -> None:
    old = downtime(id_="z", created="2026-01-05T01:00:00+00:00")
    new = downtime(id_="a", created="2026-01-05T02:30:00+00:00")
    gone = downtime(id_="0", created="2025-01-05T01:00:00+00:00", status="canceled")
    over = downtime(id_="1", created="2025-01-05T01:00:00+00:00", status="ended")
    found = oldest_running([new, old, gone, over, downtime(OTHER)], ACME)
    assert found is not None
    assert found.downtime.remote_id == "z"
    assert oldest_running([gone, over, downtime(OTHER)], ACME) is None


def test_twins_created_at_once_are_told_apart_by_their_id() -> None:
    assert [one.downtime.remote_id for one in own_snoozes([downtime(id_="b"), downtime(id_="a")], STACK.name)] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    "target", [replace(ACME, stack="streampay/staging"), replace(ACME, monitor=1), OTHER], ids=lambda one: one.marker
)
def test_another_target_is_another_snooze(target: Target) -> None:
    assert oldest_running([downtime(target)], ACME) is None


def test_one_that_was_widened_in_datadog_is_never_extended() -> None:
    assert oldest_running([downtime(scope="*")], ACME) is None
    assert settle([downtime(scope="*")], ACME, FOUR) is None


def test_whether_it_ends_before() -> None:
    found = oldest_running([downtime()], ACME)
    endless = oldest_running([downtime(end=None)], ACME)
    assert found is not None
    assert endless is not None
    assert not ends_before(found, FOUR)
    assert ends_before(found, FOUR + timedelta(seconds=1))
    assert not ends_before(endless, FOUR + timedelta(days=999))


def spare(*downtimes: Any, end: datetime = FOUR) -> tuple[str, bool, list[str]]:
    found = settle(downtimes, ACME, end)
    assert found is not None
    return found.kept.downtime.remote_id, found.too_short, [one.downtime.remote_id for one in found.spare]


def test_a_race_is_settled_in_favour_of_the_oldest() -> None:
    first = downtime(id_="1", created="2026-01-05T02:00:00.1+00:00")
    second = downtime(id_="2", created="2026-01-05T02:00:00.2+00:00")
    longer = downtime(id_="3", created="2026-01-05T02:00:00.3+00:00", end="2026-01-05T05:00:00+00:00")
    endless = downtime(id_="4", created="2026-01-05T02:00:00.4+00:00", end=None)
    assert spare(first) == ("1", False, [])
    assert spare(second, first) == ("1", False, ["2"])
    assert spare(second, first, longer) == ("1", False, ["2"])
    assert spare(second, first, longer, end=FOUR + timedelta(hours=1)) == ("1", True, ["2", "3"])
    assert spare(first, second, endless) == ("1", False, ["2"])
    assert spare(replace(endless, attributes={**endless.attributes, "created": ""}), first) == ("4", False, ["1"])


def test_how_often_a_target_was_snoozed_within_a_week() -> None:
    def began(day: int, **changes: Any) -> Any:
        return downtime(start=f"2026-01-{day:02}T00:00:00+00:00", **changes)

    week = [
        began(5),
        began(4, status="ended"),
        began(3, status="canceled", canceled="2026-01-03T02:00:00+00:00"),
        downtime(replace(ACME, monitor=7)),
    ]
    not_counted = [
        began(2, status="canceled", canceled="2026-01-02T00:00:30+00:00"),
        began(2, status="canceled", canceled=None),
        began(2, status="canceled", canceled="2026-01-02T02:00:00"),
        downtime(start="2025-12-20T00:00:00+00:00"),
        downtime(start=None),
        downtime(OTHER),
        downtime(message="tenant:acme"),
    ]
    assert times_snoozed(week, ACME, NOW) == 4
    assert times_snoozed(not_counted, ACME, NOW) == 0


# The list


def read(scope: str) -> Sequence[AnyTerm] | None:
    try:
        return parse_scope(scope).terms
    except InputError:
        return None


def names(*downtimes: Any, stack: Stack = STACK, policy: SnoozePolicy = POLICY) -> list[tuple[str, bool]]:
    raw = [with_groups(monitor(1), acme="Alert"), monitor(2, "avg(last_5m):avg:a{*} > 1")]
    return [(entry.downtime.remote_id, entry.is_foreign) for entry in listed(stack, downtimes, raw, policy, read)]


def test_the_list_has_what_runs_or_will_run_of_this_stack_the_next_to_end_first() -> None:
    assert names(
        downtime(id_="late", end="2026-01-05T09:00:00+00:00"),
        downtime(id_="endless", end=None),
        downtime(id_="soon"),
        downtime(id_="over", status="ended"),
        downtime(id_="gone", status="canceled"),
        downtime(replace(ACME, stack="a/b"), id_="elsewhere"),
        downtime(id_="to come", status="scheduled", end="2026-01-06T09:00:00+00:00"),
        downtime(scope="*", id_="widened"),
    ) == [("widened", True), ("soon", False), ("late", False), ("to come", False), ("endless", False)]


@pytest.mark.parametrize(
    ("changes", "is_listed"),
    [
        ({"monitor_identifier": {"monitor_tags": ["*"]}}, True),
        ({"monitor_identifier": {"monitor_tags": [STACK.tag]}}, True),
        ({"monitor_identifier": {"monitor_id": 1}}, True),
        ({"monitor_identifier": {"monitor_id": 777}}, False),
        ({"monitor_identifier": {"monitor_tags": ["team:other"]}}, False),
        ({"monitor_identifier": {}}, False),
        ({"monitor_identifier": None}, False),
        ({"scope": "env:prod"}, True),
        ({"scope": "*"}, True),
        ({"scope": "*", "monitor_identifier": {"monitor_id": 2}, "status": "scheduled"}, True),
        ({"scope": "*", "monitor_identifier": {"monitor_id": 777}}, False),
        ({"scope": "-env:staging"}, True),
        ({"scope": "env:staging"}, False),
        ({"scope": "service:other"}, False),
        ({"scope": "service:(a OR"}, True),
        ({"message": marked_message("planned", Identity("a/b", "nightly"), protect=False)}, True),
        ({"scope": "env:prod AND Tenant:Acme"}, True),
        ({"scope": "tenant:(a OR"}, True),
        ({"status": "ended"}, False),
    ],
)
def test_what_was_made_elsewhere_is_listed_if_it_silences_monitors_of_the_stack(
    changes: dict[str, Any], is_listed: bool
) -> None:
    made = {"message": "by hand @all\nplease", "monitor_identifier": {"monitor_tags": ["*"]}} | changes
    assert names(downtime(**made)) == ([("d1", True)] if is_listed else [])


def test_what_an_entry_tells() -> None:
    raw = [with_groups(monitor(1), acme="Alert"), monitor(2)]
    ours = downtime(replace(ACME, monitor=2))
    theirs = downtime(
        id_="d2",
        scope="tenant:(a",
        message="by hand @all\nplease",
        monitor_identifier={"monitor_tags": ["*"]},
        end=None,
    )
    first, second = listed(STACK, [theirs, ours], raw, POLICY, read)
    assert (first.scope, first.reason, first.author, first.end) == ("tenant:acme", "load test", "alice", FOUR)
    assert (first.monitor, first.monitor_tags, first.is_foreign) == (2, (), False)
    assert first.audience is not None
    assert [member.number for member in first.audience.members] == [2]
    assert (second.reason, second.author, second.end) == ("by hand (at)all please", "", None)
    assert (second.monitor, second.monitor_tags, second.audience) == (None, ("*",), None)


def test_a_snooze_of_another_stack_is_foreign_where_it_reaches_into_this_one() -> None:
    others = snooze_message(replace(ACME, stack="a/b"), "x", "y")
    assert names(downtime(message=others)) == [("d1", True)]
    assert names(downtime(replace(ACME, stack="a/b"))) == []


def test_a_downtime_that_has_a_spec_names_it() -> None:
    wide = {"scope": "*", "monitor_identifier": {"monitor_tags": ["*"]}}
    planned = [
        downtime(id_=stack, message=marked_message("at night", Identity(stack, "nightly"), protect=False), **wide)
        for stack in (STACK.name, "a/b")
    ]
    ours, theirs = sorted(listed(STACK, planned, [monitor(1)], POLICY, read), key=lambda entry: entry.is_foreign)
    assert (ours.spec, ours.is_foreign, ours.reason) == ("nightly", False, "at night")
    assert (theirs.spec, theirs.is_foreign) == ("nightly of a/b", True)


def test_monitors_whose_query_does_not_tell_are_silenced_by_what_datadog_shows() -> None:
    unread = monitor(1, "?", "slo alert")
    by_service = downtime(message="", scope="service:web", monitor_identifier={"monitor_tags": ["*"]})
    assert listed(STACK, [by_service], [unread], POLICY, read) == []
    shown = {**unread, "matching_downtimes": [{"scope": ["service:web"]}]}
    assert [entry.is_foreign for entry in listed(STACK, [by_service], [shown], POLICY, read)] == [True]


def test_whether_an_entry_silences_everything() -> None:
    raw = [monitor(1), monitor(2, "?", "slo alert"), monitor(3, "avg(last_5m):avg:a{env:prod} > 1")]

    def is_everything(scope: str, **identifier: Any) -> bool:
        by_hand = downtime(message="", scope=scope, monitor_identifier=identifier)
        (entry,) = listed(STACK, [by_hand], raw, POLICY, read)
        return entry.is_everything

    assert is_everything("*", monitor_tags=["*"])
    assert not is_everything("*", monitor_id=1)
    assert not is_everything("env:prod", monitor_tags=["*"])
    assert not is_everything("tenant:acme", monitor_tags=["*"])
