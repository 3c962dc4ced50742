"""Text -> template: tags put together to blocks. Never fails: what can't be read is told as mistakes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from ddguard.templates.nodes import Block, Mistake, Part, Span, Template
from ddguard.templates.tags import Else, Piece, Tag, pieces

DEEPEST = 50
"""Blocks within blocks; more than anybody writes."""


def read(text: str) -> Template:
    """The template that a text is."""
    if not text:
        return Template(())
    found, unreadable = pieces(text)
    builder = _Builder()
    for piece in found:
        builder.add(piece)
    parts, unbalanced = builder.finished()
    mistakes = sorted((*unreadable, *unbalanced), key=lambda mistake: mistake.span)
    return Template(parts, tuple(mistakes))


@dataclass(slots=True)
class _Open:
    """A block whose end isn't there yet; `doubtful` once another name was closed inside of it."""

    tag: Tag
    doubtful: bool = False
    body: list[Part] = field(default_factory=list)
    otherwise: list[Part] | None = None

    @property
    def name(self) -> str:
        return self.tag.call.name.text

    @property
    def opening(self) -> str:
        return f"{{{{{self.tag.sigil}{self.name}}}}}"

    @property
    def parts(self) -> list[Part]:
        """The list that the next part belongs to."""
        return self.body if self.otherwise is None else self.otherwise

    def closed(self, end: int) -> Block:
        span = Span(self.tag.span.start, end)
        otherwise = tuple(self.otherwise or ())
        return Block(self.tag.call, tuple(self.body), otherwise, self.tag.sigil == "^", span=span)


class _Builder:
    """Puts pieces together, one after the other."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._open: list[_Open] = []
        self._given_up: list[str] = []
        self._too_deep = 0
        self._mistakes: list[Mistake] = []
        self._end = 0

    def add(self, piece: Piece) -> None:
        """Adds the next piece of the text."""
        self._end = piece.span.end
        if isinstance(piece, Else):
            self._add_else(piece)
        elif not isinstance(piece, Tag):
            self._here().append(piece)
        elif piece.sigil == "/":
            self._close(piece)
        else:
            self._begin(piece)

    def finished(self) -> tuple[tuple[Part, ...], Sequence[Mistake]]:
        """All parts, blocks that were never closed included, and the mistakes in blocks."""
        while self._open:
            self._give_up(self._end)
        return tuple(self._parts), self._mistakes

    def _here(self) -> list[Part]:
        return self._open[-1].parts if self._open else self._parts

    def _add_else(self, piece: Else) -> None:
        if not self._open:
            self._complain("{{else}} stands outside of any block", piece.span)
        elif self._open[-1].otherwise is not None:
            self._complain(f"a second {{{{else}}}} in {{{{#{self._open[-1].name}}}}}", piece.span)
        else:
            self._open[-1].otherwise = []

    def _begin(self, piece: Tag) -> None:
        if len(self._open) < DEEPEST:
            self._open.append(_Open(piece))
            return
        if not self._too_deep:
            self._complain("blocks are nested too deeply", piece.span)
        self._too_deep += 1

    def _close(self, piece: Tag) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        name = piece.call.name.text
        names = [block.name for block in self._open]
        if name in names:
            while self._open[-1].name != name:
                self._give_up(piece.span.start)
        elif name in self._given_up:
            self._given_up.remove(name)
            return
        elif piece.guessed or not self._takes_for_last(name, piece.span):
            return
        block = self._open.pop()
        self._here().append(block.closed(piece.span.end))

    def _takes_for_last(self, name: str, span: Span) -> bool:
        """Complains of an end whose name isn't open; whether the block that was opened last is meant all the same."""
        if not self._open:
            self._complain(f"{_closing(name)} closes nothing", span, "no block is open here")
            return False
        last = self._open[-1]
        self._complain(f"{_closing(name)} doesn't close {last.opening}", span, f"write {_closing(last.name)}")
        last.doubtful = True
        return bool(get_close_matches(name, [last.name]))

    def _give_up(self, end: int) -> None:
        block = self._open.pop()
        self._given_up.append(block.name)
        if not block.doubtful:
            self._complain(f"{block.opening} is never closed", block.tag.span, f"{_closing(block.name)} is missing")
        self._here().append(block.closed(end))

    def _complain(self, message: str, span: Span, hint: str = "") -> None:
        self._mistakes.append(Mistake(message, span, hint))


def _closing(name: str) -> str:
    return f"{{{{/{name}}}}}"
