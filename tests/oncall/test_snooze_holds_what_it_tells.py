"""What a snooze tells when something goes wrong, or somebody else acts, between its calls."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ddguard.datadog import Datadog
from ddguard.sandbox.faults import Faults, parse_fault
from tests.oncall.desk import Desk

WORDS = ("snooze", "tenant", "acme", "--reason", "x", "--yes")
UNCHECKED = "it wasn't checked for doubles"
LIST = "500:GET:/api/v2/downtime"


def faulty(desk: Desk, *spelled: str) -> None:
    desk.sandbox.faults = Faults(tuple(parse_fault(one) for one in spelled), 0)


def before(desk: Desk, call: str, act: Callable[[], Any]) -> None:
    """Lets something happen once, right before a call reaches Datadog."""
    _beside(desk, call, act, first=True)


def after(desk: Desk, call: str, act: Callable[[], Any]) -> None:
    """Lets something happen once, right after a call was carried out."""
    _beside(desk, call, act, first=False)


def _beside(desk: Desk, call: str, act: Callable[[], Any], *, first: bool) -> None:
    real, acts = getattr(Datadog, call), [act]

    def called(*arguments: Any) -> Any:
        chosen = acts.pop() if acts else lambda: None
        if first:
            chosen()
        answer = real(*arguments)
        if not first:
            chosen()
        return answer

    desk.patch.setattr(Datadog, call, called)


def press() -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt


def end_of(desk: Desk, remote_id: str) -> datetime:
    """When Datadog ends a downtime."""
    raw = desk.ask("GET", f"/api/v2/downtime/{remote_id}")
    return datetime.fromisoformat(raw["data"]["attributes"]["schedule"]["end"])


def set_end(desk: Desk, remote_id: str, end: str) -> None:
    """Sets the end of a downtime behind ddguard's back."""
    schedule = desk.ask("GET", f"/api/v2/downtime/{remote_id}")["data"]["attributes"]["schedule"]
    changed = {"schedule": {"start": schedule["start"], "end": end}}
    body = {"data": {"type": "downtime", "id": remote_id, "attributes": changed}}
    desk.ask("PATCH", f"/api/v2/downtime/{remote_id}", body)


# A snooze that was made


def test_a_snooze_is_told_though_the_downtimes_cannot_be_listed(desk: Desk) -> None:
    faulty(desk, LIST)
    made = desk.snooze("acme")
    desk.sandbox.faults = Faults((), 0)
    assert (made.code, made.json["action"]) == (0, "created")
    assert [row["id"] for row in desk.live()] == [made.json["downtime_id"]]
    (_, note) = made.json["notes"]
    assert note.startswith(f"{UNCHECKED}: could not list the downtimes")


def test_a_snooze_is_told_in_words_though_the_downtimes_cannot_be_listed(desk: Desk) -> None:
    faulty(desk, LIST)
    said = desk.do(*WORDS)
    assert (said.code, said.err) == (0, "")
    assert "Snoozed: tenant:acme until Mon 05 Jan 2026 05:00 CET (04:00 UTC)  (00000000-" in said.out
    assert f"note: {UNCHECKED}: could not list the downtimes" in said.out


def test_an_interrupted_snooze_tells_what_was_made(desk: Desk) -> None:
    before(desk, "downtimes", press)
    said = desk.do(*WORDS)
    (row,) = desk.live()
    assert said.code == 130
    assert f"Snoozed: tenant:acme until Mon 05 Jan 2026 05:00 CET (04:00 UTC)  ({row['id']})\n" in said.out
    assert f"note: {UNCHECKED}: interrupted\n" in said.out
    assert said.err == "ddguard: interrupted\n  what is told above was done: `ddguard snooze end` takes it back\n"


def test_an_interrupted_snooze_in_json(desk: Desk) -> None:
    before(desk, "downtimes", press)
    made = desk.snooze("acme")
    (row,) = desk.live()
    assert (made.code, made.json["action"], made.json["downtime_id"]) == (130, "created", row["id"])


@pytest.mark.parametrize("call", ["create_downtime", "update_downtime"])
def test_a_call_that_is_interrupted_may_have_been_carried_out(desk: Desk, call: str) -> None:
    if call == "update_downtime":
        desk.set_group("burst", "tenant:acme", "Alert")
        desk.snooze("acme")
    after(desk, call, press)
    said = desk.do(*WORDS, "--for", "2h")
    assert (said.code, said.err) == (
        130,
        "\nddguard: interrupted\n  Datadog may have done it all the same: `ddguard snooze list` tells\n",
    )


def test_a_snooze_is_told_though_an_older_one_cannot_be_extended(desk: Desk) -> None:
    desk.snooze("acme")
    faulty(desk, "500:PATCH")
    made = desk.snooze("acme", "--for", "2h")
    assert (made.code, made.json["action"], made.json["end"]) == (0, "created", "2026-01-05T05:00:00Z")
    assert made.json["downtime_id"] in {row["id"] for row in desk.live()}
    assert made.json["notes"][-1].startswith(f"{UNCHECKED}: could not update downtime")


