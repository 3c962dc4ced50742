"""https://docs.datadoghq.com/monitors/guide/scoping_downtimes/ and https://docs.datadoghq.com/monitors/downtimes/."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from helpers import every_minute, letters, replay, series

from ddguard.errors import InputError
from ddguard.replay.downtimes import FOREVER, concerns, duration, silence
from ddguard.replay.scopes import ScopeError, parse_scope

JANUARY = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
DAY = 86400


@pytest.mark.parametrize(
    ("scope", "tags", "covered"),
    [
        ("*", "", True),
        ("host:web-*", "host:web-1", True),
        ("host:web-*", "host:db", False),
        ("host:*-1 AND Env:Prod", "host:web-1 env:prod", True),
        ("env:dev OR env:staging", "env:staging", True),
        ("(env:dev OR env:staging) service:x", "env:dev service:x", True),
        ("-env:(dev OR staging)", "env:dev", False),
        ("-env:(dev OR staging)", "env:prod", True),
        ("env:(a AND b)", "env:a", False),
        ("env:(a AND b)", "env:a env:b", True),
        ('name:"two words"', "name:two words", True),
        ("dir:/dev/loop*", "dir:/dev/loop1", True),
    ],
)
def test_scopes(scope: str, tags: str, covered: bool) -> None:
    known = {"name:two words"} if "two" in tags else set(tags.split())
    assert parse_scope(scope).covers(known) is covered


WRONG_SCOPES = {
    "": "is empty",
    "prod": "must be made of key:value pairs",
    ":prod": "must be made of key:value pairs",
    "env:dev OR service:x": "has an OR between different keys",
    "-env:(a AND b)": "negates what can't be negated",
    "--env:a": "negates what can't be negated",
    "env:(-a OR -b)": "has '-' where a value is due",
    "env:(a OR b": "ends too early",
    "(env:a": "ends too early",
    "env:a)": "has a ')' too many",
    "env:": "ends too early",
    "env: prod": "has a key 'env' without a value",
    "e?v:prod": "has a key 'e?v' with characters that Datadog doesn't support",
    "env:(a b)": "has 'b' where OR, AND or a parenthesis is due",
    "env:(a OR b AND c)": "mixes AND and OR in one pair of parentheses",
    "(env:a service:b)": "groups several keys in parentheses",
    "env:a AND": "ends too early",
}


@pytest.mark.parametrize("scope", WRONG_SCOPES)
def test_scopes_that_datadog_does_not_support(scope: str) -> None:
    with pytest.raises(ScopeError) as error:
        parse_scope(scope)
    assert error.value.message == f"the scope {scope!r} {WRONG_SCOPES[scope]}"


def stretches(schedule: dict[str, Any], first: int = JANUARY, last: int = JANUARY + 3 * DAY) -> list[tuple[str, float]]:
    """Starts in UTC and lengths in hours."""
    found = silence({"scope": "*", "schedule": schedule}, first, last).stretches
    return [(f"{datetime.fromtimestamp(start, UTC):%m-%d %H:%M}", (end - start) / 3600) for start, end in found]


def test_one_time_downtimes() -> None:
    assert silence({}, 5, 10).stretches == ((5, FOREVER),)
    assert silence({"schedule": {"start": None, "end": "1970-01-01T00:01:00+00:00"}}, 5, 10).stretches == ((5, 60),)
    assert silence({"schedule": {"start": "1970-01-01T00:01:00"}}, 5, 10).stretches == ()


def test_recurring_downtimes_follow_the_clock_of_their_zone() -> None:
    daily = {"rrule": "FREQ=DAILY", "start": "2026-01-01T02:00:00", "duration": "90m"}
    assert stretches({"timezone": "Europe/Paris", "recurrences": [daily]}) == [
        ("01-01 01:00", 1.5), ("01-02 01:00", 1.5), ("01-03 01:00", 1.5),
    ]  # fmt: skip
    march = int(datetime(2026, 3, 28, tzinfo=UTC).timestamp())
    found = stretches(
        {"timezone": "Europe/Paris", "recurrences": [{**daily, "duration": "1d"}]}, march, march + 2 * DAY
    )
    assert found == [("03-27 01:00", 24), ("03-28 01:00", 24), ("03-29 01:00", 24), ("03-30 00:00", 24)]


def test_recurrences_join_and_may_start_before_the_run_or_without_a_start() -> None:
    weekly = {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=FR", "start": "2025-01-03T10:00:00Z", "duration": "1h"}
    assert stretches({"recurrences": [weekly, {"rrule": "FREQ=DAILY;COUNT=1", "duration": "2h"}]}) == [
        ("01-01 00:00", 2), ("01-02 10:00", 1),
    ]  # fmt: skip


def test_an_until_with_a_z_is_in_utc() -> None:
    until = {"rrule": "FREQ=DAILY;UNTIL=20260102T230000Z", "start": "2026-01-01T07:00:00", "duration": "1h"}
    assert stretches({"timezone": "Asia/Tokyo", "recurrences": [until]}) == [("01-01 22:00", 1), ("01-02 22:00", 1)]


def test_a_rule_that_never_occurs_silences_nothing() -> None:
    never = {"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "start": "2026-01-01T07:00:00", "duration": "1h"}
    assert stretches({"recurrences": [never]}) == []


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"start": "soon"}, "'soon' is no time of a downtime: write 2026-01-05T10:00:00Z"),
        ({"timezone": "Mars/Base", "recurrences": [{}]}, "there is no time zone 'Mars/Base'"),
        ({"recurrences": [{"duration": "5 days"}]}, "'5 days' is no duration of a downtime: write 30m, 2h, 1d or 1w"),
        ({"recurrences": [{"duration": "1h", "start": "x"}]},
         "'x' is no start of a recurrence: write 2026-01-05T10:00:00"),
        ({"recurrences": [{"duration": "1h", "rrule": "FREQ=SOMETIMES"}]},
         "the recurrence 'FREQ=SOMETIMES' is no RRULE that can be followed"),
        ({"recurrences": [{"duration": "1h", "rrule": "FREQ=DAILY;INTERVAL=0"}]},
         "the recurrence 'FREQ=DAILY;INTERVAL=0' comes too often to be followed"),
        ({"recurrences": [{"duration": "1h", "rrule": "freq=minutely"}]},
         "the recurrence 'freq=minutely' comes too often to be followed"),
        ({"recurrences": [{"duration": "1h", "rrule": "FREQ=DAILY;DTSTART=20260101"}]},
         "the recurrence 'FREQ=DAILY;DTSTART=20260101' has a DTSTART, which Datadog doesn't allow"),
    ],
)  # fmt: skip
def test_schedules_that_cannot_be_followed(schedule: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        stretches(schedule)
    assert error.value.message == message


def test_durations() -> None:
    assert [duration(text) for text in ("30m", "2h", "1d", "1w")] == [
        timedelta(minutes=30), timedelta(hours=2), timedelta(days=1), timedelta(weeks=1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (None, True), ({"monitor_tags": ["*"]}, True), ({"monitor_tags": ["team:A"]}, True),
        ({"monitor_tags": ["team:a", "env:x"]}, False), ({"monitor_id": 7}, True), ({"monitor_id": 8}, False),
    ],
)  # fmt: skip
def test_which_monitors_a_downtime_is_for(identifier: dict[str, Any] | None, expected: bool) -> None:
    assert concerns({"monitor_identifier": identifier}, ["Team:a", "service:y"], 7) is expected
    assert concerns({"monitor_identifier": {"monitor_id": 7}}, []) is False


@pytest.mark.parametrize("text", ["99999999999w", "5215w", f"{9**30}d"])
def test_a_downtime_longer_than_a_century_is_refused(text: str) -> None:
    schedule = {"recurrences": [{"rrule": "FREQ=DAILY", "duration": text}]}
    with pytest.raises(InputError, match=r"^the duration of a downtime can't be followed: "):
        silence({"scope": "*", "schedule": schedule}, JANUARY, JANUARY + DAY)


def muted(first: int, last: int, **more: Any) -> dict[str, Any]:
    day = "1970-01-01T00"
    return {"scope": "*", "schedule": {"start": f"{day}:{first:02}:00Z", "end": f"{day}:{last:02}:00Z"}, **more}


@pytest.mark.parametrize(
    ("downtimes", "expected"),
    [
        ([muted(1, 4), muted(3, 6)], [(2, "alert", ("*",)), (6, "alert", ())]),
        ([muted(1, 4, notify_end_types=[])], [(2, "alert", ("*",))]),
        ([muted(1, 4, notify_end_states=["warn"])], [(2, "alert", ("*",))]),
        ([muted(1, 4, scope="t:b")], [(2, "alert", ())]),
    ],
)
def test_the_end_of_a_downtime(downtimes: list[dict[str, Any]], expected: list[Any]) -> None:
    held = [silence(one, 0, 900) for one in downtimes]
    parts = series(every_minute("m", [0, 0, 9, 9, 9, 9, 9, 9], tags="t:a"))
    found = replay("max(last_1m):max:m{*} by {t} > 5", parts, 420, silences=held, bucket=60)
    assert letters(found, "t:a") == expected


def test_merged_groups_are_muted_if_all_in_trouble_are() -> None:
    parts = series(*(every_minute("m", [0, 9, 9, 0, 0], tags=f"t:{name}") for name in "ab"))
    query = "max(last_1m):max:m{*} by {t} > 5"
    for scope, names in (("t:a", ()), ("t:(a OR b)", ("held",))):
        held = silence({"scope": scope}, 0, 900, "held")
        found = replay(query, parts, 240, {"notify_by": ["*"]}, silences=[held], bucket=60)
        assert letters(found, "*") == [(1, "alert", names), (3, "recovery", names)]


@pytest.mark.parametrize(("scope", "expected"), [("t:a", [2]), ("t:b", [2, 6]), ("t:(a OR b)", [6])])
def test_the_end_of_a_downtime_is_told_of_groups_in_trouble_alone(scope: str, expected: list[int]) -> None:
    """Of two groups with one notification only the second is in trouble, from minute 2 on."""
    parts = series(every_minute("m", [0] * 8, tags="t:a"), every_minute("m", [0, 0] + [9] * 6, tags="t:b"))
    held = silence(muted(1 if "a" in scope else 3, 6, scope=scope), 0, 900)
    found = replay("max(last_1m):max:m{*} by {t} > 5", parts, 420, {"notify_by": ["*"]}, silences=[held], bucket=60)
    assert [minute for minute, _, names in letters(found, "*") if not names] == expected
