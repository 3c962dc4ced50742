"""What a JSON Schema says about a document, as findings: one for each fault, at its place."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

from jsonschema import Draft202012Validator, ValidationError

from ddguard.findings import Finding, Position, Severity
from ddguard.model import Json, Path, Source
from ddguard.spec.schema import load
from ddguard.spec.tellings import READ_ONLY, TELLINGS, Telling, told_generally
from ddguard.spec.wording import did_you_mean, dotted, first_sentence, quoted

CODES = {"unknown-key": "DDG010", "missing-key": "DDG011", "wrong-type": "DDG012", "wrong-value": "DDG013"}
FEW = 15
"""So many known keys are listed in a hint."""


@cache
def validator(kind: str) -> Draft202012Validator:
    """The validator for `project`, `monitor`, `downtime` or `test`."""
    return Draft202012Validator(load(kind))


def mistakes_in(kind: str, value: Json, source: Source, mistaken: frozenset[Path]) -> list[Finding]:
    """Every way in which the value breaks the kind's schema, but none at a place in `mistaken`."""
    return [
        finding
        for error in validator(kind).iter_errors(value)
        if _path(error) not in mistaken
        for finding in _findings(error, source, kind)
    ]


def _path(error: ValidationError) -> Path:
    return tuple(error.absolute_path)


def _findings(error: ValidationError, source: Source, kind: str) -> Iterator[Finding]:
    path = _path(error)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, source, kind)
    elif error.validator == "required":
        if not _is_misspelt(error):
            yield _finding(source.at(path), "missing-key", *_missing_key(error))
    elif "propertyNames" in error.absolute_schema_path:
        yield _finding(source.key_at((*path, cast("str", error.instance))), "wrong-value", *_told(error, path))
    elif error.validator == "not":
        yield _finding(source.key_at(path), "wrong-value", *_told(error, path))
    else:
        place = (*path, _second_of_two(error)) if error.validator == "uniqueItems" else path
        check = "wrong-type" if error.validator == "type" else "wrong-value"
        yield _finding(source.at(place), check, *_told(error, place))


def _finding(position: Position, check: str, message: str, hint: str) -> Finding:
    return Finding(position, CODES[check], check, Severity.ERROR, message, hint)


def _told(error: ValidationError, path: Path) -> Telling:
    message, hint = TELLINGS.get(str(error.validator), told_generally)(error)
    where = dotted(path)
    return (f"{where}: {message}" if where else message), hint


def _second_of_two(error: ValidationError) -> int:
    """The index of the first entry that stands in the list a second time."""
    entries = cast("list[Json]", error.instance)
    return next(index for index, entry in enumerate(entries) if entry in entries[:index])


def _unknown_keys(error: ValidationError, source: Source, kind: str) -> Iterator[Finding]:
    known = list(cast("Mapping[str, Json]", error.schema).get("properties", {}))
    path = _path(error)
    where = f" in {dotted(path)}" if path else ""
    for key in cast("Mapping[str, Json]", error.instance):
        if key not in known:
            message = f"unknown key {quoted(key)}{where}"
            hint = _hint_about_key(key, path, known, kind)
            yield _finding(source.key_at((*path, key)), "unknown-key", message, hint)


def _hint_about_key(key: str, path: Path, known: list[str], kind: str) -> str:
    if key in READ_ONLY and not path:
        return "Datadog sets it and specs don't; `ddguard import` leaves such keys out"
    homes = [home for home in _homes(kind).get(key, ()) if home != path]
    near = did_you_mean(key, known)
    if homes and not near:
        home = dotted(homes[0])
        return (
            f"{key} belongs in {home}: is it indented as it should be?" if home else f"{key} belongs at the top level"
        )
    return near or (f"known keys: {', '.join(sorted(known))}" if 0 < len(known) <= FEW else "")


@cache
def _homes(kind: str) -> Mapping[str, tuple[Path, ...]]:
    """Where each key of a kind's schema may stand, lists aside."""
    schema = load(kind)
    homes: dict[str, tuple[Path, ...]] = {}
    waiting: list[tuple[Path, Mapping[str, Json]]] = [((), schema)]
    while waiting:
        path, part = waiting.pop(0)
        part = _resolved(part, schema)
        for key, inner in part.get("properties", {}).items():
            homes[key] = (*homes.get(key, ()), path)
            waiting.append(((*path, key), inner))
    return homes


def _resolved(part: Mapping[str, Json], schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a `$ref` leads to; in these schemas always `#/$defs/NAME`."""
    found: Mapping[str, Json] = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    return found


def _is_misspelt(error: ValidationError) -> bool:
    """Whether the key that is missing is meant by an unknown one, which is told."""
    if cast("Mapping[str, Json]", error.schema).get("additionalProperties") is not False:
        return False
    missing, properties = _missing(error)
    unknown = [key for key in cast("Json", error.instance) if key not in properties]
    return f"did you mean {missing}?" in [did_you_mean(key, list(properties)) for key in unknown]


def _missing(error: ValidationError) -> tuple[str, Mapping[str, Json]]:
    """The key that is missing, and what the schema says of all keys."""
    missing = [key for key in cast("list[str]", error.validator_value) if key not in cast("Json", error.instance)]
    named = next((key for key in missing if f"'{key}' is a required" in error.message), missing[0])
    return named, cast("Mapping[str, Json]", error.schema).get("properties", {})


def _missing_key(error: ValidationError) -> Telling:
    named, properties = _missing(error)
    where = dotted(_path(error))
    hint = first_sentence(properties.get(named, {}).get("description", ""))
    return f"the key {named} is missing{f' in {where}' if where else ''}", hint
