"""References between specs: `${monitor:ID}` and a downtime's `monitor`: dangling ones and circles."""

from collections.abc import Iterator, Mapping, Sequence

from ddguard.findings import Finding, Severity
from ddguard.model import Json, Path, monitors_referred_to, references_in
from ddguard.spec.build import Built
from ddguard.spec.wording import did_you_mean, quoted


def reference_findings(built: Sequence[Built], *, all_known: bool) -> list[Finding]:
    """What is wrong with references. Unless all files are read and all specs have an id, one may still exist."""
    kinds = {str(one.id): one.value.get("kind", "monitor") for one in reversed(built) if one.id is not None}
    referring = [one for one in built if one.document.places.may_hold("monitor")]
    findings = list(_circles({str(one.id): one for one in reversed(referring) if one.id is not None}))
    if all_known:
        findings += [finding for one in referring for finding in _dangling(one, kinds)]
    return findings


def _dangling(one: Built, kinds: Mapping[str, Json]) -> Iterator[Finding]:
    for path, offset, width, name in _references(one.value):
        if kinds.get(name) != "monitor":
            message, hint = f"there is no monitor with the id {quoted(name)}", did_you_mean(name, _monitors(kinds))
            if name in kinds:
                message = f"{quoted(name)} is the id of a downtime, and a monitor is needed"
            hint = hint or "a reference names the id of a monitor in this project"
            position = one.document.at(path, offset, width)
            yield Finding(position, "DDG030", "dangling-reference", Severity.ERROR, message, hint)


def _monitors(kinds: Mapping[str, Json]) -> list[str]:
    return [name for name, kind in kinds.items() if kind == "monitor"]


def _references(value: Json) -> Iterator[tuple[Path, int, int, str]]:
    """Path of the text, offset and width in it, and the id of each reference."""
    for path, text in _texts(value, ()):
        for found in references_in(text):
            yield path, found.start, found.end - found.start, found.id
    target = value.get("monitor_identifier") if isinstance(value, dict) else None
    if isinstance(target, dict) and isinstance(target.get("monitor"), str):
        yield ("monitor_identifier", "monitor"), 0, 0, target["monitor"]


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _circles(referring: Mapping[str, Built]) -> Iterator[Finding]:
    """One finding for each circle of references, at its first member in file order."""
    needs = _knotted({name: sorted(monitors_referred_to(one.value)) for name, one in referring.items()})
    told: set[str] = set()
    for name in reversed(needs):
        circle = _circle_from(name, needs)
        if circle and not told.intersection(circle):
            told.update(circle)
            one = referring[name]
            path, offset, width, _ = next(place for place in _references(one.value) if place[3] == circle[1])
            message = f"a circle of references: {' -> '.join(circle)}"
            hint = "Datadog needs one of them first: break the circle"
            position = one.document.at(path, offset, width)
            yield Finding(position, "DDG031", "circular-reference", Severity.ERROR, message, hint)


def _knotted(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Only those ids that are part of a circle or lead to one: all others can be created one after the other."""
    rest = {name: {other for other in others if other in needs} for name, others in needs.items()}
    needed_by: dict[str, list[str]] = {}
    for name, others in rest.items():
        for other in others:
            needed_by.setdefault(other, []).append(name)
    free = [name for name, others in rest.items() if not others]
    for name in free:
        for other in needed_by.get(name, ()):
            rest[other].discard(name)
            if not rest[other]:
                free.append(other)
    return {name: sorted(others) for name, others in rest.items() if others}


def _circle_from(start: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest way from an id back to itself, both ends named; empty where there is none."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        for name in needs[way[-1]]:
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
