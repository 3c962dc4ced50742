"""YAML text -> documents: values with the place of each, by the scalars of YAML 1.2 (decision 2).

PyYAML's C parser composes a tree of nodes with marks. Values are built from it at once; places are looked up in it only
when a finding needs one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import yaml

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Json, Path
from ddguard.spec.scalars import origins

MAX_DEPTH = 60
MAX_VALUES = 200_000
"""A file that holds more values than this, aliases written out, is refused: an alias bomb."""

STRING, INTEGER, FLOAT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
BOOLEAN, NULL, MERGE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"
MAPPING, SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


class CoreLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader at C speed, with the scalars of YAML 1.2: `no`, `12:30` and `2027-01-31` are texts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern, _first in (
    (BOOLEAN, r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    (INTEGER, r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    (FLOAT, r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    (FLOAT, r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    (NULL, r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    (MERGE, r"^<<$", "<"),
):
    CoreLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
CoreLoader.yaml_implicit_resolvers[""] = [(NULL, re.compile(r"^$"))]


@dataclass(slots=True)
class Document:
    """One YAML document: `value` is plain Python; `at` and `key_at` tell where its parts stand.

    `shifts` maps offsets in a text with variables filled in back to offsets in the text as the file has it.
    """

    path: str
    text: str
    root: yaml.Node
    value: Json
    shifts: Mapping[Path, Callable[[int], int]] = field(default_factory=dict)

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:
        """The place of the value at `path`, or of its nearest parent that exists."""
        node, reached = _descend(self.root, path)
        if not reached or not isinstance(node, yaml.ScalarNode):
            return self._position(node.start_mark.index, 1)
        raw = self.text[node.start_mark.index : node.end_mark.index]
        indices = origins(raw, node.style, node.value) if offset or width else None
        if not indices:
            return self._position(node.start_mark.index, len(raw.split("\n", maxsplit=1)[0].rstrip()))
        shift = self.shifts.get(path, _unshifted)
        first = min(shift(offset), len(indices))
        last = max(first, shift(offset + max(width, 1)) - 1)
        after = (*indices, indices[-1] + 1)
        start, end = after[first], after[min(last, len(indices) - 1)] + 1
        return self._position(node.start_mark.index + start, end - start)

    def key_at(self, path: Path) -> Position:
        """The place of the key at the end of `path`; the nearest parent's value where there is no such key."""
        parent, reached = _descend(self.root, path[:-1])
        if reached and path and isinstance(parent, yaml.MappingNode):
            for key, _ in parent.value:
                if key.value == path[-1]:
                    return self._position(key.start_mark.index, max(1, key.end_mark.index - key.start_mark.index))
        return self.at(path)

    def _position(self, index: int, width: int) -> Position:
        line, column = line_and_column(self.text, index)
        end_of_line = self.text.find("\n", index)
        rest = (len(self.text) if end_of_line < 0 else end_of_line) - index
        return Position(self.path, line, column, max(1, min(width, rest)))


def _unshifted(offset: int) -> int:
    return offset


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """The line and the column (both from 1) of a character."""
    begin = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - begin + 1


def _descend(node: yaml.Node, path: Path) -> tuple[yaml.Node, bool]:
    """The node at the end of the path and True, or the nearest one above it and False."""
    for part in path:
        child = _child(node, part)
        if child is None:
            return node, False
        node = child
    return node, True


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == part:
            return cast("yaml.Node", value)
    for key, value in node.value:
        if key.tag == MERGE:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                found = _child(source, part)
                if found is not None:
                    return found
    return None


def read_documents(path: str, text: str) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
    """Every document of a file, and what is wrong with the YAML itself. After broken YAML no more documents follow."""
    reader = _Reader(path, text)
    documents: list[Document] = []
    try:
        for root in _roots(text):
            document = reader.document(root)
            if document is not None:
                documents.append(document)
    except yaml.YAMLError as error:
        reader.findings.append(_broken(path, text, error))
    except (RecursionError, _TooMuchError) as error:
        reader.findings.append(_refused(path, str(error) if isinstance(error, _TooMuchError) else "nested too deeply"))
    if not documents and not reader.findings:
        message = "the file holds no document"
        reader.findings.append(Finding(Position(path, 1, 1), "DDG002", "empty-file", Severity.WARNING, message))
    return tuple(documents), tuple(reader.findings)


