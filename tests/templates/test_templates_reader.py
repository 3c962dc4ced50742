"""Message templates: what can be read, what can't and where, on Datadog's documented forms and on slips."""

import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ddguard.templates import Mistake, Span, Template, read, tags, visit
from ddguard.templates.nodes import Block, Call, Comment, Name, Output, Plain, Quoted, Verbatim

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "monitors.jsonl"


def variable(text: str) -> Output:
    return Output(Call(Name(text)))


def mistakes(text: str) -> list[tuple[str, str]]:
    """Each message with the characters that it is about."""
    return [(mistake.message, text[slice(*mistake.span)]) for mistake in read(text).mistakes]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("no braces, one { and }} two", (Plain("no braces, one { and }} two"),)),
        ("{{value}}", (variable("value"),)),
        ("{{ value\n}}", (variable("value"),)),
        ('{"value": {{value}}}', (Plain('{"value": '), variable("value"), Plain("}"))),
        ("{{{check_message}}}", (Output(Call(Name("check_message")), raw=True),)),
        ("{{&check_message}}", (Output(Call(Name("check_message")), raw=True),)),
        (
            '{{eval "round(value, 2)"}}',
            (Output(Call(Name("eval"), (Quoted("round(value, 2)"),))),),
        ),
        (
            "{{local_time 'last_triggered_at' 'Asia/Tokyo'}}",
            (Output(Call(Name("local_time"), (Quoted("last_triggered_at", "'"), Quoted("Asia/Tokyo", "'")))),),
        ),
        ("{{#is_alert}}a{{/is_alert}}", (Block(Call(Name("is_alert")), (Plain("a"),)),)),
        ("{{# is_alert }}a{{/is_alert}}", (Block(Call(Name("is_alert")), (Plain("a"),)),)),
        ("{{^is_alert}}{{/is_alert}}", (Block(Call(Name("is_alert")), (), negated=True),)),
        (
            '{{#is_match "env.name" "a" "b"}}x{{else}}y{{/is_match}}',
            (
                Block(
                    Call(Name("is_match"), (Quoted("env.name"), Quoted("a"), Quoted("b"))),
                    (Plain("x"),),
                    (Plain("y"),),
                ),
            ),
        ),
        ("{{#if a}}x{{ ^ }}y{{/if}}", (Block(Call(Name("if"), (Name("a"),)), (Plain("x"),), (Plain("y"),)),)),
        (
            '{{#is_exact_match (eval "int(value % 24)") "8"}}x{{/is_exact_match}}',
            (
                Block(
                    Call(Name("is_exact_match"), (Call(Name("eval"), (Quoted("int(value % 24)"),)), Quoted("8"))),
                    (Plain("x"),),
                ),
            ),
        ),
        ("a{{!-- b --}}c", (Plain("a"), Comment("-- b --"), Plain("c"))),
        ("{{!-- b }}c", (Comment("-- b "), Plain("c"))),
        ("{{! b\nc }}", (Comment(" b\nc "),)),
        ("{{{{raw}}}}{{ a }}{{{{/raw}}}}b", (Verbatim(Call(Name("raw")), "{{ a }}"), Plain("b"))),
        (
            '{{{{is_match "host.name" "x"}}}}{{ .matched }}{{{{/is_match}}}}',
            (Verbatim(Call(Name("is_match"), (Quoted("host.name"), Quoted("x"))), "{{ .matched }}"),),
        ),
    ],
)
def test_documented_forms_are_read(text: str, parts: tuple[object, ...]) -> None:
    assert read(text) == Template(parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "segments"),
    [
        ("value", ("value",)),
        ("host.name", ("host", "name")),
        ("[dot.key.test].name", ("dot.key.test", "name")),
        ("[@network.client.ip].name", ("@network.client.ip", "name")),
        ("log.attributes.[error.message]", ("log", "attributes", "error.message")),
        ("service.links[Runbook]", ("service", "links", "Runbook")),
        ("@machine_id.name", ("@machine_id", "name")),
        ("topic-partition.name", ("topic-partition", "name")),
    ],
)
def test_names_have_segments(name: str, segments: tuple[str, ...]) -> None:
    (output,) = read(f"{{{{{name}}}}}").parts
    assert isinstance(output, Output)
    assert output.call.name.segments == segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{#is_alert}}a", [("{{#is_alert}} is never closed", "{{#is_alert}}")]),
        ("a{{/is_alert}}", [("{{/is_alert}} closes nothing", "{{/is_alert}}")]),
        (
            "{{#is_alert}}x{{/is_warning}}",
            [("{{/is_warning}} doesn't close {{#is_alert}}", "{{/is_warning}}")],
        ),
        (
            "{{#is_alert}}x{{/is_alrt}}y{{#is_warning}}z{{/is_warning}}",
            [("{{/is_alrt}} doesn't close {{#is_alert}}", "{{/is_alrt}}")],
        ),
        (
            "{{#is_alert}}{{^is_warning}}x{{/is_alert}}{{/is_warning}}",
            [("{{^is_warning}} is never closed", "{{^is_warning}}")],
        ),
        ("{{else}}", [("{{else}} stands outside of any block", "{{else}}")]),
        (
            "{{#is_alert}}{{else}}a{{else}}b{{/is_alert}}",
            [("a second {{else}} in {{#is_alert}}", "{{else}}")],
        ),
        ("{{#if a}}b{{else if c}}d{{/if}}", [("{{else}} takes no condition", "{{else if c}}")]),
        ("{{ #is_alert}}x{{/is_alert}}", [("no blank may stand between {{ and #", " ")]),
        ("{{ /is_alert", [("no blank may stand between {{ and /", " ")]),
        (
            "{{#is_alert}}x{{/ is_alert}}",
            [("a closing tag holds its name alone, without blanks", "{{/ is_alert}}")],
        ),
        ("{{value} is high, {{threshold}}", [("`}}` is missing", "{{value}")]),
        ("{{value is high", [("`}}` is missing", "{{value is high")]),
        ("{{{value}} x", [("`}}}` is missing", "{{{value}}")]),
        ("{value}} x", [("one `{` opens this, two `}}` close it", "{value}}")]),
        ("x {{{{{{{value}}", [("more than four braces in a row", "{{{{{{{")]),
        ("{{}}", [("nothing stands between the braces", "{{}}")]),
        ("{{{{raw}}}} x", [("{{{{/raw}}}} is missing", "{{{{raw}}}}")]),
        ("{{! a", [("this comment is never closed: `}}` is missing", "{{!")]),
        (
            "{{!-- {{value}} --}}",
            [("a comment ends at the first `}}`, even if it begins with {{!--", "{{!-- {{value}}")],
        ),
        ('{{#is_match "a", "b"}}x{{/is_match}}', [("',' can't stand between braces", ",")]),
        ("{{#is_match “a” “b”}}x{{/is_match}}", [("'“' can't stand between braces", "“")]),
        ("{{$value}} {{x}}", [("'$' can't stand between braces", "$")]),
        ("{{value|upper", [("'|' can't stand between braces", "|")]),
        ("{{a:b.name {{x}}", [("':' can't stand between braces", ":")]),
        ("{{eval value*2}}", [("'*' can't stand between braces", "*")]),
        ('{{"x"}}', [("'\"' can't stand between braces", '"')]),
        ("{{~value}}", [("'~' can't stand between braces", "~")]),
        ("{{value)}}", [("a `)` too many", ")")]),
        ('{{#is_match (eval "a" "b"}}x{{/is_match}}', [("`)` is missing", '(eval "a" "b"')]),
        ('{{x (eval (eval "a"))}}', [("'(' can't stand between braces", "(")]),
        ('{{eval "int(value)}}\nmore "text"', [('this " is never closed', '"')]),
        ("{{eval 'int(value)}}", [("this ' is never closed", "'")]),
    ],
)
def test_mistakes_are_told_once_and_at_their_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert mistakes(text) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{#is_alert}}a", "{{/is_alert}} is missing"),
        ("a{{/is_alert}}", "no block is open here"),
        ("{{#is_alert}}x{{/is_warning}}", "write {{/is_alert}}"),
        ("{{value}", "close what `{{` opened"),
        ("{value}}", "write {{ and }}"),
        ("{{/ is_alert}}", "write {{/is_alert}}"),
        ("{{a, b}}", "arguments are separated by blanks"),
        ("{{value*2}}", 'calculations are written {{eval "value * 2"}}'),
        ("{{> part}}", "there are no partials"),
    ],
)
def test_mistakes_come_with_a_way_out(text: str, hint: str) -> None:
    assert hint in [mistake.hint for mistake in read(text).mistakes]


