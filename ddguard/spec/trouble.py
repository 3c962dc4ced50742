"""Where the YAML parser got stuck, and what it was reading there."""

import re
from dataclasses import dataclass

BRACKET = re.compile(r"[\[\]{}]")
FLOW_OPENING = re.compile(r"(?:[:\-\[{,])\s*$")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error of the parser: `index` is where it got stuck, `context` where the construct begins that it was reading.

    Both are indices into the file's `text`; the document begins at `begin`.
    """

    text: str
    begin: int
    index: int
    context: int
    reading: str

    @property
    def character(self) -> str:
        """The character at which the parser got stuck; empty at the end of the text."""
        return self.text[self.index : self.index + 1]

    @property
    def line_start(self) -> int:
        """Where the line of `index` begins."""
        return self.text.rfind("\n", 0, self.index) + 1

    @property
    def before(self) -> str:
        """What stands before `index` on its line."""
        return self.text[self.line_start : self.index]

    def rest_of_line(self, index: int) -> str:
        """The text from an index to the end of the line."""
        return self.text[index:].split("\n", 1)[0].rstrip()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What has to be changed: `width` characters from `index` on."""

    index: int
    message: str
    hint: str = ""
    width: int = 1


def is_in_flow(trouble: Trouble) -> bool:
    """Whether a `{` or `[` that begins a value is still open where the parser got stuck."""
    opened = open_bracket(trouble)
    if opened is None:
        return False
    return FLOW_OPENING.search(trouble.text[trouble.text.rfind("\n", 0, opened) + 1 : opened]) is not None


def open_bracket(trouble: Trouble) -> int | None:
    """The innermost bracket that is still open where the parser got stuck, quotes not looked at."""
    opened: list[int] = []
    for found in BRACKET.finditer(trouble.text, trouble.begin, trouble.index):
        if found.group() in "[{":
            opened.append(found.start())
        elif opened:
            opened.pop()
    return opened[-1] if opened else None
