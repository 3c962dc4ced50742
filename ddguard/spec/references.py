"""References between specs: `${monitor:ID}` and a downtime's `monitor`: dangling ones and circles."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from ddguard.findings import Finding, Severity
from ddguard.model import MONITOR_REFERENCE, Json, Path, monitors_referred_to
from ddguard.spec.build import Built


def reference_findings(built: Sequence[Built], *, all_read: bool) -> list[Finding]:
    """What is wrong with references. Unless all files could be read, an id that isn't there may still exist."""
    named = [one for one in built if one.id is not None and isinstance(one.value, dict)]
    monitors = {str(one.id): one for one in named if one.value.get("kind", "monitor") == "monitor"}
    findings = list(_circles(monitors))
    if all_read:
        for one in built:
            findings += _dangling(one, monitors)
    return findings


def _dangling(one: Built, monitors: Mapping[str, Built]) -> Iterator[Finding]:
    for path, offset, width, name in _references(one.value):
        if name not in monitors:
            near = get_close_matches(name, monitors, n=1)
            hint = f"did you mean {near[0]}?" if near else "a reference names the id of a monitor in this project"
            message = f"there is no monitor with the id {name!r}"
            position = one.document.at(path, offset, width)
            yield Finding(position, "DDG030", "dangling-reference", Severity.ERROR, message, hint)


def _references(value: Json) -> Iterator[tuple[Path, int, int, str]]:
    """Path of the text, offset and width in it, and the id of each reference."""
    for path, text in _texts(value, ()):
        for found in MONITOR_REFERENCE.finditer(text):
            yield path, found.start(), len(found.group()), found.group(1)
    target = value.get("monitor_identifier") if isinstance(value, dict) else None
    if isinstance(target, dict) and isinstance(target.get("monitor"), str):
        yield ("monitor_identifier", "monitor"), 0, 0, target["monitor"]


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and "${" in value:
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _circles(monitors: Mapping[str, Built]) -> Iterator[Finding]:
    """One finding for each circle of references, at its first member in file order."""
    needs = {
        name: sorted(monitors_referred_to(one.value) & monitors.keys() if isinstance(one.value, dict) else ())
        for name, one in monitors.items()
    }
    told: set[str] = set()
    for name, one in monitors.items():
        circle = _circle_from(name, needs)
        if circle and not told.intersection(circle):
            told.update(circle)
            path, offset, width, _ = next(place for place in _references(one.value) if place[3] == circle[1])
            message = f"a circle of references: {' -> '.join(circle)}"
            hint = "Datadog needs one of them first: break the circle"
            position = one.document.at(path, offset, width)
            yield Finding(position, "DDG031", "circular-reference", Severity.ERROR, message, hint)


def _circle_from(start: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest way from an id back to itself, both ends named; empty where there is none."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        for name in needs[way[-1]]:
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
