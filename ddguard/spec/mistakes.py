"""What a JSON Schema says about a document, as findings in a user's words: one for each fault, at its place."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Json, Path, Source
from ddguard.spec.schema import load
from ddguard.spec.values import scalar_from_text

TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping (key: value)",
    "array": "a list",
    "null": "null",
}
MANY_CHOICES = 10
Telling = tuple[str, str]
"""A message and a hint (may be empty)."""


@cache
def validator(kind: str) -> Draft202012Validator:
    """The validator for `project`, `monitor`, `downtime` or `test`."""
    return Draft202012Validator(load(kind))


def schema_findings(
    validator: Draft202012Validator, value: Json, source: Source, mistaken: frozenset[Path]
) -> list[Finding]:
    """Every way in which the value breaks the schema, those aside that stand at a place already complained about."""
    return [
        finding
        for error in validator.iter_errors(value)
        if _path(error) not in mistaken
        for finding in _findings(error, source)
    ]


def _path(error: ValidationError) -> Path:
    return tuple(error.absolute_path)


def _findings(error: ValidationError, source: Source) -> Iterator[Finding]:
    if error.validator in {"oneOf", "anyOf"}:
        error = _closest(error)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, source)
    elif error.validator == "required":
        yield _finding(source.at(_path(error)), "missing-key", *_missing_key(error))
    else:
        yield _finding(source.at(_path(error)), _check_of(error), *_told(error))


def _finding(position: Position, check: str, message: str, hint: str) -> Finding:
    return Finding(position, CODES[check], check, Severity.ERROR, message, hint)


CODES = {"unknown-key": "DDG010", "missing-key": "DDG011", "wrong-type": "DDG012", "wrong-value": "DDG013"}


def _check_of(error: ValidationError) -> str:
    return "wrong-type" if error.validator == "type" else "wrong-value"


def _closest(error: ValidationError) -> ValidationError:
    """The fault in the alternative that the value comes closest to."""
    return cast("ValidationError", best_match([error])) if error.context else error


def _unknown_keys(error: ValidationError, source: Source) -> Iterator[Finding]:
    known = list(cast("Mapping[str, Json]", error.schema).get("properties", {}))
    where = _name(_path(error))
    for key in cast("Mapping[str, Json]", error.instance):
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else _all_known(known)
            message = f"unknown key {_quoted(key)}{f' in {where}' if where else ''}"
            yield _finding(source.key_at((*_path(error), key)), "unknown-key", message, hint)


def _all_known(known: list[str]) -> str:
    return f"known keys: {', '.join(sorted(known))}" if 0 < len(known) <= 15 else ""


def _missing_key(error: ValidationError) -> Telling:
    missing = [key for key in cast("list[str]", error.validator_value) if key not in cast("Json", error.instance)]
    named = next((key for key in missing if f"'{key}' is a required" in error.message), missing[0])
    properties = cast("Mapping[str, Json]", error.schema).get("properties", {})
    where = _name(_path(error))
    hint = _first_sentence(properties.get(named, {}).get("description", ""))
    return f"the key {named} is missing{f' in {where}' if where else ''}", hint


def _told(error: ValidationError) -> Telling:
    tell = TELLINGS.get(str(error.validator))
    message, hint = tell(error) if tell else (error.message, "")
    where = _name(_path(error))
    return (f"{where}: {message}" if where else message), hint


def _wrong_type(error: ValidationError) -> Telling:
    value = cast("str | list[str]", error.validator_value)
    wanted = [value] if isinstance(value, str) else value
    expected = " or ".join(TYPE_NAMES[name] for name in wanted)
    hint = ""
    if isinstance(error.instance, str) and error.instance.lower() in {"yes", "no", "on", "off"} and "boolean" in wanted:
        hint = f"write {'true' if error.instance.lower() in {'yes', 'on'} else 'false'}"
    elif "string" in wanted and isinstance(error.instance, (int, float)):
        hint = "put it in quotes"
    elif {"number", "integer"}.intersection(wanted) and _reads_as_number(error.instance):
        hint = "write it without quotes"
    return f"expected {expected}, not {_described(error.instance)}", hint


def _reads_as_number(value: Json) -> bool:
    return isinstance(value, str) and isinstance(scalar_from_text(value), (int, float))


def _not_listed(error: ValidationError) -> Telling:
    wanted = [_plain(value) for value in cast("list[Json]", error.validator_value)]
    near = get_close_matches(str(error.instance), wanted, n=1, cutoff=0.5)
    if len(wanted) > MANY_CHOICES:
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(wanted)}"
        return f"{_described(error.instance)} is none of the {len(wanted)} allowed", hint
    return f"{_described(error.instance)} is none of {', '.join(wanted)}", f"did you mean {near[0]}?" if near else ""


def _plain(value: Json) -> str:
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, list) else "[]"


def _not_that_value(error: ValidationError) -> Telling:
    return f"expected {_plain(error.validator_value)}, not {_described(error.instance)}", ""


def _bad_pattern(error: ValidationError) -> Telling:
    description = cast("Mapping[str, Json]", error.schema).get("description", "")
    return f"{_described(error.instance)} is not of the form {error.validator_value}", _first_sentence(description)


def _beyond(words: str) -> Callable[[ValidationError], Telling]:
    def tell(error: ValidationError) -> Telling:
        return f"{_described(error.instance)} is {words} {error.validator_value}", ""

    return tell


def _too_few_or_many(words: str) -> Callable[[ValidationError], Telling]:
    def tell(error: ValidationError) -> Telling:
        return f"{words.format(error.validator_value)}", ""

    return tell


def _alternatives(error: ValidationError) -> Telling:
    return "exactly one of the alternatives may stand here", _first_sentence(
        cast("Mapping[str, Json]", error.schema).get("description", "")
    )


TELLINGS: Mapping[str, Callable[[ValidationError], Telling]] = {
    "type": _wrong_type,
    "enum": _not_listed,
    "const": _not_that_value,
    "pattern": _bad_pattern,
    "minimum": _beyond("less than"),
    "maximum": _beyond("more than"),
    "exclusiveMinimum": _beyond("not more than"),
    "exclusiveMaximum": _beyond("not less than"),
    "minLength": _too_few_or_many("at least {} characters are needed"),
    "maxLength": _too_few_or_many("at most {} characters are allowed"),
    "minItems": _too_few_or_many("at least {} entries are needed"),
    "maxItems": _too_few_or_many("at most {} entries are allowed"),
    "minProperties": _too_few_or_many("at least {} keys are needed"),
    "maxProperties": _too_few_or_many("at most {} keys are allowed"),
    "uniqueItems": _too_few_or_many("an entry stands here twice"),
    "oneOf": _alternatives,
}


def _described(value: Json) -> str:
    """The value as a reader recognises it: kind and, where short, the value."""
    if isinstance(value, str):
        return f"the text {_quoted(value)}"
    if isinstance(value, bool) or value is None:
        return _plain(value)
    if isinstance(value, (int, float)):
        return str(value)
    return "a list" if isinstance(value, list) else "a mapping"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _name(path: Path) -> str:
    """`options.thresholds.critical`, `tags[2]`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]
