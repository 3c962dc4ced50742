"""What the YAML parser complains about, in a user's words, at the place that has to be changed.

The parser tells where it got stuck. The mistake is often elsewhere: a quote that was never closed, a tab, a text that
begins like a mapping. Each diagnosis looks for the usual causes of one complaint.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import yaml

from ddguard.findings import Finding, Position, Severity
from ddguard.spec.trouble import Diagnosis, Trouble, is_in_flow, open_bracket

QUOTES = "\"'"
CONFLICT = re.compile(r"^(?:<{7}|>{7}|={7})(?: .*)?$", re.MULTILINE)
NOT_ALLOWED = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
GLUED_COLON = re.compile(r"\s*(?:- +)?[A-Za-z_][\w.-]*(:)(?!//)\S")
KEY_AND_VALUE = re.compile(r"\s*(?:- +)*([^\s#].*?):[ \t]+(?P<value>\S.*)")
TEMPLATE_VALUE = re.compile(r"^[^\n#]*?(?:: +|- +)(?P<value>\{\{)", re.MULTILINE)
WORD = re.compile(r"[A-Za-z_][\w.-]*")
IN_FLOW = re.compile(r"(?:\{\{.*?\}\}|[^,\[\]{}\n])*")
TEXT_KEYS = frozenset({"escalation_message", "message", "name", "query", "reason", "review", "scope"})
"""Keys whose value is a text: a colon in it is no second key."""
OPEN_QUOTE = re.compile(r"^[^\n#]*?(?:: +|- +)(?P<quote>[\"'])(?:(?!(?P=quote)).)*$", re.MULTILINE)


Diagnose = Callable[[Trouble], Diagnosis]


def syntax_finding(path: str, text: str, begin: int, error: yaml.YAMLError) -> Finding:
    """The finding for an error of the parser, which read `text` from `begin` on."""
    found = _diagnosis(text, begin, error)
    line, column = text.count("\n", 0, found.index) + 1, found.index - text.rfind("\n", 0, found.index)
    width = max(1, min(found.width, len(text[found.index :].split("\n", 1)[0].rstrip())))
    position = Position(path, line, column, width)
    return Finding(position, "DDG001", "broken-yaml", Severity.ERROR, found.message, found.hint)


def _diagnosis(text: str, begin: int, error: yaml.YAMLError) -> Diagnosis:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _control_character(text, begin)
    conflict = CONFLICT.search(text, begin)
    if conflict:
        hint = "keep one side, and remove the lines of <, = and >"
        return Diagnosis(conflict.start(), "a merge conflict that nobody resolved", hint, len(conflict.group()))
    problem = (error.problem or "").split("\n")[0]
    index = min(begin + error.problem_mark.index, len(text))
    context = index if error.context_mark is None else begin + error.context_mark.index
    trouble = Trouble(text, begin, index, context, error.context or "")
    diagnose = DIAGNOSES.get(problem)
    found = next(_anywhere(trouble), None)
    return found or (diagnose(trouble) if diagnose else Diagnosis(index, f"the YAML is broken here: {problem}"))


def _control_character(text: str, begin: int) -> Diagnosis:
    """PyYAML gives no marks for characters that YAML doesn't allow."""
    found = NOT_ALLOWED.search(text, begin)
    index = found.start() if found else begin
    code = ord(text[index]) if found else 0
    hint = f'remove it, or write it as "\\x{code:02x}" in double quotes' if code else "remove it; is the file UTF-8?"
    return Diagnosis(index, f"the control character U+{code:04X} stands here: YAML allows none", hint)


def _anywhere(trouble: Trouble) -> Iterator[Diagnosis]:
    """Mistakes that the parser notices in many ways."""
    if trouble.character == "\t" and not trouble.before.strip():
        yield Diagnosis(trouble.index, "a tab stands where blanks indent", "YAML knows no tabs: indent with blanks")
    for start in _values_near(trouble):
        shown = trouble.rest_of_line(start)
        if shown.startswith("{{"):
            hint = "write | after its key, and the text below" if _goes_on_below(trouble, start) else ""
            message = "a text that begins with {{ needs quotes"
            yield Diagnosis(start, message, hint or f"write {in_quotes(shown)}", len(shown))
        if shown.startswith("{%"):
            message = "a template's {% ... %} has no meaning in a spec"
            yield Diagnosis(start, message, "specs have ${variables}, and Datadog's {{...}} in texts", len(shown))


