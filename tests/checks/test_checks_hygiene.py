"""The checks of ownership and hygiene, of composites' parts and of downtimes."""

import json
from datetime import date
from typing import Any

import pytest
from checked_specs import TODAY, found_in, marked, of_themes, project, specs

from ddguard.checks import Theme, check_project, tag_without_value
from ddguard.checks.untested import NOT_LOCAL
from ddguard.replay.refusals import REFUSED_FUNCTIONS

OURS = of_themes(Theme.HYGIENE)
BY_TENANT = "sum(last_1h):sum:a{env:prod} by {tenant}.as_count() > 1"


def spec(query: str = BY_TENANT, type_: str = "query alert", **more: Any) -> str:
    keys = {"id": "one", "name": "One", "type": type_, "query": query, **more}
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())


def downtime(scope: str, identifier: str = "{monitor: one}", schedule: str = '{end: "2027-01-01T00:00:00Z"}') -> str:
    return f'---\nkind: downtime\nid: d\nscope: "{scope}"\nmonitor_identifier: {identifier}\nschedule: {schedule}\n'


def told(name: str, text: str, today: date = TODAY) -> list[tuple[str, str]]:
    found = [finding for finding in found_in(text, OURS, today) if finding.check == name]
    return [(finding.message, marked(text, finding)) for finding in found]


def hints(name: str, text: str) -> list[str]:
    return [finding.hint for finding in found_in(text, OURS) if finding.check == name]


# Tags, names, priorities


def test_an_owner_is_a_tag_of_the_spec_or_of_the_project() -> None:
    assert told("missing-owner", spec(tags=["service:a"])) == [
        ("no tag says whose monitor this is", '"tags"'.strip('"'))
    ]
    assert told("missing-owner", spec(tags=["Team:a"])) == told("missing-owner", spec(tags=["owner:a"])) == []
    assert len(told("missing-owner", spec())) == 1
    assert len(told("missing-owner", spec(tags=["team:"]))) == 1


def test_a_tag_of_the_monitor_without_a_value_is_told_at_its_place() -> None:
    text = spec(tags=["a:b", "team:"])
    (found,) = found_in(text, [tag_without_value.CHECK])
    assert (found.message, marked(text, found)) == ("the tag `team:` has no value", '"team:"')


def test_the_tag_of_a_hold_is_not_for_writing() -> None:
    text = spec(tags=["team:a", "hold:manual-review"])
    expected = "hold:manual-review asks nobody for a review: the spec has no `hold`"
    assert told("hold-tag-by-hand", text) == [(expected, '"hold:manual-review"')]
    held = spec(tags=["hold:manual-review"], hold={"review": "@webhook-a", "reason": "look at it"})
    assert told("hold-tag-by-hand", held) == []


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [("One", [], []), ("  One", ["  "], []), ("One \t", [], [" \\t"]), (" ", [" "], []), ("", [], [])],
)
def test_blanks_around_names(name: str, begins: list[str], ends: list[str]) -> None:
    text = spec(name=name)
    assert [place for _, place in told("name-begins-with-blank", text)] == begins
    assert [place for _, place in told("name-ends-with-blank", text)] == ends


def test_equal_names_are_told_at_each_of_them() -> None:
    text = "---\n".join(spec(id=name, name=title) for name, title in (("b", "A"), ("a", "A"), ("c", "C"), ("d", "A")))
    assert [message for message, _ in told("duplicate-name", text)] == [
        "the same name as a, d",
        "the same name as b, d",
        "the same name as a, b",
    ]


def test_of_many_namesakes_a_few_are_named() -> None:
    text = "---\n".join(spec(id=name, name="A") for name in "abcdef")
    assert told("duplicate-name", text)[0][0] == "the same name as b, c, d and 2 more"


def test_monitors_without_a_name_are_no_namesakes() -> None:
    assert told("duplicate-name", spec(name="", id="a") + "---\n" + spec(name="", id="b")) == []


@pytest.mark.parametrize(
    ("more", "count"), [({}, 1), ({"priority": None}, 1), ({"priority": 0}, 1), ({"priority": 5}, 0)]
)
def test_priorities(more: dict[str, Any], count: int) -> None:
    assert len(told("missing-priority", spec(**more))) == count


