"""A quick check that a document surely fits its schema, so that most documents need no full validation.

It is made from the same JSON Schema as the validator, and says one of two things: surely valid, or not sure. It never
tells what is wrong: jsonschema alone does. Why there are two: docs/decisions/0009-validate-speed.md.
"""

import re
from collections.abc import Callable, Mapping, Sized
from functools import cache
from operator import ge, gt, le, lt

from ddguard.findings import Finding
from ddguard.model import Json, Path, Source
from ddguard.spec.schema import load

Check = Callable[[Json], bool]
"""True: surely valid. False: not sure."""

Schema = Mapping[str, Json]
Definitions = Mapping[str, Json]


class UnknownKeywordError(ValueError):
    """The schema says something that the quick check can't hold a value to."""


def schema_findings(kind: str, value: Json, source: Source, mistaken: frozenset[Path]) -> list[Finding]:
    """Every way in which a document breaks the schema of its kind, but none at a place already complained about.

    Where there is none, which is nearly always, jsonschema isn't even imported.
    """
    if surely_valid(kind)(value):
        return []
    from ddguard.spec.mistakes import mistakes_in

    return mistakes_in(kind, value, source, mistaken)


@cache
def surely_valid(kind: str) -> Check:
    """The quick check of documents of one of the kinds `project`, `monitor`, `downtime` and `test`."""
    schema = load(kind)
    return compiled(schema, schema.get("$defs", {}))


def compiled(schema: Json, definitions: Definitions) -> Check:
    """The quick check of a schema; `definitions` are what its `$ref`s lead to (`#/$defs/NAME`, never in a circle)."""
    if isinstance(schema, bool):
        return _always if schema else _never
    unknown = schema.keys() - SAYS_NOTHING - MAKERS.keys() - OF_OBJECTS
    if unknown:
        raise UnknownKeywordError(f"there is no quick check for {', '.join(sorted(unknown))}")
    checks = [make(schema[keyword], definitions) for keyword, make in MAKERS.items() if keyword in schema]
    if OF_OBJECTS & schema.keys():
        checks.append(_object(schema, definitions))
    return _all_of(checks)


def _all_of(checks: list[Check]) -> Check:
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]
    first, rest = checks[0], _all_of(checks[1:])
    return lambda value: first(value) and rest(value)


def _always(_: Json) -> bool:
    return True


def _never(_: Json) -> bool:
    return False


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TYPES: Mapping[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and value == value // 1,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def _type(wanted: str | list[str], _: Definitions) -> Check:
    if isinstance(wanted, str):
        return TYPES[wanted]
    fits = tuple(TYPES[name] for name in wanted)
    return lambda value: any(fit(value) for fit in fits)


def _enum(allowed: list[Json], _: Definitions) -> Check:
    if not all(one is None or isinstance(one, str) for one in allowed):
        raise UnknownKeywordError("there is no quick check for an enum of anything but texts and null")
    known = frozenset(allowed)
    return lambda value: (value is None or isinstance(value, str)) and value in known


def _ref(pointer: str, definitions: Definitions) -> Check:
    return compiled(definitions[pointer.removeprefix("#/$defs/")], definitions)


def _pattern(pattern: str, _: Definitions) -> Check:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _bound(holds: Callable[[Json, Json], bool]) -> Callable[[float, Definitions], Check]:
    def make(bound: float, _: Definitions) -> Check:
        return lambda value: not _is_number(value) or holds(value, bound)

    return make


def _size(kind: type[Sized], holds: Callable[[int, int], bool]) -> Callable[[int, Definitions], Check]:
    def make(bound: int, _: Definitions) -> Check:
        return lambda value: not isinstance(value, kind) or holds(len(value), bound)

    return make


def _items(schema: Json, definitions: Definitions) -> Check:
    fits = compiled(schema, definitions)
    return lambda value: not isinstance(value, list) or all(map(fits, value))


def _unique(wanted: bool, _: Definitions) -> Check:
    """Sure only of lists of texts."""
    if not wanted:
        return _always
    return lambda value: (
        not isinstance(value, list) or (all(isinstance(one, str) for one in value) and len(set(value)) == len(value))
    )


def _property_names(schema: Json, definitions: Definitions) -> Check:
    fits = compiled(schema, definitions)
    return lambda value: not isinstance(value, dict) or all(map(fits, value))


def _object(schema: Schema, definitions: Definitions) -> Check:
    """`properties`, `additionalProperties` and `required` in one go."""
    fits = {key: compiled(inner, definitions) for key, inner in schema.get("properties", {}).items()}
    other = compiled(schema.get("additionalProperties", True), definitions)
    required = frozenset(schema.get("required", ()))

    def check(value: Json) -> bool:
        if not isinstance(value, dict):
            return True
        for key, inner in value.items():
            if not fits.get(key, other)(inner):
                return False
        return required <= value.keys()

    return check


def _one_of(alternatives: list[Schema], _: Definitions) -> Check:
    """Alternatives that only name required keys: of these the check is exact, and exactly one must hold."""
    if any(alternative.keys() != {"required"} for alternative in alternatives):
        raise UnknownKeywordError("there is no quick check for a oneOf of anything but required keys")
    required = tuple(frozenset(alternative["required"]) for alternative in alternatives)
    return lambda value: isinstance(value, dict) and sum(keys <= value.keys() for keys in required) == 1


def _dependent_required(partners: Mapping[str, list[str]], _: Definitions) -> Check:
    pairs = tuple((key, frozenset(needed)) for key, needed in partners.items())
    return lambda value: (
        not isinstance(value, dict) or all(key not in value or needed <= value.keys() for key, needed in pairs)
    )


def _dependent_schemas(schemas: Mapping[str, Json], definitions: Definitions) -> Check:
    pairs = tuple((key, compiled(schema, definitions)) for key, schema in schemas.items())
    return lambda value: not isinstance(value, dict) or all(key not in value or fits(value) for key, fits in pairs)


def _not(schema: Json, _: Definitions) -> Check:
    if schema != {}:
        raise UnknownKeywordError("there is no quick check for a not of anything but {}")
    return _never


MAKERS: Mapping[str, Callable[[Json, Definitions], Check]] = {
    "type": _type,
    "$ref": _ref,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _bound(ge),
    "maximum": _bound(le),
    "exclusiveMinimum": _bound(gt),
    "exclusiveMaximum": _bound(lt),
    "minLength": _size(str, ge),
    "maxLength": _size(str, le),
    "minItems": _size(list, ge),
    "maxItems": _size(list, le),
    "minProperties": _size(dict, ge),
    "maxProperties": _size(dict, le),
    "items": _items,
    "uniqueItems": _unique,
    "propertyNames": _property_names,
    "oneOf": _one_of,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "not": _not,
}
"""What each keyword of a schema asks of a value; the cheapest and most telling first."""

OF_OBJECTS = frozenset({"properties", "additionalProperties", "required"})
SAYS_NOTHING = frozenset(
    {"$schema", "$id", "$defs", "title", "description", "examples", "default", "deprecated", "patternErrorMessage"}
)
"""Keywords that ask nothing of a value."""
