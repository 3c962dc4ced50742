"""YAML text -> plain values, straight from the parser's events, with every fault of the YAML as a finding.

Nothing grows beyond the file: nesting is cut at MAX_DEPTH while it is read, and aliases share the value that they name.
Each document is read by itself, so that a broken one doesn't hide the next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Json
from ddguard.spec.events import (
    ALIAS,
    DOCUMENT_START,
    LIST_END,
    LIST_START,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    STREAM_END,
    Event,
    events_of,
    too_deep_at,
)
from ddguard.spec.places import MERGE, after_properties
from ddguard.spec.syntax import in_quotes, syntax_finding
from ddguard.spec.values import CORE, TAGS, UnusableScalarError, plain_value, shown_tag, tagged_value
from ddguard.spec.wording import quoted

MAX_DEPTH = 60
"""Levels of nesting; a real spec has six."""

MAX_REPEATED = 100_000
"""Values that aliases may add to a file: more is an alias bomb."""

COLLECTION_TAGS = {None, "!", f"{CORE}map", f"{CORE}seq"}
SEPARATOR = re.compile(r"\n---(?=\s|\Z)")
TAG_DIRECTIVE = re.compile(r"^%TAG\b.*", re.MULTILINE)
UNUSUAL_BREAK = re.compile("[\x85\u2028\u2029\ufeff]")
"""Characters that some readers of YAML take for the end of a line and others don't, and the byte order mark."""


@dataclass(frozen=True, slots=True)
class ReadValue:
    """The value of one document, where it stands (`text[begin:end]` of the file), and where its content starts.

    `line` is that of `begin`, from 0. `faults` are the places in it where the YAML is wrong.
    """

    value: Json
    begin: int
    end: int
    start: int
    line: int
    faults: frozenset[Position]


def read_values(path: str, text: str) -> tuple[list[ReadValue], tuple[Finding, ...]]:
    """The documents of a file, and what is wrong with its YAML. Lines of `text` end with a line feed."""
    refused = _refused(path, text)
    if refused is not None:
        return [], (refused,)
    values: list[ReadValue] = []
    findings: list[Finding] = []
    line = 0
    for begin, end in _parts(text):
        reader = _Reader(path, text, begin, end, line)
        values += reader.documents()
        findings += reader.findings
        line += text.count("\n", begin, end)
    return values, tuple(findings)


def _refused(path: str, text: str) -> Finding | None:
    """What makes a file unfit to be read at all."""
    found = None if text.isascii() else UNUSUAL_BREAK.search(text)
    if found:
        message = (
            f"the character U+{ord(found.group()):04X} stands here: not all readers of YAML agree on what it means"
        )
        return _at(path, text, found, "DDG001", "broken-yaml", message, "remove it")
    found = TAG_DIRECTIVE.search(text) if "%TAG" in text else None
    if found:
        return _at(
            path, text, found, "DDG003", "unknown-yaml-tag", "tags of one's own have no meaning here", "remove it"
        )
    return None


