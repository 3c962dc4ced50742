"""Documents: their values by YAML 1.2, and the file, line and column of every part."""

from dataclasses import replace

import pytest

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Path
from ddguard.spec.documents import Document, decode, read_documents
from ddguard.spec.shifts import Piece, Shift


def documents(text: str) -> tuple[Document, ...]:
    """The documents of a text without faults."""
    found, findings = read_documents("specs/a.yaml", text)
    assert findings == ()
    return found


def document(text: str) -> Document:
    """The one document of a text without faults."""
    (found,) = documents(text)
    return found


def told(text: str) -> list[str]:
    """What is wrong with a text, as `line:column code message`."""
    _, findings = read_documents("specs/a.yaml", text)
    return [f"{one.position.line}:{one.position.column} {one.code} {one.message}" for one in findings]


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("+5", 5),
        ("-0", 0),
        ("0123", 123),
        ("0x1F", 31),
        ("0o17", 15),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("no", "no"),
        ("On", "On"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("2027-01-31", "2027-01-31"),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("1e", "1e"),
        ("=", "="),
        ("tRUE", "tRUE"),
        ("nUll", "nUll"),
        ("${x}", "${x}"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|-\n  5", "5"),
        (">-\n  null", "null"),
        ("! 5", "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("!!map {a: 1}", {"a": 1}),
        ("!!seq [1]", [1]),
        ("! {a: 1}", {"a": 1}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = document(f"key: {text}\n").value["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1e999", "'1e999' can't be used: the number is too large"),
        (".inf", "'.inf' can't be used: .inf is no number that Datadog's JSON can hold"),
        ("-.Inf", "'-.Inf' can't be used: -.Inf is no number that Datadog's JSON can hold"),
        (".nan", "'.nan' can't be used: .nan is no number that Datadog's JSON can hold"),
        ("9" * 41, f"'{'9' * 41}' can't be used: the number has more than 40 digits"),
    ],
)
def test_numbers_beyond_json_are_refused(text: str, message: str) -> None:
    assert told(f"key: {text}\n") == [f"1:6 DDG019 {message}"]
    assert told(f"key: '{text}'\n") == []


def test_the_largest_number_is_kept_exactly() -> None:
    assert document("key: " + "9" * 40).value["key"] == int("9" * 40)


def test_a_value_that_does_not_fit_its_tag_is_told_behind_the_tag() -> None:
    assert told("key: &x !!int abc\n") == ["1:15 DDG019 'abc' can't be used: the tag !!int doesn't fit this value"]


def test_keys_are_texts_as_they_are_written() -> None:
    text = "1: a\n0x10: b\ntrue: c\n~: d\n1.50: e\n'': f\n"
    assert document(text).value == {"1": "a", "0x10": "b", "true": "c", "~": "d", "1.50": "e", "": "f"}


def test_several_documents_in_a_file() -> None:
    text = "# first\na: 1\n---\n---\n# third\na: 2\n...\n---\n- 3\n--- 4\n"
    assert [one.value for one in documents(text)] == [{"a": 1}, {"a": 2}, [3], 4]


def test_a_directive_keeps_its_document() -> None:
    assert [one.value for one in documents("%YAML 1.2\n---\na: 1\n---\na: 2\n")] == [{"a": 1}, {"a": 2}]


# Anchors, aliases, merges


MERGED = """\
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, a: 9}
several:
  <<: [*base, *more]
  d: 5
inline:
  <<: {a: 7}
quoted:
  "<<": text
"""


def test_merges_give_way_to_own_keys_and_to_earlier_mappings() -> None:
    value = document(MERGED).value
    assert value["one"] == {"a": 9, "b": 2}
    assert value["several"] == {"a": 1, "b": 2, "c": 4, "d": 5}
    assert value["inline"] == {"a": 7}
    assert value["quoted"] == {"<<": "text"}


@pytest.mark.parametrize(
    ("path", "line", "column", "width"),
    [
        (("one", "a"), 3, 21, 1),
        (("one", "b"), 1, 23, 1),
        (("several", "a"), 1, 17, 1),
        (("several", "b"), 1, 23, 1),
        (("several", "c"), 2, 23, 1),
        (("several", "d"), 6, 6, 1),
        (("inline", "a"), 8, 11, 1),
        (("quoted", "<<"), 10, 9, 4),
    ],
)
def test_what_a_merge_brings_in_stands_where_it_was_written(path: Path, line: int, column: int, width: int) -> None:
    place = document(MERGED).at(path)
    assert (place.line, place.column, place.width) == (line, column, width)


def test_keys_of_merged_mappings_are_found_too() -> None:
    place = document(MERGED).key_at(("several", "c"))
    assert (place.line, place.column, place.width) == (2, 20, 1)


def test_aliases_stand_for_what_was_anchored_even_keys() -> None:
    read = document("&k name: &v [1, 2]\nother: *v\nlast: {*k : 5}\n")
    assert read.value == {"name": [1, 2], "other": [1, 2], "last": {"name": 5}}
    assert read.at(("other", 1)) == Position("specs/a.yaml", 1, 17)
    assert read.at(("last", "name")) == Position("specs/a.yaml", 3, 13)


def test_anchors_end_with_their_document() -> None:
    assert told("a: &x 1\n---\na: *x\n") == ["3:4 DDG001 *x names no anchor above it"]


def test_a_value_cannot_hold_itself() -> None:
    assert told("a: &x [*x]\n") == ["1:8 DDG001 *x names no anchor above it"]


# Places


PLACES = """\
# a comment
id: burst
name: "a \\"b\\" c"
type:   query alert   # trailing
options:
  thresholds: {critical: 5, warning: 'é'}
  list:
    - first
    -   second
    - {k: v}
  empty:
  anchored: &x !!str text
message: |
  one
  two
"""


@pytest.mark.parametrize(
    ("path", "line", "column", "width"),
    [
        ((), 2, 1, 1),
        (("id",), 2, 5, 5),
        (("name",), 3, 7, 11),
        (("type",), 4, 9, 11),
        (("options",), 6, 3, 1),
        (("options", "thresholds"), 6, 15, 1),
        (("options", "thresholds", "critical"), 6, 26, 1),
        (("options", "thresholds", "warning"), 6, 38, 3),
        (("options", "list", 1), 9, 9, 6),
        (("options", "list", 2, "k"), 10, 11, 1),
        (("options", "empty"), 11, 9, 1),
        (("options", "anchored"), 12, 22, 4),
        (("message",), 13, 10, 1),
        (("options", "absent"), 6, 3, 1),
        (("options", "list", 9, "deeper"), 8, 5, 1),
        (("id", 0), 2, 5, 1),
        (("options", "list", "word"), 8, 5, 1),
    ],
)
def test_values_stand_where_they_are_written(path: Path, line: int, column: int, width: int) -> None:
    place = document(PLACES).at(path)
    assert (place.path, place.line, place.column, place.width) == ("specs/a.yaml", line, column, width)


@pytest.mark.parametrize(
    ("path", "line", "column", "width"),
    [
        (("id",), 2, 1, 2),
        (("options", "thresholds", "warning"), 6, 29, 7),
        (("options", "list", 2, "k"), 10, 8, 1),
        (("options", "absent"), 6, 3, 1),
        (("options", "list", 1), 9, 9, 6),
        ((), 2, 1, 1),
    ],
)
def test_keys_stand_where_they_are_written(path: Path, line: int, column: int, width: int) -> None:
    place = document(PLACES).key_at(path)
    assert (place.line, place.column, place.width) == (line, column, width)


@pytest.mark.parametrize(
    ("path", "offset", "width", "line", "column", "shown"),
    [
        (("id",), 1, 3, 2, 6, 3),
        (("id",), 0, 5, 2, 5, 5),
        (("name",), 2, 1, 3, 10, 2),
        (("name",), 2, 3, 3, 10, 5),
        (("message",), 0, 3, 14, 3, 3),
        (("message",), 4, 2, 15, 3, 2),
        (("message",), 2, 4, 14, 5, 1),
        (("message",), 3, 1, 14, 6, 1),
        (("id",), 5, 1, 2, 10, 1),
        (("id",), 99, 9, 2, 10, 1),
        (("id",), 3, 99, 2, 8, 2),
        (("options", "anchored"), 1, 2, 12, 23, 2),
        (("options", "list"), 3, 2, 8, 5, 1),
    ],
)
def test_characters_of_a_value_stand_where_they_are_written(
    path: Path, offset: int, width: int, line: int, column: int, shown: int
) -> None:
    place = document(PLACES).at(path, offset, width)
    assert (place.line, place.column, place.width) == (line, column, shown)


def test_later_documents_and_wide_characters_keep_their_columns() -> None:
    first, second = documents("a: 界界 # 😀\n---\n# é\nb: 😀x\n")
    assert second.at(("b",), 1, 1) == Position("specs/a.yaml", 4, 5)
    assert first.at(("a",), 1, 1) == Position("specs/a.yaml", 1, 5)
    assert second.value == {"b": "😀x"}


def test_a_document_that_begins_indented() -> None:
    read = document("\n\n  id: x\n  tags:\n    - y\n")
    assert read.at(("tags", 0)) == Position("specs/a.yaml", 5, 7)


def test_offsets_after_variables_lead_back_to_the_file() -> None:
    shift = Shift([Piece("a ", 0, 2, copied=True), Piece("value", 2, 6, copied=False), Piece(" b", 6, 8, copied=True)])
    read = replace(document('k: "a ${x} b"\n'), shift_of=lambda _: shift)
    found = [(read.at(("k",), offset, 1).column, read.at(("k",), offset, 1).width) for offset in range(10)]
    assert found == [(5, 1), (6, 1), *[(7, 4)] * 5, (11, 1), (12, 1), (13, 1)]
    assert read.at(("k",), 0, 4).width == 6
    assert read.at(("k",), 3, 5).width == 5


# Bytes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_the_same(end: str) -> None:
    text = decode("a.yaml", end.join(["id: x", "m: |", "  one", "  two", "t: 'a", "  b'", ""]).encode())
    assert isinstance(text, str)
    read = document(text)
    assert read.value == {"id": "x", "m": "one\ntwo\n", "t": "a b"}
    assert read.at(("m",), 4, 3) == Position("specs/a.yaml", 4, 3)
    assert read.at(("m",), 4, 3).width == 3


def test_a_byte_order_mark_counts_for_nothing() -> None:
    text = decode("a.yaml", b"\xef\xbb\xbfid: x\n")
    assert text == "id: x\n"


@pytest.mark.parametrize(
    ("content", "line", "column", "byte"),
    [
        (b"\xff\xfei\x00d\x00", 1, 1, "ff"),
        (b"id: x\nname: caf\xe9\n", 2, 10, "e9"),
        ("id: é界 ".encode() + b"\x80", 1, 8, "80"),
        (b"\xef\xbb\xbfid: \xc3", 1, 5, "c3"),
        (b"\xef\xbb\xbfid: x\nid: \xed\xa0\x80", 2, 5, "ed"),
        (b"a\rb\r\xfe", 3, 1, "fe"),
    ],
)
def test_what_is_not_utf_8_is_told_at_its_character(content: bytes, line: int, column: int, byte: str) -> None:
    assert decode("a.yaml", content) == Finding(
        Position("a.yaml", line, column),
        "DDG007",
        "not-utf-8",
        Severity.ERROR,
        f"the file isn't UTF-8: byte 0x{byte} can't be read",
        "save the file as UTF-8",
    )


# Faults of the YAML itself


def test_a_file_without_a_document_is_told() -> None:
    _, findings = read_documents("specs/a.yaml", "# nothing\n---\n~\n")
    message = "the file holds no document"
    assert findings == (Finding(Position("specs/a.yaml", 1, 1), "DDG002", "empty-file", Severity.WARNING, message),)


def test_a_broken_document_hides_no_other() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 'x\n---\nd: 4\n"
    found, _ = read_documents("specs/a.yaml", text)
    assert [one.value for one in found] == [{"a": 1}, {"d": 4}]
    assert told(text) == [
        "3:4 DDG001 the [ that opens here is never closed",
        "5:4 DDG001 the ' that opens here is never closed",
    ]


def test_each_duplicate_is_told_with_the_line_of_the_first() -> None:
    assert told("x: 0\n---\na: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n") == [
        "4:11 DDG005 the key 'c' stands here a second time: line 4 has it",
        "5:1 DDG005 the key 'a' stands here a second time: line 3 has it",
        "6:1 DDG005 the key 'a' stands here a second time: line 3 has it",
    ]


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "a0: &a0 {x: 1}\n" + "".join(f"a{n + 1}: &a{n + 1} {{<<: *a{n}, k{n}: *a{n}}}\n" for n in range(40)),
    ],
    ids=["lists", "merges"],
)
def test_alias_bombs_are_refused(bomb: str) -> None:
    ((message,)) = told(bomb)
    assert message.endswith("DDG006 the document is refused: its aliases stand for more than 100,000 values")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 100_000, "1:62"),
        ("- " * 100_000, "1:123"),
        ("{a: " * 50_000, "1:245"),
        ("? " * 50_000, "1:123"),
        ("a: &a0 []\n" + "".join(f"b{n}: &a{n + 1} [*a{n}]\n" for n in range(100)), "61:12"),
    ],
    ids=["brackets", "dashes", "mappings", "keys", "aliases"],
)
def test_deep_nesting_is_refused_where_it_begins(text: str, place: str) -> None:
    assert told(text) == [f"{place} DDG006 the document is refused: nested more than 60 levels deep"]


def test_sixty_levels_are_read() -> None:
    read = document("[" * 60 + "x" + "]" * 60)
    assert read.at((0,) * 60) == Position("specs/a.yaml", 1, 61)
