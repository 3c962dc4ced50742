"""Datadog's messages as Go templates, and what Prometheus makes of them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promql_tools import definition, needs_promtool, promtool

from ddguard.model import EMPTY
from ddguard.promql import MonitorRules, Names, definition_rules, rule_file
from ddguard.promql.templates import Context, filled, go_number, go_text, template

CONTEXT = Context("critical", ("tenant", "kube_cluster"), {"threshold": "100", "comparator": ">"})
LABELS = {"tenant": "acme", "kube_cluster": "c1"}

TEXTS = {
    "{{tenant.name}} has {{value}} {{comparator}} {{threshold}}":
        ("{{ $labels.tenant }} has {{ $value }} > 100", "acme has 104 > 100"),
    "{{ tenant }} {{[kube-cluster].name}}": ("{{ $labels.tenant }} {{ $labels.kube_cluster }}", "acme c1"),
    "{{#is_alert}}bad{{/is_alert}}{{#is_recovery}}good{{/is_recovery}}": ("bad", "bad"),
    "{{^is_alert}}calm{{/is_alert}}{{^is_warning}}no warning{{/is_warning}}": ("no warning", "no warning"),
    "{{#is_no_data}}none{{/is_no_data}}x": ("x", "x"),
    "{{#is_match \"tenant.name\" \"ac.e\" \"acm\"}}A{{/is_match}}!":
        ('{{ if match "ac\\\\.e|acm" $labels.tenant }}A{{ end }}!', "A!"),
    "{{^is_exact_match \"tenant.name\" \"acm\"}}B{{/is_exact_match}}":
        ('{{ if not (match "^(?:acm)$" $labels.tenant) }}B{{ end }}', "B"),
    "a\n\n{{#is_alert}}\nb\n{{/is_alert}}\n\nc": ("a\n\nb\n\nc", "a\n\nb\n\nc"),
    "{{/is_alert}}open {{#is_alert}}end": ("open end", "open end"),
    "lone {{ brace": ('lone {{ "{{" }} brace', "lone {{ brace"),
    "{{{value}}}": ("{{ $value }}", "104"),
    "{{#is_alert}}a{{else}}b{{/is_alert}}{{#is_warning}}c{{else}}d{{/is_warning}}": ("ad", "ad"),
    "{{#is_match \"tenant.name\" \"zzz\"}}A{{else}}B{{/is_match}}":
        ('{{ if match "zzz" $labels.tenant }}A{{ end }}{{ if not (match "zzz" $labels.tenant) }}B{{ end }}', "B"),
    "{{!-- for us --}}x{{{{raw}}}}{{value}}{{{{/raw}}}}": ('x{{ "{{" }}value}}', "x{{value}}"),
    "`{{{{ \"x\\": ('`{{ "{{{{" }} "x\\', '`{{{{ "x\\'),
    "": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_template(text: str) -> None:
    parts, unknown = template(text, CONTEXT)
    assert (go_text(parts), filled(parts, LABELS, 104.0)) == TEXTS[text]
    assert unknown == ()


def test_what_has_no_counterpart_stays_as_words() -> None:
    parts, unknown = template(
        '{{last_triggered_at}} {{#if x}}y{{/if}} {{#is_match "host.name" "a"}}z{{/is_match}}', CONTEXT
    )
    assert go_text(parts) == "[last_triggered_at] y z"
    assert unknown == ("{{last_triggered_at}}", "{{#if x}}", '{{#is_match "host.name" "a"}}')
    parts, unknown = template("{{eval \"value * 2\"}} {{{{is_match 'host' 'a'}}}}b{{{{/is_match}}}}", CONTEXT)
    assert filled(parts, LABELS, 104.0) == '[eval "value * 2"] b'
    assert unknown == ('{{eval "value * 2"}}', "{{{{is_match 'host' 'a'}}}}")


def test_numbers_as_go_writes_them() -> None:
    numbers = (104.0, 0.0, -0.5, 1e6, 1234567.0, 123456.5, 0.0001, 0.00001, 1e21, -2.5e-7)
    assert [go_number(one) for one in numbers] == [
        "104", "0", "-0.5", "1e+06", "1.234567e+06", "123456.5", "0.0001", "1e-05", "1e+21", "-2.5e-07",
    ]  # fmt: skip


@needs_promtool
def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """Whatever people write into names, messages and tags, the file reads and the templates run."""
    hostile = st.text(
        st.one_of(st.sampled_from('{}"`\\$.#/^ \n\t-:|>%@&*!'), st.sampled_from("aé\u202e\u2028\x1b\x85\U0001f600")),
        max_size=25,
    )
    found: list[MonitorRules] = []

    @settings(max_examples=300, database=None, derandomize=True)
    @given(hostile, hostile, hostile)
    def collect(name: str, message: str, tag: str) -> None:
        made = definition("max(last_5m):max:a{*} by {tenant} > 1", name=name, message=message, tags=[f"x:{tag}"])
        found.append(definition_rules(f"m{len(found)}", made, Names(EMPTY)))

    collect()
    (tmp_path / "rules.yml").write_text(rule_file("a\n- b: {{ x }}", found, {"x\x1b[2J": "r\nr"}), encoding="utf-8")
    checked = promtool(tmp_path, "check", "rules", "rules.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(found)} rules found" in checked.stdout
