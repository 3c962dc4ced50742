"""Lines that stay readable on a narrow terminal."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions
from rich.text import Text

HANG = 2
NARROWEST = 10


class Hanging:
    """A text some columns in; where it needs several lines, the following ones stand further in than the first."""

    def __init__(self, text: Text, indent: int = 0) -> None:
        self.text = text
        self.indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The lines, for rich."""
        width = max(NARROWEST, options.max_width - self.indent - HANG)
        lines = [self.text] if self.text.cell_len <= width else self.text.wrap(console, width)
        for place, line in enumerate(lines):
            yield Text(" " * (self.indent + (HANG if place else 0)), no_wrap=True, overflow="ignore", end="\n") + line
