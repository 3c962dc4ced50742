"""Lines that stay readable on a narrow terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

HANG = 2
NARROWEST = 10


class Hanging:
    """A text some columns in; where it needs several lines, the following ones stand further in than the first.

    `sign` stands before the first line, and takes the place by which the others are further in.
    """

    def __init__(self, text: Text, indent: int = 0, sign: str = "") -> None:
        self.text = text
        self.indent = indent
        self.sign = f"{sign:<{HANG}}" if sign else ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The lines, for rich."""
        width = max(NARROWEST, options.max_width - self.indent - HANG)
        lines = [self.text] if self.text.cell_len <= width else self.text.wrap(console, width)
        margin = " " * self.indent
        for place, line in enumerate(lines):
            before = f"{margin}{' ' * HANG}" if place else f"{margin}{self.sign}"
            yield Text(before, self.text.style if self.sign else "", no_wrap=True, overflow="ignore") + line


def facts(pairs: Sequence[tuple[str, str]]) -> RenderableType:
    """Names, and beside them what they stand for; long values are folded."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(name, value)
    return indented(table, 2)


def whole(text: Text) -> Text:
    """The text on one line, however narrow the terminal is: what is to be clicked or copied must not be torn apart."""
    text.no_wrap, text.overflow = True, "ignore"
    return text


def indented(part: RenderableType, columns: int) -> RenderableType:
    """The part so many columns in, with all its lines."""
    return Padding(part, (0, 0, 0, columns), expand=False)
