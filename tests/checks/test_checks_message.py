"""The checks of messages, by what they say and the characters that they point at."""

import json
from typing import Any

import pytest
from checked_specs import found_in, marked, of_themes

from ddguard.checks import Theme
from ddguard.findings import Finding, Severity

OURS = of_themes(Theme.MESSAGE)
BY_HOST = "avg(last_5m):avg:app.errors{env:prod} by {host} > 5"
LOGS = 'logs("service:shop @http.status:500").index("*").rollup("count").by("@usr.id,host").last("5m") > 5'
LINK = "https://runbooks.example.com/a"


def spec(message: str, query: str = BY_HOST, type_: str = "query alert", **more: Any) -> str:
    return "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in {
            "id": "one",
            "name": "One",
            "type": type_,
            "query": query,
            "message": message,
            **more,
        }.items()
    )


def told(name: str, text: str) -> list[tuple[str, str]]:
    """What one check says, each with the characters that it points at."""
    found = [finding for finding in found_in(text, OURS) if finding.check == name]
    return [(finding.message, marked(text, finding)) for finding in found]


def hints(name: str, text: str) -> list[str]:
    return [finding.hint for finding in found_in(text, OURS) if finding.check == name]


def loud(text: str) -> list[Finding]:
    return [finding for finding in found_in(text, OURS) if finding.severity is not Severity.INFO]


# Reading


def test_a_block_that_is_not_closed_is_told_inside_a_block_scalar() -> None:
    text = f"id: one\nname: One\ntype: query alert\nquery: {BY_HOST}\n"
    text += "message: |\n  a\n  b {{#is_alert}}x\n  @slack-a\n"
    assert told("template-syntax", text) == [("{{#is_alert}} is never closed", "{{#is_alert}}")]
    (finding,) = [finding for finding in found_in(text, OURS) if finding.check == "template-syntax"]
    assert (finding.position.line, finding.position.column, finding.hint) == (7, 5, "{{/is_alert}} is missing")