# allow, hold, ignore


def allowed(*tags: str, reason: str = "load test, RISK-12", expires: str = "2026-06-15") -> dict[str, Any]:
    return {"allow": [{"tag": tag, "reason": reason, "expires": expires} for tag in tags]}


def test_an_allowance_counts_to_the_end_of_its_day() -> None:
    text = spec(**allowed("tenant:a"))
    assert told("allowance-ended", text, date(2026, 6, 15)) == []
    assert told("allowance-ended", text, date(2026, 6, 16)) == [
        ("tenant:a is back in the rule since 2026-06-16: this entry has ended", '"2026-06-15"')
    ]


@pytest.mark.parametrize(
    ("query", "type_", "message", "hint"),
    [
        (
            "sum(last_1h):sum:a{*} by {host}.as_count() > 1",
            "query alert",
            "no metric in the query is grouped by tenant",
            "group by {tenant}, or drop `allow`",
        ),
        (
            "1 && 2",
            "composite",
            "only the filters of metric queries can be added to",
            "give `allow` to the monitors that the composite is made of",
        ),
        (
            'logs("*").index("*").rollup("count").by("tenant").last("5m") > 5',
            "log alert",
            "only the filters of metric queries can be added to",
            "write the filter into the query itself",
        ),
    ],
)
def test_allowances_that_can_not_be_written(query: str, type_: str, message: str, hint: str) -> None:
    text = spec(query, type_, **allowed("tenant:a"))
    assert told("allowance-impossible", text) == [(f"tenant:a can't be left out: {message}", '"tenant:a"')]
    assert hints("allowance-impossible", text) == [hint]
    assert told("allowance-impossible", text, date(2026, 6, 16)) == []


def test_allowances_of_a_query_that_can_not_be_read_are_not_judged() -> None:
    assert told("allowance-impossible", spec("sum(last_1h", **allowed("tenant:a"))) == []
    assert told("allowance-impossible", spec(**allowed("tenant:a", "tenant:b"))) == []


@pytest.mark.parametrize("reason", ["-", "?", "todo", "TBD.", "n/a", "x", "  ok ", "test", "__"])
def test_reasons_that_say_nothing(reason: str) -> None:
    text = spec(
        **allowed("tenant:a", reason=reason),
        hold={"review": "@webhook-a", "reason": reason},
        ignore=[{"check": "untested", "reason": reason}],
    )
    assert [message for message, _ in told("empty-reason", text)] == [
        f"the reason of this `{key}` says nothing" for key in ("allow", "hold", "ignore")
    ]


def test_reasons_that_say_something() -> None:
    assert told("empty-reason", spec(**allowed("tenant:a", reason="RISK-12"))) == []
    text = spec() + downtime("tenant:a") + 'ignore: [{check: downtime-without-end, reason: "wip"}]\n'
    assert [place for _, place in told("empty-reason", text)] == ['"wip"']


HOLD: dict[str, Any] = {"hold": {"review": "@webhook-a", "reason": "look at it"}}


def test_a_hold_wants_tenants_to_be_told_apart() -> None:
    message = "the review can't be told which tenant: the query isn't grouped by it"
    assert told("hold-without-tenant", spec("avg(last_5m):avg:a{*} by {host} > 1", **HOLD)) == [(message, "hold")]
    assert told("hold-without-tenant", spec("avg(last_5m):avg:a{*} by {host} > 1")) == []
    assert told("hold-without-tenant", spec(**HOLD)) == []
    assert told("hold-without-tenant", spec("avg(last_5m):avg:a{tenant:acme} by {host} > 1", **HOLD)) == []


def test_a_hold_on_a_composite_looks_at_its_parts() -> None:
    parts = spec(id="a", name="A") + "---\n" + spec("avg(last_5m):avg:a{*} by {host} > 1", id="b", name="B") + "---\n"
    both = spec("${monitor:a} && ${monitor:b}", "composite", **HOLD)
    assert told("hold-without-tenant", parts + both) == []
    assert len(told("hold-without-tenant", parts + spec("!${monitor:b}", "composite", **HOLD))) == 1


