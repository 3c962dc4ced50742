"""Text -> tags: what stands between braces, one after the other, before blocks are put together.

Datadog's refusals (`Invalid monitor name: Error at character 149 of line 1 near {{/is_match}`) show which reader of
Handlebars it uses: comments end at the first `}}`, a closing tag holds no blanks, there are no filters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ddguard.templates.nodes import Argument, Call, Comment, Mistake, Name, Node, Output, Plain, Quoted, Span, Verbatim
from ddguard.templates.vocabulary import VARIABLES

BRACES = re.compile(r"\{+")
WORD = re.compile(r"(?:[\w@./-]|\[[^\]{}]+\])+")
USUAL = re.compile(rf"\{{\{{([#/]?+)(?!else\}})({WORD.pattern})\}}\}}(?!\}})")
"""The form of most tags, which is read at once: nothing but a name, without blanks."""
BLANKS = re.compile(r"\s*")
QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'", re.DOTALL)
BLOCK_LIKE = re.compile(r"\{\{\s*([#^/])\s*(\w+)")
KNOWN = "|".join(sorted(VARIABLES))
HALF_OPEN = re.compile(rf"(?<!\{{)\{{(?:[#^/]\w+|[\w@.-]+\.name|{KNOWN})\}}\}}(?!\}})")

HINTS = {
    ",": "arguments are separated by blanks",
    "$": "Datadog's variables have no dollar sign",
    "|": 'there are no filters: {{eval "round(value)"}} changes a value',
    "“": 'write straight quotes: "',
    "”": 'write straight quotes: "',
    "‘": "write straight quotes: '",
    "’": "write straight quotes: '",
    ":": "a tag's value is written {{key.name}}",
    ">": "there are no partials",
    **dict.fromkeys("+*(%=", 'calculations are written {{eval "value * 2"}}'),
}


BLOCK_SIGILS = frozenset("#^/")


@dataclass(frozen=True, slots=True)
class Tag(Node):
    """Where a block begins or ends: `sigil` is `#`, `^` or `/`. One that can't be read is `guessed`."""

    call: Call
    sigil: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Else(Node):
    """`{{else}}` or `{{^}}`."""


Piece = Plain | Output | Tag | Else | Comment | Verbatim


class _UnreadableError(Exception):
    """What stands between the braces can't be read; `stop` is where the text goes on."""

    def __init__(self, message: str, span: Span, stop: int, hint: str = "") -> None:
        super().__init__(message)
        self.mistake = Mistake(message, span, hint)
        self.stop = stop


def pieces(text: str) -> tuple[tuple[Piece, ...], tuple[Mistake, ...]]:
    """Everything in a text in the order in which it stands, and what can't be read."""
    found: list[Piece] = []
    mistakes: list[Mistake] = []
    at = 0
    while at < len(text):
        opening = text.find("{{", at)
        start = len(text) if opening < 0 else opening
        if start > at:
            found.append(Plain(text[at:start], span=Span(at, start)))
            if text.find("}}", at, start) >= 0:
                mistakes += _half_open(text, at, start)
        if opening < 0:
            break
        try:
            piece = _usual(text, start) or _piece(text, start)
            at = piece.span.end
        except _UnreadableError as error:
            mistakes.append(error.mistake)
            at = error.stop
            piece = _meant(text, Span(start, at))
        found.append(piece)
    return tuple(found), tuple(mistakes)


def _meant(text: str, span: Span) -> Piece:
    """A tag that can't be read, as the beginning or the end of a block where it is one to the eye; else plain text."""
    found = BLOCK_LIKE.match(text, span.start, span.end)
    if found is None:
        return Plain(text[span.start : span.end], span=span)
    return Tag(Call(Name(found[2])), found[1], guessed=True, span=span)


def _half_open(text: str, start: int, end: int) -> Iterator[Mistake]:
    """`{value}}`: the eye takes it for a tag, Datadog for plain text."""
    for found in HALF_OPEN.finditer(text, start, end):
        yield Mistake("one `{` opens this, two `}}` close it", Span(*found.span()), "write {{ and }}")


def _usual(text: str, start: int) -> Tag | Output | None:
    found = USUAL.match(text, start)
    if found is None:
        return None
    sigil, name = found.groups()
    start, end = found.span()
    span = Span(start + 2 + len(sigil), end - 2)
    call, whole = Call(Name(name, span=span), span=span), Span(start, end)
    return Tag(call, sigil, span=whole) if sigil else Output(call, span=whole)


def _piece(text: str, start: int) -> Piece:
    opening = BRACES.match(text, start)
    braces = len(opening.group()) if opening else 0
    if braces > 4:
        raise _UnreadableError("more than four braces in a row", Span(start, start + braces), start + braces)
    if braces == 4:
        return _verbatim(text, start)
    if braces == 3:
        call, end = _closed(text, start + 3, start, "}}}")
        return Output(call, raw=True, span=Span(start, end))
    inner = start + 2
    if text.startswith("!", inner):
        return _comment(text, start)
    sigil_at = _skip_blanks(text, inner)
    sigil = text[sigil_at : sigil_at + 1]
    if sigil == "^" and text.startswith("}}", _skip_blanks(text, sigil_at + 1)):
        return Else(span=Span(start, _skip_blanks(text, sigil_at + 1) + 2))
    if sigil not in {"#", "^", "/", "&"}:
        sigil, sigil_at = "", inner - 1
    elif sigil_at > inner:
        _refuse_blanks(text, inner, sigil_at)
    call, end = _closed(text, sigil_at + 1, start, "}}")
    span = Span(start, end)
    if sigil == "/":
        _refuse_padding(text, call, span)
    if not sigil and call.name.text == "else":
        return _else(call, span)
    return Tag(call, sigil, span=span) if sigil in BLOCK_SIGILS else Output(call, sigil == "&", span=span)


