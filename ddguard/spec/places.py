"""Where the parts of a YAML document stand. Read from its text when the first place is asked for: most never are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ddguard.model import Path
from ddguard.spec.events import (
    ALIAS,
    DOCUMENT_START,
    LIST_END,
    LIST_START,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    Event,
    events_of,
)
from ddguard.spec.scalars import Origin, origins

MERGE = "<<"
PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s|#[^\n]*\n)*){0,2}")
"""An anchor and a tag before a value; either may be absent."""


@dataclass(slots=True)
class Node:
    """A scalar (`value` is its text), a list (its nodes) or a mapping (pairs of nodes): `text[start:end]` of a file.

    `style` is the scalar's quote, `|` or `>`, empty for a plain one.
    """

    start: int
    end: int
    value: "str | list[Node] | list[tuple[Node, Node]]"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `text[start:end]` of a file."""

    start: int
    end: int


@dataclass(frozen=True)
class Places:
    """The places of one document: `text[begin:end]` of its file, from `line` (counted from 0) on.

    Its content starts at `start`.
    """

    text: str
    begin: int
    end: int
    start: int
    line: int

    def may_hold(self, part: str) -> bool:
        """Whether a text of the document may hold a part. Only an escape in double quotes could hide one."""
        begin, end = self.begin, self.end
        return self.text.find(part, begin, end) >= 0 or self.text.find("\\", begin, end) >= 0

    def value(self, path: Path) -> Span:
        """The value at `path`, or the beginning of its nearest parent that exists."""
        if not path:
            return Span(self.start, self.start + 1)
        node, reached = self._descend(path)
        if reached and isinstance(node.value, str):
            return Span(node.start, node.end)
        return Span(node.start, node.start + 1)

    def key(self, path: Path) -> Span | None:
        """The key at the end of `path`; None where there is no such key."""
        entry = self._entries.find(path[0]) if len(path) == 1 else None
        if entry is None:
            parent, reached = self._descend(path[:-1])
            entry = _entry(parent, path[-1]) if reached and path else None
        return None if entry is None else Span(entry[0].start, entry[0].end)

    def characters(self, path: Path) -> tuple[str, tuple[Origin, ...]]:
        """The text at `path`, and where in the file's text each of its characters stands.

        Both are empty for anything but a text, the second also where it can't be told.
        """
        node, reached = self._descend(path)
        if not reached or not isinstance(node.value, str):
            return "", ()
        found = origins(self.text[node.start : node.end], node.style, node.value)
        return node.value, tuple((start + node.start, end + node.start) for start, end in found)

    def _descend(self, path: Path) -> tuple[Node, bool]:
        """The node at the end of the path and True, or the nearest one above it and False."""
        entry = self._entries.find(path[0]) if path else None
        node, rest = (self._root, path) if entry is None else (entry[1], path[1:])
        for part in rest:
            child = _child(node, part)
            if child is None:
                return node, False
            node = child
        return node, True

    @cached_property
    def _beginning(self) -> "tuple[_Nodes, Event]":
        """The document, about to be parsed, and its first event."""
        events = events_of(self.text[self.begin : self.end])
        while type(events()) is not DOCUMENT_START:
            pass
        return _Nodes(self.text, self.begin, events), events()

    @cached_property
    def _entries(self) -> "_Entries":
        """The document's own entries; none where it is no mapping, or one with an anchor."""
        nodes, event = self._beginning
        return _Entries(nodes.pairs() if type(event) is MAPPING_START and not event.anchor else iter(()))

    @cached_property
    def _root(self) -> Node:
        nodes, event = self._beginning
        if type(event) is MAPPING_START and not event.anchor:
            return Node(event.start_mark.index + self.begin, event.end_mark.index + self.begin, self._entries.all())
        return nodes.node(event)


class _Entries:
    """The entries of a mapping, parsed as far as they are asked for: most findings are about one of the first keys."""

    def __init__(self, unread: Iterator[tuple[Node, Node]]) -> None:
        self._unread = unread
        self._read: list[tuple[Node, Node]] = []

    def find(self, key: str | int) -> tuple[Node, Node] | None:
        """The entry with that key, merged ones aside."""
        for pair in self._read:
            if pair[0].value == key:
                return pair
        for pair in self._unread:
            self._read.append(pair)
            if pair[0].value == key:
                return pair
        return None

    def all(self) -> list[tuple[Node, Node]]:
        """Every entry."""
        self._read.extend(self._unread)
        return self._read


class _Nodes:
    """Turns the events of a document into nodes. The document was read before: nothing in it is broken."""

    def __init__(self, text: str, begin: int, events: Callable[[], Event]) -> None:
        self._text = text
        self._begin = begin
        self._events = events
        self._anchored: dict[str, Node] = {}

    def node(self, event: Event) -> Node:
        """The node that the event begins."""
        start = event.start_mark.index + self._begin
        end = event.end_mark.index + self._begin
        if type(event) is ALIAS:
            return self._anchored.get(event.anchor or "", Node(start, end, ""))
        if type(event) is SCALAR:
            if event.anchor or event.tag:
                start = after_properties(self._text, start, end)
            node = Node(start, end, event.value, event.style or "")
        elif type(event) is LIST_START:
            node = Node(start, end, [self.node(inner) for inner in self._until(LIST_END)])
        else:
            node = Node(start, end, list(self.pairs()))
        if event.anchor:
            self._anchored[event.anchor] = node
        return node

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of the mapping that has just begun."""
        for key in self._until(MAPPING_END):
            yield self.node(key), self.node(self._events())

    def _until(self, end: type) -> Iterator[Event]:
        while type(event := self._events()) is not end:
            yield event


def after_properties(text: str, start: int, end: int) -> int:
    """Where the value itself begins in `text[start:end]`."""
    found = PROPERTIES.match(text, start, end)
    return found.end() if found else start


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        items = node.value if isinstance(node.value, list) else []
        item = items[part] if part < len(items) else None
        return item if isinstance(item, Node) else None
    entry = _entry(node, part)
    return None if entry is None else entry[1]


def _entry(node: Node, key: str | int) -> tuple[Node, Node] | None:
    """The key and the value of a mapping's own entry, else of the first merged mapping that has one."""
    pairs = [pair for pair in node.value if isinstance(pair, tuple)]
    for pair in pairs:
        if pair[0].value == key:
            return pair
    for name, value in pairs:
        if name.value == MERGE and not name.style:
            for source in [value, *(item for item in value.value if isinstance(item, Node))]:
                found = _entry(source, key)
                if found is not None:
                    return found
    return None