def test_the_name_and_the_escalation_message_are_read_too() -> None:
    text = spec("@slack-a", name="{{value", options={"escalation_message": "{{/is_alert}}"})
    assert told("template-syntax", text) == [
        ("`}}` is missing", "{{value"),
        ("{{/is_alert}} closes nothing", "{{/is_alert}}"),
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{{#is_alrt}}x{{/is_alrt}}", [("there is no conditional is_alrt: its block is never sent", "is_alrt")]),
        ("{{^host}}x{{/host}}", [("there is no conditional host: its block is never sent", "host")]),
        ("{{{{rw}}}}x{{{{/rw}}}}", [("there is no conditional rw: its block is never sent", "rw")]),
        ("{{is_alert}} x", [("{{is_alert}} opens no block and shows nothing", "is_alert")]),
        ("{{#is_alert}}{{^is_renotify}}x{{/is_renotify}}{{/is_alert}}", []),
        ('{{{{raw}}}}{{x}}{{{{/raw}}}} {{{{is_match "host.name" "x"}}}}{{{{/is_match}}}}', []),
        ("{{#each synthetics.a}}{{#if this}}{{this}}{{/if}}{{/each}}", []),
    ],
)
def test_unknown_conditionals(message: str, expected: list[tuple[str, str]]) -> None:
    assert told("unknown-conditional", spec(message)) == expected


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("{{#is_alrt}}x{{/is_alrt}}", "did you mean is_alert?"),
        ("{{#zzz}}x{{/zzz}}", "conditionals are is_alert, is_recovery, is_match and so on"),
        ("{{is_alert}}", "write {{#is_alert}}...{{/is_alert}}"),
    ],
)
def test_unknown_conditionals_come_with_a_hint(message: str, hint: str) -> None:
    assert hints("unknown-conditional", spec(message)) == [hint]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            '{{#is_match "host.name"}}x{{/is_match}}',
            [("is_match wants a variable and at least one text", 'is_match "host.name"')],
        ),
        ('{{#is_match host.name "a"}}x{{/is_match}}', [("host.name wants quotes", "host.name")]),
        ('{{#is_exact_match "value" 5 x}}a{{/is_exact_match}}', [("x wants quotes", "x")]),
        ('{{#is_exact_match (eval "int(value % 24)") "8"}}a{{/is_exact_match}}', []),
        ('{{#is_exact_match (evl "value") "8"}}a{{/is_exact_match}}', [("there is no function evl", "evl")]),
        ('{{#is_match (eval "inty(value)") "8"}}a{{/is_match}}', [("there is no function inty", "inty")]),
        ('{{#is_alert "x"}}a{{/is_alert}}', [("is_alert takes no arguments", '"x"')]),
        ("{{#is_priority 'P1'}}a{{/is_priority}}", []),
        ("{{#is_priority 'P6'}}a{{/is_priority}}", [("there is no priority P6", "'P6'")]),
        ("{{#is_priority P1}}a{{/is_priority}}", [("is_priority isn't called as it wants to be", "is_priority P1")]),
        ("{{override_priority 'P1'}}", []),
        ("{{override_priority}}", [("override_priority isn't called as it wants to be", "override_priority")]),
        ('{{eval "round(value/86400, 2)"}}', []),
        ('{{eval "round(value"}}', [("this ( is never closed", "(")]),
        ("{{eval value}}", [("eval isn't called as it wants to be", "eval value")]),
        ("{{local_time 'last_triggered_at' 'Asia/Tokyo'}}", []),
        ("{{local_time 'value' 'Asia/Tokyo'}}", [("value is no time", "'value'")]),
        (
            "{{local_time 'last_triggered_at'}}",
            [("local_time isn't called as it wants to be", "local_time 'last_triggered_at'")],
        ),
        ('{{urlencode "host.name"}}', []),
        ("{{urlencode host.name}}", [("urlencode isn't called as it wants to be", "urlencode host.name")]),
        ('{{uppercase "host.name"}}', [("there is no function uppercase", "uppercase")]),
        ("{{#if a b}}x{{/if}}", []),
    ],
)
def test_arguments_of_helpers(message: str, expected: list[tuple[str, str]]) -> None:
    assert told("helper-arguments", spec(message)) == [
        (text, place.replace('"', '\\"') if '"' in place else place) for text, place in expected
    ]


# Variables


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{{value}} {{threshold}} {{host}} {{env}} {{first_triggered_at_epoch}}", []),
        ("{{vaule}}", [("there is no variable vaule", "vaule")]),
        ("{{service}}", [("there is no variable service", "service")]),
        ("{{#each synthetics.x}}{{whatever}}{{/each}}", []),
        ('{{eval "int(valeu)"}}', [("there is no variable valeu", "valeu")]),
    ],
)
def test_unknown_variables(message: str, expected: list[tuple[str, str]]) -> None:
    assert told("unknown-variable", spec(message)) == expected


def test_a_variable_that_is_nearly_one_of_datadogs_is_told_even_where_the_groups_are_unknown() -> None:
    composite = spec("{{vaule}} {{anything}} {{some.name}}", "123 && 456", "composite")
    assert told("unknown-variable", composite) == [("there is no variable vaule", "vaule")]
    assert told("variable-without-group", composite) == []


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("{{vaule}}", "did you mean value?"),
        ("{{hots}}", "did you mean host.name?"),
        ("{{VALUE}}", "did you mean value?"),
        ("{{zz}}", "a group's value is written {{zz.name}}"),
    ],
)
def test_unknown_variables_come_with_a_hint(message: str, hint: str) -> None:
    assert hints("unknown-variable", spec(message)) == [hint]


def test_a_call_that_can_not_be_read_is_told_once() -> None:
    text = spec('{{#is_match "host.name" "x}}a{{/is_match}}')
    assert told("helper-arguments", text) == []
    assert len(told("template-syntax", text)) == 1


