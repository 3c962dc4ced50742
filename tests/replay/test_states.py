"""Missing data, auto-resolve, retention, new groups, composites: whole replays with hand-computed states."""

from collections.abc import Sequence
from typing import Any

import pytest
from helpers import every_minute, letters, one, replay, series, states, story

from ddguard.errors import InputError, UsageError
from ddguard.replay.composites import GroupsByValues
from ddguard.replay.downtimes import Silence
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.generate import generate_values
from ddguard.replay.notifications import Member, worst
from ddguard.replay.outcome import Replay
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import HOUR
from ddguard.replay.scopes import parse_scope
from ddguard.replay.settings import Settings
from ddguard.replay.states import SEVERITY, State

QUERY = "max(last_5m):max:m{*} by {t} > 5"
GONE = series(every_minute("m", [9, 9, 9], tags="t:a"))


def hourly(options: dict[str, Any], query: str = QUERY, **points: float) -> Replay:
    """A point at 0 and whatever else, evaluated every hour for 60 hours, a minute after the hour."""
    times = {0: 9.0, **{int(name[1:]) * HOUR: value for name, value in points.items()}}
    return replay(query, series(one("m", times, tags="t:a")), 60 * HOUR, options, every=HOUR, offset=59)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"on_missing_data": "default"}, [(1, None, "Alert")]),
        ({"on_missing_data": "show_no_data"}, [(1, None, "Alert"), (8, "Alert", "No Data")]),
        ({"on_missing_data": "resolve"}, [(1, None, "Alert"), (8, "Alert", "OK")]),
        ({}, [(1, None, "Alert"), (8, "Alert", "No Data")]),
        ({"notify_no_data": True}, [(1, None, "Alert"), (13, "Alert", "No Data")]),
        ({"notify_no_data": True, "no_data_timeframe": 20}, [(1, None, "Alert"), (23, "Alert", "No Data")]),
    ],
)
def test_missing_data(options: dict[str, Any], expected: list[Any]) -> None:
    """The last point is at minute 2, so that the window of 5 minutes is first empty at minute 8 (offset 1 s: 7).

    https://docs.datadoghq.com/monitors/guide/on_missing_data/
    """
    found = replay(QUERY, GONE, 30 * 60, options, bucket=60, offset=0)
    assert story(found, "t:a") == expected


def test_a_burst_pages_once_for_the_noisy_tenant() -> None:
    """The example of a test file: a burst, a downtime over its beginning, a gap, quiet again."""
    noisy: list[float | None] = [*[0] * 30, *[5] * 61, *[None] * 10, *[0] * 81]
    quiet = generate_values({"poisson": {"mean": 1, "seed": 7}, "length": 180}).tolist()
    parts = series(every_minute("m", noisy, "count", "t:acme"), every_minute("m", quiet, "count", "t:quiet"))
    held = Silence("t:acme", parse_scope("t:acme"), ((40 * 60, 70 * 60),))
    chosen = {"on_missing_data": "default"}
    query = "sum(last_1h):sum:m{*} by {t}.as_count() > 100"
    found = replay(query, parts, 180 * 60, chosen, silences=[held])
    acme = found.group("t:acme")
    assert acme is not None
    assert (acme.state_at(3600), acme.value_at(3600)) == (State.ALERT, 155)
    assert story(found, "t:acme") == [(50, "OK", "Alert"), (130, "Alert", "OK")]
    assert letters(found, "t:acme") == [(50, "alert", ("t:acme",)), (70, "alert", ()), (130, "recovery", ())]
    assert story(found, "t:quiet") == []


def test_a_count_query_goes_on_with_0() -> None:
    parts = series(every_minute("m", [9, 9, 9], "count", "t:a"))
    found = replay("sum(last_5m):sum:m{*} by {t}.as_count() > 5", parts, 600, {"on_missing_data": "default"}, bucket=60)
    assert story(found, "t:a") == [(1, None, "Alert"), (7, "Alert", "OK")]
    assert found.groups[0].value_in(7) is None


