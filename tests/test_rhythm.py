"""How recurrence rules are followed."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from dateutil.rrule import _iterinfo, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from ddguard.rhythm import length_of, rhythm, zone_of

START = datetime(2026, 1, 1, 2)  # noqa: DTZ001 - a wall clock
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Nowhere/At_All", "../etc", "", None, 5])
def test_a_zone_that_there_is_not_is_utc(name: Any) -> None:
    assert zone_of(name) is UTC
    assert str(zone_of("Europe/Paris")) == "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(1)),
        ("1w", timedelta(7)),
        ("", timedelta()),
        ("2 h", timedelta()),
        (None, timedelta()),
        (5, timedelta()),
    ],
)
def test_lengths(text: Any, length: timedelta) -> None:
    assert length_of(text) == length


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;UNTIL=20251231",
        "FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYSETPOS=300",
        "FREQ=WEEKLY;BYYEARDAY=-366;INTERVAL=5;BYMONTH=2",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29;UNTIL=23990101",
    ],
)
def test_what_never_occurs(rule: str) -> None:
    found = rhythm(rule, START.replace(year=2027) if "=29" in rule else START, UTC)
    assert found is not None
    assert not found.begins_at_all()
    assert list(found.begins_after(NOW)) == []


def test_the_search_ends_in_the_middle_of_the_last_week_of_the_calendar() -> None:
    found = rhythm("FREQ=WEEKLY;BYYEARDAY=-366;INTERVAL=5", datetime(2024, 3, 1), UTC)  # noqa: DTZ001 - a wall clock
    assert found is not None
    assert list(found.begins_after(NOW))[-1].year < 2400


def test_rare_occurrences_are_found() -> None:
    found = rhythm("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", START, UTC)
    assert found is not None
    assert next(found.begins_after(NOW)) == datetime(2044, 2, 29, 2)  # noqa: DTZ001 - a wall clock


FREQUENCIES = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "INTERVAL": st.integers(1, 40),
    "COUNT": st.integers(1, 50),
    "WKST": st.sampled_from(["MO", "SU"]),
    "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": st.integers(-31, 31).filter(bool),
    "BYYEARDAY": st.integers(-366, 366).filter(bool),
    "BYWEEKNO": st.integers(-53, 53).filter(bool),
    "BYDAY": st.sampled_from(["MO", "MO,FR", "2TU", "-1SU", "SA,SU"]),
    "BYSETPOS": st.sampled_from([1, -1, 2]),
}
RULES = st.builds(
    lambda frequency, parts: ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in parts)]),
    FREQUENCIES,
    st.lists(
        st.sampled_from(sorted(PARTS)).flatmap(lambda name: st.tuples(st.just(name), PARTS[name])),
        max_size=3,
        unique_by=lambda part: part[0],
    ),
)


@settings(max_examples=50)
@given(RULES, st.integers(0, 1100).map(lambda days: datetime(2024, 1, 1, 2) + timedelta(days)))  # noqa: DTZ001
def test_later_years_give_the_occurrences_of_these(rule: str, start: datetime) -> None:
    found = rhythm(rule, start, UTC)
    assert found is not None
    begins = list(islice(found.begins_after(NOW), 20))

    plain = rrulestr(rule, dtstart=start).xafter(NOW.replace(tzinfo=None))
    assert begins == list(islice(plain, len(begins)))


@given(st.text(st.sampled_from("FREQ=DAILYHOUTWKMN;BCSPV0123456789-+, :TZ\n"), max_size=60) | st.text(max_size=20))
def test_any_text_is_followed_or_not(text: str) -> None:
    for rule in (text, f"FREQ=DAILY;{text}", f"FREQ=YEARLY;BY{text}", f"FREQ=WEEKLY;UNTIL={text}"):
        found = rhythm(rule, START, UTC)
        assert found is None or isinstance(found.begins_at_all(), bool)


OLD = st.datetimes(datetime(1600, 1, 1), datetime(2026, 12, 31)).map(lambda start: start.replace(microsecond=0))  # noqa: DTZ001


@settings(max_examples=30)
@given(RULES.filter(lambda rule: "COUNT" not in rule), OLD)
def test_occurrences_are_those_of_the_rule_from_its_start_on(rule: str, start: datetime) -> None:
    found = rhythm(rule, start, UTC)
    assert found is not None
    begins = list(islice(found.begins_after(NOW), 20))

    plain = rrulestr(rule, dtstart=start).xafter(NOW.replace(tzinfo=None))
    assert begins == list(islice(plain, len(begins)))


class Counted:
    """An rrule that counts the occurrences which it passes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days = 0
        plain = _iterinfo.ddayset

        def counting(info: Any, year: int, month: int, day: int) -> Any:
            self.days += 1
            return plain(info, year, month, day)

        monkeypatch.setattr(_iterinfo, "ddayset", counting)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;UNTIL=20270101", "FREQ=DAILY;INTERVAL=3;BYMONTH=11"])
def test_a_recurrence_of_two_thousand_years_is_not_followed_day_by_day(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    found = rhythm(rule, datetime(1, 1, 1, 2), UTC)  # noqa: DTZ001 - a wall clock
    assert found is not None
    assert next(found.begins_after(NOW)).year == 2026
    assert found.begins_at_all()
    assert 0 < counted.days < 1000


def test_the_search_for_what_never_occurs_ends_with_the_cycle_of_the_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    found = rhythm("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", datetime(1, 1, 1, 2), UTC)  # noqa: DTZ001 - a wall clock
    assert found is not None
    assert not found.begins_at_all()
    assert list(found.begins_after(NOW)) == []
    assert counted.days < 450_000


def test_what_counts_from_before_1900_is_not_followed() -> None:
    assert rhythm("FREQ=DAILY;COUNT=999999", datetime(1899, 12, 31), UTC) is None  # noqa: DTZ001 - a wall clock
    assert rhythm("FREQ=DAILY;COUNT=999999", datetime(1900, 1, 1), UTC) is not None  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize(
    ("begin", "zone"), [("0001-01-01T00:00:00", "Europe/Paris"), ("9999-12-31T23:30:00", "America/New_York")]
)
def test_the_ends_of_the_calendar_are_instants_too(begin: str, zone: str) -> None:
    local = datetime.fromisoformat(begin)
    found = rhythm("FREQ=DAILY", local, zone_of(zone))
    assert found is not None
    assert found.instant(local).year == local.year
    assert isinstance(next(found.begins_after(NOW), None), datetime)