def missing(key: str) -> str:
    return f"the query neither groups by {key} nor fixes it: nothing stands in its place"


SERVICE_CHECK = '"a.b".over("env:x","y").by("url").last(2).count_by_status()'


@pytest.mark.parametrize(
    ("message", "query", "type_", "expected"),
    [
        ("{{host.name}} {{host.role.name}} {{env.name}}", BY_HOST, "query alert", []),
        ("{{service.name}}", BY_HOST, "query alert", [(missing("service"), "service.name")]),
        ("{{hots.name}}", BY_HOST, "query alert", [(missing("hots"), "hots.name")]),
        (
            "{{#is_match 'service.name' 'a'}}x{{/is_match}}",
            BY_HOST,
            "query alert",
            [("the query neither groups by service nor fixes it: nothing matches", "service.name")],
        ),
        (
            "{{#is_match 'service' 'a'}}x{{/is_match}}",
            BY_HOST,
            "query alert",
            [("the query neither groups by service nor fixes it: nothing matches", "service")],
        ),
        ("{{#is_exact_match 'service.name' ''}}x{{/is_exact_match}}", BY_HOST, "query alert", []),
        (
            "{{log.message}}",
            BY_HOST,
            "query alert",
            [("no event is behind this monitor's alerts: log.message stays empty", "log.message")],
        ),
        ("{{network_device.name}}", BY_HOST, "query alert", [(missing("network_device"), "network_device.name")]),
        ("{{network_device.name}}", "avg(last_5m):avg:snmp.x{*} by {device_ip} > 1", "query alert", []),
        ("{{region.name}}", "avg(last_5m):avg:a{region IN (eu,us)} > 1", "query alert", []),
        (
            "{{region.name}}",
            "avg(last_5m):avg:a{region NOT IN (eu,us)} > 1",
            "query alert",
            [(missing("region"), "region.name")],
        ),
        ("{{region.name}}", "avg(last_5m):avg:a{!region:eu} > 1", "query alert", [(missing("region"), "region.name")]),
        (
            "{{a.b.name}} {{[a.b].name}}",
            "avg(last_5m):avg:a{*} by {a.b} > 1",
            "query alert",
            [("a.b.name means the key a, not a.b", "a.b.name")],
        ),
        ("{{x.name}}", "avg(last_5m):avg:a{example} > 1", "query alert", [(missing("x"), "x.name")]),
        (
            "{{log.attributes.x}} {{[@usr.id].name}} {{host.name}} {{service.name}} {{log.tags.env}}",
            LOGS,
            "log alert",
            [],
        ),
        ("{{usr.id.name}}", LOGS, "log alert", [("usr.id.name means the key usr, not usr.id", "usr.id.name")]),
        ("{{region.name}}", LOGS, "log alert", [(missing("region"), "region.name")]),
        (
            "{{host.name}} {{env.name}} {{anything.name}}",
            '"a.b".over("env:x","y").by("*").last(2).count_by_status()',
            "service check",
            [],
        ),
        ("{{host.name}} {{env.name}} {{check_message}}", SERVICE_CHECK, "service check", []),
        ("{{y.name}}", SERVICE_CHECK, "service check", [(missing("y"), "y.name")]),
        ("{{whatever.name}}", 'error_budget("abc").over("7d") > 75', "slo alert", []),
        ("{{a.value}} {{b.status}} {{c.value}}", "1 && 2", "composite", []),
    ],
)
def test_variables_and_groups(message: str, query: str, type_: str, expected: list[tuple[str, str]]) -> None:
    assert told("variable-without-group", spec(message, query, type_)) == expected


