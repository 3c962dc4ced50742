"""Which variables a message names and what for, and what `eval` makes of its argument."""

import pytest

from ddguard.templates import Purpose, calls, evaluation, read, uses, visit
from ddguard.templates.nodes import Quoted, Span

SHOWN, COMPARED, LOOKED_FOR = Purpose.SHOWN, Purpose.COMPARED, Purpose.LOOKED_FOR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{value}} {{{host.name}}}", [("value", SHOWN), ("host.name", SHOWN)]),
        ('{{#is_match "host.name" "db"}}{{value}}{{/is_match}}', [("host.name", COMPARED), ("value", SHOWN)]),
        ('{{^is_exact_match "env" ""}}{{/is_exact_match}}', [("env", LOOKED_FOR)]),
        ('{{#is_match host.name "db"}}{{/is_match}}', [("host.name", COMPARED)]),
        ('{{#is_match (eval "int(value % 24)") "8"}}{{/is_match}}', [("value", COMPARED)]),
        ('{{{{is_match "host.name" "db"}}}}{{x}}{{{{/is_match}}}}', [("host.name", COMPARED)]),
        ("{{#if synthetics.attributes.count}}{{/if}}", [("synthetics.attributes.count", LOOKED_FOR)]),
        ("{{#with synthetics}}{{method}}{{/with}}", [("synthetics", LOOKED_FOR)]),
        ("{{#each headers}}{{#if this}}{{@key}}{{/if}}{{/each}}{{value}}", [("headers", LOOKED_FOR), ("value", SHOWN)]),
        ("{{eval \"strip(table.name, '_raw_')\"}}", [("table.name", SHOWN)]),
        ('{{urlencode " service.name "}}', [("service.name", SHOWN)]),
        ("{{local_time 'last_triggered_at' 'Asia/Tokyo'}}", [("last_triggered_at", SHOWN)]),
        ("{{override_priority 'P1'}}", []),
        ("{{is_alert x}}", []),
        ("{{#is_match}}{{/is_match}}", []),
        ('{{#is_match "" "a"}}{{/is_match}}', []),
        ("{{!-- {value} --}} {{{{raw}}}}{{value}}{{{{/raw}}}}", []),
        ("{{eval value}}{{urlencode}}", []),
    ],
)
def test_variables_and_what_they_are_named_for(text: str, expected: list[tuple[str, Purpose]]) -> None:
    found = [use for part, branches in visit(read(text).parts) for use in uses(part, branches)]
    assert [(use.name.text, use.purpose) for use in found] == expected
    assert [text[slice(*use.name.span)] for use in found] == [name for name, _ in expected]


def test_calls_are_those_of_parts_and_those_in_parentheses() -> None:
    template = read(
        '{{#is_match (eval "value") "1"}}{{host.name}}{{{{raw}}}}{{x}}{{{{/raw}}}}{{/is_match}} {{!-- c --}}'
    )
    assert [call.name.text for call in calls(template)] == ["is_match", "eval", "host.name", "raw"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("int(value)", ["value"]),
        ("round(value/86400, 2)", ["value"]),
        ("last_triggered_at_epoch-15*60*1000", ["last_triggered_at_epoch"]),
        ("-(threshold - -value) ^ 2 % .5", ["threshold", "value"]),
        ("substring([dot.key].name, 5)", ["[dot.key].name"]),
        ("upper(log.attributes.[a.b])", ["log.attributes.[a.b]"]),
        ("atan2(value, threshold)", ["value", "threshold"]),
        ("upper(@facet.name)", ["@facet.name"]),
        ('strip(name.name, \\"x\\")', ["name.name"]),
        ("1 + 2", []),
    ],
)
def test_documented_expressions_are_read(text: str, names: list[str]) -> None:
    found = evaluation(Quoted(text, span=Span(10, 12 + len(text))))
    assert found.mistake is None
    assert [name.text for name in found.names] == names
    assert [text[name.span.start - 11 : name.span.end - 11] for name in found.names] == names


@pytest.mark.parametrize(
    ("text", "message", "start", "hint"),
    [
        ("int(value", "this ( is never closed", 3, ""),
        ("(1", "this ( is never closed", 0, ""),
        ("int(value))", "')' doesn't fit here", 10, "an operator is missing?"),
        ("value threshold", "'threshold' doesn't fit here", 6, "an operator is missing?"),
        ("value *", "expected a variable or a number, not the end", 7, ""),
        ("", "expected a variable or a number, not the end", 0, ""),
        ("value / $x", "expected a variable or a number, not '$'", 8, ""),
        ("rounded(value)", "there is no function rounded", 0, "did you mean round?"),
        ("xyz(value)", "there is no function xyz", 0, ""),
        ("(" * 60, "nested too deeply", 50, ""),
    ],
)
def test_mistakes_in_expressions(text: str, message: str, start: int, hint: str) -> None:
    mistake = evaluation(Quoted(text, span=Span(0, 2 + len(text)))).mistake
    assert mistake is not None
    assert (mistake.message, mistake.span.start - 1, mistake.hint) == (message, start, hint)
