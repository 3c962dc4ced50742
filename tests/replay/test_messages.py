"""https://docs.datadoghq.com/monitors/notify/variables/."""

from dataclasses import replace
from typing import Any

import pytest
from helpers import every_minute, series

from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.messages import Message, message
from ddguard.replay.settings import Settings
from ddguard.replay.templates import Facts, TemplateError, number, render

FACTS = Facts(
    frozenset({"is_alert", "is_renotify"}),
    {"value": "5", "tenant.name": "acme & <co>", "a.b.name": "dotted", "plain": "x y/z"},
    {"last_triggered_at": 1_767_225_600},
    "P2",
)
UNFILLED = "the message can't be filled in: "
RENDERED = {
    "v={{value}} {{ value }}": "v=5 5",
    "{{tenant.name}} {{{tenant.name}}}": "acme &amp; &lt;co&gt; acme & <co>",
    "{{tenant}} {{[a.b].name}} [{{nothing.name}}]": "acme &amp; &lt;co&gt; dotted []",
    "{{#is_alert}}yes{{/is_alert}}{{#is_warning}}no{{/is_warning}}": "yes",
    "{{^is_alert}}no{{/is_alert}}{{^is_warning}}calm{{/is_warning}}": "calm",
    "{{#is_warning}}a{{else}}b{{/is_warning}}": "b",
    "{{#is_alert}}a{{#is_renotify}}b{{else}}c{{/is_renotify}}{{/is_alert}}": "ab",
    '{{#is_match "tenant.name" "zzz" "cme"}}m{{/is_match}}': "m",
    '{{#is_match "tenant" "zzz"}}m{{else}}n{{/is_match}}': "n",
    '{{#is_exact_match "value" "5.0"}}e{{/is_exact_match}}': "e",
    '{{#is_exact_match "tenant.name" "acme"}}e{{else}}n{{/is_exact_match}}': "n",
    '{{#is_exact_match "nothing.name" ""}}empty{{/is_exact_match}}': "empty",
    '{{^is_exact_match "value" "5"}}e{{/is_exact_match}}.': ".",
    "{{#is_match}}m{{/is_match}}.": ".",
    "{{#is_priority 'P2' 'P1'}}high{{/is_priority}}": "high",
    "{{!-- hidden --}}shown{{! also hidden }}": "shown",
    "{{{{raw}}}}{{value}}{{{{/raw}}}}": "{{value}}",
    "{{local_time 'last_triggered_at' 'Asia/Tokyo'}}": "2026-01-01 09:00:00+09:00",
    "{{local_time 'first_triggered_at' 'Asia/Tokyo'}}.": ".",
    '{{urlencode "plain"}}': "x%20y%2Fz",
    "{{override_priority 'P1'}}.": ".",
    '{{eval "value * 2"}}': "10",
    '{{eval "upper(tenant.name)"}} {{{eval "upper(tenant.name)"}}}': "ACME &amp; &lt;CO&gt; ACME & <CO>",
    '{{#is_exact_match (eval "value % 3") "2"}}e{{else}}n{{/is_exact_match}}': "e",
    '{{#is_exact_match (eval "value ^ 2") "25"}}e{{else}}as written{{/is_exact_match}}': "as written",
    '{{{{is_match "tenant" "cme"}}}}{{value}}{{{{/is_match}}}}.': "{{value}}.",
    '{{{{is_match "tenant" "zzz"}}}}{{value}}{{{{/is_match}}}}.': ".",
}  # fmt: skip


@pytest.mark.parametrize("template", RENDERED)
def test_templates(template: str) -> None:
    assert render(template, FACTS) == RENDERED[template]


EVALUATED = {
    "value+1-2*3/4": "4.5",
    "value - 1 - 1": "3",
    "(value + 1) * -(2 - 4)": "12",
    "--value": "5",
    "value / 2 / 2": "1.25",
    "int(epoch / 3600000 % 24)": "8",
    "epoch-15*60*1000": "1767254700000",
    "int(12.345)": "12", "trunc(12.345)": "12", "floor(-2.5)": "-3", "ceil(2.1)": "3", "abs(0 - 2.5)": "2.5",
    "dec(12.345)": "0.345", "dec(12)": "0", "int(0 - 3)": "-3",
    "round(12.376, 2)": "12.38", "round(12.376)": "12", "round(0 - 2.6)": "-3", "round(value/3, 3)": "1.667",
    "1/3": "0.333333333333",
    "lower('ABC')": "abc", "upper(plain)": "X Y/Z", "plain": "x y/z", "upper(a.b)": "DOTTED",
}  # fmt: skip
UNDOCUMENTED = (
    "value / 0", "value % 0", "-5 % 3", "value ^ 2", "int(0 - 2.5)", "dec(0 - 2.5)", "round(2.5)", "round(0.125, 2)",
    "round(1, 0.5)", "round(1, 99)", "round(9999999999999999999, 12)", "round(1, 2, 3)", "int(1, 2)", "(1, 2)",
    "plain + 1", "nothing + 1", "nothing", "upper(5)", "lower(value, 1)", "humanize_bytes(value)", "sin(value)",
    "substring(plain, 1)", "9" * 400, "8" * 200 + " * " + "8" * 200, "value *", "valu(", "1 + + ",
)  # fmt: skip


@pytest.mark.parametrize("expression", EVALUATED)
def test_expressions(expression: str) -> None:
    """https://docs.datadoghq.com/monitors/guide/template-variable-evaluation/."""
    facts = replace(FACTS, variables={**FACTS.variables, "epoch": "1767255600000", "a.b.name": "dotted"})
    assert render(f'{{{{{{eval "{expression}"}}}}}}', facts) == EVALUATED[expression]


