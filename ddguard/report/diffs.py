"""The fields of a change, ready to be shown: what stands where before and after, as harmless texts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from ddguard.model import Json, Path
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Action, Change
from ddguard.report.escape import printable, printable_line

CONTEXT_LINES = 2
LONGEST_VALUE = 400
LEFT_OUT = "..."

Line = tuple[str, str]
"""A sign (`-` taken away, `+` added, a blank for context) and the line that it is about."""


class Detail(Enum):
    """How much of long values is shown."""

    USUAL = "cut"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Shown:
    """One field: `before` and `after` on one line each (`before` is empty for a new object), or `lines`."""

    path: str
    before: str = ""
    after: str = ""
    lines: tuple[Line, ...] = ()


def shown_fields(change: Change, detail: Detail = Detail.USUAL) -> Iterator[Shown]:
    """Every field of a change; for a new object each value inside its mappings by itself."""
    for field in change.fields:
        if change.action is Action.CREATE:
            yield from _new(field.path, field.after, detail)
        else:
            yield _changed(field, detail)


def _new(path: Path, value: Json, detail: Detail) -> Iterator[Shown]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _new((*path, key), inner, detail)
    elif _has_lines(value):
        yield Shown(path_text(path), lines=tuple(line_diff("", value)))
    else:
        yield Shown(path_text(path), after=value_text(value, detail))


def _changed(field: FieldChange, detail: Detail) -> Shown:
    before, after = field.before, field.after
    if _has_lines(before) or _has_lines(after):
        return Shown(path_text(field.path), lines=tuple(line_diff(_as_lines(before), _as_lines(after))))
    if _is_text_list(before) and _is_text_list(after):
        return Shown(path_text(field.path), lines=tuple(_set_diff(before, after)))
    return Shown(path_text(field.path), value_text(before, detail), value_text(after, detail))


def path_text(path: Path) -> str:
    """`options.thresholds.critical`."""
    return printable_line(".".join(str(part) for part in path))


def value_text(value: Json, detail: Detail = Detail.USUAL) -> str:
    """A value on one line: a text as it is, all else as JSON writes it; `(none)` where there is nothing."""
    if value is ABSENT:
        return "(none)"
    is_clear = isinstance(value, str) and value != "" and value.strip() == value
    text = printable_line(value if is_clear else json.dumps(_plain(value), ensure_ascii=False))
    if len(text) <= LONGEST_VALUE or detail is Detail.WHOLE:
        return text
    return f"{text[:LONGEST_VALUE]}... ({len(text)} characters)"


def _plain(value: Json) -> Json:
    """The value with 100.0 written as 100: Datadog answers with floats where it was sent integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _has_lines(value: Json) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _as_lines(value: Json) -> str:
    if value is ABSENT or value is None:
        return ""
    return value if isinstance(value, str) else value_text(value)


def _is_text_list(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, str) for entry in value)


def _set_diff(before: list[str], after: list[str]) -> Iterator[Line]:
    """What a list of texts loses and gains; their order says nothing, unless it is all that differs."""
    lost, gained = [one for one in before if one not in after], [one for one in after if one not in before]
    if not lost and not gained:
        lost, gained = before, after
    yield from (("-", printable_line(entry)) for entry in lost)
    yield from (("+", printable_line(entry)) for entry in gained)


def line_diff(before: str, after: str) -> Iterator[Line]:
    """What a text loses and gains, with some lines around; `...` stands for what is left out."""
    old, new = _lines(before), _lines(after)
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES))
    for place, group in enumerate(groups):
        if place or group[0][1] > 0:
            yield " ", LEFT_OUT
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from ((" ", line) for line in old[old_start:old_end])
                continue
            yield from (("-", line) for line in old[old_start:old_end])
            yield from (("+", line) for line in new[new_start:new_end])
    if groups and groups[-1][-1][2] < len(old):
        yield " ", LEFT_OUT


def _lines(text: str) -> list[str]:
    return printable(text).rstrip("\n").split("\n") if text else []