def test_an_extension_is_told_though_the_double_does_not_end(desk: Desk) -> None:
    older = desk.snooze("acme").json["downtime_id"]
    faulty(desk, "500:DELETE")
    longer = desk.snooze("acme", "--for", "2h")
    assert (longer.code, longer.json["action"], longer.json["downtime_id"]) == (0, "extended", older)
    assert len(desk.live()) == 2
    assert longer.json["notes"][-1].startswith("its doubles didn't all end: could not cancel downtime")


# Extensions at once


@pytest.fixture
def running(desk: Desk) -> str:
    """A snooze of a tenant that is known, until four o'clock."""
    desk.set_group("burst", "tenant:acme", "Alert")
    made: str = desk.snooze("acme").json["downtime_id"]
    return made


def test_an_earlier_end_that_comes_in_between_is_put_right(desk: Desk, running: str) -> None:
    after(desk, "update_downtime", lambda: set_end(desk, running, "2026-01-05T05:00:00Z"))
    longer = desk.snooze("acme", "--for", "3h").json
    assert (longer["action"], longer["end"], longer["notes"]) == ("extended", "2026-01-05T06:00:00Z", [])
    assert end_of(desk, running) == datetime.fromisoformat("2026-01-05T06:00:00Z")


def test_a_later_end_that_comes_in_between_is_told(desk: Desk, running: str) -> None:
    after(desk, "update_downtime", lambda: set_end(desk, running, "2026-01-05T09:00:00Z"))
    longer = desk.snooze("acme", "--for", "3h").json
    assert (longer["action"], longer["end"]) == ("extended", "2026-01-05T09:00:00Z")
    assert end_of(desk, running) == datetime.fromisoformat("2026-01-05T09:00:00Z")


def test_whoever_is_never_given_the_end_is_told_of_the_one_that_holds(desk: Desk, running: str) -> None:
    real = Datadog.update_downtime

    def undone(datadog: Datadog, remote_id: str, attributes: Any) -> Any:
        answer = real(datadog, remote_id, attributes)
        set_end(desk, running, "2026-01-05T05:00:00Z")
        return answer

    desk.patch.setattr(Datadog, "update_downtime", undone)
    longer = desk.snooze("acme", "--for", "3h").json
    assert (longer["end"], longer["notes"]) == (
        "2026-01-05T05:00:00Z",
        ["somebody else set this end, which is earlier than the one asked for: run the command again"],
    )


def test_a_snooze_that_ends_while_it_is_extended_is_not_called_extended(desk: Desk, running: str) -> None:
    after(desk, "update_downtime", lambda: desk.do("snooze", "end", "tenant", "acme"))
    said = desk.do(*WORDS, "--for", "3h")
    assert said.code == 3
    assert said.err.splitlines() == [
        f"ddguard: somebody ended the snooze {running} at the same moment",
        "  run the command again if tenant:acme shall be silent all the same",
    ]
    assert desk.live() == []


def test_a_new_snooze_that_somebody_ends_at_once_is_not_called_made(desk: Desk) -> None:
    before(desk, "downtimes", lambda: desk.do("snooze", "end", "tenant", "acme"))
    said = desk.do(*WORDS)
    assert (said.code, "ddguard: somebody ended the snooze 00000000-" in said.err) == (3, True)
    assert desk.live() == []


def test_a_new_snooze_stands_where_the_older_one_ends_meanwhile(desk: Desk) -> None:
    older = desk.snooze("acme").json["downtime_id"]
    after(desk, "update_downtime", lambda: desk.ask("DELETE", f"/api/v2/downtime/{older}"))
    made = desk.snooze("acme", "--for", "2h").json
    assert (made["action"], [row["id"] for row in desk.live()]) == ("created", [made["downtime_id"]])


def test_an_extension_is_told_though_it_cannot_be_read_again(desk: Desk, running: str) -> None:
    faulty(desk, f"500:GET:/api/v2/downtime/{running}")
    longer = desk.snooze("acme", "--for", "3h")
    assert (longer.code, longer.json["end"]) == (0, "2026-01-05T06:00:00Z")
    assert longer.json["notes"][0].startswith(f"its end wasn't checked: could not read downtime {running}")


def test_an_interrupted_extension_tells_what_was_done(desk: Desk, running: str) -> None:
    before(desk, "downtime", press)
    longer = desk.snooze("acme", "--for", "3h")
    assert (longer.code, longer.json["action"], longer.json["end"]) == (130, "extended", "2026-01-05T06:00:00Z")
    assert longer.json["downtime_id"] == running
    assert longer.json["notes"] == ["its end wasn't checked: interrupted"]


def test_a_double_ends_only_where_the_kept_snooze_lasts_as_long(desk: Desk) -> None:
    older = desk.snooze("acme").json["downtime_id"]
    real = Datadog.update_downtime

    def undone(datadog: Datadog, remote_id: str, attributes: Any) -> Any:
        answer = real(datadog, remote_id, attributes)
        set_end(desk, older, "2026-01-05T04:30:00Z")
        return answer

    desk.patch.setattr(Datadog, "update_downtime", undone)
    desk.snooze("acme", "--for", "3h")
    assert sorted(row["attributes"]["schedule"]["end"] for row in desk.live()) == [
        "2026-01-05T04:30:00+00:00",
        "2026-01-05T06:00:00+00:00",
    ]
