"""Options: thresholds, recovery, missing data, new groups, labels; composites; what is left out."""

from datetime import date
from typing import Any

import pytest
from promql_tools import DAY, STACK, expression, monitor, rules

from ddguard.model import EMPTY, Allowance, Hold
from ddguard.promql import CannotExportError, Export, Names, export, rule_file
from ddguard.promql.names import length
from ddguard.promql.rules import pace
from ddguard.replay import rounds

QUERY = "max(last_5m):max:a{*} by {t} > 100"
VALUE = 'max by (t) (max_over_time(a{t!=""}[5m]))'


def firing(severity: str) -> str:
    return f'ALERTS{{alertname="made",alertstate="firing",severity="{severity}"}}'


def test_warnings_end_where_alerts_begin() -> None:
    options = {"thresholds": {"critical": 100, "warning": "50"}}
    found = rules(QUERY, options)
    assert [(rule.severity, rule.expression) for rule in found.rules] == [
        ("critical", f"{VALUE} > 100"),
        ("warning", f"{VALUE} > 50 <= 100"),
    ]
    assert [rule.labels["severity"] for rule in found.rules] == ["critical", "warning"]


def test_recovery_thresholds_read_the_alert_itself() -> None:
    thresholds = {"critical": 100, "critical_recovery": 80, "warning": 50, "warning_recovery": 40}
    critical = expression(QUERY, {"thresholds": thresholds})
    assert critical == f"{VALUE} > 100\nor\n{VALUE} > 80\nand on (t)\n{firing('critical')}"
    assert expression(QUERY, {"thresholds": thresholds}, "warning") == (
        f"({VALUE} > 50\nor\n{VALUE} > 40\nand on (t)\n{firing('warning')})\nunless on (t)\n{firing('critical')}"
    )
    del thresholds["warning_recovery"]
    assert expression(QUERY, {"thresholds": thresholds}, "warning") == (
        f"{VALUE} > 50\nunless on (t)\n{firing('critical')}"
    )


def test_new_groups_wait() -> None:
    guard = 'count by (t) (present_over_time(a{t!=""}[1d] offset 2m))'
    assert expression(QUERY, {"new_group_delay": 120}) == f"{VALUE} > 100\nand on (t)\n{guard}"
    assert expression(QUERY, {"new_group_delay": 0, "new_host_delay": 300}) == f"{VALUE} > 100"
    assert "offset 5m" in expression("max(last_5m):max:a{*} by {host} > 1", {"new_host_delay": 300})
    assert expression("max(last_5m):max:a{*} > 1", {"new_group_delay": 60}) == "max(max_over_time(a[5m])) > 1"


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ({"on_missing_data": "show_and_notify_no_data"}, "5m"),
        ({"notify_no_data": True}, "10m"),
        ({"notify_no_data": True, "no_data_timeframe": 20}, "20m"),
        ({"notify_no_data": True, "no_data_timeframe": 2}, "5m"),
    ],
)
def test_no_data_is_a_rule_of_its_own(options: dict[str, Any], after: str) -> None:
    assert expression(QUERY, options, "no_data") == (
        f'count by (t) (present_over_time(a{{t!=""}}[86700s]))\nunless on (t)\n'
        f'count by (t) (present_over_time(a{{t!=""}}[{after}]))'.replace("86700s", "1445m")
    )
    ungrouped = "max(last_5m):max:a{x:1 OR y:1} > 1"
    assert expression(ungrouped, options, "no_data") == (
        f'absent_over_time(a{{x="1"}}[{after}]) and absent_over_time(a{{y="1"}}[{after}])'
    )


@pytest.mark.parametrize("wish", ["show_no_data", "resolve", None])
def test_silent_policies_need_no_rule(wish: str | None) -> None:
    found = rules(QUERY, {"on_missing_data": wish})
    assert [rule.severity for rule in found.rules] == ["critical"]
    assert found.differences == ()


@pytest.mark.parametrize(
    ("query", "options", "code"),
    [
        (QUERY, {"on_missing_data": "default"}, "keeps-state"),
        (QUERY, {"require_full_window": True}, "full-window"),
        ("max(last_5m):max:a{*} == 1", {"thresholds": {"critical_recovery": 0}}, "recovery-of-equals"),
        ("sum(last_5m):sum:a{*}.as_count() > 1", {"notify_no_data": True}, "silent-counter"),
        ("sum(last_5m):sum:a{*}.as_count() >= 0", {}, "gone-counter"),
        ("sum(last_5m):sum:a{*}.as_count() <= 3", {}, "gone-counter"),
        ("sum(last_5m):sum:a{*}.as_count() != 3", {}, "gone-counter"),
    ],
)
def test_options_that_differ(query: str, options: dict[str, Any], code: str) -> None:
    assert [difference.code for difference in rules(query, options).differences] == [code]


@pytest.mark.parametrize(
    ("query", "options", "fields", "reason"),
    [
        (QUERY, {"scheduling_options": {"custom_schedule": {}}}, {}, "it has a schedule or a cumulative window of its"),
        (QUERY, {}, {"draft_status": "draft"}, "it is a draft, which notifies nobody"),
        (QUERY, {"new_group_delay": "soon"}, {}, "new_group_delay 'soon' is no number"),
        ('logs("x").index("*").rollup("count").last("5m") > 1', {}, {"type": "log alert"}, "a log alert doesn't look"),
        ('formula("query1").last("5m") > 1', {}, {}, "its queries stand in options.variables"),
        ("avg(last_5m):avg:a{*} > threshold", {}, {}, "its threshold comes from another query"),
    ],
)
def test_monitors_without_rules(query: str, options: dict[str, Any], fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotExportError) as stopped:
        rules(query, options, **fields)
    assert stopped.value.reason.startswith(reason)


