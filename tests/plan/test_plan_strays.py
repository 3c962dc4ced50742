"""Downtimes whose marker somebody damaged: none is made a second time without a word."""

from typing import Any

import pytest
from plan_worlds import SOON, STACK, downtime, live_pause, planned, world

from ddguard.model import LiveDowntime, Stack
from ddguard.payload.snoozes import Target, Term

MARKER = f"ddguard_stack:{STACK.name} ddguard_id:night"
NIGHT = downtime("night", scope="tenant:batch", schedule={"end": SOON}, message="Batch tenants settle.")
LEFT_ALONE = "downtime d1 is left alone: its message names {}, but the last line isn't as ddguard wrote it"


def with_message(message: str, **changed: Any) -> LiveDowntime:
    return live_pause(NIGHT, "d1", message=message, **changed)


@pytest.mark.parametrize(
    "message",
    [
        f"Batch tenants settle.\n{MARKER}\nPS: ask Bob.",
        f"Batch tenants settle. {MARKER}",
        f"Batch tenants settle.\n{MARKER.upper().replace(STACK.name.upper(), STACK.name).replace('NIGHT', 'night')}",
        f"Batch tenants settle.\n{MARKER} ddguard_stack:{STACK.name}",
    ],
)
@pytest.mark.parametrize("changed", [{}, {"scope": "tenant:other"}])
def test_what_names_the_spec_is_not_made_a_second_time(message: str, changed: dict[str, Any]) -> None:
    plan = planned([NIGHT], world(with_message(message, **changed)))
    assert plan.notes == (LEFT_ALONE.format(MARKER.replace(" ", ", ")),)
    (refusal,) = plan.refusals
    assert refusal.message == (
        f"night may exist already: downtime d1 names {MARKER.replace(' ', ', ')}, "
        "but not exactly in the last line of its message"
    )
    assert refusal.hint == (
        f"let that line be `{MARKER}` in Datadog again, or take the downtime over with `remote_id: d1`"
    )
    assert refusal.position is not None


def test_what_names_the_stack_and_does_the_same_is_not_made_a_second_time() -> None:
    plan = planned([NIGHT], world(with_message(f"Batch.\nddguard_stack:{STACK.name} ddguard_id:ni ght")))
    assert len(plan.refusals) == 1
    plan = planned([NIGHT], world(with_message(f"Batch.\nddguard_stack:{STACK.name}", scope="tenant:other")))
    assert (len(plan.notes), plan.refusals) == (1, ())


@pytest.mark.parametrize("message", ["Batch tenants settle.", "", None, "ddguard_id:night", "ddguard_stack:a/b x"])
def test_what_does_the_same_without_a_name_is_told(message: str) -> None:
    plan = planned([NIGHT], world(with_message(message)))
    assert (plan.summary["create"], plan.refusals) == (1, ())
    assert plan.notes == (
        "night: downtime d1 silences the same at the same times and has no spec; `remote_id: d1` takes it over",
    )


@pytest.mark.parametrize(
    "other",
    [
        with_message("Batch tenants settle.", scope="tenant:other"),
        with_message("Batch tenants settle.", schedule={"end": "2026-01-06T18:00:00Z"}),
        with_message(f"{MARKER}\nPS", status="canceled"),
        with_message(f"{MARKER}\nPS", status="ended"),
        with_message(f"x\n{Target(STACK.name, (Term('tenant', ('batch',)),)).marker}", status="ended"),
        live_pause(NIGHT, "d1", stack=Stack("other", "prod")),
    ],
)
def test_what_is_something_else_keeps_nothing_from_being_made(other: LiveDowntime) -> None:
    plan = planned([NIGHT], world(other))
    assert (plan.summary["create"], plan.refusals) == (1, ())
    assert not [note for note in plan.notes if "d1" in note]


def test_one_that_is_taken_over_is_no_stray() -> None:
    taken = downtime("night", remote_id="d1", scope="tenant:batch", schedule={"end": SOON}, message="x")
    plan = planned([taken], world(with_message(f"{MARKER}\nPS")))
    assert (plan.summary["update"], plan.notes, plan.refusals) == (1, (), ())


def test_a_snooze_with_a_damaged_marker_is_told_and_left_alone() -> None:
    marker = Target(STACK.name, (Term("tenant", ("batch",)),)).marker
    plan = planned([], world(with_message(f"load test\n{marker}\nPS: ask Bob.")))
    assert plan.notes == (LEFT_ALONE.format(f"ddguard_stack:{STACK.name}"),)
