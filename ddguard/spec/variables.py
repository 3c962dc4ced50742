"""`${name}` and `$$`: filling variables into the values of a document, and finding the way back to its characters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ddguard.findings import Finding, Severity
from ddguard.model import BRACED_MONITOR, MONITOR_REFERENCE, Json, Path, Scalar, Source
from ddguard.spec.shifts import Piece, Shift
from ddguard.spec.values import scalar_from_text
from ddguard.spec.wording import quoted

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLAIN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
TOKEN = re.compile(r"(?:\$\$)+|\$\{([^{}\n]*)(\}?)")
REFERENCE_PREFIX = "monitor:"
AFTER_DOLLARS = re.compile(BRACED_MONITOR)
LONGEST_REFERENCE = 200
"""More characters than a reference has: an id has 180 at most."""


class VariableMistakeError(ValueError):
    """A text refers to a variable in a way that can't be filled in."""

    def __init__(self, check: str, message: str, hint: str, offset: int, width: int) -> None:
        super().__init__(message)
        self.check = check
        self.hint = hint
        self.offset = offset
        self.width = width


CODES = {"undefined-variable": "DDG020", "broken-variable": "DDG021", "variable-without-value": "DDG022"}


def fill_text(text: str, variables: Mapping[str, Scalar]) -> tuple[Scalar, Shift]:
    """The text with its variables filled in, of the variable's own type where the text is just one `${name}`.

    `${monitor:ID}` stays as it is, and so does `$${monitor:ID}`, the same as text: where the numbers are known they
    are told apart. So a dollar sign of a variable's value is written twice before either. The shift leads from the
    filled text back to this one. The first mistake in the text is raised as a VariableMistakeError.
    """
    value, mistakes = _fill(text, variables)
    if mistakes:
        raise mistakes[0]
    return value, shift_of(text, variables)


def shift_of(text: str, variables: Mapping[str, Scalar]) -> Shift:
    """The way from a text with variables filled in back to the text before."""
    return Shift(_pieces(text, variables)[0])


def _fill(text: str, variables: Mapping[str, Scalar]) -> tuple[Scalar, list[VariableMistakeError]]:
    """As `fill_text`, and every mistake in the text: nothing comes in the place of what is mistaken."""
    plain = _filled_plainly(text, variables)
    if plain is not None:
        return plain, []
    alone = TOKEN.fullmatch(text)
    if alone:
        value, mistake = _replacement_or_mistake(alone, variables)
        return value, [mistake] if mistake else []
    pieces, mistakes = _pieces(text, variables)
    return "".join(piece.filled for piece in pieces), mistakes


def _filled_plainly(text: str, variables: Mapping[str, Scalar]) -> Scalar | None:
    """The filled text where all in it are variables that have a value, and no further dollar sign: as in most texts."""
    parts: list[str] = PLAIN.split(text)
    for place in range(1, len(parts), 2):
        value = variables.get(parts[place])
        if value is None:
            return None
        if parts == ["", parts[place], ""]:
            return value
        parts[place] = as_text(value)
    filled = "".join(parts)
    return None if "$" in filled else filled


def _pieces(text: str, variables: Mapping[str, Scalar]) -> tuple[list[Piece], list[VariableMistakeError]]:
    """The filled text in pieces, and every mistake in it."""
    pieces: list[Piece] = []
    mistakes: list[VariableMistakeError] = []
    position = 0
    for token in TOKEN.finditer(text):
        start, end = token.span()
        value, mistake = _replacement_or_mistake(token, variables)
        mistakes += [mistake] if mistake else []
        pieces.append(Piece(text[position:start], position, start, copied=True))
        pieces.append(Piece(as_text(value), start, end, copied=False))
        position = end
    pieces.append(Piece(text[position:], position, len(text), copied=True))
    return _with_dollars_as_text(pieces), mistakes