@pytest.mark.parametrize(
    ("message", "query", "hint"),
    [
        ("{{hots.name}}", BY_HOST, "did you mean host.name?"),
        ("{{service.name}}", BY_HOST, "there are env, host"),
        ("{{service.name}}", "avg(last_5m):avg:a{*} > 1", "a monitor without groups knows no tags: group the query"),
        ("{{a.b.name}}", "avg(last_5m):avg:a{*} by {a.b} > 1", "write [a.b].name"),
    ],
)
def test_variables_without_groups_come_with_a_hint(message: str, query: str, hint: str) -> None:
    assert hints("variable-without-group", spec(message, query)) == [hint]


FACETS = 'logs("*").index("*").rollup("count").by("@http.status_code,@tier,kube.app").last("5m") > 1'


@pytest.mark.parametrize(
    ("check", "message", "hint"),
    [
        ("variable-without-group", "{{@http.status_code.name}}", "write [@http.status_code].name"),
        ("variable-without-group", "{{http.status_code.name}}", "write [@http.status_code].name"),
        ("variable-without-group", "{{kubeapp.name}}", "did you mean [kube.app].name?"),
        ("variable-without-group", "{{region.name}}", "there are [@http.status_code], [kube.app], @tier"),
        ("unknown-variable", "{{@teir}}", "did you mean @tier.name?"),
    ],
)
def test_hints_write_facets_with_their_sign_and_keys_with_dots_in_brackets(check: str, message: str, hint: str) -> None:
    assert hints(check, spec(message, FACETS, "log alert")) == [hint]


def test_a_composite_hints_at_the_facets_of_its_parts() -> None:
    parts = spec("", FACETS, "log alert", id="first") + "---\n"
    text = parts + spec("{{http.status_code.name}}", "${monitor:first}", "composite")
    assert hints("variable-without-group", text) == ["write [@http.status_code].name"]


PARTS = "".join(
    f"id: {name}\nname: {name}\ntype: query alert\nquery: avg(last_5m):avg:a{{*}} by {{{key}}} > 1\nmessage: ''\n---\n"
    for name, key in (("first", "host"), ("second", "host,tenant"))
)


def test_a_composite_has_the_groups_and_the_letters_of_its_parts() -> None:
    message = "{{a.value}} {{b.status}} {{a.host.name}} {{host.name}} {{tenant.name}}"
    query = "${monitor:first} && ${monitor:second} || ${monitor:first}"
    assert told("variable-without-group", PARTS + spec(message, query, "composite")) == []
    text = PARTS + spec("{{c.value}} {{service.name}}", query, "composite")
    assert told("variable-without-group", text) == [
        ("this composite has no part c: its parts are a, b", "c.value"),
        (missing("service"), "service.name"),
    ]


@pytest.mark.parametrize("part", ["${monitor:unread}", "${monitor:both}", "${monitor:slo}"])
def test_a_composite_with_a_part_that_can_not_be_read_is_left_alone(part: str) -> None:
    others = spec("", "avg(last_5m", id="unread") + "---\n" + spec("", "1 && 2", "composite", id="both") + "---\n"
    others += spec("", 'error_budget("abc").over("7d") > 75', "slo alert", id="slo") + "---\n"
    assert (
        told(
            "variable-without-group", PARTS + others + spec("{{x.name}}", f"${{monitor:first}} && {part}", "composite")
        )
        == []
    )


