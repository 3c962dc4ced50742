"""Which character of a YAML file each character of a scalar's value comes from (YAML 1.1, chapter 9)."""

from collections.abc import Callable, Iterator
from itertools import takewhile

Pairs = Iterator[tuple[str, int]]
"""Characters of the value, each with its index in the raw text of the scalar."""

ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
CODE_POINT_DIGITS = {"x": 2, "u": 4, "U": 8}


def origins(raw: str, style: str | None, value: str) -> tuple[int, ...] | None:
    """For each character of `value` its index in `raw`, the scalar as the file writes it, quotes or `|` included.

    `style` is PyYAML's: None for plain, or one of `'`, `"`, `|`, `>`. None where the two can't be matched: the caller
    then points at the scalar's beginning.
    """
    reader = READERS[style or ""]
    pairs = list(reader(raw))
    if "".join(character for character, _ in pairs) != value:
        pairs = pairs[: len(value)]
    if "".join(character for character, _ in pairs) != value:
        return None
    return tuple(index for _, index in pairs)


def _plain(raw: str) -> Pairs:
    return _flow(raw, 0, len(raw), _literally)


def _single_quoted(raw: str) -> Pairs:
    return _flow(raw, 1, len(raw) - 1, _quote_twice)


def _double_quoted(raw: str) -> Pairs:
    return _flow(raw, 1, len(raw) - 1, _escape)


Reader = Callable[[str, int], tuple[str, int]]
"""Takes one unit at an index: the character that it stands for, and how many raw characters it takes."""


def _literally(raw: str, index: int) -> tuple[str, int]:
    return raw[index], 1


def _quote_twice(raw: str, index: int) -> tuple[str, int]:
    return raw[index], 2 if raw[index] == "'" else 1


def _escape(raw: str, index: int) -> tuple[str, int]:
    if raw[index] != "\\":
        return raw[index], 1
    letter = raw[index + 1]
    digits = CODE_POINT_DIGITS.get(letter)
    if digits:
        return chr(int(raw[index + 2 : index + 2 + digits], 16)), 2 + digits
    if letter in "\r\n":
        end = index + 2
        while end < len(raw) and raw[end] in " \t":
            end += 1
        return "", end - index
    return ESCAPES.get(letter, letter), 2


def _flow(raw: str, start: int, end: int, unit: Reader) -> Pairs:
    """Plain and quoted scalars: a line break folds to a blank, n + 1 of them to n line breaks."""
    index = start
    while index < end:
        blank_end = _skip(raw, index, end, " \t")
        if blank_end < end and raw[blank_end] in "\r\n":
            breaks, after = _line_breaks(raw, blank_end, end)
            yield from ((("\n", at) for at in breaks[1:]) if len(breaks) > 1 else ((" ", breaks[0]),))
            index = after
            continue
        character, width = unit(raw, index)
        if character:
            yield character, index
        index += width


def _line_breaks(raw: str, start: int, end: int) -> tuple[list[int], int]:
    """Where each of the line breaks from `start` on stands, and where the text goes on after them."""
    breaks = []
    index = start
    while index < end and raw[index] in "\r\n":
        breaks.append(index)
        index += 2 if raw.startswith("\r\n", index) else 1
        index = _skip(raw, index, end, " \t")
    return breaks, index


def _skip(raw: str, start: int, end: int, characters: str) -> int:
    while start < end and raw[start] in characters:
        start += 1
    return start


def _literal(raw: str) -> Pairs:
    for line in _block_lines(raw):
        yield from zip(line.text, range(line.start, line.start + len(line.text)), strict=True)
        yield "\n", line.end


def _folded(raw: str) -> Pairs:
    """`>`: a line break between two lines that aren't indented further folds to a blank."""
    lines = list(_block_lines(raw))
    position = 0
    while position < len(lines):
        line = lines[position]
        yield from zip(line.text, range(line.start, line.start + len(line.text)), strict=True)
        empty = list(takewhile(lambda later: not later.text, lines[position + 1 :]))
        following = lines[position + 1 + len(empty)] if position + 1 + len(empty) < len(lines) else None
        folds = line.text and following and not _is_indented(line.text) and not _is_indented(following.text)
        if not folds:
            yield "\n", line.end
        elif not empty:
            yield " ", line.end
        if line.text:
            yield from (("\n", blank.end) for blank in empty)
            position += len(empty)
        position += 1


def _is_indented(text: str) -> bool:
    return text[:1] in {" ", "\t"}


class _Line:
    """One line of a block scalar without its indentation; `start` and `end` are indices into the raw text."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end


def _block_lines(raw: str) -> Iterator[_Line]:
    header_end = raw.find("\n")
    if header_end < 0:
        return
    header = raw[:header_end]
    body = raw[header_end + 1 :]
    indentation = _indentation(header, body)
    start = header_end + 1
    for line in body.split("\n")[: None if not body.endswith("\n") else -1]:
        text = line.removesuffix("\r")
        cut = min(indentation, len(text) - len(text.lstrip(" ")))
        yield _Line(text[cut:], start + cut, start + len(text))
        start += len(line) + 1


def _indentation(header: str, body: str) -> int:
    """How many blanks each line of a block scalar begins with: that of its first line with a text.

    An indicator in the header (`|2`) counts from the parent's indentation, which the raw text doesn't tell: the
    smallest indentation of the lines with a text then stands for it.
    """
    indented = [len(line) - len(line.lstrip(" ")) for line in body.split("\n") if line.strip(" \r")]
    if not indented:
        return 0
    explicit = any(character.isdigit() for character in header.split("#", maxsplit=1)[0])
    return min(indented) if explicit else indented[0]


READERS: dict[str, Callable[[str], Pairs]] = {
    "": _plain,
    "'": _single_quoted,
    '"': _double_quoted,
    "|": _literal,
    ">": _folded,
}
