"""Which monitors fall silent, and which of their groups are alerting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from ddguard.cli.snoozing import terms_of
from ddguard.errors import UsageError
from ddguard.model import SnoozePolicy, Stack
from ddguard.payload import live_monitor
from ddguard.payload.snoozes import Target, Term
from ddguard.query import parse
from ddguard.replay.scopes import parse_scope
from ddguard.snooze import Alerting, audience_of, find_monitor, is_shown, listed, scopes_silencing
from ddguard.snooze.audience import Reach
from tests.oncall.examples import ACME, BY_TENANT, NOW, downtime, monitor, with_groups

PROD_BY_TENANT = "avg(last_5m):avg:a{env:prod} by {tenant} > 1"
SINCE = NOW.replace(microsecond=0)


def reaches(terms: Sequence[Any], *raw: dict[str, Any]) -> dict[int, Reach]:
    found = audience_of(terms, raw)
    return {member.number: member.reach for member in (*found.members, *found.unread)}


@pytest.mark.parametrize(
    ("kind", "query", "reach"),
    [
        ("query alert", BY_TENANT, Reach.GROUPS),
        ("query alert", "avg(last_5m):avg:a{*} by {region,tenant} / avg:b{*} by {region} > 1", Reach.GROUPS),
        ("query alert", "avg(last_5m):avg:a{*} > 1", None),
        ("query alert", "avg(last_5m):avg:a{*} by {host} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme} by {host} > 1", Reach.WHOLE),
        ("query alert", "avg(last_5m):avg:a{env:prod AND Tenant:ACME} > 1", Reach.WHOLE),
        ("query alert", "avg(last_5m):avg:a{(tenant:acme)} > 1", Reach.WHOLE),
        ("query alert", "avg(last_5m):avg:a{tenant IN (acme)} > 1", Reach.WHOLE),
        ("query alert", "avg(last_5m):avg:a{tenant IN (acme,b)} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant NOT IN (acme)} > 1", None),
        ("query alert", "avg(last_5m):avg:a{!tenant:acme} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme OR tenant:b} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme*} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme2} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme} / avg:b{*} > 1", None),
        ("query alert", "avg(last_5m):avg:a{tenant:acme} / avg:b{tenant:acme,x:y} > 1", Reach.WHOLE),
        ("query alert", "avg(last_5m:avg:a{*} > 1", Reach.UNREAD),
        ("log alert", 'logs("x").index("*").rollup("count").by("tenant").last("5m") > 1', Reach.GROUPS),
        ("log alert", 'logs("x").index("*").rollup("count").by("host").last("5m") > 1', None),
        ("log alert", 'logs("tenant:acme").index("*").rollup("count").last("5m") > 1', Reach.UNREAD),
        ("service check", '"up".over("env:prod").by("tenant").last(2).count_by_status()', Reach.GROUPS),
        ("service check", '"up".over("tenant:acme").by("host").last(2).count_by_status()', Reach.WHOLE),
        ("service check", '"up".over("env:prod").by("host").last(2).count_by_status()', None),
        ("service check", '"up".over("env:prod").by("*").last(2).count_by_status()', Reach.UNREAD),
        ("slo alert", 'error_budget("abc").over("7d") > 1', Reach.UNREAD),
        ("synthetics alert", "whatever this is", Reach.UNREAD),
    ],
)
def test_how_much_of_a_monitor_falls_silent(kind: str, query: str, reach: Reach | None) -> None:
    found = reaches(ACME.terms, monitor(1, query, kind))
    assert found == ({} if reach is None else {1: reach})


def test_a_composite_has_the_groups_of_its_constituents() -> None:
    parts = [monitor(1), monitor(2, "avg(last_5m):avg:a{*} > 1"), monitor(3, "?", "slo alert")]

    def reach(query: str) -> Reach | None:
        return reaches(ACME.terms, *parts, monitor(9, query, "composite")).get(9)

    assert reach("1 && 2") is Reach.GROUPS
    assert reach("1 && 777") is Reach.GROUPS
    assert reach("2 && 2") is None
    assert reach("2 && 777") is Reach.UNREAD
    assert reach("2 || 3") is Reach.UNREAD
    assert reach("9 && 2") is Reach.UNREAD


def test_whether_a_composites_groups_carry_the_filters_of_its_constituents_is_not_told() -> None:
    in_prod, filtered = monitor(1, PROD_BY_TENANT), monitor(2, "avg(last_5m):avg:b{env:prod,tenant:acme} > 1")
    composite = monitor(9, "1 && 2", "composite")

    def reach(scope: str, *raw: dict[str, Any]) -> Reach | None:
        return reaches(terms_of(scope) or (), *raw).get(9)

    both = (in_prod, monitor(2, PROD_BY_TENANT), composite)
    assert reach("tenant:acme", *both) is Reach.GROUPS
    assert reach("env:prod AND tenant:acme", *both) is Reach.UNREAD
    assert reach("env:prod", *both) is Reach.UNREAD
    assert reach("-env:prod AND tenant:acme", *both) is Reach.UNREAD
    assert reach("-env:staging AND tenant:acme", *both) is Reach.GROUPS
    assert reach("env:staging AND tenant:acme", *both) is None
    assert reach("tenant:acme", filtered, monitor(1, "avg(last_5m):avg:c{*} > 1"), composite) is Reach.UNREAD


@pytest.mark.parametrize("query", ["avg(last_5m:avg:a{*} > 1", 'logs("x").index("*").rollup("count").last("5m") > 1'])
def test_what_a_query_does_not_tell_may_be_what_is_left_out(query: str) -> None:
    kind = "log alert" if query.startswith("logs") else "query alert"
    assert reaches(terms_of("-env:prod") or (), monitor(1, query, kind)) == {1: Reach.UNREAD}


def test_what_datadog_shows_beside_a_composite_silences_its_group() -> None:
    parts = [monitor(1, PROD_BY_TENANT), monitor(2, PROD_BY_TENANT)]
    shown = {"scope": ["env:prod", "tenant:acme"], "active": True}
    composite = {**monitor(9, "1 && 2", "composite"), "matching_downtimes": [shown]}
    found = [scopes_silencing({tag}, composite, [*parts, composite], terms_of) for tag in ("tenant:acme", "tenant:b")]
    assert found == [("env:prod AND tenant:acme",), ()]


def test_several_terms_must_all_fit() -> None:
    in_eu = monitor(1, "avg(last_5m):avg:a{region:eu} by {tenant} > 1")
    by_both = monitor(2, "avg(last_5m):avg:a{*} by {tenant,region} > 1")
    terms = (Term("region", ("eu",)), Term("tenant", ("acme",)))
    assert reaches(terms, in_eu, by_both, monitor(3)) == {1: Reach.GROUPS, 2: Reach.GROUPS}
    without = (Term("region", ("eu",), negated=True), Term("tenant", ("acme",)))
    assert reaches(without, in_eu, by_both, monitor(3)) == {2: Reach.GROUPS, 3: Reach.GROUPS}


def test_scopes_made_in_datadog_may_have_stars() -> None:
    terms = parse_scope("tenant:ac*").terms
    assert reaches(terms, monitor(1), monitor(2, "avg(last_5m):avg:a{tenant:acme} > 1")) == {
        1: Reach.GROUPS,
        2: Reach.WHOLE,
    }


def test_the_alerting_groups_that_fall_silent() -> None:
    raw = [
        with_groups(monitor(1), acme="Warn", acme2="Alert"),
        with_groups(monitor(2), acme="OK", other="Alert"),
        monitor(
            3,
            "avg(last_5m):avg:a{*} by {tenant,region} > 1",
            state={
                "groups": {
                    "region:us,tenant:acme": {"status": "No Data", "last_triggered_ts": None},
                    "region:eu,tenant:acme": {"status": "Alert", "last_triggered_ts": SINCE.timestamp()},
                }
            },
        ),
        monitor(4, "avg(last_5m):avg:a{tenant:acme} > 1", state={"groups": {"*": {"status": "Alert"}}}),
    ]
    found = audience_of(ACME.terms, raw)
    assert found.alerting == (
        Alerting(4, "monitor 4", "*", "Alert", None),
        Alerting(3, "monitor 3", "region:eu,tenant:acme", "Alert", SINCE),
        Alerting(1, "monitor 1", "tenant:acme", "Warn", SINCE),
        Alerting(3, "monitor 3", "region:us,tenant:acme", "No Data", None),
    )
    assert found.groups == 5
    assert [member.id for member in found.members] == ["m1", "m2", "m3", "m4"]


def test_only_the_monitors_that_are_meant() -> None:
    raw = [monitor(1), with_groups(monitor(2), acme="Alert")]
    assert [member.number for member in audience_of(ACME.terms, raw, {2}).members] == [2]
    assert audience_of(ACME.terms, raw, {1}).alerting == ()
    assert audience_of(ACME.terms, raw, set()).members == ()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([{"scope": ["tenant:acme"]}], True),
        ([{"scope": "tenant:acme"}], True),
        ([{"scope": ["tenant:acme", "env:prod"]}], False),
        ([{"scope": None}, {}], False),
        ([{"scope": ["tenant:acme2"]}, {"scope": ["*"]}], False),
        ([7], False),
        (None, False),
    ],
)
def test_whether_the_list_shows_a_downtime_with_this_very_scope(shown: object, expected: bool) -> None:
    assert is_shown(ACME, [monitor(1), monitor(2, matching_downtimes=shown)]) is expected


@pytest.mark.parametrize(
    ("entry", "silences"),
    [
        ({"scope": ["tenant:acme"]}, True),
        ({"scope": ["env:prod", "tenant:acme"]}, True),
        ({"scope": ["*"], "active": True}, True),
        ({"scope": ["*"], "active": False}, False),
        ({"scope": ["tenant:zeta"]}, False),
        ({"scope": ["tenant:(a"]}, False),
    ],
)
def test_the_downtimes_that_datadog_shows_of_one_group(entry: dict[str, Any], silences: bool) -> None:
    raw = monitor(1, matching_downtimes=[entry])
    expected = (" AND ".join(entry["scope"]),) if silences else ()
    assert scopes_silencing({"tenant:acme"}, raw, [raw], terms_of) == expected


def test_finding_a_monitor_by_its_spec_or_its_number() -> None:
    lives = [live_monitor(monitor(1)), live_monitor(monitor(22)), live_monitor(monitor(3, tags=[]))]
    assert [find_monitor(name, lives).remote_id for name in ("m22", "22", "3")] == [22, 22, 3]
    with pytest.raises(UsageError) as caught:
        find_monitor("m222", lives)
    assert caught.value.message == "there is no monitor 'm222' of this stack in Datadog"
    assert caught.value.hint == "did you mean m22?"
    with pytest.raises(UsageError) as caught:
        find_monitor("\x1b[0m", [])
    assert (caught.value.message, caught.value.hint) == (
        "there is no monitor '\\x1b[0m' of this stack in Datadog",
        "there are: none",
    )


def test_since_is_a_moment_in_utc() -> None:
    (group,) = audience_of(ACME.terms, [with_groups(monitor(1), acme="Alert")]).alerting
    assert group.since == datetime.fromisoformat("2026-01-05T03:00:00+00:00")


def test_a_target_of_another_scope_is_another_target() -> None:
    assert Target("a/b", ACME.terms) != ACME


def test_a_query_is_read_once_for_however_many_downtimes(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []

    def counting(kind: str, text: str) -> Any:
        texts.append(text)
        return parse(kind, text)

    monkeypatch.setattr("ddguard.snooze.facts.parse", counting)
    raw = [monitor(number, f"avg(last_5m):avg:read.once{{a:{number}}} by {{tenant}} > 1") for number in range(3)]
    for name in ("acme", "other", "third"):
        assert len(audience_of((Term("tenant", (name,)),), raw).members) == 3
    assert sorted(texts) == sorted(one["query"] for one in raw)


@pytest.mark.parametrize("tags", [None, 5, "team:risk", {"team:risk": 1}, [None, "team:core"]])
def test_a_monitor_with_tags_of_a_strange_shape_is_not_meant_by_them(tags: object) -> None:
    quiet = downtime(message="by hand", monitor_identifier={"monitor_tags": ["team:risk"]})

    assert listed(Stack("shop", "prod"), [quiet], [monitor(1, tags=tags)], SnoozePolicy(), terms_of) == []
    assert listed(Stack("shop", "prod"), [quiet], [monitor(1, tags=["team:risk"])], SnoozePolicy(), terms_of) != []
