"""Snoozes that somebody changed in Datadog: they are told as what they are by now."""

import pytest

from tests.oncall.desk import Desk

UNTIL = "until Mon 05 Jan 2026 05:00 CET (04:00 UTC)"


@pytest.fixture
def widened(desk: Desk) -> str:
    """The number of a snooze of acme that somebody made one of every tenant, two of which alert."""
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.set_group("burst", "tenant:other", "Alert")
    number: str = desk.snooze("acme", "--for", "1h").json["downtime_id"]
    change(desk, number, scope="tenant:*")
    return number


def change(desk: Desk, number: str, **attributes: object) -> None:
    body = {"data": {"type": "downtime", "id": number, "attributes": attributes}}
    desk.ask("PATCH", f"/api/v2/downtime/{number}", body)


def test_the_list_says_whom_it_was_made_for(desk: Desk, widened: str) -> None:
    out = desk.do("snooze", "list").out
    assert out.startswith("tenant:*  1h left  foreign\n")
    assert "  by        alice (for tenant:acme, changed in Datadog since)\n" in out
    entry = desk.do("snooze", "list", "--format", "json").json["snoozes"][0]
    told = {"scope": "tenant:*", "was_for": "tenant:acme", "by": "alice", "foreign": True, "downtime_id": widened}
    assert entry | told == entry


def test_a_new_snooze_is_made_beside_it(desk: Desk, widened: str) -> None:
    out = desk.do("snooze", "tenant", "acme", "--reason", "x", "--yes").out
    by = "by alice (for tenant:acme, changed in Datadog since)"
    assert f"  silenced already: by a downtime of tenant:*, {by}, {UNTIL}  ({widened})\n" in out
    assert "Snoozed: tenant:acme" in out


def test_the_plan_does_not_call_it_a_snooze_of_one_tenant(desk: Desk, widened: str) -> None:
    assert widened
    changed = "which somebody changed in Datadog: it silences tenant:* on ddguard_stack:streampay/prod"
    assert f"by alice (load test), {changed}\n" in desk.do("plan").out


def test_its_end_names_everybody_who_is_audible_again(desk: Desk, widened: str) -> None:
    out = desk.do("snooze", "end", "tenant", "acme").out
    changed = "which was changed in Datadog to tenant:* on ddguard_stack:streampay/prod"
    assert out.startswith(
        f"Ended: the snooze of tenant:acme by alice, {changed} and would have lasted {UNTIL}  ({widened})\n"
        "Audible again: 1 monitor\n"
    )
    assert "  alerting now: 2 groups\n" in out
    assert "    Alert  tenant:other since" in out


def test_the_end_of_one_that_was_moved_to_another_monitor_tells_of_that_monitor(desk: Desk) -> None:
    number = desk.snooze("acme", "--monitor", "burst").json["downtime_id"]
    change(desk, number, monitor_identifier={"monitor_id": desk.number("load")}, scope="host:a")
    desk.set_group("load", "host:a", "Warn")
    told = desk.do("snooze", "end", "tenant", "acme", "--format", "json").json
    assert told["ended"] == [number]
    assert [group["group"] for group in told["alerting_groups"]] == ["host:a"]


def test_one_whose_scope_can_not_be_read_any_more_still_ends(desk: Desk, widened: str) -> None:
    change(desk, widened, scope="tenant:acme OR host:a")
    said = desk.do("snooze", "end", "tenant", "acme")
    assert (said.code, desk.live()) == (0, [])
    assert "changed in Datadog to tenant:acme OR host:a on " in said.out
