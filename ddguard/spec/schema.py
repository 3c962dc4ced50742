"""The JSON Schemas (draft 2020-12) of ddguard's files: the ones that ship, and the forms of them for editors."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from ddguard.errors import UsageError
from ddguard.model import Json

KINDS = ("project", "monitor", "downtime", "test")
"""What there is a schema for."""

FILLED_KINDS = ("monitor", "downtime")
"""The kinds of document into which variables are filled."""

VARIABLE = r"\$\{[^}]+\}"
"""`${name}` as a regular expression of JSON Schema (ECMA-262), which Python reads alike."""

MAPPINGS_OF_SCHEMAS = frozenset({"properties", "$defs", "dependentSchemas"})
SCHEMAS = frozenset({"items", "additionalProperties"})
"""The keywords that hold further schemas with values of their own, in the schemas of FILLED_KINDS."""

BARE_TYPES = frozenset({"integer", "number", "boolean"})


@cache
def load(kind: str) -> Mapping[str, Json]:
    """The schema of one of KINDS, describing a document as it is after variables were filled in.

    Callers share the value and don't change it. An unknown kind is a UsageError.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no schema for {kind!r}", f"there is one for each of {', '.join(KINDS)}")
    schema: Mapping[str, Json] = json.loads(shipped("schemas", f"{kind}.json"))
    return schema


def shipped(*path: str) -> str:
    """The text of a file that comes with this package."""
    return resources.files("ddguard.spec").joinpath(*path).read_text(encoding="utf-8")


def for_editors(kind: str) -> Mapping[str, Json]:
    """The schema as editors need it: they see `${name}` where the filled-in document has a number or a word.

    A number, truth value or listed word may then also be a text that is just one variable, and a text of a certain
    form may have variables in it. Nothing else is laxer than in `load`. Variables aren't filled into projects and
    test files, so their schemas stay as they are.
    """
    strict = load(kind)
    if kind not in FILLED_KINDS:
        return strict
    return {**_widened(strict), "$id": f"{strict['$id']}:editor"}


def _widened(schema: Json) -> Json:
    """The schema with room for variables, all the way down."""
    if isinstance(schema, bool):
        return schema
    inner = {keyword: _widened_inside(keyword, value) for keyword, value in schema.items()}
    if "enum" in inner:
        return _or_variable(inner)
    if "pattern" in inner:
        return {**inner, "pattern": f"(?:{inner['pattern']})|{VARIABLE}"}
    types = _types(inner)
    if BARE_TYPES.intersection(types) and "string" not in types:
        return {**inner, "type": [*types, "string"], "pattern": f"^{VARIABLE}$"}
    return inner


def _widened_inside(keyword: str, value: Json) -> Json:
    if keyword in SCHEMAS:
        return _widened(value)
    if keyword in MAPPINGS_OF_SCHEMAS:
        return {key: _widened(schema) for key, schema in value.items()}
    return value


def _or_variable(schema: Mapping[str, Json]) -> dict[str, Json]:
    """One of the listed words, or a variable."""
    rest = {keyword: value for keyword, value in schema.items() if keyword != "enum"}
    return {**rest, "anyOf": [{"enum": schema["enum"]}, {"type": "string", "pattern": f"^{VARIABLE}$"}]}


def _types(schema: Mapping[str, Json]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types
