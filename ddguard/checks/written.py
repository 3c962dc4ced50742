"""Every text of a spec that people wrote, with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ddguard.model import Downtime, Json, Monitor, Path

WORD_END = re.compile(r"[\s{}]")

Spec = Monitor | Downtime

NAME: Path = ("name",)
MESSAGE: Path = ("message",)
ESCALATION: Path = ("options", "escalation_message")
"""Where the texts of a monitor's notifications stand."""

NO_PROSE = frozenset({"type", "restricted_roles", "schedule"})
"""Keys whose values are words of Datadog's, or ids."""


def text_at(monitor: Monitor, path: Path) -> str:
    """The text that stands at one of these places, empty without any."""
    value: Json = monitor.definition
    for key in path:
        value = value.get(key) or {}
    return str(value or "")


def texts_of(spec: Spec) -> Iterator[tuple[Path, str]]:
    """Each text of a monitor or a downtime and where it stands, reasons of ignores, allowances and holds included."""
    body = spec.definition if isinstance(spec, Monitor) else spec.attributes
    for key, value in body.items():
        if isinstance(value, str) and key not in NO_PROSE:
            yield (key,), value
        elif key not in NO_PROSE:
            yield from _texts(value, (key,))
    for place, ignore in enumerate(spec.ignore):
        yield ("ignore", place, "reason"), ignore.reason
    if isinstance(spec, Monitor):
        for place, allowance in enumerate(spec.allow):
            yield ("allow", place, "tag"), allowance.tag
            yield ("allow", place, "reason"), allowance.reason
        if spec.hold:
            yield ("hold", "reason"), spec.hold.reason


def word_before(text: str, end: int) -> str:
    """The word that ends right before a character; braces and blanks end words, and so does its hundredth character."""
    if text[end - 1 : end].isspace():
        return ""
    return WORD_END.split(text[max(0, end - 100) : end])[-1]


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts in a mapping or a list; in nothing else there are any."""
    if isinstance(value, (dict, Mapping)):
        inside: Iterable[tuple[str | int, Json]] = value.items()
    elif isinstance(value, Sequence):
        inside = enumerate(value)
    else:
        return
    for key, inner in inside:
        if isinstance(inner, str):
            yield (*path, key), inner
        elif inner is not None and not isinstance(inner, (int, float)):
            yield from _texts(inner, (*path, key))


def where(path: Path) -> str:
    """A place in words: `the message`, `options.escalation_message`, `the tags`."""
    names = [str(part) for part in path if isinstance(part, str)]
    return f"the {names[0]}" if len(names) == 1 else ".".join(names)
