"""Recurrence rules: which are told as mistakes, and that all the others can be followed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddguard.model import Project, Stack
from ddguard.payload import downtime_request, has_ended
from ddguard.rhythm import rhythm
from ddguard.spec.build import Built, build
from ddguard.spec.documents import Document, read_documents
from ddguard.spec.project import Variables, chosen_environment, project_from
from ddguard.spec.rrules import rule_mistake

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def document(path: str, text: str) -> Document:
    """The only document of a file."""
    return read_documents(path, text)[0][0]


def project() -> Project:
    found, _ = project_from(document("ddguard.yaml", "project: shop\n"))
    assert found is not None
    return found


SHOP = project()
VARIABLES = Variables(SHOP, chosen_environment(SHOP, None), {}, {})


def built(rule: str, start: str = "2026-01-01T02:00:00") -> Built:
    text = (
        "kind: downtime\nid: d\nscope: '*'\nmonitor_identifier: {monitor_tags: ['*']}\n"
        f"schedule: {{recurrences: [{{rrule: {json.dumps(rule)}, start: '{start}', duration: 2h}}]}}\n"
    )
    return build(document("d.yaml", text), SHOP, VARIABLES)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "RRULE:FREQ=DAILY;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=-1FR,+1MO",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=1,-1;BYHOUR=3;BYMINUTE=0",
        "FREQ=YEARLY;BYWEEKNO=53;COUNT=2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270101T000000",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=HOURLY;INTERVAL=6",
    ],
)
def test_rules_without_a_mistake(rule: str) -> None:
    assert built(rule).findings == ()


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is '0': expected a whole number above 0", ""),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is '-1': expected a whole number above 0", ""),
        ("FREQ=DAILY;INTERVAL=1e3", "INTERVAL is '1E3': expected a whole number above 0", ""),
        ("FREQ=DAILY;COUNT=0", "COUNT is '0': expected a whole number above 0", ""),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR is '24': expected numbers from 0 to 23", ""),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR is '-1': expected numbers from 0 to 23", ""),
        ("FREQ=DAILY;WKST=XX", "WKST is 'XX': expected one of MO, TU, WE, TH, FR, SA, SU", ""),
        ("FREQ=YEARLY;BYEASTER=0", "'BYEASTER' is no part of a recurrence rule", ""),
        ("FREQ=WEEKLY;BYDAYS=MO", "'BYDAYS' is no part of a recurrence rule", "did you mean BYDAY?"),
        ("INTERVAL=1", "FREQ is missing: how often it comes back", "such as FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ stands in it twice", "keep one of them"),
    ],
)
def test_mistakes_in_a_rule(rule: str, message: str, hint: str) -> None:
    assert rule_mistake(rule) == (message, hint)


def test_a_mistake_that_the_schema_tells_is_told_once() -> None:
    assert len(built("DTSTART=20260101;FREQ=DAILY;INTERVAL=0").findings) == 1


def test_without_a_start_the_rule_counts_from_the_apply() -> None:
    found = document(
        "d.yaml",
        "kind: downtime\nid: d\nscope: '*'\nmonitor_identifier: {monitor_tags: ['*']}\n"
        "schedule: {recurrences: [{rrule: 'FREQ=DAILY;UNTIL=19990101', duration: 2h}]}\n",
    )
    assert build(found, SHOP, VARIABLES).findings == ()


@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYSETPOS=2", "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366"])
def test_what_never_occurs(rule: str) -> None:
    (finding,) = built(rule).findings
    assert finding.message == f"schedule.recurrences[0].rrule: {rule!r} never occurs"
    assert (finding.position.line, finding.position.column) == (5, 34)


BY_THE_HOUR = "would have to be followed hour by hour"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=HOURLY;BYSETPOS=2", f"'FREQ=HOURLY;BYSETPOS=2' {BY_THE_HOUR}"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=3", f"'FREQ=HOURLY;INTERVAL=24;BYHOUR=3' {BY_THE_HOUR}"),
        ("FREQ=MINUTELY", "FREQ is 'MINUTELY': a downtime comes back every hour at most"),
        ("RRULE:FREQ=SECONDLY;INTERVAL=60", "FREQ is 'SECONDLY': a downtime comes back every hour at most"),
    ],
)
def test_no_downtime_is_followed_hour_by_hour(rule: str, message: str) -> None:
    (finding,) = built(rule).findings
    assert finding.message == f"schedule.recurrences[0].rrule: {message}"
    assert (finding.position.line, finding.position.column) == (5, 34)


@pytest.mark.parametrize(
    ("zone", "start", "duration", "outlasts"),
    [
        ("America/Los_Angeles", "9999-12-31T20:00:00", "2h", True),
        ("America/Los_Angeles", "9999-12-31T13:59:59", "2h", False),
        ("UTC", "9999-12-31T22:30:00", "2h", True),
        ("Pacific/Kiritimati", "9999-12-31T22:30:00", "2h", False),
    ],
)
def test_no_window_outlasts_the_calendar(zone: str, start: str, duration: str, *, outlasts: bool) -> None:
    recurrence = f"{{rrule: FREQ=DAILY, start: '{start}', duration: {duration}}}"
    text = (
        "kind: downtime\nid: d\nscope: '*'\nmonitor_identifier: {monitor_tags: ['*']}\n"
        f"schedule: {{timezone: {zone}, recurrences: [{recurrence}]}}\n"
    )
    message = (
        f"schedule.recurrences[0].start: a window from {start} on outlasts the calendar, "
        "which ends with the year 9999 in UTC"
    )
    assert [finding.message for finding in build(document("d.yaml", text), SHOP, VARIABLES).findings] == (
        [message] if outlasts else []
    )


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231", "25000101", "29991231T000000Z"])
@pytest.mark.parametrize("start", ["2026-01-01T02:00:00", "2999-01-01T02:00:00"])
def test_an_end_for_ever_is_one(until: str, start: str) -> None:
    late = int(until[:4]) < int(start[:4])
    found = built(f"FREQ=WEEKLY;BYDAY=MO;UNTIL={until}", start).findings
    assert [finding.message[-12:] for finding in found] == ["never occurs"] * late


def test_a_start_with_an_offset_is_the_only_mistake() -> None:
    found = built("FREQ=WEEKLY;BYDAY=MO", "2026-01-01T02:00:00Z").findings
    assert [finding.message.partition(":")[0] for finding in found] == ["schedule.recurrences[0].start"]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=DALY", ["the calendar has no 2026-02-30T02:00:00", "FREQ is 'DALY'"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", ["the calendar has no 2026-02-30T02:00:00"]),
        ("FREQ=DAILY", ["the calendar has no 2026-02-30T02:00:00"]),
    ],
)
def test_a_rule_is_read_beside_an_impossible_start(rule: str, told: list[str]) -> None:
    messages = sorted((finding.message for finding in built(rule, "2026-02-30T02:00:00").findings), reverse=True)
    assert [text for message, text in zip(messages, told, strict=True) if text not in message] == []


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00", "1899-12-31T00:00:00"])
def test_what_is_counted_from_centuries_ago(start: str) -> None:
    (finding,) = built("FREQ=DAILY;COUNT=9", start).findings
    assert finding.message == f"schedule.recurrences[0].rrule: COUNT would be counted from {start} on"
    assert built("FREQ=DAILY", start).findings == ()
    assert built("FREQ=DAILY;COUNT=9", "1900-01-01T00:00:00").findings == ()


NAMES = st.sampled_from(["INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYHOUR"])
VALUES = st.sampled_from(["0", "1", "-1", "2", "30", "31", "MO", "2TU", "20260301", "20260301T000000Z", "", "x", "1,2"])
RULES = st.builds(
    lambda frequency, parts: ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in parts)]),
    st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "SECONDLY", "OFTEN"]),
    st.lists(st.tuples(NAMES, VALUES), max_size=3),
)
TEXTS = st.text(st.sampled_from("FREQ=DAILY;BYMONTHUNTILCOUNT0123456789-+, :Z\n"), max_size=40)


@given(
    RULES
    | TEXTS
    | TEXTS.map("FREQ=DAILY;{}".format)
    | st.text(st.characters(max_codepoint=0xD7FF), max_size=10).map("FREQ=WEEKLY;UNTIL={}".format)
)
def test_every_rule_is_a_finding_or_can_be_followed(rule: str) -> None:
    found = built(rule)
    if found.findings:
        assert {finding.check for finding in found.findings} == {"wrong-value"}
        return
    spec: Any = found.spec
    assert downtime_request(spec, Stack("shop", "default"), {}, NOW)["schedule"]["recurrences"][0]["rrule"] == rule
    assert isinstance(has_ended(spec, NOW), bool)
    assert rhythm(rule, datetime(2026, 1, 1, 2), UTC) is not None  # noqa: DTZ001 - a wall clock
