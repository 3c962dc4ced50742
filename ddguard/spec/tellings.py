"""Messages and hints for what breaks a JSON Schema, in the words of someone who wrote YAML."""

import re
from collections.abc import Callable, Mapping
from typing import cast

from jsonschema import ValidationError

from ddguard.model import Json, Path
from ddguard.spec.values import scalar_from_text
from ddguard.spec.wording import counted, described, did_you_mean, first_sentence, plain, quoted

Telling = tuple[str, str]
"""A message and a hint (may be empty)."""

TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping (key: value)",
    "array": "a list",
    "null": "null",
}
YES, NO = frozenset({"yes", "on", "true"}), frozenset({"no", "off", "false"})
CODE = re.compile(r"DDG\d{3}", re.IGNORECASE)
NUMBERS = frozenset({"number", "integer"})
MANY_CHOICES = 10

READ_ONLY = frozenset(
    {
        "created",
        "created_at",
        "creator",
        "deleted",
        "matching_downtimes",
        "modified",
        "multi",
        "org_id",
        "overall_state",
        "overall_state_modified",
        "restriction_policy",
        "state",
    }
)
"""Keys that Datadog's answers have and its requests don't (https://docs.datadoghq.com/api/latest/monitors/)."""


HINTS_BY_PATH: Mapping[Path, str] = {
    ("id",): "an id is a name of your own; the number of an existing monitor stands in remote_id"
}
"""What to write where a value is of the wrong type, for places with a usual mistake of their own."""


def told_generally(error: ValidationError) -> Telling:
    """The validator's own words."""
    return error.message, ""


def _wrong_type(error: ValidationError) -> Telling:
    value = cast("str | list[str]", error.validator_value)
    wanted = [value] if isinstance(value, str) else value
    expected = _either([TYPE_NAMES[name] for name in wanted])
    if error.instance is None:
        return f"expected {expected}, and nothing stands here", _first_of_description(error)
    schema = cast("Mapping[str, Json]", error.schema)
    hint = HINTS_BY_PATH.get(tuple(error.absolute_path)) or _hint_about_type(error.instance, frozenset(wanted), schema)
    return f"expected {expected}, not {described(error.instance)}", hint