def test_reading_goes_on_after_a_mistake() -> None:
    template = read("{{a,b}} {{value}} {{x")
    assert template.parts == (Plain("{{a,b}}"), Plain(" "), variable("value"), Plain(" "), Plain("{{x"))
    assert [mistake.span for mistake in template.mistakes] == [Span(3, 4), Span(18, 21)]


def test_a_block_that_is_never_closed_reaches_to_the_end() -> None:
    template = read("a{{#is_alert}}b{{^is_renotify}}c")
    outer = template.parts[1]
    assert isinstance(outer, Block)
    assert outer.span == Span(1, 32)
    assert outer.body[1] == Block(Call(Name("is_renotify")), (Plain("c"),), negated=True)


def test_nesting_has_an_end() -> None:
    deep = 5000
    template = read("{{#is_alert}}" * deep + "x" + "{{/is_alert}}" * deep)
    assert [mistake.message for mistake in template.mistakes] == ["blocks are nested too deeply"]
    assert sum(1 for part, _ in visit(template.parts) if isinstance(part, Block)) == 50


def test_spans_are_places_in_the_text() -> None:
    text = 'See {{#is_match "env.name" "prod"}}@slack-ops{{/is_match}}!'
    _, block, rest = read(text).parts
    assert isinstance(block, Block)
    assert text[slice(*block.call.span)] == 'is_match "env.name" "prod"'
    first = block.call.arguments[0]
    assert isinstance(first, Quoted)
    assert text[slice(*first.inside)] == "env.name"
    assert text[slice(*block.body[0].span)] == "@slack-ops"
    assert text[slice(*rest.span)] == "!"
    assert block.span.width == len(text) - 5