# Composites


def composite(*, forever: str = "", **more: Any) -> str:
    parts = spec(id="a", name="A", **more) + "---\n" + spec(id="b", name="B") + "---\n"
    return parts + spec("${monitor:a} && ${monitor:b} || 12", "composite") + forever


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"draft_status": "draft"}, ["a is a draft"]),
        ({"forever": downtime("tenant:x", "{monitor: a}", "{}")}, ["a is muted for good by d"]),
        ({"forever": downtime("tenant:x", "{monitor: a}")}, []),
        (
            {
                "forever": downtime(
                    "tenant:x", "{monitor: a}", "{timezone: UTC, recurrences: [{rrule: FREQ=DAILY, duration: 1h}]}"
                )
            },
            [],
        ),
    ],
)
def test_parts_that_are_silent(more: dict[str, Any], expected: list[str]) -> None:
    assert [message for message, _ in told("muted-part", composite(**more))] == expected


def test_parts_by_number() -> None:
    assert told("part-by-number", composite()) == [("12 is the number of a monitor in one account", "12")]


# Tests


def untested(text: str, *tested: str) -> list[str]:
    monitors, downtimes = specs(text)
    found = check_project(project(), monitors, downtimes, frozenset(tested), TODAY, OURS)
    return [marked(text, finding) for finding in found if finding.check == "untested"]


@pytest.mark.parametrize(
    ("query", "type_", "count"),
    [
        (BY_TENANT, "query alert", 1),
        ("avg(last_5m):p95:a{*} > 1", "query alert", 0),
        ("avg(last_5m):count:a{*} > 1", "query alert", 0),
        ("sum(last_5m):count(v: v>5):a{*}.as_count() > 1", "query alert", 0),
        ("avg(last_4h):anomalies(avg:a{*}, 'basic', 2) >= 1", "query alert", 0),
        ('logs("*").index("*").rollup("count").last("5m") > 5', "log alert", 0),
        ("1 && 2", "composite", 0),
        ("${monitor:missing} && 2", "composite", 0),
    ],
)
def test_what_can_be_tested(query: str, type_: str, count: int) -> None:
    assert len(untested(spec(query, type_))) == count


def test_a_tested_composite_covers_its_parts() -> None:
    text = spec(id="a", name="A") + "---\n" + spec(id="b", name="B") + "---\n"
    text += spec("${monitor:a} && ${monitor:b}", "composite")
    assert untested(text) == ['"a"', '"b"', '"one"']
    assert untested(text, "one") == []
    assert untested(text, "a", "b") == ['"one"']


def test_a_composite_of_what_can_not_be_evaluated_needs_no_test() -> None:
    text = spec("avg(last_4h):anomalies(avg:a{*}, 'basic', 2) >= 1", id="a", name="A") + "---\n"
    assert untested(text + spec("!${monitor:a}", "composite")) == []


def test_what_the_evaluator_refuses_is_what_needs_no_test() -> None:
    assert set(REFUSED_FUNCTIONS) == NOT_LOCAL


# Downtimes


@pytest.mark.parametrize(
    ("scope", "keys"),
    [
        ("tenant:acme", []),
        ("env:prod AND tenant:(a OR b)", []),
        ("*", []),
        ("customer:acme", ["customer"]),
        ("tenant:a AND host:b AND -region:eu", ["host"]),
        ("tenant:https://x:8080/y", []),
    ],
)
def test_scopes_are_held_to_the_groups(scope: str, keys: list[str]) -> None:
    assert [place for _, place in told("downtime-matches-nothing", spec() + downtime(scope))] == keys


