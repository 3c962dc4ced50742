"""A notification's title and text for a terminal."""

import re
from collections.abc import Iterator

from rich.text import Text

from ddguard.replay.messages import Message
from ddguard.report.escape import printable_line

BLANK_LINES = re.compile(r"\n\s*\n\s*\n")


def message_lines(message: Message) -> Iterator[Text]:
    """The title and each line of the text behind a bar; blank lines in a row, left by conditionals, are one."""
    yield Text.assemble(("  | ", "dim"), (printable_line(message.title), "bold"))
    for line in BLANK_LINES.sub("\n\n", message.text).split("\n") if message.text else ():
        yield Text.assemble(("  | ", "dim"), printable_line(line))
