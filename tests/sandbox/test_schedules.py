"""When downtimes run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddguard.sandbox.calls import RefusalError
from ddguard.sandbox.schedules import length, shown_schedule, span, status, stored_schedule
from tests.sandbox.conversation import START

NIGHTLY = {
    "timezone": "Europe/Paris",
    "recurrences": [{"rrule": "FREQ=DAILY", "start": "2026-01-01T02:00:00", "duration": "2h"}],
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        (None, {"start": "2026-01-05T03:00:00+00:00", "end": None}),
        ({}, {"start": "2026-01-05T03:00:00+00:00", "end": None}),
        ({"start": "2050-01-02T03:04:05Z"}, {"start": "2050-01-02T03:04:05+00:00", "end": None}),
        (
            {"start": "2050-01-02T03:04:05.736Z", "end": "2050-01-02T05:04:05+02:00"},
            RefusalError,
        ),
        (
            {"start": "2050-01-02T03:04:05.736Z", "end": "2050-01-02T05:04:06+02:00"},
            {"start": "2050-01-02T03:04:05.736000+00:00", "end": "2050-01-02T03:04:06+00:00"},
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "1h"}], "timezone": "Asia/Tokyo"},
            {
                "timezone": "Asia/Tokyo",
                "recurrences": [{"rrule": "FREQ=DAILY", "duration": "1h", "start": "2026-01-05T12:00:00"}],
            },
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY;INTERVAL=1", "duration": "1h", "start": None}]},
            {
                "timezone": "UTC",
                "recurrences": [{"rrule": "FREQ=DAILY;INTERVAL=1", "duration": "1h", "start": "2026-01-05T03:00:00"}],
            },
        ),
    ],
)
def test_stored(asked: Any, stored: Any) -> None:
    now = START + timedelta(microseconds=5) if isinstance(asked, dict) and "recurrences" in asked else START
    if stored is RefusalError:
        with pytest.raises(RefusalError, match="Downtime end must be after its start"):
            stored_schedule(asked, now)
    else:
        assert stored_schedule(asked, now) == stored


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("now", "'now' is not of type 'object'"),
        ({"start": "tomorrow"}, "Invalid start: 'tomorrow'"),
        ({"start": 5}, "Invalid start: 5"),
        ({"start": "2050-01-01T00:00:00"}, "Invalid start: '2050-01-01T00:00:00' has no offset"),
        ({"recurrences": []}, "A downtime has 1 to 5 recurrences"),
        ({"recurrences": "daily"}, "A downtime has 1 to 5 recurrences"),
        ({"recurrences": [{}] * 6}, "A downtime has 1 to 5 recurrences"),
        ({"recurrences": ["daily"]}, "A recurrence is not of type 'object'"),
        ({"recurrences": [{"rrule": "FREQ=DAILY"}]}, "Invalid duration: None"),
        ({"recurrences": [{"rrule": "FREQ=DAILY", "duration": "0h"}]}, "Invalid duration: '0h'"),
        ({"recurrences": [{"rrule": "sometimes", "duration": "1h"}]}, "Invalid recurrence: 'sometimes'"),
        ({"recurrences": [{"rrule": 5, "duration": "1h"}]}, "Invalid recurrence: 5"),
        ({"recurrences": [{"rrule": "FREQ=SECONDLY", "duration": "1h"}]}, "Invalid recurrence: 'FREQ=SECONDLY'"),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY;INTERVAL=x", "duration": "1h"}]},
            "Invalid recurrence: 'FREQ=DAILY;INTERVAL=x'",
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY;INTERVAL=0", "duration": "1h"}]},
            "Invalid recurrence: 'FREQ=DAILY;INTERVAL=0'",
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "1h", "start": "soon"}]},
            "Invalid recurrence: 'FREQ=DAILY'",
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "1h", "start": "2026-01-01T02:00:00Z"}]},
            "Invalid recurrence: 'FREQ=DAILY'",
        ),
        (
            {"recurrences": [{"rrule": "FREQ=DAILY;DTSTART=20260101", "duration": "1h"}]},
            "Invalid recurrence: 'FREQ=DAILY;DTSTART=20260101'",
        ),
        ({"timezone": "Mars/Olympus", "recurrences": [{}]}, "Invalid timezone: Mars/Olympus"),
        ({"timezone": ["UTC"], "recurrences": [{}]}, "Invalid timezone: ['UTC']"),
        ({"timezone": "../etc", "recurrences": [{}]}, "Invalid timezone: ../etc"),
    ],
)
def test_refused(asked: Any, told: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        stored_schedule(asked, START)
    assert refusal.value.answer.body == {"errors": [told]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("1d", timedelta(1)), ("1w", timedelta(7))],
)
def test_lengths(text: str, expected: timedelta) -> None:
    assert length(text) == expected


@pytest.mark.parametrize(
    ("now", "start", "end", "expected"),
    [
        ("2026-01-05T00:59:59+00:00", "2026-01-05T01:00:00+00:00", "2026-01-05T03:00:00+00:00", "scheduled"),
        ("2026-01-05T01:00:00+00:00", "2026-01-05T01:00:00+00:00", "2026-01-05T03:00:00+00:00", "active"),
        ("2026-01-05T02:59:59+00:00", "2026-01-05T01:00:00+00:00", "2026-01-05T03:00:00+00:00", "active"),
        ("2026-01-05T03:00:00+00:00", "2026-01-06T01:00:00+00:00", "2026-01-06T03:00:00+00:00", "scheduled"),
        ("2026-07-05T00:30:00+00:00", "2026-07-05T00:00:00+00:00", "2026-07-05T02:00:00+00:00", "active"),
    ],
)
def test_a_nightly_downtime(now: str, start: str, end: str, expected: str) -> None:
    shown = shown_schedule(NIGHTLY, at(now))
    assert shown == NIGHTLY | {"current_downtime": {"start": start, "end": end}}
    assert status({"canceled": None, "schedule": NIGHTLY}, at(now)) == expected


def test_the_nearest_of_several_recurrences_counts() -> None:
    evening = {"rrule": "FREQ=DAILY", "start": "2026-01-01T20:00:00", "duration": "1h"}
    schedule = NIGHTLY | {"recurrences": [evening, *NIGHTLY["recurrences"]]}  # type: ignore[misc]
    assert span(schedule, at("2026-01-05T12:00:00+00:00")) == (
        at("2026-01-05T19:00:00+00:00"),
        at("2026-01-05T20:00:00+00:00"),
    )


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;COUNT=2", "FREQ=DAILY;UNTIL=20260103T000000Z", "RRULE:FREQ=DAILY;COUNT=1"]
)
def test_recurrences_end(rule: str) -> None:
    schedule = NIGHTLY | {"recurrences": [{"rrule": rule, "start": "2026-01-01T02:00:00", "duration": "2h"}]}
    assert span(schedule, START) is None
    assert shown_schedule(schedule, START)["current_downtime"] == {"start": None, "end": None}
    assert status({"canceled": None, "schedule": schedule}, START) == "ended"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-21T22:00:00+00:00", "active"),
        ("2026-11-21T23:00:00+00:00", "scheduled"),
        ("2026-11-22T22:00:00+00:00", "active"),
        ("2026-11-22T23:00:00+00:00", "ended"),
    ],
)
def test_an_until_with_a_z_is_in_utc(now: str, expected: str) -> None:
    until = {"rrule": "FREQ=DAILY;UNTIL=20261123T010000Z", "start": "2026-11-20T07:00:00", "duration": "1h"}
    schedule = {"timezone": "Asia/Tokyo", "recurrences": [until]}
    assert status({"canceled": None, "schedule": schedule}, at(now)) == expected


def test_what_never_occurs_is_over() -> None:
    never = {"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "start": "2026-01-01T02:00:00", "duration": "1h"}
    assert span(NIGHTLY | {"recurrences": [never]}, START) is None


def test_after_2037_there_is_no_summer_time() -> None:
    daily = {"rrule": "FREQ=DAILY;INTERVAL=1", "start": "2042-07-13T01:02:03", "duration": "1d"}
    schedule = {"timezone": "America/New_York", "recurrences": [daily]}
    assert shown_schedule(schedule, START)["current_downtime"] == {
        "start": "2042-07-13T06:02:03+00:00",
        "end": "2042-07-14T06:02:03+00:00",
    }


def test_one_time() -> None:
    schedule = {"start": "2026-01-05T04:00:00+00:00", "end": "2026-01-05T05:00:00+00:00"}
    attributes = {"canceled": None, "schedule": schedule}
    hours = [datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (3, 4, 5)]
    assert [status(attributes, hour) for hour in hours] == ["scheduled", "active", "ended"]
    assert status(attributes | {"canceled": "2026-01-05T03:30:00+00:00"}, hours[1]) == "canceled"
    assert shown_schedule(schedule, START) == schedule