def test_tags_are_labels() -> None:
    found = rules(QUERY, tags=["team:a", "team:b", "t:fixed", "bare", "severity:x", "Kube-Ns:{{y"], priority=2)
    assert found.rules[0].labels == {
        "severity": "critical", "ddguard_id": "made", "team": "a,b", "kube_ns": "{{y", "priority": "P2",
    }  # fmt: skip
    assert "kube_ns: '{{ \"{{\" }}y'" in rule_file("s", [found], {})


def test_the_pace_is_the_evaluators() -> None:
    for window in (60, 86_399, 86_400, 172_799, 172_800, 604_800):
        assert pace(window) == rounds.pace(window)
    assert [length(second) for second in (1, 90, 5400, 86_400, 604_800)] == ["1s", "90s", "90m", "1d", "1w"]


def exported(*given: Any, wanted: tuple[str, ...] = (), day: date = DAY, approximate: bool = False) -> Export:
    monitors = {one.id: one for one in given}
    return export(monitors, wanted or tuple(monitors), STACK, day, Names(EMPTY), approximate=approximate)


def test_allow_and_hold_come_along() -> None:
    acme = Allowance("t:acme", "load test\nRISK-12", date(2026, 1, 31))
    one = monitor("one", QUERY, allow=(acme,), hold=Hold("@webhook-review", "may be fraud"), message="Hm.")
    found = exported(one).rules["one"]
    assert found.rules[0].expression.startswith('max by (t) (max_over_time(a{t!="acme",t!=""}[5m]))')
    assert found.rules[0].labels["hold"] == "manual-review"
    text = rule_file(STACK.name, [found], {})
    assert "      # leaves out t:acme up to 2026-01-31: load test\\nRISK-12\n" in text
    assert "Manual review requested for the tenant [tenant.name]: may be fraud" in text
    assert "      # {{tenant.name}} has no counterpart in Prometheus\n" in text
    assert "acme" not in exported(one, day=date(2026, 2, 1)).rules["one"].rules[0].expression


def test_an_allowance_that_does_not_fit_is_a_reason() -> None:
    acme = Allowance("tenant:acme", "load test", date(2026, 1, 31))
    assert (
        "no metric in the query is grouped by tenant" in exported(monitor("one", QUERY, allow=(acme,))).left_out["one"]
    )


def test_nearly_the_same_is_left_out_unless_asked_for() -> None:
    sum_of_gauge = monitor("one", "sum(last_5m):sum:a{*} > 1")
    assert exported(sum_of_gauge).rules == {}
    assert exported(sum_of_gauge).left_out["one"].startswith("a sum over a gauge's points depends on how often")
    text = rule_file("s", list(exported(sum_of_gauge, approximate=True).rules.values()), {})
    assert "      # differs: a sum over a gauge's points depends on how often" in text


A = monitor("a", QUERY)
B = monitor("b", "max(last_1d):avg:b{*} by {t} > 2")
W = monitor("w", QUERY, options={"thresholds": {"critical": 100, "warning": 50}})
U = monitor("u", "max(last_5m):max:a{*} > 100")
X = monitor("x", "avg(last_5m):p95:a{*} by {t} > 100")


def composite(query: str, **fields: Any) -> Any:
    return monitor("both", query, **{"type": "composite", **fields})


def test_composites_join_conditions() -> None:
    b = 'max_over_time(avg by (t) (b{t!=""})[1d:1m]) > 2'
    found = exported(
        A, B, composite("${monitor:a} && ${monitor:b}", message="{{a.value}} {{b.value}}"), approximate=True
    )
    both = found.rules["both"]
    assert both.rules[0].expression == f"({VALUE} > 100)\nand on (t)\n({b})"
    assert (both.every, both.value_of, both.unknown) == (60, "a", ("{{b.value}}",))
    either = exported(A, B, composite("${monitor:a} || (${monitor:b})"), approximate=True).rules["both"]
    assert either.rules[0].expression == f"({VALUE} > 100)\nor\n({b})"
    assert [one.code for one in either.differences] == ["bucket-averages", "common-groups"]
    unless = exported(A, B, composite("${monitor:a} && !${monitor:b}"), approximate=True).rules["both"]
    assert unless.rules[0].expression == f"({VALUE} > 100)\nunless on (t)\n({b})"


@pytest.mark.parametrize(
    ("query", "fields", "reason"),
    [
        ("${monitor:a} && ${monitor:w}", {}, "its part w has more states than one condition can say"),
        ("${monitor:a} && ${monitor:u}", {}, "its parts have different groups"),
        ("${monitor:a} && ${monitor:x}", {}, "its part x can't be exported"),
        ("${monitor:a} && ${monitor:gone}", {}, "its part gone can't be exported"),
        ("${monitor:a} && 123", {}, "the monitor 123 is none of this project"),
        ("!${monitor:a} && ${monitor:b}", {}, "a part that must not alert has no counterpart there"),
        ("${monitor:a} && ${monitor:b}", {"options": {"notify_no_data": True}}, "its No Data can't be told from that"),
        ("${monitor:a} &&", {}, "its query can't be read: "),
    ],
)
def test_composites_without_rules(query: str, fields: dict[str, Any], reason: str) -> None:
    found = exported(A, B, W, U, X, composite(query, **fields), wanted=("both",), approximate=True)
    assert found.left_out["both"].startswith(reason)


def test_a_file_without_rules_is_a_file() -> None:
    assert rule_file("s", [], {"x": "why\nnot"}).splitlines()[-2:] == ["# Left out: x: why\\nnot", "groups: []"]
