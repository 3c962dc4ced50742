"""A notification's title and text for a terminal."""

from collections.abc import Iterator

from rich.text import Text

from ddguard.replay.messages import Message
from ddguard.report.escape import printable_line


def message_lines(message: Message) -> Iterator[Text]:
    """The title and, behind a bar, each line of the text."""
    yield Text.assemble(("  | ", "dim"), (printable_line(message.title), "bold"))
    for line in message.text.split("\n") if message.text else ():
        yield Text.assemble(("  | ", "dim"), printable_line(line))
