"""The way from the characters of a text with variables filled in back to those of the text before."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: `filled` is what stands there now, `text[start:end]` what stood there before.

    A piece that was `copied` is the same in both; otherwise it is a variable's value.
    """

    filled: str
    start: int
    end: int
    copied: bool


class Shift:
    """Maps offsets in the filled text to offsets in the text before."""

    __slots__ = ("_pieces", "_starts")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        position = end = 0
        for piece in pieces:
            end = piece.end
            if piece.filled:
                self._pieces.append(piece)
                self._starts.append(position)
                position += len(piece.filled)
        self._pieces.append(Piece("", end, end, copied=True))
        self._starts.append(position)

    def start(self, offset: int) -> int:
        """Where the character at an offset stood; anywhere inside a variable's value the `$` of the variable."""
        place = bisect_right(self._starts, offset) - 1
        piece = self._pieces[place]
        return piece.start + (offset - self._starts[place] if piece.copied else 0)

    def end(self, offset: int) -> int:
        """Where the text before an offset ended; anywhere inside a variable's value the end of the variable."""
        place = bisect_right(self._starts, offset - 1) - 1
        piece = self._pieces[place]
        return piece.start + offset - self._starts[place] if piece.copied else piece.end


_UNSHIFTED = Shift([])


def unshifted(_: str) -> Shift:
    """The shift of a text without variables."""
    return _UNSHIFTED