def _roots(text: str) -> Iterator[yaml.Node]:
    loader = CoreLoader(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


class _TooMuchError(Exception):
    """The file holds more than any spec needs."""


class _Reader:
    """Builds the values of one file, collecting duplicate and odd keys on the way."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.findings: list[Finding] = []
        self._values = 0

    def document(self, root: yaml.Node) -> Document | None:
        """The document of a root node; None for an empty one (a trailing `---`)."""
        value = self._value(root, 0)
        return None if value is None else Document(self.path, self.text, root, value)

    def _value(self, node: yaml.Node, depth: int) -> Json:
        self._values += 1
        if depth > MAX_DEPTH:
            raise _TooMuchError(f"nested more than {MAX_DEPTH} levels deep")
        if self._values > MAX_VALUES:
            raise _TooMuchError(f"more than {MAX_VALUES:,} values once aliases are written out")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in {MAPPING, SEQUENCE}:
            self._complain(node, "DDG003", "unknown-yaml-tag", f"the tag {_short(node.tag)} has no meaning here")
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, depth + 1) for item in node.value]
        return self._mapping(cast("yaml.MappingNode", node), depth)

    def _scalar(self, node: yaml.ScalarNode) -> Json:
        build = SCALARS.get(node.tag)
        if build is None:
            self._complain(node, "DDG003", "unknown-yaml-tag", f"the tag {_short(node.tag)} has no meaning here")
            return node.value
        try:
            return build(node.value)
        except ValueError:
            self._complain(node, "DDG003", "unknown-yaml-tag", f"{_short(node.value)} doesn't fit its tag")
            return None

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Json]:
        merged: dict[str, Json] = {}
        own: dict[str, Json] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                hint = "a text that begins with {{ or [ needs quotes"
                self._complain(key, "DDG004", "odd-key", "a key must be a plain text", hint)
            elif key.tag == MERGE:
                merged |= self._merged(value, depth)
            elif key.value in own:
                message = f"the key {_short(key.value)} stands here a second time"
                self._complain(key, "DDG005", "duplicate-key", message, "remove one of the two")
            else:
                own[key.value] = self._value(value, depth + 1)
        return merged | own if merged else own

    def _merged(self, node: yaml.Node, depth: int) -> dict[str, Json]:
        """What `<<:` brings in; of several the first wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, Json] = {}
        for source in reversed(sources):
            if isinstance(source, yaml.MappingNode):
                result |= self._mapping(source, depth + 1)
            else:
                self._complain(source, "DDG004", "odd-key", "<< takes a mapping or a list of mappings")
        return result

    def _complain(self, node: yaml.Node, code: str, check: str, message: str, hint: str = "") -> None:
        line, column = line_and_column(self.text, node.start_mark.index)
        width = node.end_mark.index - node.start_mark.index if node.start_mark.line == node.end_mark.line else 1
        position = Position(self.path, line, column, max(1, width))
        self.findings.append(Finding(position, code, check, Severity.ERROR, message, hint))


def _short(text: str) -> str:
    """The text in quotes, cut to what a line can hold."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError(text)
    for prefix, base in (("0x", 16), ("0o", 8)):
        if text.startswith(prefix):
            return int(text[2:], base)
    return int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _null(_: str) -> None:
    return None


SCALARS: Mapping[str, Callable[[str], Json]] = {
    STRING: str,
    INTEGER: _integer,
    FLOAT: _float,
    BOOLEAN: _boolean,
    NULL: _null,
}

_RESOLVED = tuple(
    (tag, pattern)
    for tag, pattern in (pair for pairs in CoreLoader.yaml_implicit_resolvers.values() for pair in pairs)
    if tag != MERGE
)


def scalar_from_text(text: str) -> Json:
    """What a plain YAML scalar of this text is: `50` a number, `true` a boolean, anything else a text."""
    for tag, pattern in _RESOLVED:
        if pattern.match(text):
            return SCALARS[tag](text)
    return text


HINTS = (
    ("\t", "indent with blanks: YAML knows no tabs"),
    ("@", "a text that begins with @ needs quotes"),
    ("`", "a text that begins with ` needs quotes"),
    ("%", "a text that begins with % needs quotes"),
    ("*", "a text that begins with * needs quotes (without them it names an anchor)"),
    ("{", "a text that begins with { needs quotes"),
)
PROBLEMS = {
    "mapping values are not allowed in this context": "a second ': ' in this line: quote the text that holds it",
    "found character that cannot start any token": "this character can't begin a value",
    "found unexpected end of stream": "the quotes that begin here are never closed",
    "could not find expected ':'": "expected ': ' after a key",
}


def _broken(path: str, text: str, error: yaml.YAMLError) -> Finding:
    """What the parser says, in a user's words, at the place that has to be changed."""
    problem = str(getattr(error, "problem", None) or error).split("\n")[0]
    context = str(getattr(error, "context", None) or "")
    mark = getattr(error, "problem_mark", None)
    if "quoted scalar" in context or "flow" in context:
        mark = getattr(error, "context_mark", None) or mark
    index = min(mark.index, len(text)) if mark is not None else _unreadable(text)
    if problem.startswith(("unacceptable character", "control characters")):
        problem = "a control character stands here: YAML allows none"
    line, column = line_and_column(text, index)
    hint = next((hint for sign, hint in HINTS if text.startswith(sign, index)), "")
    message = PROBLEMS.get(problem, problem)
    if "flow" in context:
        message = f"the bracket that opens here isn't closed where it should be: {message}"
        hint = ""
    return Finding(Position(path, line, column), "DDG001", "broken-yaml", Severity.ERROR, message, hint)


def _unreadable(text: str) -> int:
    found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return found.start() if found else 0


def _refused(path: str, reason: str) -> Finding:
    message = f"the file is refused: {reason}"
    return Finding(Position(path, 1, 1), "DDG006", "too-large", Severity.ERROR, message)


def decode(path: str, content: bytes) -> str | Finding:
    """The text of a file, or the finding that it isn't UTF-8, at the first byte that can't be read."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"the file isn't UTF-8: byte 0x{content[error.start]:02x} can't be read"
        return Finding(
            Position(path, line, column), "DDG007", "not-utf-8", Severity.ERROR, message, "save the file as UTF-8"
        )
