"""Until when a snooze lasts."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ddguard.errors import RefusedError, UsageError
from ddguard.model import SnoozePolicy
from ddguard.snooze import snooze_end
from tests.oncall.examples import NOW, POLICY


def end(length: str | None = None, until: str | None = None, policy: SnoozePolicy = POLICY) -> datetime:
    return snooze_end(NOW, length, until, policy, datetime.astimezone)


@pytest.fixture(autouse=True)
def in_paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """NOW is four o'clock and 123456 microseconds there."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("length", "until", "expected"),
    [
        (None, None, "2026-01-05T04:00:00"),
        ("90s", None, "2026-01-05T03:01:30"),
        ("24h", None, "2026-01-06T03:00:00"),
        (None, "2026-01-05T05:30:00Z", "2026-01-05T05:30:00"),
        (None, "2026-01-05T05:30:00+02:00", "2026-01-05T03:30:00"),
        (None, "18:30", "2026-01-05T17:30:00"),
        (None, "4:01", "2026-01-05T03:01:00"),
        (None, "04:00", "2026-01-06T03:00:00"),
        (None, "03:59", "2026-01-06T02:59:00"),
    ],
)
def test_when_it_ends(length: str | None, until: str | None, expected: str) -> None:
    found = end(length, until)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found.utcoffset() == timedelta()


def test_a_time_of_day_is_that_of_the_users_clock() -> None:
    tokyo = timezone(timedelta(hours=9))

    def to_local(moment: datetime) -> datetime:
        return moment.replace(tzinfo=tokyo) if moment.tzinfo is None else moment.astimezone(tokyo)

    assert snooze_end(NOW, None, "13:00", POLICY, to_local) == datetime(2026, 1, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until", "expected"),
    [
        ("2026-10-25T00:10:00", "02:30", "2026-10-25T00:30:00"),
        ("2026-10-25T00:30:00", "02:30", "2026-10-25T01:30:00"),
        ("2026-10-25T00:40:00", "02:30", "2026-10-25T01:30:00"),
        ("2026-10-25T01:10:00", "02:30", "2026-10-25T01:30:00"),
        ("2026-10-25T01:10:00", "03:30", "2026-10-25T02:30:00"),
        ("2026-10-25T01:30:00", "02:30", "2026-10-26T01:30:00"),
        ("2026-10-24T12:00:00", "02:30", "2026-10-25T00:30:00"),
        ("2026-03-29T00:10:00", "02:30", "2026-03-29T01:30:00"),
        ("2026-03-29T00:10:00", "03:30", "2026-03-29T01:30:00"),
        ("2026-03-29T01:40:00", "02:30", "2026-03-30T00:30:00"),
    ],
)
def test_a_time_of_day_where_the_clock_is_set(now: str, until: str, expected: str) -> None:
    """In Paris two o'clock comes twice on 25 October, and not at all on 29 March."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    longer = SnoozePolicy(max=timedelta(hours=25))
    found = snooze_end(moment, None, until, longer, datetime.astimezone)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "until", "message"),
    [
        ("soon", None, "--for 'soon' is no length of time"),
        ("-1h", None, "--for '-1h' is no length of time"),
        (None, "tomorrow", "--until 'tomorrow' is no time"),
        (None, "\x1b[2J", "--until '\\x1b[2J' is no time"),
        (None, "25:00", "--until '25:00' is no time of day"),
        (None, "2026-01-05T05:00:00", "--until '2026-01-05T05:00:00' lacks a time zone"),
        (None, "2026-01-05", "--until '2026-01-05' lacks a time zone"),
        (None, "9999-12-31T23:59:59-10:00", "--until '9999-12-31T23:59:59-10:00' is no time"),
        ("1h", "18:30", "--for and --until both say when it ends"),
    ],
)
def test_what_cannot_be_read(length: str | None, until: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        end(length, until)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("length", "until", "message"),
    [
        ("0s", None, "the end of the snooze is past already"),
        (None, "2026-01-05T03:00:00Z", "the end of the snooze is past already"),
        (None, "2020-01-05T03:00:00Z", "the end of the snooze is past already"),
        ("24h1s", None, "the snooze would last 1d1s, and 1d is the most allowed"),
        ("2d", None, "the snooze would last 2d, and 1d is the most allowed"),
        (None, "2026-01-06T03:00:01Z", "the snooze would last 1d1s, and 1d is the most allowed"),
    ],
)
def test_what_the_policy_refuses(length: str | None, until: str | None, message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        end(length, until)
    assert caught.value.message == message