def _at(path: str, text: str, found: re.Match[str], code: str, check: str, message: str, hint: str) -> Finding:
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    position = Position(path, line, column, len(found.group()))
    return Finding(position, code, check, Severity.ERROR, message, hint)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a file that can be read each by itself: from one `---` to the next."""
    begins = [0]
    if "\n---" in text and "\n%" not in text and not text.startswith("%"):
        begins += [found.start() + 1 for found in SEPARATOR.finditer(text)]
    return zip(begins, [*begins[1:], len(text)], strict=True)


class _TooMuchError(Exception):
    """The document holds more than any spec needs, from this event on."""

    def __init__(self, event: Event, message: str) -> None:
        super().__init__(message)
        self.event = event


class _Reader:
    """Reads one part of a file."""

    def __init__(self, path: str, text: str, begin: int, end: int, line: int) -> None:
        self._path = path
        self._text = text
        self._begin = begin
        self._line = line
        self._next = events_of(text[begin:end])
        self._anchored: dict[str, Json] = {}
        self._repeated = 0
        self.findings: list[Finding] = []

    def documents(self) -> list[ReadValue]:
        """Each document up to the first that is broken."""
        documents: list[ReadValue] = []
        try:
            while type(event := self._next()) is not STREAM_END:
                if type(event) is DOCUMENT_START:
                    documents.append(self._document(event))
        except yaml.YAMLError as error:
            stop = too_deep_at(error)
            if stop is not None:
                return self._up_to(stop)
            broken = syntax_finding(self._path, self._text, self._begin, error)
            self.findings = [one for one in self.findings if one.position.line != broken.position.line] + [broken]
            if documents and _goes_on(documents[-1].end - self._begin, error):
                documents.pop()
        except _TooMuchError as error:
            self._complain(error.event, "DDG006", "too-large", f"the document is refused: {error}")
        return documents

    def _up_to(self, stop: int) -> list[ReadValue]:
        """The documents as far as the parser comes, which looks ahead: the level that is one too many lies before."""
        shorter = _Reader(self._path, self._text, self._begin, self._begin + stop, self._line)
        documents, self.findings = shorter.documents(), shorter.findings
        return documents

    def _document(self, start: Event) -> ReadValue:
        self._anchored.clear()
        known = len(self.findings)
        mark = start.start_mark
        begin, line = self._begin + mark.index - mark.column, self._line + mark.line
        root = self._next()
        value = self._value(root, 0)
        end = self._begin + self._next().end_mark.index
        faults = frozenset(finding.position for finding in self.findings[known:])
        return ReadValue(value, begin, end, self._begin + root.start_mark.index, line, faults)

    def _value(self, event: Event, depth: int) -> Json:
        kind = type(event)
        if kind is ALIAS:
            return self._alias(event, depth)
        if depth > MAX_DEPTH:
            raise _TooMuchError(event, f"nested more than {MAX_DEPTH} levels deep")
        if kind is SCALAR:
            value = self._scalar(event)
        elif kind is MAPPING_START and self._is_template(event):
            value = self._template(event, depth + 1)
        else:
            if event.tag not in COLLECTION_TAGS:
                self._unknown_tag(event)
            value = self._sequence(depth + 1) if kind is LIST_START else self._mapping(depth + 1)
        if event.anchor:
            self._anchored[event.anchor] = value
        return value

    def _scalar(self, event: Event) -> Json:
        text: str = event.value
        try:
            if event.tag is None:
                return text if event.style else plain_value(text)
            if event.tag in TAGS:
                return tagged_value(event.tag, text)
        except UnusableScalarError as error:
            self._unusable(event, f"{quoted(text)} can't be used: {error}")
            return text
        if event.tag != "!":
            self._unknown_tag(event)
        return text

    def _sequence(self, depth: int) -> list[Json]:
        items = []
        while type(event := self._next()) is not LIST_END:
            items.append(self._value(event, depth))
        return items

    def _mapping(self, depth: int) -> dict[str, Json]:
        entries: dict[str, Json] = {}
        keys: dict[str, Event] = {}
        merged: dict[str, Json] = {}
        while type(event := self._next()) is not MAPPING_END:
            key = self._key(event, depth)
            value_event = self._next()
            value = self._value(value_event, depth)
            if key is None:
                continue
            if key in keys:
                self._duplicate(event, key, keys[key])
                continue
            keys[key] = event
            if key == MERGE and not event.style:
                merged = self._merged(value_event, value)
            else:
                entries[key] = value
        return merged | entries if merged else entries

    def _is_template(self, event: Event) -> bool:
        """Whether a mapping is none: a text that begins with `{{`."""
        return bool(event.flow_style) and self._text.startswith("{{", self._begin + event.start_mark.index)

    def _template(self, event: Event, depth: int) -> str:
        """The text that was meant."""
        known = len(self.findings)
        self._mapping(depth)
        del self.findings[known:]
        start = self._begin + event.start_mark.index
        shown = self._text[start:].split("\n", 1)[0]
        shown = shown[: shown.rfind("}}") + 2]
        hint = f"write {in_quotes(shown)}"
        self._complain(event, "DDG004", "odd-key", "a text that begins with {{ needs quotes", hint, len(shown))
        return shown

    def _key(self, event: Event, depth: int) -> str | None:
        """The text of a key; None, told as a finding, for anything that can't be one."""
        if type(event) is SCALAR and event.tag is None:
            if event.anchor:
                self._anchored[event.anchor] = event.value
            key: str = event.value
            return key
        value = self._value(event, depth)
        if isinstance(value, str):
            return value
        hint = "a text that begins with { or [ needs quotes" if isinstance(value, (dict, list)) else ""
        self._complain(event, "DDG004", "odd-key", "a key must be a plain text", hint)
        return None

    def _duplicate(self, event: Event, key: str, first: Event) -> None:
        message = (
            f"the key {quoted(key)} stands here a second time: line {self._line + first.start_mark.line + 1} has it"
        )
        hint = "write one `<<: [*one, *other]`" if key == MERGE else "remove one of the two"
        self._complain(event, "DDG005", "duplicate-key", message, hint)

    def _alias(self, event: Event, depth: int) -> Json:
        if event.anchor not in self._anchored:
            message = f"*{event.anchor} names no anchor above it"
            hint = f"a text that begins with * needs quotes; an anchor is set with &{event.anchor}"
            if re.search(rf"&{re.escape(event.anchor or '')}(?=\s)", self._text[: self._begin]):
                hint = f"&{event.anchor} stands in another document: an anchor holds up to the next line of ---"
            self._complain(event, "DDG001", "broken-yaml", message, hint)
            return None
        value = self._anchored[event.anchor]
        count, height = _measure(value)
        self._repeated += count
        if self._repeated > MAX_REPEATED:
            raise _TooMuchError(event, f"its aliases stand for more than {MAX_REPEATED:,} values")
        if depth + height > MAX_DEPTH:
            raise _TooMuchError(event, f"nested more than {MAX_DEPTH} levels deep")
        return value

    def _merged(self, event: Event, value: Json) -> dict[str, Json]:
        """What `<<:` brings in; of several mappings the first wins."""
        sources = value if isinstance(value, list) else [value]
        merged: dict[str, Json] = {}
        if not all(isinstance(source, dict) for source in sources):
            if event.anchor is None or event.anchor in self._anchored:
                self._complain(event, "DDG004", "odd-key", "<< takes a mapping or a list of mappings")
            return merged
        for source in reversed(sources):
            merged |= source
        return merged

    def _unknown_tag(self, event: Event) -> None:
        message = f"the tag {quoted(shown_tag(event.tag or ''))} has no meaning here"
        self._complain(event, "DDG003", "unknown-yaml-tag", message, "a text that begins with ! needs quotes")

    def _unusable(self, event: Event, message: str) -> None:
        start, end = event.start_mark, event.end_mark
        begin = self._begin + start.index
        shift = after_properties(self._text, begin, self._begin + end.index) - begin
        position = Position(self._path, self._line + start.line + 1, start.column + 1 + shift, len(event.value))
        hint = "a text that looks like a number needs quotes"
        self.findings.append(Finding(position, "DDG019", "unusable-value", Severity.ERROR, message, hint))

    def _complain(self, event: Event, code: str, check: str, message: str, hint: str = "", width: int = 0) -> None:
        start, end = event.start_mark, event.end_mark
        width = width or (end.index - start.index if start.line == end.line else 1)
        position = Position(self._path, self._line + start.line + 1, start.column + 1, max(1, width))
        self.findings.append(Finding(position, code, check, Severity.ERROR, message, hint))


def _goes_on(end: int, error: yaml.YAMLError) -> bool:
    """Whether what is broken stands right behind a document's end: the document isn't whole then."""
    mark = getattr(error, "problem_mark", None)
    return mark is not None and mark.index <= end


def _measure(value: Json) -> tuple[int, int]:
    """How many values a value holds, itself included, and how many levels of them lie below it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    measured = [_measure(one) for one in inner]
    return 1 + sum(count for count, _ in measured), max((1 + height for _, height in measured), default=0)
