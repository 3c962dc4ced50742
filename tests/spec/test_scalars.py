"""Every character of a value is found in the file again, whatever style the scalar is written in."""

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ddguard.findings import Position
from ddguard.spec.documents import Document, read_documents

SIGNS = ["a", "b", " ", " ", "\n", "\n", "'", '"', "\\", "#", ":", "-", "\t", "$", "{", "é", "界", "😀"]
TEXTS = st.text(st.sampled_from(SIGNS), max_size=30)
"""What values are made of: blanks and breaks, signs that mean something in YAML, and wide characters."""

few = settings(max_examples=150)


def the_document(text: str) -> Document | None:
    """The document in a text, if that is sound YAML with a text under `key`."""
    documents, findings = read_documents("specs/a.yaml", text)
    sound = len(documents) == 1 and not findings and isinstance(documents[0].value, dict)
    return documents[0] if sound and isinstance(documents[0].value.get("key"), str) else None


def raw_at(document: Document, place: Position) -> str:
    """The characters of the file that a place means; empty at the end of a line."""
    line = document.text.split("\n")[place.line - 1]
    return line[place.column - 1 : place.column - 1 + place.width]


def means(raw: str, character: str) -> bool:
    """Whether raw characters of a file can stand for a character of a value."""
    if raw == character:
        return True
    if raw == "":
        return character in {"\n", " "}
    if raw == "''":
        return character == "'"
    return raw.startswith("\\") and yaml.safe_load(f'"{raw}"') == character


def assert_each_character_is_found(document: Document | None) -> None:
    if document is None:
        return
    value = document.value["key"]
    places = [document.at(("key",), offset, 1) for offset in range(len(value))]
    assert places == sorted(set(places))
    raws = [raw_at(document, place) for place in places]
    assert [pair for pair in zip(raws, value, strict=True) if not means(*pair)] == []


@pytest.mark.parametrize("width", [12, 1000])
@pytest.mark.parametrize("style", ["'", '"', "|", ">", None])
@few
@given(value=TEXTS)
def test_values_that_pyyaml_wrote(style: str, width: int, value: str) -> None:
    """Where PyYAML itself reads them back: it folds texts that begin with a blank at places where a break stays one."""
    text = yaml.dump({"key": value}, default_style=style, width=width, allow_unicode=True)
    assume(yaml.safe_load(text) == {"key": value})
    document = the_document(text)
    assert document is None or document.value == {"key": value}
    assert_each_character_is_found(document)


@pytest.mark.parametrize("form", ['"{}"', "'{}'", "x{}", "[1, x{}]: 2", "!!str '{}'", "&a x{}"])
@few
@given(raw=TEXTS)
def test_flow_scalars_as_people_write_them(form: str, raw: str) -> None:
    assert_each_character_is_found(the_document("key: " + form.format(raw.replace("\n", "\n ")) + "\nother: 1\n"))


@pytest.mark.parametrize("header", ["|", ">", "|-", ">-", "|+", ">+ # why", "|2", ">2-", "|4+", "!!str >3", "&a |"])
@few
@given(raw=TEXTS, indentation=st.integers(0, 4), end=st.sampled_from(["", "\n", "\nother: 1\n"]))
def test_block_scalars_as_people_write_them(header: str, raw: str, indentation: int, end: str) -> None:
    lines = "\n".join(" " * indentation + line for line in raw.split("\n"))
    assert_each_character_is_found(the_document(f"key: {header}\n{lines}{end}"))