def test_auto_resolve_comes_once_and_is_told() -> None:
    found = hourly({"on_missing_data": "default", "timeout_h": 3, "new_group_delay": 1})
    assert [(change.at // HOUR, change.before, change.after) for change in found.transitions] == [
        (0, None, "Alert"), (4, "Alert", "OK"), (25, "OK", None),
    ]  # fmt: skip
    assert [(letter.at // HOUR, letter.kind) for letter in found.notifications] == [(0, "alert"), (4, "recovery")]


@pytest.mark.parametrize(("value", "expected"), [(1.0, [(2, "OK", "No Data"), (3, "No Data", "OK")]), (9.0, [])])
def test_no_data_of_a_calm_group_is_told_also_after_the_time_of_auto_resolve(value: float, expected: list[Any]) -> None:
    """Auto-resolve is about groups in trouble: an Alert is resolved after 1 hour and stays so, an OK has 2 hours."""
    chosen = {"notify_no_data": True, "no_data_timeframe": 65, "timeout_h": 1, "new_group_delay": 1}
    found = replay(QUERY, series(one("m", {0: value}, tags="t:a")), 5 * HOUR, chosen, every=HOUR)
    changes = [(change.at // HOUR, change.before, change.after) for change in found.transitions]
    assert [change for change in changes if "No Data" in change] == expected


def test_auto_resolve_at_the_end_of_retention_comes_before_the_group_is_given_up() -> None:
    found = hourly({"on_missing_data": "default", "timeout_h": 24, "new_group_delay": 1})
    assert [(change.at // HOUR, change.after) for change in found.transitions] == [(0, "Alert"), (25, "OK"), (26, None)]


def test_auto_resolve_of_a_count_triggers_again_if_0_is_bad() -> None:
    query = "sum(last_5m):sum:m{*} by {t}.as_count() < 5"
    parts = series(one("m", {0: 9.0}, "count", "t:a"))
    chosen = {"on_missing_data": "default", "timeout_h": 3, "new_group_delay": 1}
    found = replay(query, parts, 10 * HOUR, chosen, every=HOUR)
    assert [(change.at // HOUR, change.after) for change in found.transitions] == [
        (1, "Alert"),
        (4, "OK"),
        (5, "Alert"),
    ]


def test_a_group_is_given_up_after_a_day_and_is_new_when_it_comes_back() -> None:
    found = hourly({"on_missing_data": "show_and_notify_no_data", "new_group_delay": 1}, h30=9, h31=2)
    assert [(change.at // HOUR, change.before, change.after) for change in found.transitions] == [
        (0, None, "Alert"), (1, "Alert", "No Data"), (25, "No Data", None),
        (30, None, "Alert"), (31, "Alert", "OK"), (32, "OK", "No Data"), (56, "No Data", None),
    ]  # fmt: skip
    assert dict(found.groups[0].rounds_in) == {State.ALERT: 2, State.NO_DATA: 48, State.OK: 1}
    assert found.groups[0].state is None


def test_a_group_of_groups_comes_back_with_the_first_of_them() -> None:
    parts = series(one("m", {0: 9.0}, tags="t:a u:x"), one("m", {30 * HOUR: 9.0}, tags="t:a u:y"))
    chosen = {"on_missing_data": "show_no_data", "new_group_delay": 1}
    query = "max(last_5m):sum(max:m{*} by {t,u}, {t}) > 5"
    found = replay(query, parts, 40 * HOUR, chosen, every=HOUR, offset=59)
    assert [(change.at // HOUR, change.after) for change in found.transitions] == [
        (0, "Alert"), (1, "No Data"), (25, None), (30, "Alert"), (31, "No Data"),
    ]  # fmt: skip


def test_a_group_that_comes_back_waits_for_new_group_delay_again() -> None:
    found = hourly({"on_missing_data": "show_no_data", "new_group_delay": 59}, h30=9)
    assert [change.at // HOUR for change in found.transitions if change.before is None] == [0, 30]
    found = hourly({"on_missing_data": "show_no_data", "new_group_delay": 60}, h30=9)
    assert [change.at // HOUR for change in found.transitions if change.before is None] == [30]


def test_a_first_state_of_ok_is_no_transition_and_a_late_group_begins_late() -> None:
    parts = series(every_minute("m", [1] * 9, tags="t:a"), one("m", {300 + 60 * n: 9 for n in range(4)}, tags="t:b"))
    found = replay(QUERY, parts, 480, bucket=60)
    assert [group.group for group in found.groups] == ["t:a", "t:b"]
    assert story(found, "t:a") == []
    assert story(found, "t:b") == [(6, None, "Alert")]
    b = found.group("t:b")
    assert b is not None
    assert (b.state_at(359), b.state_at(360), b.state_at(10_000)) == (None, State.ALERT, State.ALERT)
    assert (b.value_at(-1), b.value_at(0), b.value_at(300)) == (None, None, 9)
    assert (found.group("t:c"), b.rounds_in) == (None, {State.ALERT: 3})


def test_a_new_host_delay_counts_for_groups_of_hosts() -> None:
    parts = series(every_minute("m", [9] * 9, tags="host:a"))
    query = "max(last_5m):max:m{*} by {host} > 5"
    assert story(replay(query, parts, 480, {"new_host_delay": 300}), "host:a") == [(5, None, "Alert")]
    assert story(replay(query, parts, 480, {"new_host_delay": 300, "new_group_delay": 120}), "host:a")[0][0] == 2
    assert story(replay(query, parts, 480, {"new_group_delay": 0}), "host:a")[0][0] == 0


def test_simple_alerts_and_notify_by_put_groups_together() -> None:
    parts = series(
        every_minute("m", [1, 1, 9, 9, 1, 1], tags="s:x h:1"),
        every_minute("m", [1, 1, 1, 9, 9, 1], tags="s:x h:2"),
        every_minute("m", [1, 1, 1, 1, 9, 9], tags="s:y h:3"),
    )
    query = "max(last_1m):max:m{*} by {s,h} > 5"
    apart = replay(query, parts, 300, bucket=60)
    assert [letter.group for letter in apart.notifications if letter.kind == "alert"] == [
        "s:x,h:1",
        "s:x,h:2",
        "s:y,h:3",
    ]
    by_s = replay(query, parts, 300, {"notify_by": ["s"]}, bucket=60)
    assert letters(by_s, "s:x") == [(2, "alert", ()), (5, "recovery", ())]
    assert letters(by_s, "s:y") == [(4, "alert", ())]
    assert [one.name for one in by_s.assumptions] == ["merged-groups"]
    assert letters(replay(query, parts, 300, {"notify_by": ["*"]}, bucket=60), "*") == [(2, "alert", ())]


def test_the_worst_state_of_several_groups() -> None:
    def member(*spans: tuple[int, State | None]) -> Member:
        return Member("g", frozenset(), spans)

    merged = worst(
        [member((0, State.OK), (3, State.WARN), (5, None)), member((2, State.NO_DATA), (4, State.OK), (6, None))]
    )
    assert merged == ((0, State.OK), (2, State.NO_DATA), (3, State.WARN), (5, State.OK), (6, None))
    assert sorted(SEVERITY, key=SEVERITY.__getitem__) == [State.OK, State.NO_DATA, State.WARN, State.ALERT]


def test_repeats_go_by_status_and_number() -> None:
    parts = series(every_minute("m", [3] * 6 + [9] * 10))
    chosen = {"thresholds": {"critical": 5, "warning": 2}, "renotify_interval": 2, "renotify_occurrences": 3}
    found = replay("max(last_1m):max:m{*} > 5", parts, 900, chosen, bucket=60)
    assert letters(found, "*") == [
        (0, "warn", ()),
        (6, "alert", ()),
        (8, "renotify", ()),
        (10, "renotify", ()),
        (12, "renotify", ()),
    ]
    found = replay("max(last_1m):max:m{*} > 5", parts, 360, {**chosen, "renotify_statuses": ["warn"]}, bucket=60)
    assert letters(found, "*") == [(0, "warn", ()), (2, "renotify", ()), (4, "renotify", ()), (6, "alert", ())]


def test_a_draft_sends_nothing() -> None:
    definition = {"type": "query alert", "query": QUERY, "draft_status": "draft"}
    found = evaluate(definition, GONE, Run(0, 300))
    assert (len(found.transitions), found.notifications) == (1, ())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_missing_data": "guess"},
         "on_missing_data 'guess' is none of default, show_no_data, show_and_notify_no_data, resolve"),
        ({"timeout_h": "soon"}, "timeout_h 'soon' is no number"),
        ({"thresholds": {"warning": []}}, "warning [] is no number"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_followed(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        replay(QUERY, GONE, 60, options)
    assert error.value.message == message


def test_options_may_be_texts_or_nothing() -> None:
    found = replay(QUERY, GONE, 120, {"renotify_interval": "0", "timeout_h": None, "evaluation_delay": ""})
    assert story(found, "t:a") == [(1, None, "Alert")]


def test_unknown_assumptions_are_refused() -> None:
    with pytest.raises(UsageError):
        evaluate({"type": "query alert", "query": QUERY}, GONE, Run(0, 60, Settings(assume={"luck": "good"})))


# Composites


def composite(
    query: str, options: dict[str, Any] | None = None, draft: bool = False, **parts: Sequence[float]
) -> Replay:
    known = {
        name: replay("max(last_1m):max:m{*} by {t} > 5", series(every_minute("m", values, tags="t:a")), 360,
                     {"on_missing_data": "show_no_data", "new_group_delay": 1}, bucket=60)
        for name, values in parts.items()
    }  # fmt: skip
    definition = {"type": "composite", "query": query, "options": options or {}}
    if draft:
        definition["draft_status"] = "draft"
    return evaluate(
        definition, series(), Run(0, 360, constituents={name.removeprefix("n"): one for name, one in known.items()})
    )


def test_a_composite_follows_its_constituents() -> None:
    up, later = [9.0, 9, 9, 9, 1, 1, 1], [1.0, 1, 9, 9, 9, 9, 1]
    found = composite("${monitor:x} && !(!12)", x=up, n12=later)
    assert story(found, "t:a") == [(2, "OK", "Alert"), (4, "Alert", "OK")]
    assert letters(found, "t:a") == [(2, "alert", ()), (4, "recovery", ())]
    assert found.thresholds is None
    assert (found.groups[0].tags, found.every) == (frozenset({"t:a"}), 60)
    assert composite("x1 && 12".replace("x1", "${monitor:x}"), draft=True, x=up, n12=later).notifications == ()


def test_a_composite_without_common_groups_never_triggers() -> None:
    other = replay(QUERY, series(every_minute("m", [9] * 5, tags="t:b")), 240)
    mine = replay(QUERY, series(every_minute("m", [9] * 5, tags="t:a")), 240)
    found = evaluate(
        {"type": "composite", "query": "1 && 2"}, series(), Run(0, 240, constituents={"1": mine, "2": other})
    )
    assert (found.groups, found.transitions) == ((), ())


@pytest.mark.parametrize(
    ("scope", "assume", "held_back", "told"),
    [
        ("env:p", {}, True, True),
        ("env:p", {"composite-tags": "keys"}, False, True),
        ("env:p AND t:a", {}, True, True),
        ("t:a", {}, True, False),
        ("t:a", {"composite-tags": "keys"}, True, False),
        ("env:q", {}, False, False),
        ("region:eu", {}, True, True),
    ],
)
def test_which_tags_of_its_constituents_a_composite_carries_is_an_assumption(
    scope: str, assume: dict[str, str], held_back: bool, told: bool
) -> None:
    tags = "t:a env:p region:eu"
    up = series(every_minute("m", [9] * 5, tags=tags))
    first = replay("max(last_1m):max:m{env:p} by {t} > 5", up, 240)
    second = replay("max(last_1m):max:m{region:eu} by {t} > 5", up, 240)
    silence = Silence("pause", parse_scope(scope), ((0, 10_000),))
    run = Run(0, 240, Settings(assume=assume), [silence], {"1": first, "2": second})
    found = evaluate({"type": "composite", "query": "1 && 2"}, series(), run)
    assert [letter.suppressed_by for letter in found.notifications] == [("pause",) if held_back else ()]
    assert [one.name for one in found.assumptions] == (["composite-tags"] if told else [])


def test_a_finer_group_finds_the_one_that_it_is_a_part_of() -> None:
    groups = GroupsByValues(f"host:h{number}" for number in range(1_000))
    assert groups.part_of("device:sda,host:h7") == "host:h7"
    assert groups.part_of("device:sda,host:other") is None


SILENT = "max(last_1m):max:nothing{*} > 5"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1 || 2", [None, "Alert", "Alert", "Warn"]),
        ("1 && 2", [None, None, "OK", "OK"]),
        ("!1 && 2", [None, None, "OK", "OK"]),
        ("1 && !2", [None, "OK", "OK", "OK"]),
    ],
)
@pytest.mark.parametrize("tells", [False, True])
def test_a_monitor_without_groups_and_data_is_in_no_data_for_a_composite(
    query: str, expected: list[Any], tells: bool
) -> None:
    """Without having had data it brings no composite into No Data: that keeps its last state.

    https://docs.datadoghq.com/monitors/configuration/#no-data and https://docs.datadoghq.com/monitors/types/composite/
    """
    values = [None, 9.0, 1, 4]
    loud = replay(
        "max(last_1m):max:m{*} by {t} > 5", series(every_minute("m", values, tags="t:a")), 180,
        {"thresholds": {"critical": 5, "warning": 3}, "new_group_delay": 1}, bucket=60,
    )  # fmt: skip
    run = Run(0, 180, constituents={"1": replay(SILENT, series(), 180), "2": loud})
    found = evaluate({"type": "composite", "query": query, "options": {"notify_no_data": tells}}, series(), run)
    group = found.group("t:a")
    assert group is not None
    assert states(group) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("show_and_notify_no_data", [(1, "no data", ())]), ("show_no_data", []), ("default", [])],
)
def test_a_composite_tells_of_no_data_if_its_parts_do(policy: str, expected: list[Any]) -> None:
    """https://docs.datadoghq.com/monitors/types/composite/#no-data."""
    part = replay("max(last_1m):max:m{*} > 5", series(every_minute("m", [1])), 360, {"on_missing_data": policy})
    run = Run(0, 360, constituents={"1": part})
    found = evaluate({"type": "composite", "query": "1", "options": {"notify_no_data": True}}, series(), run)
    assert letters(found, "*") == expected


@pytest.mark.parametrize(
    ("query", "what", "reason"),
    [
        ("1 && 7", "the composite", "the monitor 1 is not there"),
        ("1 &", "the query", "it can't be read: "),
        ("", "the query", "it can't be read: the query is empty"),
    ],
)
def test_a_composite_that_cannot_be_evaluated(query: str, what: str, reason: str) -> None:
    with pytest.raises(CannotEvaluateError) as error:
        composite(query)
    assert error.value.what == what
    assert error.value.reason.startswith(reason)
