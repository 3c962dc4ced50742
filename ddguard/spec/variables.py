"""`${name}` and `$$`: filling variables into the values of a document, and finding the way back to its characters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ddguard.findings import Finding, Severity
from ddguard.model import Json, Path, Scalar, Source
from ddguard.spec.shifts import Piece, Shift
from ddguard.spec.values import scalar_from_text

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TOKEN = re.compile(r"\$\$|\$\{([^{}\n]*)(\}?)")
REFERENCE_PREFIX = "monitor:"


class VariableMistakeError(ValueError):
    """A text refers to a variable in a way that can't be filled in."""

    def __init__(self, check: str, message: str, hint: str, offset: int, width: int) -> None:
        super().__init__(message)
        self.check = check
        self.hint = hint
        self.offset = offset
        self.width = width


CODES = {"undefined-variable": "DDG020", "broken-variable": "DDG021", "variable-without-value": "DDG022"}


def fill_text(text: str, variables: Mapping[str, Scalar]) -> tuple[Scalar, Shift | None]:
    """The text with its variables filled in, of the variable's own type where the text is just one `${name}`.

    `${monitor:ID}` stays as it is. The shift is None where nothing was filled in.
    """
    if "$" not in text:
        return text, None
    whole = TOKEN.fullmatch(text)
    if whole and _is_variable(whole):
        value = _look_up(whole, variables)
        return value, Shift([Piece(as_text(value), 0, len(text), copied=False)])
    return _fill_pieces(text, variables)


def _is_variable(token: re.Match[str]) -> bool:
    return token.group() != "$$" and not token.group(1).startswith(REFERENCE_PREFIX)


def _fill_pieces(text: str, variables: Mapping[str, Scalar]) -> tuple[str, Shift]:
    pieces: list[Piece] = []
    position = 0
    for token in TOKEN.finditer(text):
        start, end = token.span()
        pieces.append(Piece(text[position:start], position, start, copied=True))
        pieces.append(Piece(_replacement(token, text, variables), start, end, copied=False))
        position = end
    pieces.append(Piece(text[position:], position, len(text), copied=True))
    return "".join(piece.filled for piece in pieces), Shift(pieces)


def _replacement(token: re.Match[str], text: str, variables: Mapping[str, Scalar]) -> str:
    if token.group() == "$$":
        if text.startswith("{" + REFERENCE_PREFIX, token.end()):
            message = "a reference to a monitor can't be written out as text"
            raise VariableMistakeError("broken-variable", message, "remove one $", token.start(), 2)
        return "$"
    if not _is_variable(token):
        _require_end(token)
        return token.group()
    return as_text(_look_up(token, variables))


def as_text(value: Scalar) -> str:
    """How a variable's value is written inside a longer text: 100, 0.5, true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _require_end(token: re.Match[str]) -> None:
    if token.group(2):
        return
    hint = "close it with }, or write $$ for a dollar sign"
    message = "a variable begins here and is never closed"
    raise VariableMistakeError("broken-variable", message, hint, token.start(), len(token.group()))


def _look_up(token: re.Match[str], variables: Mapping[str, Scalar]) -> Scalar:
    _require_end(token)
    name = token.group(1).strip()
    place = (token.start(), len(token.group()))
    if not NAME.fullmatch(name):
        hint = "a name has letters, digits and _; write $$ for a dollar sign"
        raise VariableMistakeError("broken-variable", f"{name!r} is no variable's name", hint, *place)
    if name not in variables:
        near = get_close_matches(name, variables, n=1)
        hint = (
            f"did you mean ${{{near[0]}}}?" if near else "declare it under `variables`, or write $$ for a dollar sign"
        )
        raise VariableMistakeError("undefined-variable", f"the variable {name} isn't defined", hint, *place)
    value = variables[name]
    if value is None:
        hint = f"give it one: --var {name}=..., or the environment variable DDGUARD_VAR_{name.upper()}"
        raise VariableMistakeError("variable-without-value", f"the variable {name} has no value", hint, *place)
    return value


@dataclass(frozen=True, slots=True)
class Filled:
    """A document's value with variables filled in. Places in `mistaken` couldn't be; they keep their text."""

    value: Json
    shifts: Mapping[Path, Shift]
    findings: tuple[Finding, ...]
    mistaken: frozenset[Path]


def fill_document(value: Json, source: Source, variables: Mapping[str, Scalar], skip: frozenset[str]) -> Filled:
    """Fills the variables into every text of a document, the top-level keys in `skip` aside."""
    shifts: dict[Path, Shift] = {}
    findings: list[Finding] = []
    mistaken: set[Path] = set()

    def filled(part: Json, path: Path) -> Json:
        if isinstance(part, str):
            return filled_text(part, path)
        if isinstance(part, dict):
            return {
                key: inner if not path and key in skip else filled(inner, (*path, key)) for key, inner in part.items()
            }
        if isinstance(part, list):
            return [filled(inner, (*path, index)) for index, inner in enumerate(part)]
        return part

    def filled_text(text: str, path: Path) -> Json:
        try:
            result, shift = fill_text(text, variables)
        except VariableMistakeError as mistake:
            position = source.at(path, mistake.offset, mistake.width)
            code = CODES[mistake.check]
            findings.append(Finding(position, code, mistake.check, Severity.ERROR, str(mistake), mistake.hint))
            mistaken.add(path)
            return text
        if shift is not None:
            shifts[path] = shift
        return result

    return Filled(filled(value, ()), shifts, tuple(findings), frozenset(mistaken))


class OverrideError(ValueError):
    """A variable given from outside can't stand for what the project declares."""


def override(name: str, text: str, declared: Mapping[str, Scalar]) -> Scalar:
    """The value of a variable given as text (`--var`, environment), in the type of the declared one.

    A variable that is declared nowhere, or without a value, takes the type that its text has in YAML.
    """
    value = scalar_from_text(text)
    known = declared.get(name)
    if isinstance(known, str):
        return text
    if isinstance(known, bool) and not isinstance(value, bool):
        raise OverrideError(f"the variable {name} takes true or false, not {text!r}")
    if isinstance(known, (int, float)) and not isinstance(known, bool) and not _is_number(value):
        raise OverrideError(f"the variable {name} takes a number, not {text!r}")
    return text if value is None else value


def _is_number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def environment_overrides(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Name (lower case) and text of every `DDGUARD_VAR_NAME`."""
    for key, text in environ.items():
        if key.startswith("DDGUARD_VAR_") and len(key) > len("DDGUARD_VAR_"):
            yield key.removeprefix("DDGUARD_VAR_"), text
