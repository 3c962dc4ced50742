"""When recurrences begin, and whether two of them go on alike."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from ddguard.payload.recurrences import begin_alike, is_over, next_start, run_on_alike
from ddguard.rhythm import zone_of

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PARIS, NEW_YORK, TOKYO = (zone_of(name) for name in ("Europe/Paris", "America/New_York", "Asia/Tokyo"))


def recurrence(rule: Any, start: Any) -> dict[str, Any]:
    return {"rrule": rule, "start": start, "duration": "1h"}


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("FREQ=MINUTELY", "2026-01-01T00:00:00"),
        ("FREQ=HOURLY;BYHOUR=3", "2026-01-01T00:00:00"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=3", "2026-01-01T00:00:00"),
        ("FREQ=DAILY;INTERVAL=0", "2026-01-01T00:00:00"),
        ("FREQ=DAILY;INTERVAL=-1", "2026-01-01T00:00:00"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260105", "2026-01-01T00:00:00"),
        ("FREQ=DAILY;UNTIL=tomorrow", "2026-01-01T00:00:00"),
        ("FREQ=YEARLY;BYEASTER=0", "2026-01-01T00:00:00"),
        ("FREQ=DAILY", "2026-01-01T00:00:00Z"),
        ("FREQ=DAILY", "today"),
        ("FREQ=DAILY", None),
        (None, "2026-01-01T00:00:00"),
        ("", "2026-01-01T00:00:00"),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "2026-01-01T00:00:00"),
        ("FREQ=DAILY;INTERVAL=x", "2026-01-01T00:00:00"),
    ],
)
def test_what_cannot_be_read_keeps_its_start_and_is_never_over(rule: Any, start: Any) -> None:
    found = recurrence(rule, start)
    assert next_start(found, UTC, NOW) == start
    assert not is_over(found, UTC, NOW)
    assert not begin_alike(found, found, UTC, NOW)
    assert not run_on_alike(found, found, UTC, NOW)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("FREQ=DAILY", "2026-01-01T02:00:00"), ("FREQ=DAILY", "2026-10-31T02:00:00"), True),
        (("FREQ=DAILY", "2026-01-01T02:00:00"), ("FREQ=DAILY", "2026-11-02T02:00:00"), True),
        (("FREQ=DAILY", "2026-01-01T02:00:00"), ("FREQ=DAILY", "2026-11-03T02:00:00"), False),
        (("FREQ=DAILY", "2026-01-01T02:00:00"), ("FREQ=DAILY", "2026-01-01T02:30:00"), False),
        (("FREQ=DAILY;INTERVAL=2", "2026-10-30T02:00:00"), ("FREQ=DAILY;INTERVAL=2", "2026-10-31T02:00:00"), False),
        (("FREQ=DAILY;INTERVAL=2", "2026-10-29T02:00:00"), ("FREQ=DAILY;INTERVAL=2", "2026-10-31T02:00:00"), True),
        (("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-05T02:00:00"), ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-04T02:00:00"), False),
        (("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-07T02:00:00"), ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-02T02:00:00"), True),
        (("FREQ=DAILY", "2026-01-01T02:00:00"), ("FREQ=DAILY;INTERVAL=1", "2026-01-01T02:00:00"), False),
        (("FREQ=DAILY;COUNT=1", "2026-01-01T02:00:00"), ("FREQ=DAILY;COUNT=1", "2026-01-02T02:00:00"), True),
    ],
)
def test_two_recurrences_that_begin_alike_from_now_on(
    one: tuple[str, str], other: tuple[str, str], alike: bool
) -> None:
    assert begin_alike(recurrence(*one), recurrence(*other), UTC, NOW) is alike


def test_one_of_every_hour_goes_on_and_ends() -> None:
    every_hour = recurrence("FREQ=HOURLY", "2026-01-01T00:30:00")

    assert next_start(every_hour, UTC, NOW) == "2026-11-01T12:30:00"
    assert next_start(recurrence("FREQ=HOURLY;INTERVAL=5", "2026-10-31T00:30:00"), UTC, NOW) == "2026-11-01T16:30:00"
    assert begin_alike(every_hour, recurrence("FREQ=HOURLY", "2026-11-01T13:30:00"), UTC, NOW) is False
    assert begin_alike(every_hour, recurrence("FREQ=HOURLY", "2026-10-01T13:30:00"), UTC, NOW) is True
    assert is_over(recurrence("FREQ=HOURLY;COUNT=3", "2026-10-31T00:30:00"), UTC, NOW)
    assert is_over(recurrence("FREQ=HOURLY;UNTIL=20261031T000000Z", "2026-10-30T00:30:00"), UTC, NOW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "now", "over"),
    [
        ("FREQ=DAILY;COUNT=1", "2026-11-01T05:00:00+00:00", False),
        ("FREQ=DAILY;COUNT=1", "2026-11-01T08:59:59+00:00", False),
        ("FREQ=DAILY;COUNT=1", "2026-11-01T09:00:00+00:00", True),
        ("FREQ=DAILY;UNTIL=20261102", "2026-11-01T08:00:00+00:00", False),
        ("FREQ=DAILY;UNTIL=20261102", "2026-11-01T09:00:00+00:00", True),
        ("FREQ=DAILY;UNTIL=20261102T055959Z", "2026-11-01T09:00:00+00:00", True),
        ("FREQ=DAILY;UNTIL=20261102T060000Z", "2026-11-01T09:00:00+00:00", False),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2026-11-01T09:00:00+00:00", True),
        ("FREQ=DAILY", "2399-12-01T09:00:00+00:00", False),
    ],
)
def test_the_last_occurrence_is_over_when_its_length_is(rule: str, now: str, over: bool) -> None:
    assert is_over({"rrule": rule, "start": "2026-11-01T06:00:00", "duration": "3h"}, UTC, at(now)) is over


@pytest.mark.parametrize(
    ("rule", "following"),
    [
        ("FREQ=DAILY;UNTIL=20261122T215959Z", None),
        ("FREQ=DAILY;UNTIL=20261122T220000Z", "2026-11-23T07:00:00"),
        ("FREQ=DAILY;UNTIL=20261123T010000Z", "2026-11-23T07:00:00"),
        ("FREQ=DAILY;UNTIL=20261123T065959", None),
        ("FREQ=DAILY;UNTIL=20261123T070000", "2026-11-23T07:00:00"),
        ("rrule:freq=daily;until=20261123t010000z", "2026-11-23T07:00:00"),
    ],
)
def test_an_until_with_a_z_is_in_utc(rule: str, following: str | None) -> None:
    noon = at("2026-11-22T12:00:00+00:00")
    found = {"rrule": rule, "start": "2026-11-20T07:00:00", "duration": "1h"}

    assert next_start(found, TOKYO, noon) == (following or found["start"])
    assert is_over(found, TOKYO, noon) is (following is None)


SPRING, AUTUMN = "2026-03-28T02:30:00", "2026-10-24T02:30:00"
"""In Paris 2:30 is left out on 29 March, and comes twice on 25 October."""

US_SPRING, US_AUTUMN = "2026-03-07T02:30:00", "2026-10-31T01:30:00"
"""In New York 2:30 is left out on 8 March, and 1:30 comes twice on 1 November."""


@pytest.mark.parametrize(
    ("zone", "start", "now", "following"),
    [
        (PARIS, SPRING, "2026-03-28T01:29:59+00:00", SPRING),
        (PARIS, SPRING, "2026-03-28T01:30:00+00:00", "2026-03-29T02:30:00"),
        (PARIS, SPRING, "2026-03-29T01:29:59+00:00", "2026-03-29T02:30:00"),
        (PARIS, SPRING, "2026-03-29T01:30:00+00:00", "2026-03-30T02:30:00"),
        (PARIS, SPRING, "2026-03-30T00:30:00+00:00", "2026-03-31T02:30:00"),
        (PARIS, AUTUMN, "2026-10-25T00:29:59+00:00", "2026-10-25T02:30:00"),
        (PARIS, AUTUMN, "2026-10-25T00:30:00+00:00", "2026-10-26T02:30:00"),
        (PARIS, AUTUMN, "2026-10-25T01:10:00+00:00", "2026-10-26T02:30:00"),
        (PARIS, AUTUMN, "2026-10-26T01:29:59+00:00", "2026-10-26T02:30:00"),
        (NEW_YORK, US_SPRING, "2026-03-08T07:29:59+00:00", "2026-03-08T02:30:00"),
        (NEW_YORK, US_SPRING, "2026-03-08T07:30:00+00:00", "2026-03-09T02:30:00"),
        (NEW_YORK, US_SPRING, "2026-03-09T06:30:00+00:00", "2026-03-10T02:30:00"),
        (NEW_YORK, US_AUTUMN, "2026-11-01T05:29:59+00:00", "2026-11-01T01:30:00"),
        (NEW_YORK, US_AUTUMN, "2026-11-01T05:30:00+00:00", "2026-11-02T01:30:00"),
        (NEW_YORK, US_AUTUMN, "2026-11-01T06:10:00+00:00", "2026-11-02T01:30:00"),
        (NEW_YORK, US_AUTUMN, "2026-11-02T06:29:59+00:00", "2026-11-02T01:30:00"),
    ],
)
def test_the_next_start_beside_a_change_of_the_clock(zone: tzinfo, start: str, now: str, following: str) -> None:
    assert next_start(recurrence("FREQ=DAILY", start), zone, at(now)) == following


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        (PARIS, "2026-03-29T01:30:00", "2026-03-29T03:30:00+00:00"),
        (PARIS, "2026-03-29T02:30:00", "2026-03-29T04:30:00+00:00"),
        (PARIS, "2026-03-29T03:30:00", "2026-03-29T04:30:00+00:00"),
        (PARIS, "2026-10-25T01:30:00", "2026-10-25T02:30:00+00:00"),
        (PARIS, "2026-10-25T02:30:00", "2026-10-25T03:30:00+00:00"),
        (PARIS, "2026-10-25T03:30:00", "2026-10-25T05:30:00+00:00"),
        (NEW_YORK, "2026-03-08T01:30:00", "2026-03-08T09:30:00+00:00"),
        (NEW_YORK, "2026-03-08T02:30:00", "2026-03-08T10:30:00+00:00"),
        (NEW_YORK, "2026-11-01T00:30:00", "2026-11-01T07:30:00+00:00"),
        (NEW_YORK, "2026-11-01T01:30:00", "2026-11-01T08:30:00+00:00"),
        (NEW_YORK, "2026-11-01T02:30:00", "2026-11-01T10:30:00+00:00"),
    ],
)
def test_a_window_over_a_change_of_the_clock_has_its_whole_length(zone: tzinfo, start: str, end: str) -> None:
    window = {"rrule": "FREQ=DAILY;COUNT=1", "start": start, "duration": "3h"}

    assert not is_over(window, zone, at(end) - timedelta(seconds=1))
    assert is_over(window, zone, at(end))


EVERY_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"


@pytest.mark.parametrize(
    ("rule", "start", "alike"),
    [
        (EVERY_DAY, "2026-11-02T11:00:00", True),
        ("FREQ=DAILY;INTERVAL=2", "2026-11-03T11:00:00", True),
        ("FREQ=DAILY;INTERVAL=2", "2026-11-02T11:00:00", False),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-11-02T11:00:00", False),
        (EVERY_DAY, "2026-11-02T11:30:00", False),
        (EVERY_DAY, "2026-11-03T11:00:00", False),
        ("FREQ=OFTEN", "2026-11-02T11:00:00", False),
    ],
)
def test_a_running_recurrence_takes_another_rule_that_has_its_window(rule: str, start: str, alike: bool) -> None:
    running = recurrence("FREQ=DAILY", "2026-10-30T11:00:00") | {"duration": "2h"}

    assert run_on_alike(recurrence(rule, start), running, UTC, NOW) is alike