def _goes_on_below(trouble: Trouble, start: int) -> bool:
    """Whether the line below the one at an index is indented."""
    end = trouble.text.find("\n", start)
    return end >= 0 and trouble.text.startswith(" ", end + 1)


def _values_near(trouble: Trouble) -> Iterator[int]:
    """Where the values begin that the parser was reading: that of its construct and that of its line."""
    yield trouble.context
    if "flow" in trouble.reading:
        yield from (
            found.start("value") for found in TEMPLATE_VALUE.finditer(trouble.text, trouble.begin, trouble.index)
        )
    end = trouble.text.find("\n", trouble.index)
    match = KEY_AND_VALUE.match(trouble.text, trouble.line_start, len(trouble.text) if end < 0 else end)
    if match:
        yield match.start("value")
    elif not trouble.before.strip(" {"):
        yield trouble.line_start + len(trouble.before) - len(trouble.before.lstrip())


def in_quotes(text: str) -> str:
    """A text as it would stand in quotes, for a hint."""
    shown = text if len(text) <= 40 else text[:37] + "..."
    return f"'{shown}'" if '"' in shown or "\\" in shown else f'"{shown}"'


def _bad_start(trouble: Trouble) -> Diagnosis:
    shown = trouble.rest_of_line(trouble.index)
    if is_in_flow(trouble):
        shown = (IN_FLOW.match(shown) or shown)[0].rstrip()
    return Diagnosis(
        trouble.index, f"a text that begins with {shown[:1]} needs quotes", f"write {in_quotes(shown)}", len(shown)
    )


def _bad_name(trouble: Trouble) -> Diagnosis:
    """`* x`, `& x`: no name after the sign of an alias or an anchor."""
    shown = trouble.rest_of_line(trouble.context)
    message = f"a text that begins with {shown[:1]} needs quotes"
    return Diagnosis(trouble.context, message, f"write {in_quotes(shown)}", len(shown))


def _tab(trouble: Trouble) -> Diagnosis:
    return Diagnosis(trouble.index, "a tab stands where blanks indent", "YAML knows no tabs: indent with blanks")


def _never_closed(trouble: Trouble) -> Diagnosis:
    quote = trouble.text[trouble.context]
    width = len(trouble.rest_of_line(trouble.context))
    return Diagnosis(trouble.context, f"the {quote} that opens here is never closed", f"close it with {quote}", width)


def _second_colon(trouble: Trouble) -> Diagnosis:
    line = trouble.before + trouble.rest_of_line(trouble.index)
    found = KEY_AND_VALUE.match(line)
    start = trouble.line_start + (found.start("value") if found else 0)
    if found is None or start > trouble.index:
        return _key_too_deep(trouble)
    key, value = found.group(1), found.group("value")
    inner = trouble.text[start : trouble.index]
    message = "a second `: ` on one line"
    if WORD.fullmatch(inner) and key not in TEXT_KEYS:
        hint = f"put {inner} on the next line, indented, or write {key}: {{{value}}}"
    else:
        hint = f"a text that holds `: ` needs quotes: {in_quotes(value)}"
    return Diagnosis(trouble.index, message, hint)


def _key_too_deep(trouble: Trouble) -> Diagnosis:
    start = trouble.line_start + len(trouble.before) - len(trouble.before.lstrip())
    above = trouble.text[trouble.begin : trouble.line_start].rstrip().rpartition("\n")[2]
    glued = GLUED_COLON.match(above)
    if glued:
        index = trouble.text.rfind(above, 0, trouble.line_start) + glued.start(1)
        return _blank_after_colon(trouble, index)
    width = trouble.index - start
    message = "this key is indented under a line that has a value already"
    return Diagnosis(start, message, "give it the indentation of the keys that it belongs with", width)


def _no_colon(trouble: Trouble) -> Diagnosis:
    line_start = trouble.text.rfind("\n", 0, trouble.context) + 1
    line = trouble.rest_of_line(line_start)
    glued = GLUED_COLON.match(line)
    if glued:
        return _blank_after_colon(trouble, line_start + glued.start(1))
    above = trouble.text[trouble.begin : line_start].rstrip().rpartition("\n")[2]
    hint = "a text of several lines needs a | after its key, and indentation"
    if above.endswith(("|", ">", "|-", ">-")):
        hint = f"indent the text below `{above.strip()}`"
    shown = trouble.rest_of_line(trouble.context)
    return Diagnosis(trouble.context, "expected `key: value`", hint, len(shown))


