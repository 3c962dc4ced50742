"""The quick check never calls valid what jsonschema doesn't, and is sure of all that people write."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ddguard.spec.documents import read_documents
from ddguard.spec.fastcheck import UnknownKeywordError, compiled, surely_valid
from ddguard.spec.load import load
from ddguard.spec.mistakes import validator
from ddguard.spec.schema import KINDS
from ddguard.spec.schema import load as load_schema

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "monitors.jsonl"

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10),
    st.sampled_from([0.5, 1.0, 5.0, 1e300, 10**30, float("inf"), float("nan")]),
    st.sampled_from(
        ["", "x", "a b", "5", "2h", "alert", "query alert", "2027-01-31", "2026-01-01T00:00:00Z", "a\n", "@x"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "id", "tests", "values"]), inner),
    max_leaves=6,
)


def examples(schema: Any) -> Iterator[Any]:
    """Every example anywhere in a schema."""
    if isinstance(schema, dict):
        yield from schema.get("examples", ())
        for inner in schema.values():
            yield from examples(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from examples(inner)


def documents(kind: str) -> list[Any]:
    """Sound documents of a kind: the schema's own examples, and those of the pack that are of the kind."""
    whole = [one for one in load_schema(kind).get("examples", ()) if validator(kind).is_valid(one)]
    paths = (path for path in sorted((ROOT / "monitors").rglob("*.yaml")))
    read = [one.value for path in paths for one in read_documents(str(path), path.read_text())[0]]
    return whole + [value for value in read if validator(kind).is_valid(value)]


SOUND = {kind: documents(kind) for kind in KINDS}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value, with each of its keys or indices."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


@st.composite
def nearly_sound(draw: st.DrawFn, kind: str) -> Any:
    """A sound document with a few changes: a value replaced, a key removed or added, an entry doubled."""
    value = copy.deepcopy(draw(st.sampled_from(SOUND[kind])))
    for _ in range(draw(st.integers(0, 3))):
        every = list(places(value))
        if not every:
            break
        container, key = draw(st.sampled_from(every))
        change = draw(st.sampled_from(["replace", "remove", "add", "double"]))
        if change == "remove":
            del container[key]
        elif change == "replace":
            container[key] = draw(VALUES)
        elif isinstance(container, list):
            container.append(container[key] if change == "double" else draw(VALUES))
        else:
            container[draw(st.sampled_from(["x", "name", "start", "value", "never", "monitor_id"]))] = draw(VALUES)
    return value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300)
@given(data=st.data())
def test_what_is_surely_valid_is_valid(kind: str, data: st.DataObject) -> None:
    value = data.draw(nearly_sound(kind) | VALUES)
    if surely_valid(kind)(value):
        assert validator(kind).is_valid(value)


PARTS = [(kind, name, part) for kind in KINDS for name, part in load_schema(kind).get("$defs", {}).items()]


@pytest.mark.parametrize(("kind", "name", "part"), PARTS, ids=lambda part: part if isinstance(part, str) else "")
@settings(max_examples=25)
@given(data=st.data())
def test_every_part_of_a_schema_is_no_laxer(kind: str, name: str, part: Any, data: st.DataObject) -> None:
    definitions = load_schema(kind)["$defs"]
    value = data.draw(VALUES | st.sampled_from([*examples(part), None]))
    if compiled(part, definitions)(value):
        assert Draft202012Validator({**part, "$defs": definitions}).is_valid(value)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_sure_of_every_sound_document(kind: str) -> None:
    assert len(SOUND[kind]) > 0
    assert [value for value in SOUND[kind] if not surely_valid(kind)(value)] == []


def test_it_is_sure_of_the_pack_once_variables_are_filled_in() -> None:
    specs = load(str(ROOT / "monitors"), None, {}, {})
    checked = [{**monitor.definition, "id": monitor.id} for monitor in specs.monitors]
    assert len(checked) > 0
    assert [one for one in checked if not surely_valid("monitor")(one)] == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the recorded monitors aren't here")
def test_it_is_sure_of_every_recorded_monitor_that_is_valid() -> None:
    keys = load_schema("monitor")["properties"].keys()
    sure = valid = 0
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        monitor = {key: value for key, value in json.loads(line)["monitor"].items() if key in keys} | {"id": "x"}
        monitor.pop("remote_id", None)
        is_valid = validator("monitor").is_valid(monitor)
        assert surely_valid("monitor")(monitor) == is_valid, monitor
        valid += is_valid
        sure += 1
    assert valid > sure / 2


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"format": "date", "const": 1}, "there is no quick check for const, format"),
        ({"properties": {"a": {"anyOf": []}}}, "there is no quick check for anyOf"),
        ({"enum": ["a", 1]}, "there is no quick check for an enum of anything but texts and null"),
        ({"oneOf": [{"type": "string"}]}, "there is no quick check for a oneOf of anything but required keys"),
        ({"not": {"type": "string"}}, "there is no quick check for a not of anything but {}"),
    ],
)
def test_what_it_does_not_know_it_refuses(schema: Any, message: str) -> None:
    with pytest.raises(UnknownKeywordError, match=f"^{re.escape(message)}$"):
        compiled(schema, {})


@pytest.mark.parametrize(
    ("schema", "sure", "unsure"),
    [
        (True, [1, None, {}], []),
        (False, [], [1, None, {}]),
        ({}, [1, None, {}], []),
        ({"type": "integer"}, [1, 5.0, 10**40], [True, 1.5, "1", None, float("nan"), float("inf")]),
        ({"type": "number"}, [1, 1.5], [True, "1"]),
        ({"type": ["boolean", "null"]}, [True, None], [0, "true"]),
        ({"enum": ["a", None]}, ["a", None], ["b", 0, False, [], {}]),
        ({"pattern": "^a"}, ["ab", 5, None], ["b"]),
        ({"minimum": 1, "maximum": 3}, [1, 3, "0", True], [0, 4]),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2, "0"], [1, 3]),
        ({"minLength": 1, "maxLength": 2}, ["a", "ab", []], ["", "abc"]),
        ({"minItems": 1, "maxItems": 2}, [[1], [1, 2], ""], [[], [1, 2, 3]]),
        ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}, []], [{}, {"a": 1, "b": 1}]),
        ({"uniqueItems": True}, [["a", "b"], [], {}, "aa"], [["a", "a"], [1, 2]]),
        ({"uniqueItems": False}, [["a", "a"]], []),
        ({"required": ["a"]}, [{"a": 1, "b": 2}, []], [{}, {"b": 1}]),
        ({"properties": {"a": {"type": "string"}}}, [{"a": "x", "b": 1}, []], [{"a": 1}]),
        ({"additionalProperties": {"type": "string"}}, [{"a": "x"}], [{"a": 1}]),
        ({"propertyNames": {"maxLength": 1}}, [{"a": 1}, []], [{"ab": 1}]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}], [{}, {"a": 1, "b": 1}, []]),
        ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}, {"a": 1, "b": 1}, []], [{"a": 1}]),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{}, {"a": 1, "b": 1}, []], [{"a": 1}]),
        ({"not": {}}, [], [1, None]),
    ],
    ids=str,
)
def test_each_keyword(schema: Any, sure: list[Any], unsure: list[Any]) -> None:
    check = compiled(schema, {})
    assert [value for value in sure if not check(value)] == []
    assert [value for value in unsure if check(value)] == []
    assert [value for value in sure if not Draft202012Validator(schema).is_valid(value)] == []
