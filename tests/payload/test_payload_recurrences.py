"""When recurrences begin, and whether two of them go on alike."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ddguard.payload.recurrences import begin_alike, is_over, local_now, next_start

LOCAL = datetime(2026, 11, 1, 12, 0)  # noqa: DTZ001 - a wall clock
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def recurrence(rule: Any, start: Any) -> dict[str, Any]:
    return {"rrule": rule, "start": start, "duration": "1h"}


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Europe/Paris", 14), ("UTC", 12), ("Nowhere/At_All", 12), ("../etc", 12), ("", 12), (None, 12), (5, 12)],
)
def test_the_wall_clock_of_a_zone(zone: Any, hour: int) -> None:
    assert local_now(zone, NOON) == datetime(2026, 7, 1, hour, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("FREQ=MINUTELY", "2026-01-01T00:00:00"),
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
    assert next_start(found, LOCAL) == start
    assert not is_over(found, LOCAL)
    assert not begin_alike(found, found, LOCAL)


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
    assert begin_alike(recurrence(*one), recurrence(*other), LOCAL) is alike
