"""Test files: each test is a monitor, made-up series, and what must come of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from ddguard.errors import DdguardError
from ddguard.findings import Position
from ddguard.model import Json, Monitor, Path, Scalar, Stack, monitors_referred_to
from ddguard.payload import monitor_request
from ddguard.replay.downtimes import Silence, silence
from ddguard.replay.entries import Clock, read_entries
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.expectations import Mismatch, Moment, mismatches
from ddguard.replay.generate import generate_values
from ddguard.replay.notation import parse_values
from ddguard.replay.outcome import Replay
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import Settings, check_assumptions
from ddguard.spec.documents import Document
from ddguard.spec.durations import parse_duration

DEFAULT_START = "2026-01-05T00:00:00Z"
MONTHS_OF_ROUNDS = 40 * 24 * 3600
"""A test that runs longer than this (in seconds) has lost a unit somewhere."""

MonitorsAs = Callable[[str | None, Mapping[str, Scalar]], Mapping[str, Monitor]]
"""The project's monitors by id in an environment (None: the run's own) with some variables given."""


class Outcome(StrEnum):
    """How a test ended. An error is a test that could not be run as it is written."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


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
    def position(self) -> Position:
        """Where the test stands."""
        return self.document.at(("tests", self.place, "name"))

    def at(self, *path: str | int) -> Position:
        """Where a part of the test stands."""
        return self.document.at(("tests", self.place, *path))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A test and how it ended. `error` tells why it could not be run; `replay` is there if it could."""

    case: Case
    outcome: Outcome
    mismatches: tuple[Mismatch, ...] = ()
    error: str = ""
    error_at: Position | None = None
    replay: Replay | None = None
    monitor: Monitor | None = None


class _UnfitCaseError(Exception):
    """The test can't be run as it is written."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.position = position


def cases_of(documents: Sequence[Document]) -> Iterator[Case]:
    """Every test of the test files, in order. The documents have passed their schema."""
    for document in documents:
        for place, value in enumerate(document.value["tests"]):
            yield Case(document, place, value)


def run_case(case: Case, project: str, environment: str, monitors_as: MonitorsAs) -> CaseResult:
    """Runs one test. `environment` is the run's own; a test may name another."""
    try:
        monitor, replay, moment = _replayed(case, project, environment, monitors_as)
        found = tuple(_all_mismatches(case, replay, moment))
    except _UnfitCaseError as error:
        return CaseResult(case, Outcome.ERROR, error=str(error), error_at=error.position)
    except DdguardError as error:
        return CaseResult(case, Outcome.ERROR, error=error.message, error_at=case.at("monitor"))
    outcome = Outcome.FAILED if found else Outcome.PASSED
    return CaseResult(case, outcome, found, replay=replay, monitor=monitor)


def _replayed(case: Case, project: str, environment: str, monitors_as: MonitorsAs) -> tuple[Monitor, Replay, Moment]:
    value = case.value
    monitors = monitors_as(value.get("environment"), value.get("variables") or {})
    monitor = monitors.get(case.monitor)
    if monitor is None:
        raise _UnfitCaseError(f"there is no sound monitor with the id {case.monitor!r}", case.at("monitor"))
    start = int(datetime.fromisoformat(value.get("start") or DEFAULT_START).timestamp())
    moment = Moment(start, monitor)
    interval = _seconds(value.get("interval") or "1m")
    length = _seconds(value["duration"]) // interval + 1 if "duration" in value else None
    last = start + (_longest(case, length) - 1) * interval
    if last - start > MONTHS_OF_ROUNDS:
        raise _UnfitCaseError("the test runs longer than 40 days", case.position)
    series = _series(case, Clock(start, interval, length))
    run = Run(start, last, _settings(case), _silences(case, start, last))
    stack = Stack(project, str(value.get("environment") or environment))
    return monitor, _replay(monitor, monitors, series, run, stack), moment


def _seconds(text: str) -> int:
    return int(parse_duration(text).total_seconds())


def _longest(case: Case, length: int | None) -> int:
    """The number of values of the longest series, or of the test's duration where it has one."""
    if length is not None:
        return length
    lengths = [_length(entry) for entry in case.value["series"]]
    if not any(lengths):
        raise _UnfitCaseError("nothing tells how long the test runs", case.position)
    return max(lengths)


def _length(entry: Mapping[str, Json]) -> int:
    try:
        values = parse_values(entry["values"]) if "values" in entry else generate_values(entry["generate"])
    except ValueError:
        return 1
    return int(values.size)


def _series(case: Case, clock: Clock) -> SeriesSet:
    def places(path: Path, offset: int = 0, width: int = 0) -> Position:
        return case.document.at(("tests", case.place, "series", *path), offset, width)

    reading = read_entries(case.value["series"], clock, places)
    for finding in reading.findings:
        raise _UnfitCaseError(finding.message, finding.position)
    return reading.series


def _settings(case: Case) -> Settings:
    assume = {str(name): str(choice) for name, choice in (case.value.get("assume") or {}).items()}
    try:
        check_assumptions(assume)
    except DdguardError as error:
        raise _UnfitCaseError(f"{error.message}; {error.hint}", case.at("assume")) from None
    return Settings(assume=assume)


def _silences(case: Case, start: int, last: int) -> tuple[Silence, ...]:
    return tuple(_silence(entry, start, last) for entry in case.value.get("downtimes") or ())


def _silence(entry: Mapping[str, Json], start: int, last: int) -> Silence:
    """A test's downtime as the API has it, named by its scope."""
    schedule: dict[str, str] = {"start": _iso(start + _seconds(entry["from"]))}
    if "to" in entry:
        schedule["end"] = _iso(start + _seconds(entry["to"]))
    attributes: dict[str, Any] = {key: value for key, value in entry.items() if key not in {"from", "to"}}
    return silence({**attributes, "schedule": schedule}, start, last, str(entry["scope"]))


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def _replay(monitor: Monitor, monitors: Mapping[str, Monitor], series: SeriesSet, run: Run, stack: Stack) -> Replay:
    """The monitor over the series, a composite after the monitors that it combines."""
    constituents = {
        name: _replay(monitors[name], monitors, series, Run(run.first, run.last, run.settings), stack)
        for name in sorted(monitors_referred_to(monitor.definition.get("query")))
        if name in monitors
    }
    definition = monitor_request(monitor, stack, {}, _day(run.first))
    silenced = Run(run.first, run.last, run.settings, run.silences, constituents)
    return evaluate(definition, series, silenced, monitor.id)


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def _all_mismatches(case: Case, replay: Replay, moment: Moment) -> Iterator[Mismatch]:
    for place, expectation in enumerate(case.value["expect"]):
        group = expectation.get("group")
        if group is not None and replay.group(group) is None and expectation.get("absent") != "ok":
            known = ", ".join(one.group for one in replay.groups) or "none at all"
            message = f"the group {group!r} never appears; there is {known}"
            raise _UnfitCaseError(message, case.at("expect", place, "group"))
        yield from mismatches(expectation, replay, moment, case.at("expect", place))
