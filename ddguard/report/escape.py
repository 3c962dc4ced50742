"""Texts from elsewhere made harmless: for a terminal, for Markdown."""

import re
import unicodedata

HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that steer a terminal or hide characters: control, format, unassigned, line separators."""

UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks without a shape. The selectors U+FE00 to U+FE0F aren't among them: emoji in honest names have one.

Default_Ignorable_Code_Point in https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
"""

MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&@:$])")


def printable(text: str) -> str:
    """The text for a terminal: line breaks and blanks stay, all that steers or hides is written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if is_harmless(character) else _escaped(character) for character in text)


def printable_line(text: str) -> str:
    """The text for one line of a terminal: line breaks and tabs are written as escapes too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def is_harmless(character: str) -> bool:
    """Whether a terminal may get the character as it is."""
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in HIDDEN_CATEGORIES and not UNSEEN.match(character)


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def markdown_text(text: str) -> str:
    """The text as Markdown that shows it as it is, on one line: no formatting, no HTML, no mentions, no links."""
    return (
        MARKDOWN.sub(r"\\\1", printable_line(text))
        .replace("\\@", "@\u200b")
        .replace("\\<", "&lt;")
        .replace("\\&", "&amp;")
    )


def markdown_code(text: str) -> str:
    """The text as a code span on one line."""
    line = printable_line(text)
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    padding = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{ticks}{padding}{line}{padding}{ticks}"


def markdown_block(text: str, language: str = "") -> str:
    """The text as a fenced code block whose fence it can't close."""
    content = printable(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", content)), default=0))
    return f"{ticks}{language}\n{content}\n{ticks}"