def _either(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" or {names[-1]}" if names[1:] else names[0]


def _hint_about_type(value: Json, wanted: frozenset[str], schema: Mapping[str, Json]) -> str:
    """How to write what was meant, for the usual slips."""
    if isinstance(value, str):
        return _hint_instead_of_text(value, wanted, schema)
    if isinstance(value, float) and "integer" in wanted:
        return "write it without a fraction"
    if isinstance(value, (int, float)) and "string" in wanted:
        fits = re.search(schema.get("pattern", ""), plain(value))
        return "put it in quotes" if fits else schema.get("patternErrorMessage", "")
    if isinstance(value, dict):
        return _hint_instead_of_mapping(value, wanted)
    return _hint_instead_of_list(value, wanted, schema) if isinstance(value, list) else ""


def _hint_instead_of_text(value: str, wanted: frozenset[str], schema: Mapping[str, Json]) -> str:
    if "boolean" in wanted and value.lower() in YES | NO:
        return f"write {'true' if value.lower() in YES else 'false'}, without quotes"
    if wanted & NUMBERS and isinstance(scalar_from_text(value), (int, float)):
        return "write it without quotes"
    if wanted & NUMBERS:
        return first_sentence(schema.get("description", ""))
    if "object" in wanted and schema.get("required"):
        return f"write {{{', '.join(f'{key}: ...' for key in schema['required'])}}}"
    return f"write [{value}]" if "array" in wanted else ""


def _hint_instead_of_list(value: list[Json], wanted: frozenset[str], schema: Mapping[str, Json]) -> str:
    if "object" in wanted and value and all(isinstance(one, dict) for one in value):
        lists = [key for key in schema.get("required", ()) if schema["properties"].get(key, {}).get("type") == "array"]
        return f"write `{lists[0]}:` above the list" if lists else "write the keys without `- ` before them"
    if "string" in wanted and len(value) == 1 and isinstance(value[0], str):
        return f"write {value[0]}, without brackets"
    return ""


def _hint_instead_of_mapping(value: Mapping[str, Json], wanted: frozenset[str]) -> str:
    """`- team: risk` where `- team:risk` was meant, and other texts that hold `: `."""
    key, inner = next(iter(value.items()), ("", None))
    is_tag = len(value) == 1 and isinstance(inner, (str, int)) and " " not in f"{key}{inner}"
    if "array" in wanted:
        return f"write [{key}:{inner}]" if is_tag else "a list of one has `- ` before its first key"
    if "string" not in wanted:
        return ""
    if is_tag:
        return f"write {key}:{inner}, without a blank after the colon"
    return "a text that begins with { or holds `: ` needs quotes"


def _not_listed(error: ValidationError) -> Telling:
    wanted = [plain(value) for value in cast("list[Json]", error.validator_value)]
    near = did_you_mean(str(error.instance), wanted)
    if len(wanted) > MANY_CHOICES:
        return (
            f"{described(error.instance)} is none of the {len(wanted)} allowed",
            near or f"one of {', '.join(wanted)}",
        )
    if len(wanted) == 1:
        return f"expected {wanted[0]}, not {described(error.instance)}", ""
    return f"{described(error.instance)} is none of {', '.join(wanted)}", near


def _bad_form(error: ValidationError) -> Telling:
    schema = cast("Mapping[str, Json]", error.schema)
    rule = schema.get("patternErrorMessage", f"it must match {error.validator_value}")
    text = cast("str", error.instance)
    hint = "does the next entry stand as far to the right as this one?" if " - " in text else ""
    if CODE.fullmatch(text):
        hint = f"`ddguard explain {text}` begins with its name"
    return f"{quoted(text)} doesn't fit: {rule}", hint


def _first_of_description(error: ValidationError) -> str:
    return first_sentence(cast("Mapping[str, Json]", error.schema).get("description", ""))


def _beyond(words: str) -> Callable[[ValidationError], Telling]:
    def tell(error: ValidationError) -> Telling:
        return f"{plain(error.instance)} is {words} {error.validator_value}", ""

    return tell


def _too_short(error: ValidationError) -> Telling:
    wanted = cast("int", error.validator_value)
    return ("the text is empty" if wanted == 1 else f"expected at least {wanted} characters"), ""


def _too_long(error: ValidationError) -> Telling:
    return (
        f"at most {error.validator_value} characters are allowed, and these are {len(cast('str', error.instance))}",
        "",
    )


def _too_few(noun: str) -> Callable[[ValidationError], Telling]:
    def tell(error: ValidationError) -> Telling:
        wanted = cast("int", error.validator_value)
        return f"expected at least {counted(wanted, noun)}", _first_of_description(error)

    return tell


def _too_many(noun: str) -> Callable[[ValidationError], Telling]:
    def tell(error: ValidationError) -> Telling:
        wanted, found = cast("int", error.validator_value), len(cast("list[Json]", error.instance))
        if not wanted:
            return "nothing may stand in here", _first_of_description(error)
        return f"at most {counted(wanted, noun)} may stand here, and there are {found}", _first_of_description(error)

    return tell


def _stands_twice(_: ValidationError) -> Telling:
    return "this entry stands in the list already", "remove one of the two"


def _no_place(error: ValidationError) -> Telling:
    return "this key has no place here", _first_of_description(error)


def _alternatives(error: ValidationError) -> Telling:
    """`oneOf` stands in the schemas for keys of which exactly one is needed."""
    keys = [alternative["required"][0] for alternative in cast("list[Mapping[str, list[str]]]", error.validator_value)]
    present = [key for key in keys if key in cast("Mapping[str, Json]", error.instance)]
    if present:
        return f"{' and '.join(present)} stand here together, and exclude each other", _first_of_description(error)
    return f"one of {', '.join(keys)} is missing", _first_of_description(error)


def _lacks_partner(error: ValidationError) -> Telling:
    """`dependentRequired`: the error's message alone tells which of several pairs it is about."""
    pairs = cast("Mapping[str, list[str]]", error.validator_value)
    return next(
        (f"{key} needs {needed} beside it", "")
        for key, partners in pairs.items()
        for needed in partners
        if error.message == f"{needed!r} is a dependency of {key!r}"
    )


TELLINGS: Mapping[str, Callable[[ValidationError], Telling]] = {
    "type": _wrong_type,
    "enum": _not_listed,
    "pattern": _bad_form,
    "minimum": _beyond("less than"),
    "maximum": _beyond("more than"),
    "exclusiveMinimum": _beyond("not more than"),
    "exclusiveMaximum": _beyond("not less than"),
    "minLength": _too_short,
    "maxLength": _too_long,
    "minItems": _too_few("entry"),
    "maxItems": _too_many("entry"),
    "minProperties": _too_few("key"),
    "maxProperties": _too_many("key"),
    "uniqueItems": _stands_twice,
    "not": _no_place,
    "oneOf": _alternatives,
    "dependentRequired": _lacks_partner,
}
"""By the keyword of the schema that is broken."""
