"""Which characters of a YAML file each character of a scalar's value comes from (YAML 1.2, chapters 7.3 and 8.1)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

Origin = tuple[int, int]
"""The start and the end, in the raw text of a scalar, of what stands for one character of its value."""

Pairs = Iterator[tuple[str, Origin]]
"""Characters of the value, each with its origin."""

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
BLANKS = " \t"


def origins(raw: str, style: str, value: str) -> tuple[Origin, ...]:
    """The origin of each character of `value` in `raw`, the scalar as the file writes it, quotes or `|` included.

    `style` is PyYAML's: empty for plain, or one of `'`, `"`, `|`, `>`; lines of `raw` end with a line feed.
    Empty where the two can't be matched: the caller then points at the whole scalar.
    """
    for pairs in READERS[style](raw):
        found = [pair for pair, _ in zip(pairs, value, strict=False)]
        if "".join(character for character, _ in found) == value:
            return tuple(origin for _, origin in found)
    return ()


Reader = Callable[[str, int], tuple[str, int]]
"""Takes one unit at an index: the character that it stands for, and where the unit ends."""


def _literally(raw: str, index: int) -> tuple[str, int]:
    return raw[index], index + 1


def _quote_twice(raw: str, index: int) -> tuple[str, int]:
    return raw[index], index + (2 if raw[index] == "'" else 1)


def _escape(raw: str, index: int) -> tuple[str, int]:
    if raw[index] != "\\":
        return raw[index], index + 1
    letter = raw[index + 1]
    digits = CODE_POINT_DIGITS.get(letter)
    if digits:
        end = index + 2 + digits
        return chr(int(raw[index + 2 : end], 16)), end
    if letter == "\n":
        return "", _skip(raw, index + 2, len(raw), BLANKS)
    return ESCAPES[letter], index + 2


def _plain(raw: str) -> Iterator[Pairs]:
    yield _flow(raw, 0, len(raw), _literally)


def _single_quoted(raw: str) -> Iterator[Pairs]:
    yield _flow(raw, 1, len(raw) - 1, _quote_twice)


def _double_quoted(raw: str) -> Iterator[Pairs]:
    yield _flow(raw, 1, len(raw) - 1, _escape)


def _flow(raw: str, start: int, end: int, unit: Reader) -> Pairs:
    """Plain and quoted scalars: a line break folds to a blank, n + 1 of them to n line breaks."""
    index = start
    while index < end:
        line_end = _skip(raw, index, end, BLANKS)
        if line_end < end and raw[line_end] == "\n":
            breaks, index = _line_breaks(raw, line_end, end)
            yield from (
                (("\n", (at, at + 1)) for at in breaks[1:]) if breaks[1:] else [(" ", (line_end, line_end + 1))]
            )
            continue
        character, after = unit(raw, index)
        if character:
            yield character, (index, after)
        elif raw[index] == "\\":
            breaks, after = _line_breaks(raw, after, end)
            yield from (("\n", (at, at + 1)) for at in breaks)
        index = after


def _line_breaks(raw: str, start: int, end: int) -> tuple[list[int], int]:
    """Where each of the line breaks from `start` on stands, and where the text goes on after them."""
    breaks = []
    index = start
    while index < end and raw[index] == "\n":
        breaks.append(index)
        index = _skip(raw, index + 1, end, BLANKS)
    return breaks, index


def _skip(raw: str, start: int, end: int, characters: str) -> int:
    while start < end and raw[start] in characters:
        start += 1
    return start


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a block scalar without its indentation; `start` and `end` are indices into the raw text."""

    text: str
    start: int
    end: int

    def pairs(self) -> Pairs:
        """The characters of the line, its end aside."""
        return ((character, (at, at + 1)) for at, character in enumerate(self.text, self.start))

    def line_break(self, character: str = "\n") -> tuple[str, Origin]:
        """What the end of the line stands for."""
        return character, (self.end, self.end + 1)

    @property
    def is_indented(self) -> bool:
        """Whether the line is indented further than the scalar."""
        return self.text[:1] in {" ", "\t"}


def _literal(raw: str) -> Iterator[Pairs]:
    return (_unfolded(lines) for lines in _block_lines(raw))


def _unfolded(lines: list[_Line]) -> Pairs:
    for line in lines:
        yield from line.pairs()
        yield line.line_break()


def _folded(raw: str) -> Iterator[Pairs]:
    return (_folded_lines(lines) for lines in _block_lines(raw))


def _folded_lines(lines: list[_Line]) -> Pairs:
    """`>`: the break between two lines that aren't indented further folds to a blank, n + 1 breaks to n."""
    position = 0
    while position < len(lines):
        line = lines[position]
        empty = list(takewhile(lambda later: not later.text, lines[position + 1 :]))
        position += 1 + len(empty)
        yield from line.pairs()
        folds = line.text and position < len(lines) and not line.is_indented and not lines[position].is_indented
        if not folds:
            yield line.line_break()
        elif not empty:
            yield line.line_break(" ")
        yield from (blank.line_break() for blank in empty)


def _block_lines(raw: str) -> Iterator[list[_Line]]:
    """The lines of a block scalar, for each indentation that it could have.

    An indicator in the header (`|2`) counts from the parent's indentation, which the raw text doesn't tell.
    """
    header, _, body = raw.partition("\n")
    texts = body.removesuffix("\n").split("\n")
    indented = [len(text) - len(text.lstrip(" ")) for text in texts if text.strip(" ")]
    if any(character.isdigit() for character in header.split("#", maxsplit=1)[0]):
        candidates: Iterable[int] = range(min(indented, default=len(body)), -1, -1)
    else:
        candidates = indented[:1] or [len(body)]
    for indentation in candidates:
        yield list(_lines(texts, len(header) + 1, indentation))


def _lines(texts: list[str], start: int, indentation: int) -> Iterator[_Line]:
    for text in texts:
        cut = min(indentation, len(text) - len(text.lstrip(" ")))
        yield _Line(text[cut:], start + cut, start + len(text))
        start += len(text) + 1


READERS: Mapping[str, Callable[[str], Iterator[Pairs]]] = {
    "": _plain,
    "'": _single_quoted,
    '"': _double_quoted,
    "|": _literal,
    ">": _folded,
}
"""How each style is read; several readings only where the raw text alone doesn't decide."""
