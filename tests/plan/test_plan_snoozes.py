"""A plan leaves snoozes alone, and tells of those that run."""

from dataclasses import replace
from typing import Any

import pytest
from plan_worlds import PRUNE, STACK, WRITTEN, live, monitor, planned, world

from ddguard.model import LiveDowntime, Stack
from ddguard.payload import live_downtime
from ddguard.payload.snoozes import Target, Term, snooze_message

ACME = Target(STACK.name, (Term("tenant", ("acme",)),))

SNOOZED = "snoozed: tenant:acme until 2026-01-05T18:00:00Z by alice (load test)"
CHANGED = f"{SNOOZED}, which somebody changed in Datadog: it silences"


def snooze(target: Target = ACME, *, reason: str = "load test", author: str = "alice", **changed: Any) -> LiveDowntime:
    attributes = {
        "scope": target.scope,
        "monitor_identifier": target.identifier,
        "message": snooze_message(target, reason, author),
        "schedule": {"start": WRITTEN, "end": "2026-01-05T18:00:00.5+00:00"},
        "status": "active",
        "created": WRITTEN,
    }
    return live_downtime({"id": "d1", "attributes": attributes | changed})


def test_running_snoozes_are_told_and_nothing_is_done_to_them() -> None:
    plan = planned([], world(snooze()), PRUNE)
    assert (plan.changes, plan.refusals) == ((), ())
    assert plan.notes == (SNOOZED,)


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"reason": ""}, "snoozed: tenant:acme until 2026-01-05T18:00:00Z by alice"),
        ({"schedule": {"end": None}}, "snoozed: tenant:acme without end by alice (load test)"),
        ({"message": ACME.marker}, "snoozed: tenant:acme until 2026-01-05T18:00:00Z"),
        ({"scope": "tenant:*"}, f"{CHANGED} tenant:* on ddguard_stack:{STACK.name}"),
        ({"monitor_identifier": {"monitor_id": 7}}, f"{CHANGED} tenant:acme on monitor 7"),
    ],
)
def test_what_is_told_of_a_snooze(changed: dict[str, Any], note: str) -> None:
    assert planned([], world(snooze(**changed))).notes == (note,)


@pytest.mark.parametrize(
    "other",
    [
        snooze(status="ended"),
        snooze(status="canceled"),
        snooze(message="by hand"),
        snooze(replace(ACME, stack=Stack("shop", "staging").name)),
    ],
)
def test_what_is_over_or_elsewhere_is_not_told(other: LiveDowntime) -> None:
    assert planned([], world(other)).notes == ()


def test_a_monitor_that_is_deleted_or_replaced_says_which_snooze_loses_it() -> None:
    gone, changed, kept = (live(monitor(name), number) for name, number in (("gone", 5), ("load", 6), ("kept", 7)))
    snoozes = [snooze(replace(ACME, monitor=number), created=f"{number}") for number in (5, 6, 7)]
    other_type = monitor("load", type="service check", query='"up".over("*").by("host").last(2).count_by_status()')
    plan = planned([other_type, monitor("kept")], world(gone, changed, kept, *snoozes, snooze(created="8")), PRUNE)
    until = "until 2026-01-05T18:00:00Z by alice (load test)"
    assert plan.notes == (
        f"snoozed: tenant:acme on gone {until}",
        f"snoozed: tenant:acme on load {until}",
        f"snoozed: tenant:acme on kept {until}",
        f"snoozed: tenant:acme {until}",
        "the monitor load is replaced: the snooze of tenant:acme doesn't cover the new one",
        "the monitor gone is deleted, and the snooze of tenant:acme on it goes with it",
    )


def test_a_monitor_that_is_replaced_says_which_other_downtime_loses_it() -> None:
    other_type = monitor("load", type="service check", query='"up".over("*").by("host").last(2).count_by_status()')

    def by_hand(uuid: str, number: int | None, **changed: Any) -> LiveDowntime:
        identifier = {"monitor_tags": ["*"]} if number is None else {"monitor_id": number}
        attributes = {"message": "muted", "monitor_identifier": identifier, **changed}
        return live_downtime({"id": uuid, "attributes": {**snooze().attributes, **attributes}})

    there = (
        by_hand("u-1", 6),
        by_hand("u-2", 6, status="scheduled", message="ddguard_stack:shop/dev ddguard_id:d"),
        by_hand("u-3", 6, status="canceled"),
        by_hand("u-4", 7),
        by_hand("u-5", None),
        by_hand("u-6", 6, monitor_identifier="*"),
        by_hand("u-7", 6, message=f"ddguard_stack:{STACK.name} ddguard_id:d"),
    )
    plan = planned([other_type, monitor("kept")], world(live(monitor("load"), 6), live(monitor("kept"), 7), *there))

    assert [note for note in plan.notes if "replaced" in note] == [
        "the monitor load is replaced: the downtime u-1 doesn't cover the new one",
        "the monitor load is replaced: the downtime u-2 doesn't cover the new one",
    ]


def test_a_monitor_without_a_spec_is_called_by_its_number() -> None:
    bare = replace(live(monitor("a"), 5), identity=None)
    assert planned([], world(bare, snooze(replace(ACME, monitor=5)))).notes[-1].startswith("snoozed: tenant:acme on 5 ")