@pytest.mark.parametrize("expression", UNDOCUMENTED)
def test_what_datadog_does_not_document_stays_as_it_is_written(expression: str) -> None:
    written = f'{{{{eval "{expression}"}}}}'
    assert render(written, FACTS) == written


def test_a_long_sum() -> None:
    assert render(f'{{{{eval "{" + ".join(["1"] * 5000)}"}}}}', FACTS) == "5000"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{{#is_alert}}a", f"{UNFILLED}{{{{#is_alert}}}} is never closed"),
        ("a{{/is_alert}}", f"{UNFILLED}{{{{/is_alert}}}} closes nothing"),
        ("{{#is_alert}}a{{/is_warning}}", f"{UNFILLED}{{{{/is_warning}}}} doesn't close {{{{#is_alert}}}}"),
        ("{{}}.", f"{UNFILLED}nothing stands between the braces"),
        ("{{else}}.", f"{UNFILLED}{{{{else}}}} stands outside of any block"),
        (
            "{{!-- hidden {{value}} --}}shown",
            f"{UNFILLED}a comment ends at the first `}}}}`, even if it begins with {{{{!--",
        ),
        ("{{local_time 'last_triggered_at' 'Mars'}}", "there is no time zone 'Mars'"),
    ],
)
def test_templates_that_do_not_fit_together(template: str, complaint: str) -> None:
    with pytest.raises(TemplateError) as error:
        render(template, FACTS)
    assert error.value.message == complaint


def test_numbers_as_messages_show_them() -> None:
    values = (155.0, 0.25, -3.0, 204.99999999999997, 1 / 3, 1e15, None)
    assert [number(value) for value in values] == ["155", "0.25", "-3", "205", "0.333333333333", "1000000000000000", ""]


def messages(values: list[float | None], **more: Any) -> list[Message]:
    definition = {
        "type": "query alert",
        "name": "Burst on {{tenant.name}}",
        "query": "max(last_1m):max:m{env:prod} by {tenant} > 5",
        "message": "{{#is_alert}}{{value}} {{{comparator}}} {{threshold}} in {{env.name}}{{/is_alert}}"
        "{{#is_warning}}warn{{/is_warning}}{{#is_alert_to_warning}} better{{/is_alert_to_warning}}"
        "{{#is_recovery}}fine after {{triggered_duration_sec}} s{{/is_recovery}}"
        "{{#is_alert_recovery}} from alert{{/is_alert_recovery}}{{#is_no_data}}silent{{/is_no_data}}",
        "options": {"thresholds": {"warning": 3}, "on_missing_data": "show_and_notify_no_data", **more},
    }
    parts = series(every_minute("m", values, tags="tenant:acme env:prod"))
    replay = evaluate(definition, parts, Run(0, 60 * (len(values) - 1), Settings(bucket=60)))
    return [message(definition, replay, letter) for letter in replay.notifications]


def test_titles_and_texts() -> None:
    assert messages([1, 1, 9, 9, 4, 1]) == [
        Message("[Triggered on {tenant:acme}] Burst on acme", "9 > 5 in prod"),
        Message("[Warn on {tenant:acme}] Burst on acme", "warn better"),
        Message("[Recovered on {tenant:acme}] Burst on acme", "fine after 180 s"),
    ]
    assert messages([1, 9, 9, 1, None, None], include_tags=False) == [
        Message("[Triggered] Burst on acme", "9 > 5 in prod"),
        Message("[Recovered] Burst on acme", "fine after 120 s from alert"),
        Message("[No Data] Burst on acme", "silent"),
    ]


def test_repeats_carry_the_escalation_message() -> None:
    found = messages([1, 9, 9, 9], renotify_interval=2, escalation_message="still {{value}}")
    assert found[1] == Message("[Re-Triggered on {tenant:acme}] Burst on acme", "9 > 5 in prod\n\nstill 9")


def test_merged_notifications_speak_of_a_group_in_trouble() -> None:
    assert messages([1, 9, 9], notify_by=["*"])[0] == Message("[Triggered] Burst on acme", "9 > 5 in prod")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (120, ("120", "120", "0")),
        (180, ("120", "180", "60")),
        (300, ("120", "300", "180")),
        (420, ("120", "300", "300")),
    ],
)
def test_u_times_of_triggers(second: int, expected: tuple[str, str, str]) -> None:
    """The table of https://docs.datadoghq.com/monitors/notify/variables/: OK, Warn, Alert, No Data, OK."""
    definition = {
        "type": "query alert",
        "query": "max(last_1m):max:m{*} > 5",
        "message": "{{first_triggered_at_epoch}} {{last_triggered_at_epoch}} {{triggered_duration_sec}}"
        " {{last_triggered_at}}",
        "options": {"thresholds": {"warning": 3}, "on_missing_data": "show_and_notify_no_data"},
    }
    parts = series(every_minute("m", [1, 1, 4, 9, 9, None, None, 1]))
    replay = evaluate(definition, parts, Run(0, 420, Settings(bucket=60)))
    letter = next(one for one in replay.notifications if one.at == second)
    first, last, duration = expected
    at = f"1970-01-01 00:0{int(last) // 60}:00 UTC"
    assert message(definition, replay, letter) == Message(
        {"120": "[Warn] ", "180": "[Triggered] ", "300": "[No Data] ", "420": "[Recovered] "}[str(second)],
        f"{first}000 {last}000 {duration} {at}",
    )