def test_a_scope_without_groups_says_which_there_are() -> None:
    text = spec(tags=["service:a"]) + downtime("customer:acme", '{monitor_tags: ["service:a"]}')
    assert told("downtime-matches-nothing", text) == [
        ("no monitor of this downtime has groups with a customer: nothing is silenced", "customer")
    ]
    assert hints("downtime-matches-nothing", text) == ["they have env, tenant"]
    plain = spec("avg(last_5m):avg:a{*} > 1") + downtime("customer:acme")
    assert hints("downtime-matches-nothing", plain) == ["they have no groups at all"]


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        ("tenant:acme", []),
        ("env:prod AND tenant:acme", ["env"]),
        ("tenant:acme AND -env:prod", []),
        ("customer:acme", ["customer"]),
    ],
)
def test_what_only_the_parts_of_a_composite_filter_by_is_told(scope: str, places: list[str]) -> None:
    parts = spec(id="a", name="A") + "---\n" + spec(id="b", name="B") + "---\n"
    text = parts + spec("${monitor:a} && ${monitor:b}", "composite") + downtime(scope)
    assert [place for _, place in told("downtime-matches-nothing", text)] == places
    assert text.count("{monitor: one}") == 1
    beside_the_parts = text.replace("{monitor: one}", '{monitor_tags: ["*"]}')
    left = [place for place in places if place != "env"]
    assert [place for _, place in told("downtime-matches-nothing", beside_the_parts)] == left


@pytest.mark.parametrize(
    "identifier", ['{monitor_tags: ["service:other"]}', "{monitor_id: 12}", "{monitor: elsewhere}", "{monitor: unread}"]
)
def test_downtimes_of_monitors_that_are_not_known_are_left_alone(identifier: str) -> None:
    text = spec() + "---\n" + spec('error_budget("x").over("7d") > 1', "slo alert", id="unread", name="U")
    assert told("downtime-matches-nothing", text + downtime("customer:acme", identifier)) == []


@pytest.mark.parametrize(
    ("schedule", "count"),
    [
        ("{}", 1),
        ("{start: null}", 1),
        ('{start: "2026-01-01T00:00:00Z", end: null}', 1),
        ('{end: "2027-01-01T00:00:00Z"}', 0),
        ("{timezone: UTC, recurrences: [{rrule: FREQ=DAILY, duration: 1h}]}", 0),
    ],
)
def test_downtimes_end(schedule: str, count: int) -> None:
    assert len(told("downtime-without-end", spec() + downtime("tenant:a", schedule=schedule))) == count


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        ("tenant:a", ""),
        ("tenant:a OR tenant:b", ""),
        ("tenant:(a OR b) OR tenant:c", ""),
        ("tenant:a OR tenant:b env:prod", ""),
        ("tenant:a AND env:(dev OR staging) -env:prod", ""),
        ("tenant:a AND (env:dev OR (env:x AND tenant:b))", ""),
        ("(tenant:a AND env:prod) OR (tenant:b AND env:dev)", ""),
        ("-tenant:(a OR b) NOT env:(dev AND x)", ""),
        ("tenant:* env:*-prod", ""),
        ("tenant:a OR env:prod", "env:prod"),
        ("tenant:a or env:(dev OR x)", "env:("),
        ("tenant:a OR -env:prod", "-env:prod"),
        ("-tenant:(a AND b)", "AND"),
        ("-tenant:(a b)", "b"),
        ("tenant:(-a OR -b)", "-a"),
        ("tenant:a?", "tenant:a?"),
        ("tenant:(a OR b?)", "b?"),
        ("tenant:a AND (env:x OR (env:y AND (env:z OR env:q)))", "("),
        ("tenant:a AND (env:x OR (tenant:b AND env:(z OR q)))", "env:("),
    ],
)
def test_what_scopes_of_downtimes_do_not_support(scope: str, place: str) -> None:
    text = spec("sum(last_1h):sum:a{*} by {tenant,env}.as_count() > 1") + downtime(scope)
    assert [where for _, where in told("scope-limits", text)] == ([place] if place else [])


def test_a_downtime_may_ignore_a_check_and_is_told_of_idle_ignores() -> None:
    ignore = "ignore: [{check: downtime-without-end, reason: until the shop opens}]\n"
    endless = spec() + downtime("tenant:a", schedule="{}") + ignore
    assert [finding.check for finding in found_in(endless, OURS) if finding.position.line > 5] == []
    ended = spec() + downtime("tenant:a") + ignore
    assert told("idle-ignore", ended) == [
        ("downtime-without-end finds nothing here: this ignore is not needed", "downtime-without-end")
    ]
