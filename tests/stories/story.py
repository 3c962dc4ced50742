"""Stories: whole runs as text files, read and written.

A story begins with a few words on what it shows. Then come sections, each with a headline that begins with `=== `, and
a blank line before the next one:

    === file PATH          writes a file: the lines below
    === remove PATH        takes it away again
    === copy pack          copies the StreamPay guardrails to ./monitors
    === sandbox [FAULT]... starts a local Datadog that the following commands speak to
    === faults [FAULT]...  what goes wrong with it from here on, instead of what did
    === clock TIME         what time it is from here on, for ddguard and the sandbox
    === env NAME=VALUE     sets an environment variable (without a value: takes it away)
    === terminal COLUMNS   from here on a person sits before a terminal; without COLUMNS: no longer
    === answer TEXT        what this person will type next
    === behind METHOD PATH asks the sandbox behind ddguard's back, with the lines below as the body
    === break FUNCTION     puts a bug into ddguard: this function raises from here on
    === run ddguard ...    runs a command: the lines below are its stdout
    === stderr             what the command before said there, left out where that is nothing
    === exit CODE          how it ended, left out for 0
    === written            what the sandbox was asked to change since the last such section

Expected lines are rewritten by `pytest --update-golden`. A last line without a line break ends in a backslash.
"""

from dataclasses import dataclass

HEAD = "=== "
EXPECTED = frozenset({"stderr", "exit"})
"""Sections that belong to the run before them."""


@dataclass(frozen=True, slots=True)
class Section:
    """A headline, split into its first word and the rest, and the text below it."""

    word: str
    rest: str = ""
    body: str = ""

    def __str__(self) -> str:
        head = f"{HEAD}{self.word} {self.rest}".rstrip()
        return f"{head}\n{self.body}"


def read_story(text: str) -> tuple[str, list[Section]]:
    """The words at the beginning, and the sections."""
    words, *parts = f"\n{text}".split(f"\n{HEAD}")
    sections = []
    for part in parts:
        head, _, body = part.partition("\n")
        word, _, rest = head.partition(" ")
        sections.append(Section(word, rest, _ended(body.removesuffix("\n"))))
    return words.removeprefix("\n"), sections


def _ended(body: str) -> str:
    return f"{body}\n" if body else ""


def write_story(words: str, sections: list[Section]) -> str:
    """The text of a story."""
    return "\n".join([f"{words.rstrip()}\n", *map(str, sections)])