def test_every_part_is_visited_with_its_branches() -> None:
    template = read("a{{#is_alert}}b{{else}}c{{^is_renotify}}d{{/is_renotify}}{{/is_alert}}")
    seen = {
        part.text: [(branch.block.name, branch.holds) for branch in branches]
        for part, branches in visit(template.parts)
        if isinstance(part, Plain)
    }
    assert seen == {
        "a": [],
        "b": [("is_alert", True)],
        "c": [("is_alert", False)],
        "d": [("is_alert", False), ("is_renotify", False)],
    }


def test_a_mistake_is_a_plain_value() -> None:
    assert Mistake("x", Span(0, 1)) == Mistake("x", Span(0, 1), "")


PIECES = (
    "{{", "}}", "{", "}", "{{{{", "}}}}", "#", "^", "/", "!", "--", "is_alert", "value", ".name", "else", "eval", "raw",
    '"', "'", "(", ")", "[", "]", "@", ",", "\\", " ", "\n",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_makes_the_reader_fail_and_nothing_is_lost(text: str) -> None:
    template = read(text)
    for mistake in template.mistakes:
        assert 0 <= mistake.span.start <= mistake.span.end <= len(text)
    if not template.mistakes:
        assert [part.span.end for part in template.parts][-1:] == ([len(text)] if text else [])


def test_messages_that_datadog_took_have_no_mistake() -> None:
    if not CORPUS.is_file():
        pytest.skip("the recorded monitors are not here")
    rows = [json.loads(line)["monitor"] for line in CORPUS.read_text().splitlines()]
    texts = [str(row.get(field) or "") for row in rows for field in ("name", "message")]
    assert [text for text in texts if read(text).mistakes] == []


@given(st.from_regex(tags.USUAL, fullmatch=True), st.sampled_from(["", "x", "{", "}", "{{", " }}"]))
def test_the_usual_tags_read_at_once_are_read_the_same(tag: str, rest: str) -> None:
    text = tag + rest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tags, "USUAL", re.compile(r"(?!)"))
        slowly = tags.pieces(text)
    assert _with_spans(tags.pieces(text)) == _with_spans(slowly)


def _with_spans(found: object) -> str:
    """Everything in it, the spans included, which take no part in comparisons."""
    if isinstance(found, tuple) and not isinstance(found, Span):
        return f"({', '.join(map(_with_spans, found))})"
    if not is_dataclass(found):
        return repr(found)
    return f"{type(found).__name__}({', '.join(_with_spans(getattr(found, one.name)) for one in fields(found))})"
