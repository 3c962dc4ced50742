"""YAML text -> documents: values with the place of each (https://yaml.org/spec/1.2.2/)."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Json, Path
from ddguard.spec.places import Places, Span
from ddguard.spec.reader import read_values
from ddguard.spec.shifts import Shift, unshifted


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: `value` is plain Python; `at` and `key_at` tell where its parts stand.

    `path` and `text` are those of its file. `shift_of` tells for a text as the file has it how offsets lead back to it
    once variables are filled in. `faults` are the places in the document where the YAML itself is wrong.
    """

    path: str
    text: str
    value: Json
    places: Places
    shift_of: Callable[[str], Shift] = unshifted
    faults: frozenset[Position] = frozenset()

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:
        """The place of the value at `path`, or of its nearest parent that exists.

        `offset` and `width` mean characters of the value, variables filled in; a width of 0 means the whole value, as
        far as it stands on one line.
        """
        text, characters = self.places.characters(path) if offset or width else ("", ())
        if not characters:
            return self._whole(self.places.value(path))
        shift = self.shift_of(text)
        first, last = shift.start(offset), shift.end(offset + max(width, 1)) - 1
        if first >= len(characters):
            return self._position(characters[-1][1], characters[-1][1])
        return self._position(characters[first][0], characters[min(last, len(characters) - 1)][1])

    def key_at(self, path: Path) -> Position:
        """The place of the key at the end of `path`; the nearest parent's value where there is no such key."""
        span = self.places.key(path)
        return self.at(path) if span is None else self._whole(span)

    def untold(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those findings that don't stand where the YAML itself is wrong: one fault is told once."""
        return [finding for finding in findings if finding.position not in self.faults]

    def _whole(self, span: Span) -> Position:
        first_line = self.text[span.start : span.end].split("\n", 1)[0]
        return self._position(span.start, span.start + len(first_line.rstrip()))

    def _position(self, start: int, end: int) -> Position:
        """The place of `text[start:end]`, as far as it stands on one line."""
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        width = min(end, len(self.text) if line_end < 0 else line_end) - start
        line = self.places.line + self.text.count("\n", self.places.begin, start) + 1
        return Position(self.path, line, start - line_start + 1, max(1, width))


def read_documents(path: str, text: str) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
    """Every document of a file, and what is wrong with the YAML itself. What is broken hides only its own document."""
    values, findings = read_values(path, text)
    documents = tuple(
        Document(path, text, one.value, Places(text, one.begin, one.end, one.start, one.line), faults=one.faults)
        for one in values
        if one.value is not None
    )
    if not documents and not findings:
        message = "the file holds no document"
        return (), (Finding(Position(path, 1, 1), "DDG002", "empty-file", Severity.WARNING, message),)
    return documents, findings


def decode(path: str, content: bytes) -> str | Finding:
    """The text of a file, its lines ending with a line feed, or the finding that it isn't UTF-8."""
    lines = content.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return lines.decode()
    except UnicodeDecodeError as error:
        before = lines[: error.start].decode()
        position = Position(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"the file isn't UTF-8: byte 0x{lines[error.start]:02x} can't be read"
        return Finding(position, "DDG007", "not-utf-8", Severity.ERROR, message, "save the file as UTF-8")