# Blocks that contradict each other


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{{#is_alert}}{{#is_warning}}x{{/is_warning}}{{/is_alert}}", "{{#is_warning}} inside of {{#is_alert}}"),
        (
            "{{#is_alert}}{{#is_match 'host.name' 'a'}}{{#is_recovery}}x{{/is_recovery}}{{/is_match}}{{/is_alert}}",
            "{{#is_recovery}} inside of {{#is_alert}}",
        ),
        ("{{^is_alert}}{{#is_alert}}x{{/is_alert}}{{/is_alert}}", "{{#is_alert}} inside of {{^is_alert}}"),
        ("{{#is_alert}}x{{else}}{{#is_alert}}x{{/is_alert}}{{/is_alert}}", "{{#is_alert}} inside of {{^is_alert}}"),
        (
            "{{#is_recovery}}{{#is_renotify}}x{{/is_renotify}}{{/is_recovery}}",
            "{{#is_renotify}} inside of {{#is_recovery}}",
        ),
        ("{{#is_alert}}{{#is_alert}}x{{else}}never{{/is_alert}}{{/is_alert}}", "{{#is_alert}} inside of {{#is_alert}}"),
        (
            "{{#is_alert}}{{#is_warning}}{{#is_no_data}}x{{/is_no_data}}{{/is_warning}}{{/is_alert}}",
            "{{#is_warning}} inside of {{#is_alert}}",
        ),
    ],
)
def test_blocks_that_contradict_each_other(message: str, expected: str) -> None:
    assert [message for message, _ in told("block-never-sent", spec(message))] == [f"never sent: {expected}"]


@pytest.mark.parametrize(
    "message",
    [
        "{{#is_renotify}}{{#is_alert}}x{{/is_alert}}{{/is_renotify}}",
        "{{#is_alert}}{{^is_renotify}}x{{/is_renotify}}{{/is_alert}}",
        "{{#is_recovery}}{{#is_alert_recovery}}x{{/is_alert_recovery}}{{/is_recovery}}",
        "{{#is_warning}}{{#is_alert_to_warning}}x{{/is_alert_to_warning}}{{/is_warning}}",
        "{{^is_alert}}{{^is_warning}}x{{/is_warning}}{{/is_alert}}",
        "{{#is_alert}}{{#is_no_data_recovery}}x{{/is_no_data_recovery}}{{/is_alert}}",
        "{{#is_alert}}{{#is_warning}}{{/is_warning}}{{/is_alert}}",
    ],
)
def test_blocks_that_go_together(message: str) -> None:
    assert told("block-never-sent", spec(message)) == []


WARNED = {"thresholds": {"critical": 1, "warning": 0.5}}
NOTIFIED = {"on_missing_data": "show_and_notify_no_data"}


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        ("is_warning", {}, ["is_warning never holds: there is no warning threshold"]),
        (
            "is_warning_recovery",
            {"thresholds": {"warning": None}},
            ["is_warning_recovery never holds: there is no warning"],
        ),
        ("is_alert_to_warning", WARNED, []),
        ("is_no_data", {}, ["is_no_data never holds: missing data isn't notified of"]),
        ("is_no_data_recovery", {"notify_no_data": False}, ["is_no_data_recovery never holds: missing data isn't"]),
        ("is_no_data", {"on_missing_data": "show_no_data"}, ["is_no_data never holds: missing data isn't notified of"]),
        ("is_no_data", {"notify_no_data": True}, []),
        ("is_no_data", NOTIFIED, []),
        ("is_recovery", {}, []),
        ("is_renotify", {}, []),
    ],
)
def test_blocks_of_states_that_are_left_out(name: str, options: dict[str, Any], found: list[str]) -> None:
    hits = told("block-without-state", spec(f"{{{{#{name}}}}}x @slack-ops{{{{/{name}}}}}", options=options))
    assert len(hits) == len(found)
    assert [message for (message, _), start in zip(hits, found, strict=True) if not message.startswith(start)] == []
    assert told("block-without-state", spec(f"{{{{^{name}}}}}x @slack-ops{{{{/{name}}}}}", options=options)) == []


@pytest.mark.parametrize(
    ("query", "kind", "count"),
    [
        ('"http.can_connect".over("*").by("host").last(3).count_by_status()', "service check", 1),
        ("${monitor:a} && ${monitor:b}", "composite", 1),
        ("whatever it is", "synthetics alert", 0),
        ('logs("status:error").index("*").rollup("count").last("5m") > 10', "log alert", 2),
    ],
)
def test_which_kinds_of_monitors_have_states(query: str, kind: str, count: int) -> None:
    message = "{{#is_warning}}x{{/is_warning}}{{#is_no_data}}y{{/is_no_data}}"
    hits = told("block-without-state", spec(message, query, kind))
    assert len(hits) == count


