"""Test files: each test is a monitor, made-up series, and what must come of them. Reading them needs no numpy."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from ddguard.errors import DdguardError, UsageError
from ddguard.findings import Finding, Position, Severity
from ddguard.model import EMPTY, Json, Path, Project
from ddguard.replay.mistaken import mistakes_by_monitor
from ddguard.replay.scopes import parse_scope
from ddguard.replay.settings import BY_NAME as ASSUMPTIONS_BY_NAME
from ddguard.replay.settings import check_assumptions
from ddguard.spec.documents import Document
from ddguard.spec.durations import parse_duration
from ddguard.spec.fastcheck import schema_findings
from ddguard.spec.load import UNREADABLE, Specs
from ddguard.spec.project import chosen_environment, variable_findings

DEFAULT_START = "2026-01-05T00:00:00Z"
DEFAULT_INTERVAL = "1m"
EARLIEST, LATEST = 1970, 2999
"""The years in which a test may start. Series hold no points before them, and a century fits after them."""
USED_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")


class Telling(NamedTuple):
    """What is wrong at a path inside a test, or with the key at its end (`of_key`), and a hint (may be empty)."""

    path: Path
    message: str
    hint: str = ""
    of_key: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a test file: `value` is its part of the document, `place` its number in the list."""

    document: Document
    place: int
    value: Mapping[str, Json]

    @property
    def name(self) -> str:
        """What is tested, as a sentence."""
        return str(self.value["name"])

    @property
    def monitor(self) -> str:
        """The id of the monitor that is tested."""
        return str(self.value["monitor"])

    @property
    def start(self) -> int:
        """The second since the epoch at which the first value of each series stands."""
        return int(datetime.fromisoformat(self.value.get("start") or DEFAULT_START).timestamp())

    @property
    def interval(self) -> int:
        """Seconds between two values of a series."""
        return seconds(self.value.get("interval") or DEFAULT_INTERVAL)

    @property
    def duration(self) -> int | None:
        """Seconds that the test runs; None if its series tell."""
        return seconds(self.value["duration"]) if "duration" in self.value else None

    @property
    def position(self) -> Position:
        """Where the test stands."""
        return self.at("name")

    def at(self, *path: str | int, offset: int = 0, width: int = 0) -> Position:
        """Where a part of the test stands, or some characters of a text in it."""
        return self.document.at(("tests", self.place, *path), offset, width)

    def key_at(self, *path: str | int) -> Position:
        """Where the key at the end of a path in the test stands."""
        return self.document.key_at(("tests", self.place, *path))


def seconds(text: str) -> int:
    """The seconds that a length of time such as `90s` or `1h30m` lasts."""
    return int(parse_duration(text).total_seconds())


def cases_of(documents: Sequence[Document]) -> Iterator[Case]:
    """Every test of the test files, in order. The documents have passed their schema."""
    for document in documents:
        for place, value in enumerate(document.value["tests"]):
            yield Case(document, place, value)


@dataclass(frozen=True, slots=True)
class Known:
    """What the tests of a project may name. `monitors` and `variables` are None if some specs or their ids are unknown.

    `mistakes` has the first error of each monitor that can't be tested for it: its own, or that of one that it needs.
    """

    monitors: frozenset[str] | None
    downtimes: frozenset[str]
    project: Project
    variables: frozenset[str] | None
    mistakes: Mapping[str, Finding] = field(default_factory=lambda: EMPTY)


def known_names(specs: Specs) -> Known:
    """What the tests of a project may name; of all its specs, those with mistakes included."""
    kinds = {one.value.get("id"): one.value.get("kind", "monitor") for one in specs.documents if _is_spec(one)}
    unread = any(finding.code in UNREADABLE for finding in specs.findings)
    unnamed = not all(_is_spec(one) for one in specs.documents)
    return Known(
        None if unread or unnamed else frozenset(name for name, kind in kinds.items() if kind == "monitor"),
        frozenset(name for name, kind in kinds.items() if kind == "downtime"),
        specs.project,
        None if unread else frozenset(_variables(specs)),
        mistakes_by_monitor(specs),
    )


def _is_spec(document: Document) -> bool:
    return isinstance(document.value, dict) and isinstance(document.value.get("id"), str)


def _variables(specs: Specs) -> Iterator[str]:
    """Every variable that is declared or used anywhere in the project."""
    yield from specs.project.variables
    for environment in specs.project.environments.values():
        yield from environment.variables
    for document in specs.documents:
        own = document.value.get("variables") if isinstance(document.value, dict) else None
        yield from own if isinstance(own, dict) else ()
    for path in {document.path for document in specs.documents}:
        yield from USED_VARIABLE.findall(specs.texts.get(path, ""))


def sound_cases(specs: Specs) -> list[Case]:
    """The tests that have no mistake by themselves, also those beside one that has; none out of broken YAML."""
    broken = {finding.position.path for finding in specs.findings if finding.severity is Severity.ERROR}
    return [case for document in specs.tests for case in _sound_in(document, is_broken=document.path in broken)]


def _sound_in(document: Document, *, is_broken: bool) -> Iterator[Case]:
    if not is_broken:
        yield from cases_of([document])
        return
    tests = document.value.get("tests") if isinstance(document.value, dict) and not document.faults else None
    for place, value in enumerate(tests if isinstance(tests, list) else ()):
        if not schema_findings("test", {"tests": [value]}, document, frozenset()):
            yield Case(document, place, value)


