"""Downtimes: the request, the comparison and the update."""

from datetime import timedelta
from typing import Any

import pytest

from ddguard.payload import (
    ABSENT,
    downtime_changes,
    downtime_request,
    downtime_update,
    has_ended,
    moves_running_window,
)
from ddguard.payload.snoozes import times_of
from tests.payload.examples import NOW, STACK, downtime, live_attributes

MARKER = "ddguard_stack:streampay/prod ddguard_id:nightly"
PAST, SOON, LATER = "2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"
DAILY = {"rrule": "FREQ=DAILY", "duration": "2h"}
TAGS = {"monitor_tags": ["service:streampay"]}


def request(attributes: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    return downtime_request(downtime(attributes, **keys), STACK, {}, NOW)


def nightly(start: str | None = None, **keys: Any) -> dict[str, Any]:
    recurrence = {**DAILY, "start": start} if start else DAILY
    return {"timezone": "Europe/Paris", "recurrences": [{**recurrence, **keys}]}


def test_the_message_ends_in_the_marker() -> None:
    assert request({"message": "nightly run\n", "monitor_identifier": TAGS}) == {
        "scope": "env:prod",
        "message": f"nightly run\n{MARKER}",
        "monitor_identifier": TAGS,
    }
    assert request()["message"] == MARKER
    assert request(protect=True)["message"] == f"{MARKER} ddguard_protect:true"


def test_nulls_and_read_only_attributes_are_not_sent() -> None:
    given = {"display_timezone": None, "status": "active", "created": "2026-01-01", "message": None}
    assert request(given) == {"scope": "env:prod", "message": MARKER}


def test_a_monitor_of_the_project_is_named_by_its_number() -> None:
    target = downtime(monitor="burst")
    known = downtime_request(target, STACK, {"burst": 12}, NOW)
    assert known["monitor_identifier"] == {"monitor_id": 12}
    assert request(monitor="burst")["monitor_identifier"] == {"monitor_id": "${monitor:burst}"}


@pytest.mark.parametrize(
    ("schedule", "sent"),
    [
        ({}, {}),
        ({"start": None, "end": SOON}, {"end": SOON}),
        ({"start": SOON, "end": None}, {"start": SOON}),
        ({"start": PAST, "end": SOON}, {"start": None, "end": SOON}),
        ({"start": "soon"}, {"start": "soon"}),
        ({"start": "2026-10-31T00:00:00"}, {"start": "2026-10-31T00:00:00"}),
        ({"start": SOON, "current_downtime": {"start": PAST}}, {"start": SOON}),
    ],
)
def test_a_start_that_is_past_is_sent_as_now(schedule: dict[str, Any], sent: dict[str, Any]) -> None:
    assert request({"schedule": schedule})["schedule"] == sent


@pytest.mark.parametrize(
    ("recurrence", "start"),
    [
        ({"start": "2026-01-01T02:00:00"}, "2026-11-02T02:00:00"),
        ({"start": "2026-01-01T14:00:00"}, "2026-11-01T14:00:00"),
        ({"start": "2027-01-01T02:00:00"}, "2027-01-01T02:00:00"),
        ({"start": "2026-01-01T02:00:00", "rrule": "FREQ=DAILY;COUNT=900"}, "2026-01-01T02:00:00"),
        ({"start": "2026-01-01T02:00:00", "rrule": "FREQ=DAILY;UNTIL=20260301T000000Z"}, "2026-01-01T02:00:00"),
        ({"start": "2026-01-01T02:00:00", "rrule": "FREQ=OFTEN"}, "2026-01-01T02:00:00"),
        ({"start": "2026-10-26T02:00:00", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"}, "2026-11-09T02:00:00"),
    ],
)
def test_a_recurrence_goes_on_at_its_next_occurrence(recurrence: dict[str, Any], start: str) -> None:
    sent = request({"schedule": nightly(**recurrence)})["schedule"]
    assert sent == nightly(**{**recurrence, "start": start})


def test_recurrences_without_a_start_or_of_a_strange_shape_stay() -> None:
    for recurrences in ([DAILY], [{**DAILY, "start": None}], ["often"], "often"):
        assert request({"schedule": {"recurrences": recurrences}})["schedule"] == {"recurrences": recurrences}
    assert request({"schedule": "often"})["schedule"] == "often"


ANSWER: dict[str, Any] = {
    "scope": "env:prod",
    "message": MARKER,
    "monitor_identifier": TAGS,
    "display_timezone": "UTC",
    "mute_first_recovery_notification": False,
    "notify_end_states": ["warn", "no data", "alert"],
    "notify_end_types": ["expired"],
    "schedule": {"start": "2026-10-31T00:00:00.123456+00:00", "end": None},
    "status": "active",
    "canceled": None,
    "created": "2026-10-31T00:00:00.123456+00:00",
    "modified": "2026-10-31T00:00:00.123456+00:00",
}
WANTED = {"scope": "env:prod", "message": MARKER, "monitor_identifier": TAGS}


def changes(wanted: dict[str, Any], answered: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    found = downtime_changes(WANTED | wanted, live_attributes(ANSWER | answered), NOW)
    return [(change.path, change.before, change.after) for change in found]


def test_the_answer_to_a_request_means_the_same() -> None:
    assert downtime_changes(WANTED, live_attributes(ANSWER), NOW) == ()
    assert downtime_update(WANTED, live_attributes(ANSWER), NOW) == {}


@pytest.mark.parametrize(
    ("wanted", "answered", "found"),
    [
        ({"scope": "env:dev"}, {}, [(("scope",), "env:prod", "env:dev")]),
        ({"message": "x"}, {"message": None}, [(("message",), None, "x")]),
        ({}, {"display_timezone": "Europe/Paris"}, [(("display_timezone",), "Europe/Paris", ABSENT)]),
        ({}, {"mute_first_recovery_notification": True}, [(("mute_first_recovery_notification",), True, ABSENT)]),
        ({"notify_end_types": []}, {}, [(("notify_end_types",), ["expired"], [])]),
        ({"notify_end_states": ["alert", "warn", "no data"]}, {}, []),
        (
            {"monitor_identifier": {"monitor_id": 5}},
            {"monitor_identifier": {"monitor_id": 6}},
            [(("monitor_identifier", "monitor_id"), 6, 5)],
        ),
        (
            {"monitor_identifier": {"monitor_id": 5}},
            {},
            [
                (("monitor_identifier", "monitor_id"), ABSENT, 5),
                (("monitor_identifier", "monitor_tags"), ["service:streampay"], ABSENT),
            ],
        ),
        ({"new_field": 1}, {}, [(("new_field",), ABSENT, 1)]),
        ({}, {"new_field": 1}, []),
    ],
)
def test_changed_attributes(wanted: dict[str, Any], answered: dict[str, Any], found: list[Any]) -> None:
    assert changes(wanted, answered) == found


START, END = ("schedule", "start"), ("schedule", "end")
RUNNING = ANSWER["schedule"]["start"]


@pytest.mark.parametrize(
    ("wanted", "answered", "found"),
    [
        ({}, {"start": SOON, "end": None}, []),
        ({"start": None}, {"start": RUNNING}, []),
        ({"start": PAST}, {"start": RUNNING}, []),
        ({"start": PAST, "end": SOON}, {"start": RUNNING, "end": LATER}, [(END, LATER, SOON)]),
        ({}, {"start": RUNNING, "end": LATER}, [(END, LATER, ABSENT)]),
        ({"start": None}, {"start": SOON}, [(START, SOON, None)]),
        ({"start": LATER}, {"start": SOON}, [(START, SOON, LATER)]),
        ({"start": SOON}, {"start": RUNNING}, [(START, RUNNING, SOON)]),
        ({"start": "2026-11-02T01:00:00+01:00"}, {"start": "2026-11-02T00:00:00.000000+00:00"}, []),
    ],
)
def test_one_time_schedules(wanted: dict[str, Any], answered: dict[str, Any], found: list[Any]) -> None:
    assert changes({"schedule": wanted}, {"schedule": answered, "status": status_of(answered)}) == found


def status_of(schedule: dict[str, Any]) -> str:
    return "scheduled" if schedule.get("start") == SOON else "active"


EVERY_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"
CURRENT = {"current_downtime": {"start": PAST, "end": SOON}}
RECURRENCE = ("schedule", "recurrences", 0)


@pytest.mark.parametrize(
    ("wanted", "answered", "found"),
    [
        (nightly(), nightly("2026-10-01T17:31:00") | CURRENT, []),
        (nightly("2026-11-02T02:00:00"), nightly("2026-01-01T02:00:00") | CURRENT, []),
        (nightly("2027-01-01T02:00"), nightly("2027-01-01T02:00:00"), []),
        (
            nightly("2026-11-02T03:00:00"),
            nightly("2026-01-01T02:00:00"),
            [((*RECURRENCE, "start"), "2026-01-01T02:00:00", "2026-11-02T03:00:00")],
        ),
        (
            nightly("2026-11-09T02:00:00"),
            nightly("2026-01-01T02:00:00"),
            [((*RECURRENCE, "start"), "2026-01-01T02:00:00", "2026-11-09T02:00:00")],
        ),
        (
            nightly("2026-11-02T02:00:00", rrule="FREQ=WEEKLY"),
            nightly("2026-01-01T02:00:00"),
            [
                ((*RECURRENCE, "rrule"), "FREQ=DAILY", "FREQ=WEEKLY"),
                ((*RECURRENCE, "start"), "2026-01-01T02:00:00", "2026-11-02T02:00:00"),
            ],
        ),
        (nightly(duration="1h"), nightly("2026-01-01T02:00:00"), [((*RECURRENCE, "duration"), "2h", "1h")]),
        (
            {"recurrences": [DAILY]},
            nightly("2026-01-01T02:00:00"),
            [(("schedule", "timezone"), "Europe/Paris", ABSENT)],
        ),
        (
            {"recurrences": []},
            nightly(),
            [
                (("schedule", "recurrences"), [DAILY], []),
                (("schedule", "timezone"), "Europe/Paris", ABSENT),
            ],
        ),
        (
            {"recurrences": ["often"]},
            {"recurrences": ["seldom"]},
            [
                (("schedule", "recurrences"), ["seldom"], ["often"]),
            ],
        ),
    ],
)
def test_recurring_schedules(wanted: dict[str, Any], answered: dict[str, Any], found: list[Any]) -> None:
    assert changes({"schedule": wanted}, {"schedule": answered}) == found


def test_one_kind_of_schedule_becomes_the_other() -> None:
    once = {"start": SOON, "end": LATER}
    repeated = nightly("2026-11-02T02:00:00")
    assert {path for path, _, _ in changes({"schedule": repeated}, {"schedule": once})} == {
        ("schedule", "recurrences"),
        ("schedule", "timezone"),
        START,
        END,
    }
    assert [path for path, _, _ in changes({}, {"schedule": repeated})] == [
        ("schedule", "timezone"),
        ("schedule", "recurrences"),
    ]


def test_a_schedule_of_a_strange_shape_differs_as_a_whole() -> None:
    assert changes({}, {"schedule": "often"}) == [(("schedule",), "often", ABSENT)]


def update(wanted: dict[str, Any], answered: dict[str, Any]) -> dict[str, Any]:
    return downtime_update(WANTED | wanted, live_attributes(ANSWER | answered), NOW)


def test_an_update_sends_what_differs_and_defaults_for_what_was_dropped() -> None:
    answered = {
        "scope": "env:dev",
        "display_timezone": "Europe/Paris",
        "mute_first_recovery_notification": True,
        "notify_end_states": ["alert"],
        "notify_end_types": ["canceled"],
    }
    assert update({}, answered) == {
        "scope": "env:prod",
        "display_timezone": "UTC",
        "mute_first_recovery_notification": False,
        "notify_end_states": ["alert", "no data", "warn"],
        "notify_end_types": ["expired"],
    }


@pytest.mark.parametrize(
    ("wanted", "answered", "sent"),
    [
        ({"end": SOON}, {"start": RUNNING, "end": LATER}, {"start": RUNNING, "end": SOON}),
        ({"start": None, "end": SOON}, {"start": RUNNING}, {"start": RUNNING, "end": SOON}),
        ({}, {"start": RUNNING, "end": LATER}, {"start": RUNNING, "end": None}),
        ({"start": None}, {"start": SOON, "end": None}, {"start": None, "end": None}),
        ({"start": LATER}, {"start": SOON, "end": None}, {"start": LATER, "end": None}),
        ({"start": SOON}, nightly("2026-01-01T02:00:00"), {"start": SOON, "end": None}),
        ({}, nightly("2026-01-01T02:00:00"), {"start": None, "end": None}),
        (nightly(), {"start": SOON, "end": None}, nightly()),
        (nightly(duration="1h"), nightly(), nightly(duration="1h")),
        (
            nightly(duration="1h"),
            nightly("2026-01-01T02:00:00") | CURRENT,
            nightly("2026-01-01T02:00:00", duration="1h"),
        ),
        (
            nightly("2026-11-02T02:00:00", duration="1h"),
            nightly("2026-01-01T02:00:00") | CURRENT,
            nightly("2026-01-01T02:00:00", duration="1h"),
        ),
        (
            nightly("2026-11-02T03:00:00"),
            nightly("2026-01-01T02:00:00") | CURRENT,
            nightly("2026-11-02T03:00:00"),
        ),
        (
            nightly("2026-11-02T02:00:00", rrule=EVERY_DAY, duration="12h"),
            nightly("2026-01-01T02:00:00", duration="12h") | CURRENT,
            nightly("2026-01-01T02:00:00", rrule=EVERY_DAY, duration="12h"),
        ),
    ],
)
def test_an_update_of_the_schedule_keeps_starts_that_may_stand(
    wanted: dict[str, Any], answered: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert update({"schedule": wanted}, {"schedule": answered, "status": status_of(answered)}) == {"schedule": sent}


@pytest.mark.parametrize(
    ("schedule", "ended"),
    [
        (None, False),
        ("often", False),
        ({"start": PAST}, False),
        ({"start": PAST, "end": SOON}, False),
        ({"start": "2026-10-01T00:00:00Z", "end": PAST}, True),
        ({"end": "2026-11-01T12:00:00Z"}, True),
        (nightly("2026-01-01T02:00:00"), False),
        (nightly(), False),
        (nightly("2026-01-01T02:00:00", rrule="FREQ=DAILY;COUNT=3"), True),
        (nightly("2026-01-01T02:00:00", rrule="FREQ=DAILY;UNTIL=20260301T000000Z"), True),
        (nightly("2026-01-01T02:00:00", rrule="FREQ=DAILY;UNTIL=20270301"), False),
        (nightly("2026-01-01T02:00:00", rrule="FREQ=OFTEN;COUNT=1"), False),
        ({"recurrences": ["often"]}, False),
    ],
)
def test_a_downtime_ends_with_its_last_occurrence(schedule: Any, ended: bool) -> None:
    assert has_ended(downtime({"schedule": schedule}), NOW) is ended


def test_only_one_that_runs_keeps_its_start_under_another_rule() -> None:
    wanted = {"schedule": nightly("2026-11-02T02:00:00", rrule=EVERY_DAY)}
    before = nightly("2026-01-01T02:00:00")

    assert [path[-1] for path, _, _ in changes(wanted, {"schedule": before})] == ["rrule"]
    assert [path[-1] for path, _, _ in changes(wanted, {"schedule": before, "status": "scheduled"})] == [
        "rrule",
        "start",
    ]


def entry(start: str | None, rrule: str = "FREQ=DAILY", duration: str = "4h") -> dict[str, Any]:
    return {"rrule": rrule, "duration": duration, **({"start": start} if start else {})}


RUNNING, NIGHTLY = entry("2026-10-30T12:00:00"), entry("2026-10-30T02:00:00")
"""In Paris it is 13:00: one of them runs since noon, and the other ended in the night."""

WEEKLY = "FREQ=WEEKLY;BYDAY=SU"


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ([RUNNING, NIGHTLY], [RUNNING, entry("2026-10-30T03:00:00")], ["2026-10-30T12:00:00", "2026-11-02T03:00:00"]),
        ([NIGHTLY, RUNNING], [entry("2026-10-30T03:00:00"), RUNNING], ["2026-11-02T03:00:00", "2026-10-30T12:00:00"]),
        (
            [RUNNING, NIGHTLY],
            [RUNNING, entry("2026-10-30T02:00:00", WEEKLY)],
            ["2026-10-30T12:00:00", "2026-11-08T02:00:00"],
        ),
        ([RUNNING, NIGHTLY], [NIGHTLY, RUNNING], ["2026-10-30T02:00:00", "2026-10-30T12:00:00"]),
        ([NIGHTLY, RUNNING], [RUNNING], ["2026-10-30T12:00:00"]),
        ([RUNNING], [NIGHTLY, RUNNING], ["2026-11-02T02:00:00", "2026-10-30T12:00:00"]),
        ([RUNNING, NIGHTLY], [entry("2026-10-30T12:00:00", duration="5h"), NIGHTLY], None),
        ([RUNNING, NIGHTLY], [entry("2026-10-30T12:00:00", WEEKLY), NIGHTLY], None),
        ([entry("2026-10-30T12:00:00", WEEKLY), RUNNING], [entry(None), NIGHTLY], None),
        ([RUNNING], [RUNNING, entry(None, WEEKLY)], ["2026-10-30T12:00:00", None]),
    ],
    ids=[
        "another's start",
        "the start of one before it",
        "another's rule",
        "the order",
        "without the one before it",
        "with one before it",
        "its length",
        "its rule, from the same start",
        "one that is open, known by its rule",
        "with one that begins now",
    ],
)
def test_the_window_of_one_recurrence_outlives_changes_of_the_others(
    before: list[Any], after: list[Any], sent: list[str | None] | None
) -> None:
    live = live_attributes(ANSWER | {"schedule": {"timezone": "Europe/Paris", "recurrences": before}})
    wanted = request({"schedule": {"timezone": "Europe/Paris", "recurrences": after}})

    update = downtime_update(WANTED | wanted, live, NOW)["schedule"]["recurrences"]

    assert not moves_running_window(WANTED | wanted, live, NOW)
    assert "2026-10-30T12:00:00" in [one.get("start") for one in update]
    assert sent is None or [one.get("start") for one in update] == sent


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"recurrences": [RUNNING, NIGHTLY]}, {"recurrences": [entry("2026-10-30T11:00:00"), NIGHTLY]}),
        ({"recurrences": [RUNNING, NIGHTLY]}, {"recurrences": [NIGHTLY]}),
        ({"recurrences": [RUNNING]}, {"recurrences": [entry("2026-10-30T12:00:00", "FREQ=WEEKLY;BYDAY=MO")]}),
        ({"recurrences": [RUNNING]}, {"start": None, "end": LATER}),
        ({"start": "2026-10-31T00:00:00+00:00", "end": None}, {"start": SOON, "end": None}),
        ({"start": "2026-10-31T00:00:00+00:00", "end": None}, {"recurrences": [RUNNING]}),
    ],
    ids=["its start", "without it", "a rule without it", "once", "once, its start", "now again and again"],
)
def test_a_window_that_runs_is_not_moved(before: dict[str, Any], after: dict[str, Any]) -> None:
    live = live_attributes(ANSWER | {"schedule": {"timezone": "Europe/Paris", **before}})
    wanted = request({"schedule": {"timezone": "Europe/Paris", **after} if "recurrences" in after else after})

    assert moves_running_window(WANTED | wanted, live, NOW)
    scheduled = live_attributes(ANSWER | {"schedule": live.attributes["schedule"], "status": "scheduled"})
    assert not moves_running_window(WANTED | wanted, scheduled, NOW)