# Handles


@pytest.mark.parametrize(
    ("message", "handle"),
    [
        ("low@slack-ops", "@slack-ops"),
        ("low@ops@example.com", "@ops@example.com"),
        ("(@slack-ops", "@slack-ops"),
        ("Notify:@john", "@john"),
        ("{{host.name}}@slack-ops", "@slack-ops"),
        ("{{host.name}}@team-{{env.name}}", "@team-"),
        ("a,@all", "@all"),
        ("**@pagerduty**", "@pagerduty"),
    ],
)
def test_handles_without_a_blank(message: str, handle: str) -> None:
    assert told("handle-without-blank", spec(message)) == [
        (f"{handle} is no mention: it has no blank before it", handle)
    ]


@pytest.mark.parametrize(
    "message",
    [
        "low @slack-ops, now\n@ops@example.com",
        "{{#is_alert}}@slack-a{{/is_alert}}{{#is_warning}}@slack-b{{/is_warning}}",
        "write to jane.roe@example.com",
        "see https://example.com/@slack-ops/page",
        "`@slack-infra` or <@U123> or <!here>",
        "ssh root@db1",
        "search `service:a @http.status:500` or (@http.status:500)",
        "@ alone, and @@",
        "{{@title.name}} {{[@usr.id].name}}",
    ],
)
def test_what_is_no_handle_written_wrongly(message: str) -> None:
    assert told("handle-without-blank", spec(message)) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{{#is_alert}}@slack-a{{/is_alert}}See", "@slack-a runs on into what follows"),
        ("{{#is_alert}}@slack-a{{/is_alert}}{{value}}", "@slack-a runs on into what follows"),
        ("{{#is_alert}}@slack-a{{/is_alert}}_x", "@slack-a runs on into what follows"),
        ("@slack-a@pagerduty-b", "@slack-a@pagerduty-b are two handles without a blank between them"),
    ],
)
def test_handles_that_run_on(message: str, expected: str) -> None:
    assert [message for message, _ in told("handle-runs-on", spec(message))] == [expected]


@pytest.mark.parametrize(
    "message",
    [
        "@slack-{{env.name}} x",
        "@slack-a. See",
        "@a@example.com",
        "{{#is_alert}}@slack-a{{/is_alert}}",
        "@slack-a{{!-- c --}} x",
    ],
)
def test_handles_that_end(message: str) -> None:
    assert told("handle-runs-on", spec(message)) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("@pagerduty-Shop-(night)", ["@pagerduty-Shop-(night): a handle with parentheses isn't read"]),
        ("(see @slack-a)", ["@slack-a): a handle with parentheses isn't read"]),
        ("@Dev/West@example.com", ["@Dev/West@example.com: e-mail isn't sent to an address with a slash"]),
        ("@slack- and @PagerDuty-", ["@slack-: nobody's name follows", "@PagerDuty-: nobody's name follows"]),
        ("@slack-{{tenant.name}} @on-call", []),
        ("@slack---critical--", ["@slack---critical--: a Slack channel that ends with - or _ isn't reached"]),
        (
            "@slack-{{env.name}} @slack---critical @workflow-a(b=c)",
            ["@workflow-a(b=c): a handle with parentheses isn't read"],
        ),
        ("@slack-a/b", []),
    ],
)
def test_handles_that_datadog_can_not_use(message: str, expected: list[str]) -> None:
    assert [message for message, _ in told("unsupported-handle", spec(message))] == expected


def test_a_monitor_that_mentions_nobody_is_told_at_its_message() -> None:
    text = spec(LINK)
    assert told("notifies-nobody", text) == [("this monitor mentions nobody", '"message"'.strip('"'))]
    assert told("notifies-nobody", spec(LINK + " low@slack-a")) == []
    assert told("notifies-nobody", spec(LINK, options={"escalation_message": "@slack-a"})) == []