def findings_of_tests(specs: Specs) -> tuple[Finding, ...]:
    """What is wrong with the tests of a project beyond their schema; those that break it are left out."""
    sound = sound_cases(specs)
    known = known_names(specs) if sound else None
    return tuple(finding for case in sound if known for finding in case_findings(case, known))


def case_findings(case: Case, known: Known) -> Iterator[Finding]:
    """Why a test can't mean what it says: what it names isn't there, or its parts don't go together."""
    yield from _names(case, known)
    declared = case.value.get("variables") or {}
    yield from variable_findings(declared, case.document, ("tests", case.place, "variables"))
    timing = tuple(_times(case)) or (*_lengths(case), *_downtimes(case))
    for one in (*_assumptions(case), *_unused(case, known), *timing, *_silenced(case)):
        place = case.key_at(*one.path) if one.of_key else case.at(*one.path)
        yield Finding(place, "DDG040", "unfit-test", Severity.ERROR, one.message, one.hint)


def _names(case: Case, known: Known) -> Iterator[Finding]:
    if known.monitors is not None and case.monitor not in known.monitors:
        yield _no_monitor(case, known.monitors, known.downtimes)
    if "environment" in case.value:
        try:
            chosen_environment(known.project, case.value["environment"])
        except UsageError as error:
            place = case.at("environment")
            yield Finding(place, "DDG014", "unknown-environment", Severity.ERROR, error.message, error.hint)


def _no_monitor(case: Case, monitors: Collection[str], downtimes: Collection[str]) -> Finding:
    is_downtime = case.monitor in downtimes
    message = f"{case.monitor!r} is a downtime" if is_downtime else f"there is no monitor with the id {case.monitor!r}"
    hint = near(case.monitor, monitors) or "a test names the id of a monitor in this project"
    return Finding(case.at("monitor"), "DDG030", "dangling-reference", Severity.ERROR, message, hint)


def near(name: str, known: Collection[str]) -> str:
    """`did you mean X?`, empty if nothing known is like the name."""
    found = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {found[0]}?" if found else ""


def _assumptions(case: Case) -> Iterator[Telling]:
    for name, choice in (case.value.get("assume") or {}).items():
        try:
            check_assumptions({str(name): str(choice)})
        except DdguardError as error:
            yield Telling(("assume", name), error.message, error.hint, of_key=name not in ASSUMPTIONS_BY_NAME)


def _unused(case: Case, known: Known) -> Iterator[Telling]:
    for name in case.value.get("variables") or {}:
        if known.variables is not None and name not in known.variables and name != "env":
            hint = near(name, known.variables) or "a test gives values to variables that ddguard.yaml or a spec names"
            yield Telling(("variables", name), f"no spec uses the variable {name}", hint, of_key=True)


def _times(case: Case) -> Iterator[Telling]:
    """The start and the lengths of time that fit their schema and still say nothing."""
    message = _odd_start(case)
    if message:
        yield Telling(("start",), message)
    for path, text in _texts_of_lengths(case):
        try:
            parse_duration(text)
        except ValueError as error:
            yield Telling(path, str(error), "is a unit wrong somewhere?")


def _odd_start(case: Case) -> str:
    text = case.value.get("start") or DEFAULT_START
    try:
        year = datetime.fromisoformat(text).year
    except ValueError:
        return f"the calendar has no {text}"
    return "" if EARLIEST <= year <= LATEST else f"a test starts between {EARLIEST} and {LATEST}, not in {year}"


def _texts_of_lengths(case: Case) -> Iterator[tuple[Path, str]]:
    """Every length of time in a test, with its path."""
    for key in ("interval", "duration"):
        if key in case.value:
            yield (key,), case.value[key]
    for place, entry in enumerate(case.value.get("downtimes") or ()):
        yield from ((("downtimes", place, key), entry[key]) for key in ("from", "to") if key in entry)
    for place, expectation in enumerate(case.value["expect"]):
        if "at" in expectation:
            yield ("expect", place, "at"), expectation["at"]
        for key in ("transitions", "notifications"):
            for number, one in enumerate(expectation.get(key) or ()):
                yield ("expect", place, key, number, "at"), one["at"]


def _lengths(case: Case) -> Iterator[Telling]:
    if case.duration is not None:
        return
    for place, entry in enumerate(case.value["series"]):
        if "length" not in entry.get("generate", {"length": 1}):
            hint = "such as length: 180, or duration: 3h for the test"
            yield Telling(("series", place, "generate"), "nothing tells how many values to generate", hint)
    if not case.value["series"]:
        message = "without any series nothing tells how long the test runs"
        yield Telling(("series",), message, "give the test a duration")


def _downtimes(case: Case) -> Iterator[Telling]:
    for place, entry in enumerate(case.value.get("downtimes") or ()):
        path = ("downtimes", place)
        try:
            parse_scope(entry["scope"])
        except DdguardError as error:
            yield Telling((*path, "scope"), error.message, error.hint)
        if "to" in entry and seconds(entry["to"]) <= seconds(entry["from"]):
            yield Telling((*path, "to"), f"the downtime ends at {entry['to']}, but begins at {entry['from']}")


def _silenced(case: Case) -> Iterator[Telling]:
    scopes = [entry["scope"] for entry in case.value.get("downtimes") or ()]
    for place, expectation in enumerate(case.value["expect"]):
        wanted = expectation.get("downtime")
        if wanted is not None and wanted not in scopes:
            hint = near(wanted, scopes) or "name the scope of one of the test's downtimes, letter by letter"
            yield Telling(("expect", place, "downtime"), f"the test has no downtime with the scope {wanted!r}", hint)
