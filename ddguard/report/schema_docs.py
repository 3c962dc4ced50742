"""The reference page of the spec files, made from their JSON Schemas."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ddguard.model import Json

Schema = Mapping[str, Json]

TYPE_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "object": "mapping",
    "array": "list",
    "null": "`null`",
}

HEAD = """\
# Spec files

<!-- Made from the JSON Schemas. Don't edit it: python -m pytest tests/spec/test_schemas.py --update-golden -->

Every key of every file, as the JSON Schemas have them that `ddguard schema` prints for editors. A key that isn't
listed is an error. In monitors and downtimes `${name}` may stand wherever a value stands; what is said here is about
the value after it was filled in.
"""


def spec_page(schemas: Mapping[str, Schema]) -> str:
    """The page in Markdown: one chapter for each schema, in the order given."""
    return "\n".join([HEAD, *(_chapter(schema) for schema in schemas.values())])


def _chapter(schema: Schema) -> str:
    parts = [f"## {schema['title']}\n"]
    for section in _sections(schema):
        if section.name:
            parts.append(f"### `{section.name}`\n")
        if section.needs_words:
            parts.append(f"{section.schema['description']}\n")
        parts.append(f"{_table(section)}\n")
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Section:
    """A mapping inside a document. `name` is the way to it, `allow[]` for each entry of a list; empty: the document."""

    name: str
    schema: Schema
    definitions: Mapping[str, Schema]

    @property
    def needs_words(self) -> bool:
        """Whether the mapping has a description that no row above shows."""
        return "description" in self.schema and (not self.name or self.name.endswith(("[]", "*")))


def _sections(schema: Schema) -> Iterator[_Section]:
    """The document's own mapping and all the mappings inside it that have keys of their own."""
    yield from _sections_below(_Section("", schema, schema["$defs"]))


def _sections_below(section: _Section) -> Iterator[_Section]:
    if "properties" in section.schema:
        yield section
    for name, schema in _parts(section.schema):
        resolved = _resolved(schema, section.definitions)
        yield from _sections_below(_Section(_below(section.name, name), resolved, section.definitions))


def _parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas of what a value holds, each with what it is called there."""
    yield from schema.get("properties", {}).items()
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield "*", schema["additionalProperties"]
    if "items" in schema:
        yield "[]", schema["items"]


def _below(name: str, part: str) -> str:
    return f"{name}.{part}" if name and part != "[]" else f"{name}{part}"


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The schema with what it refers to; what it says itself is stronger."""
    reference = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**_resolved(definitions[reference], definitions), **schema} if reference else schema


def _table(section: _Section) -> str:
    rows = [_row(section, key, schema) for key, schema in section.schema["properties"].items()]
    return "\n".join(["| key | value | what it does |", "| --- | --- | --- |", *rows])


def _row(section: _Section, key: str, schema: Schema) -> str:
    resolved = _resolved(schema, section.definitions)
    required = ", required" if key in section.schema.get("required", ()) else ""
    value = f"{_value(resolved, section.definitions)}{required}"
    notes = " ".join([resolved["description"], *_notes(resolved), *_neighbours(section.schema, key)])
    return f"| `{key}` | {_cell(value)} | {_cell(notes)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _value(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    """What may stand there: `whole number from 0 or null`, `list of text`."""
    if "enum" in schema:
        return ", ".join(_code(value) for value in schema["enum"])
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    words = [TYPE_WORDS[name] for name in types]
    if "array" in types and "items" in schema:
        words[types.index("array")] = f"list of {_value(_resolved(schema['items'], definitions), definitions)}"
    for place, name in enumerate(types):
        if name in {"integer", "number"}:
            words[place] += _limits(schema)
    return " or ".join(words)


def _limits(schema: Schema) -> str:
    words = (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "to"))
    return "".join(f" {word} {schema[keyword]}" for keyword, word in words if keyword in schema)


def _notes(schema: Schema) -> Iterator[str]:
    """What a key's own schema says beside its description."""
    form = schema.get("patternErrorMessage", "")
    if form:
        yield f"{form[:1].upper()}{form[1:]}."
    if schema.get("deprecated"):
        yield "Deprecated at Datadog."
    if "default" in schema:
        yield f"Default: {_code(schema['default'])}."
    examples = [_code(example) for example in schema.get("examples", ())]
    if examples and not any(example in form for example in examples):
        yield f"For instance {', '.join(examples)}."


def _neighbours(schema: Schema, key: str) -> Iterator[str]:
    """What the mapping says about a key and others beside it."""
    needed = schema.get("dependentRequired", {}).get(key)
    if needed:
        yield f"Needs {' and '.join(_code(other) for other in needed)}."
    for other, rules in schema.get("dependentSchemas", {}).items():
        if key in rules["properties"]:
            yield f"Not beside {_code(other)}."


def _code(value: Json) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"`{text}`"