def _blank_after_colon(trouble: Trouble, index: int) -> Diagnosis:
    key = re.search(r"[\w.-]+$", trouble.text[:index])
    name = key.group() if key else ""
    return Diagnosis(index, "a blank is missing after this colon", f"write `{name}: {trouble.rest_of_line(index + 1)}`")


def _no_key(trouble: Trouble) -> Diagnosis:
    before = trouble.before.rstrip()
    if not before:
        return _odd_indentation(trouble)
    if before[-1] in QUOTES:
        return _after_quotes(trouble, before[-1])
    if trouble.character in {"}", "]"}:
        message = f"this {trouble.character} closes nothing"
        return Diagnosis(trouble.index, message, "remove it, or put the whole text in quotes")
    return _after_bracket(trouble)


def _odd_indentation(trouble: Trouble) -> Diagnosis:
    shown = trouble.rest_of_line(trouble.index)
    if shown.startswith(":"):
        return Diagnosis(trouble.index, "a key is missing before this colon")
    context_column = trouble.context - trouble.text.rfind("\n", 0, trouble.context)
    if shown.startswith("-") and len(trouble.before) + 1 == context_column:
        hint = "give the list a key, and indent it below that"
        return Diagnosis(trouble.index, "a list entry stands among keys", hint, len(shown))
    message = f"the indentation of this line, {len(trouble.before)}, is that of no line above it"
    return Diagnosis(trouble.index, message, "indent it like the lines that it belongs with", len(shown))


def _after_quotes(trouble: Trouble, quote: str) -> Diagnosis:
    """A text that goes on after its closing quote: an inner quote, or one that closes an earlier text."""
    lines_above = trouble.text[trouble.begin : trouble.line_start]
    opened = list(OPEN_QUOTE.finditer(lines_above))
    index = trouble.begin + opened[-1].start("quote") if opened else trouble.index
    if trouble.text.startswith(quote, index) and trouble.text.count(quote, index + 1, trouble.index) == 1:
        width = len(trouble.rest_of_line(index))
        return Diagnosis(index, f"the {quote} that opens here is never closed", f"close it with {quote}", width)
    inner = "''" if quote == "'" else '\\"'
    hint = f"put all of it in quotes; a {quote} inside them is written {inner}"
    return Diagnosis(trouble.index, "the text goes on after its closing quote", hint)


def _after_bracket(trouble: Trouble) -> Diagnosis:
    """`name: [StreamPay] burst`: a text that begins like a list."""
    found = KEY_AND_VALUE.match(trouble.text, trouble.line_start)
    if found and found.group("value")[0] in "[{":
        value = found.group("value").rstrip()
        message = f"a text that begins with {value[0]} needs quotes"
        return Diagnosis(found.start("value"), message, f"write {in_quotes(value)}", len(value))
    return Diagnosis(trouble.index, "expected the end of the line here")


def _in_brackets(trouble: Trouble) -> Diagnosis:
    """Something between `{` and `}` or `[` and `]`."""
    opening = trouble.text[trouble.context]
    closing = {"{": "}", "[": "]"}.get(opening, "")
    if trouble.text[max(0, trouble.index - 1) : trouble.index + 1] == "${":
        name = re.match(r"\$\{[^{}\n]*\}?", trouble.text[trouble.index - 1 :])
        shown = name.group() if name else "${"
        message = "between { } and between [ ] a ${variable} needs quotes"
        return Diagnosis(trouble.index - 1, message, f'write "{shown}"', len(shown))
    if "\n" in trouble.text[trouble.context : trouble.index]:
        line = trouble.text.count("\n", 0, trouble.index) + 1
        closed = f"isn't closed before line {line}" if trouble.character else "is never closed"
        message = f"the {opening} that opens here {closed}"
        width = len(trouble.rest_of_line(trouble.context))
        return Diagnosis(trouble.context, message, f"close it with {closing}", width)
    hint = "commas separate entries; a text that holds `: ` or a comma needs quotes"
    if trouble.character == ":":
        start = trouble.line_start + trouble.before.rfind(" ") + 1
        return Diagnosis(start, "a comma is missing before this key", hint, trouble.index - start)
    return Diagnosis(trouble.index, f"expected a comma or {closing} before this", hint)