def _refuse_blanks(text: str, inner: int, sigil_at: int) -> None:
    stop = text.find("}}", sigil_at)
    stop = len(text) if stop < 0 else stop + 2
    message = f"no blank may stand between {{{{ and {text[sigil_at]}"
    raise _UnreadableError(message, Span(inner, sigil_at), stop)


def _refuse_padding(text: str, call: Call, span: Span) -> None:
    if call.arguments or text[span.start + 3 : span.end - 2] != call.name.text:
        message = "a closing tag holds its name alone, without blanks"
        raise _UnreadableError(message, span, span.end, f"write {{{{/{call.name.text}}}}}")


def _else(call: Call, span: Span) -> Else:
    if call.arguments:
        hint = "nest a conditional inside of {{else}} instead"
        raise _UnreadableError("{{else}} takes no condition", span, span.end, hint)
    return Else(span=span)


def _comment(text: str, start: int) -> Comment:
    end = text.find("}}", start)
    if end < 0:
        raise _UnreadableError("this comment is never closed: `}}` is missing", Span(start, start + 3), len(text))
    inside = text[start + 3 : end]
    if inside.startswith("--") and "{{" in inside and text.find("--}}", end) >= 0:
        message = "a comment ends at the first `}}`, even if it begins with {{!--"
        raise _UnreadableError(message, Span(start, end + 2), end + 2, "leave the braces inside of the comment away")
    return Comment(inside, span=Span(start, end + 2))


def _verbatim(text: str, start: int) -> Verbatim:
    call, end = _closed(text, start + 4, start, "}}}}")
    closing = f"{{{{{{{{/{call.name.text}}}}}}}}}"
    close_at = text.find(closing, end)
    if close_at < 0:
        raise _UnreadableError(f"{closing} is missing", Span(start, end), len(text))
    return Verbatim(call, text[end:close_at], span=Span(start, close_at + len(closing)))


def _closed(text: str, at: int, start: int, closing: str) -> tuple[Call, int]:
    """The name and the arguments from `at` on, and where the text goes on after the closing braces or parenthesis."""
    at = _skip_blanks(text, at)
    word = WORD.match(text, at)
    if word is None:
        if text.startswith("}}", at):
            raise _UnreadableError("nothing stands between the braces", Span(start, at + 2), at + 2)
        raise _unclosed(text, at, start, closing)
    name = Name(word.group(), span=Span(*word.span()))
    arguments, end = _arguments(text, word.end(), inside=closing == ")")
    call = Call(name, arguments, span=Span(at, end))
    end = _skip_blanks(text, end)
    if text.startswith(closing, end):
        return call, end + len(closing)
    raise _unclosed(text, end, start, closing)


def _unclosed(text: str, at: int, start: int, closing: str) -> _UnreadableError:
    character = text[at : at + 1]
    if character and character not in "{}":
        message = "a `)` too many" if character == ")" else f"{character!r} can't stand between braces"
        return _UnreadableError(message, Span(at, at + 1), _after(text, at), HINTS.get(character, ""))
    while closing != ")" and text.startswith("}", at):
        at += 1
    opened = text[start : start + len(closing)]
    return _UnreadableError(f"`{closing}` is missing", Span(start, at), at, f"close what `{opened}` opened")


def _after(text: str, at: int) -> int:
    """Where the text goes on after a tag that can't be read: behind its `}}`, or before the next `{{`."""
    opening, closing = text.find("{{", at), text.find("}}", at)
    if closing < 0 or 0 <= opening < closing:
        return len(text) if opening < 0 else opening
    return closing + 2


def _arguments(text: str, at: int, *, inside: bool) -> tuple[tuple[Argument, ...], int]:
    """All arguments from `at` on, and where they end; `inside` of parentheses there are no further ones."""
    arguments: list[Argument] = []
    end = at
    while True:
        at = _skip_blanks(text, end)
        argument = _argument(text, at, inside=inside) if at > end else None
        if argument is None:
            return tuple(arguments), end
        arguments.append(argument)
        end = argument.span.end


def _argument(text: str, at: int, *, inside: bool) -> Argument | None:
    """The argument that begins at `at`; None if none does."""
    if text.startswith("(", at) and not inside:
        call, end = _closed(text, at + 1, at, ")")
        return Call(call.name, call.arguments, span=Span(at, end))
    if text.startswith(("'", '"'), at):
        return _quoted(text, at)
    word = WORD.match(text, at)
    return Name(word.group(), span=Span(*word.span())) if word else None


def _quoted(text: str, at: int) -> Quoted:
    found = QUOTED.match(text, at)
    line_end = text.find("\n", at)
    if found is None or "\n" in found.group():
        stop = min(_after(text, at), len(text) if line_end < 0 else line_end)
        raise _UnreadableError(f"this {text[at]} is never closed", Span(at, at + 1), stop)
    inside = found.group(1) if found.group(1) is not None else found.group(2)
    return Quoted(inside, text[at], span=Span(*found.span()))


def _skip_blanks(text: str, at: int) -> int:
    found = BLANKS.match(text, at)
    return found.end() if found else at