def _with_dollars_as_text(pieces: list[Piece]) -> list[Piece]:
    """The pieces with two dollar signs for each that stands before `{monitor:ID}` or a reference and is none's."""
    found: list[Piece] = []
    after = ""
    for piece in reversed(pieces):
        rest = piece.filled.rstrip("$")
        dollars = piece.filled[len(rest) :]
        twice = dollars and not piece.copied and AFTER_DOLLARS.match(after)
        found.append(replace(piece, filled=rest + dollars * 2) if twice else piece)
        after = (piece.filled + after).lstrip("$")[:LONGEST_REFERENCE]
    return found[::-1]


def _replacement_or_mistake(
    token: re.Match[str], variables: Mapping[str, Scalar]
) -> tuple[Scalar, VariableMistakeError | None]:
    try:
        return _replacement(token, variables), None
    except VariableMistakeError as mistake:
        return "", mistake


def _is_variable(token: re.Match[str]) -> bool:
    return token[1] is not None and not token[1].startswith(REFERENCE_PREFIX)


def _replacement(token: re.Match[str], variables: Mapping[str, Scalar]) -> Scalar:
    """What comes in the place of a row of `$$`, of one `${name}` or `${monitor:ID}`."""
    if _is_variable(token):
        return _look_up(token, variables)
    if token[1] is None:
        return token.group()[::2]
    _require_end(token)
    if not MONITOR_REFERENCE.fullmatch(token.group()):
        name = token[1].removeprefix(REFERENCE_PREFIX)
        hint = "an id has lower-case letters, digits, _, . and -, and no blanks around it"
        place = (token.start(), len(token.group()))
        raise VariableMistakeError("broken-variable", f"{quoted(name)} is no monitor's id", hint, *place)
    return token.group()


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
        raise VariableMistakeError("broken-variable", f"{quoted(name)} is no variable's name", hint, *place)
    if name not in variables:
        near = get_close_matches(name, variables, n=1)
        hint = f"did you mean ${{{near[0]}}}?" if near else "declare it under `variables`; write $$ for a dollar sign"
        raise VariableMistakeError("undefined-variable", f"the variable {name} isn't defined", hint, *place)
    value = variables[name]
    if value is None:
        hint = f"give it one: --var {name}=..., or the environment variable DDGUARD_VAR_{name.upper()}"
        raise VariableMistakeError("variable-without-value", f"the variable {name} has no value", hint, *place)
    return value


@dataclass(frozen=True, slots=True)
class Filled:
    """A document's value with variables filled in. The texts at `mistaken` couldn't be, or only in part."""

    value: Json
    findings: tuple[Finding, ...]
    mistaken: frozenset[Path]


def fill_document(value: Json, source: Source, variables: Mapping[str, Scalar], skip: frozenset[str]) -> Filled:
    """Fills the variables into every text of a document, the top-level keys in `skip` aside."""
    findings: list[Finding] = []
    mistaken: set[Path] = set()

    def filled(part: Json, path: Path) -> Json:
        if isinstance(part, str):
            return filled_text(part, path) if "$" in part else part
        if isinstance(part, dict):
            return {key: filled(inner, (*path, key)) for key, inner in part.items()}
        if isinstance(part, list):
            return [filled(inner, (*path, index)) for index, inner in enumerate(part)]
        return part

    def filled_text(text: str, path: Path) -> Json:
        result, mistakes = _fill(text, variables)
        for mistake in mistakes:
            position = source.at(path, mistake.offset, mistake.width)
            code = CODES[mistake.check]
            findings.append(Finding(position, code, mistake.check, Severity.ERROR, str(mistake), mistake.hint))
            mistaken.add(path)
        return result

    whole = {key: part if key in skip else filled(part, (key,)) for key, part in value.items()}
    return Filled(whole, tuple(findings), frozenset(mistaken))


class OverrideError(ValueError):
    """A variable given from outside can't stand for what the project declares."""


def override(name: str, text: str, declared: Mapping[str, Scalar]) -> Scalar:
    """The value of a variable given as text (`--var`, environment), in the type of the declared one.

    A variable that is declared nowhere, or without a value, takes the type that its text has in YAML.
    """
    if "${" in text:
        raise OverrideError(f"the variable {name} refers to a variable: a value is taken as it is")
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