def _no_value_in_brackets(trouble: Trouble) -> Diagnosis:
    if trouble.character == ",":
        return Diagnosis(trouble.index, "a value is missing before this comma")
    opened = open_bracket(trouble)
    if opened is not None:
        message = f"the {trouble.text[opened]} that opens here is never closed"
        return Diagnosis(opened, message, "close it, or put the whole text in quotes")
    return Diagnosis(trouble.index, "a value is missing here")


def _no_escape(trouble: Trouble) -> Diagnosis:
    shown = trouble.text[trouble.index : trouble.index + 2]
    hint = "write \\\\ for a backslash, or use single quotes"
    return Diagnosis(trouble.index, f"{shown} is no escape in double quotes", hint, 2)


def _bad_code_point(trouble: Trouble) -> Diagnosis:
    found = re.compile(r"\\[xuU][0-9a-fA-F]*").match(trouble.text, trouble.index - 2)
    shown = found.group() if found else ""
    hint = "\\x takes 2 hexadecimal digits, \\u 4 and \\U 8; or write the character itself"
    return Diagnosis(trouble.index - 2, f"{shown} is no character", hint, len(shown))


def _block_header(trouble: Trouble) -> Diagnosis:
    sign = trouble.text[trouble.context]
    shown = trouble.rest_of_line(trouble.index)
    message = f"a text can't begin on the line of its {sign}"
    return Diagnosis(trouble.index, message, "put it on the next line, indented", len(shown))


def _zero_indentation(trouble: Trouble) -> Diagnosis:
    return Diagnosis(trouble.index, "an indentation indicator is a digit from 1 to 9", "| alone will do")


def _list_beside_key(trouble: Trouble) -> Diagnosis:
    hint = "put each `- ` on a line of its own below the key; a text that begins with `- ` needs quotes"
    return Diagnosis(trouble.index, "a list can't begin on the line of its key", hint)


def _no_entry(trouble: Trouble) -> Diagnosis:
    message = "expected `- `: the lines above are a list"
    return Diagnosis(
        trouble.index, message, "begin with `- `, or give the list a key", len(trouble.rest_of_line(trouble.index))
    )


def _no_document(trouble: Trouble) -> Diagnosis:
    before = trouble.before.rstrip()
    if before and before[-1] in QUOTES:
        return _after_quotes(trouble, before[-1])
    shown = trouble.rest_of_line(trouble.index)
    if "\n..." in trouble.text[trouble.begin : trouble.index]:
        return Diagnosis(trouble.index, "the document has ended", "begin the next one with a line of ---", len(shown))
    hint = "indent all keys of a document alike"
    return Diagnosis(trouble.index, "this line is indented less than the document that it stands in", hint, len(shown))


def _directive(trouble: Trouble) -> Diagnosis:
    start = trouble.line_start
    shown = trouble.rest_of_line(start)
    message = "a line that begins with % is a directive of YAML, and this is none that specs need"
    return Diagnosis(start, message, "remove it, or put the text in quotes", len(shown))


DIAGNOSES: Mapping[str, Diagnose] = {
    "found character that cannot start any token": _bad_start,
    "did not find expected node content": lambda trouble: (
        _no_value_in_brackets(trouble) if "flow" in trouble.reading else _bad_start(trouble)
    ),
    "mapping keys are not allowed in this context": _bad_start,
    "found undefined tag handle": _bad_start,
    "did not find expected alphabetic or numeric character": _bad_name,
    "found a tab character that violates indentation": _tab,
    "found a tab character where an indentation space is expected": _tab,
    "found unexpected end of stream": _never_closed,
    "found unexpected document indicator": _never_closed,
    "mapping values are not allowed in this context": _second_colon,
    "could not find expected ':'": _no_colon,
    "did not find expected key": _no_key,
    "did not find expected ',' or '}'": _in_brackets,
    "did not find expected ',' or ']'": _in_brackets,
    "found unknown escape character": _no_escape,
    "found invalid Unicode character escape code": _bad_code_point,
    "did not find expected hexdecimal number": _bad_code_point,
    "did not find expected comment or line break": _block_header,
    "found an indentation indicator equal to 0": _zero_indentation,
    "block sequence entries are not allowed in this context": _list_beside_key,
    "did not find expected '-' indicator": _no_entry,
    "did not find expected <document start>": _no_document,
    "found incompatible YAML document": _directive,
    "found duplicate %YAML directive": _directive,
    "found unknown directive name": _directive,
    "did not find expected version number": _directive,
    "found unexpected non-alphabetical character": _directive,
}
"""By the problem that libyaml names."""