def test_where_it_cannot_be_told_what_runs_every_other_start_moves_it() -> None:
    often = entry("2026-10-30T12:00:00", "FREQ=OFTEN")
    live = live_attributes(ANSWER | {"schedule": {"timezone": "UTC", "recurrences": [often]}})

    def moves(**changed: str) -> bool:
        schedule = {"timezone": "UTC", "recurrences": [often | changed]}
        return moves_running_window(WANTED | {"schedule": schedule}, live, NOW)

    assert moves(start="2026-10-30T11:00:00")
    assert not moves(duration="5h")


@pytest.mark.parametrize("status", ["active", "scheduled"])
def test_what_runs_has_begun_whatever_our_clock_says(status: str) -> None:
    ahead = live_attributes(
        ANSWER | {"schedule": {"start": "2026-11-01T12:00:02.5+00:00", "end": None}, "status": status}
    )
    wanted = WANTED | request({"schedule": {"start": PAST}})

    assert (downtime_changes(wanted, ahead, NOW) == ()) is (status == "active")
    assert not moves_running_window(wanted, ahead, NOW)


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_utc_has_none_for_is_none(start: str) -> None:
    live = live_attributes(ANSWER | {"schedule": {"start": start, "end": start}})

    assert [change.path for change in downtime_changes(WANTED | {"schedule": {"start": SOON}}, live, NOW)] == [
        ("schedule", "start"),
        ("schedule", "end"),
    ]
    assert times_of(live.attributes) == (None, None)


def test_what_else_changes_moves_no_window() -> None:
    live = live_attributes(ANSWER | {"schedule": {"start": "2026-10-31T00:00:00+00:00", "end": None}})

    assert not moves_running_window(WANTED | {"scope": "env:dev"}, live, NOW)
    assert not moves_running_window(WANTED | {"schedule": {"end": LATER}}, live, NOW)


def test_what_was_planned_in_time_and_is_applied_late_still_fits() -> None:
    wanted = request({"schedule": {"start": SOON}})
    late = NOW + timedelta(days=2)
    running = live_attributes(ANSWER | {"schedule": {"start": "2026-11-02T00:00:01.5+00:00", "end": None}})
    assert downtime_changes(WANTED | wanted, running, late) == ()