@pytest.mark.parametrize(
    "more", [{"draft_status": "draft"}, {"hold": {"review": "@webhook-a", "reason": "look at it"}}]
)
def test_who_is_silent_on_purpose_or_asks_for_a_review_needs_no_handle(more: dict[str, Any]) -> None:
    assert told("notifies-nobody", spec(LINK, **more)) == []


def test_parts_of_composites_may_be_silent() -> None:
    text = PARTS + spec("{{a.value}}", "${monitor:first} && ${monitor:second}", "composite")
    found = [finding for finding in found_in(text, OURS) if finding.check in {"notifies-nobody", "missing-runbook"}]
    assert [(finding.check, finding.position.line) for finding in found] == [
        ("notifies-nobody", 17),
        ("missing-runbook", 17),
    ]


WARNS = {"thresholds": {"critical": 5, "warning": 3}}


@pytest.mark.parametrize(
    ("message", "options", "handles"),
    [
        ("High @slack-a @slack-b", WARNS, ["@slack-a"]),
        ("High @slack-a", {"thresholds": {"critical": 5}}, []),
        ("High @slack-a", {"thresholds": {"critical": 5, "warning": None}}, []),
        ("{{#is_match 'host.name' 'a'}}@slack-a{{/is_match}}", WARNS, ["@slack-a"]),
        ("{{#is_renotify}}@slack-a{{/is_renotify}}", WARNS, ["@slack-a"]),
        ("{{#is_alert}}Bad{{/is_alert}}{{#is_warning}}Careful{{/is_warning}} @slack-a", WARNS, []),
        ("{{#is_alert}}Bad{{/is_alert}} @slack-a @pagerduty-b", WARNS, ["@pagerduty-b"]),
        ("{{#is_alert}}@pagerduty-b{{/is_alert}}", WARNS, []),
    ],
)
def test_handles_for_every_transition(message: str, options: dict[str, Any], handles: list[str]) -> None:
    assert [place for _, place in told("handle-on-every-transition", spec(message, options=options))] == handles


@pytest.mark.parametrize(
    ("message", "more", "count"),
    [
        ("@slack-a", {}, 1),
        (f"@slack-a {LINK}", {}, 0),
        ("@slack-a {{service.links[Runbook]}}", {}, 0),
        ("@slack-a", {"assets": [{"category": "runbook", "name": "Runbook", "url": LINK}]}, 0),
        ("@slack-a", {"draft_status": "draft"}, 0),
    ],
)
def test_runbooks(message: str, more: dict[str, Any], count: int) -> None:
    assert len(told("missing-runbook", spec(message, **more))) == count


def test_a_monitor_without_a_message_is_told_at_its_beginning() -> None:
    text = f"id: one\nname: One\ntype: query alert\nquery: {BY_HOST}\n"
    found = [finding for finding in found_in(text, OURS) if finding.check == "missing-runbook"]
    assert [(finding.position.line, finding.position.column) for finding in found] == [(1, 1)]


def test_a_message_as_datadog_advises_it_is_free_of_faults() -> None:
    message = (
        '{{#is_alert}}\nHigh on {{host.name}}: {{eval "round(value, 1)"}} over {{threshold}} since '
        "{{local_time 'last_triggered_at' 'Europe/Paris'}}.\n"
        '{{#is_match "env.name" "prod"}} @pagerduty-a {{/is_match}}\n'
        "{{else}}\nOver. @slack-a\n{{/is_alert}}\n{{#is_renotify}}Still @slack-b{{/is_renotify}}\n"
        f'{{{{!-- for reviewers --}}}}{LINK}?host={{{{urlencode "host.name"}}}}'
    )
    assert loud(spec(message)) == []
