"""Runs tests: each over its own series, from its own start, with its own downtimes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ddguard.errors import DdguardError
from ddguard.findings import Finding, Position
from ddguard.model import Json, Monitor, Path, Stack
from ddguard.replay.cases import Case, Known, case_findings, near, seconds
from ddguard.replay.downtimes import Silence, silence
from ddguard.replay.entries import Clock, read_entries
from ddguard.replay.evaluate import Run
from ddguard.replay.expectations import Mismatch, Outlook, mismatches, moment_text
from ddguard.replay.monitors import Replayed, replay_monitor
from ddguard.replay.notation import NotationError, checked_values
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import Settings
from ddguard.replay.variants import Variants

LONGEST_TEST = 40 * 24 * 3600
"""Seconds. A test that runs longer has lost a unit somewhere."""
MOST_NAMES = 5


class Outcome(StrEnum):
    """How a test ended. An error is a test that could not be run as it is written."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A test and how it ended.

    `error` tells why it could not be run, `error_at` where that stands and `hint` (may be empty) what to do about it;
    `found` is there if it could be run.
    """

    case: Case
    outcome: Outcome
    mismatches: tuple[Mismatch, ...] = ()
    error: str = ""
    hint: str = ""
    error_at: Position | None = None
    found: Replayed | None = None


class _UnfitCaseError(Exception):
    """The test can't be run as it is written."""

    def __init__(self, message: str, position: Position, hint: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.hint = hint


def run_case(case: Case, known: Known, variants: Variants) -> CaseResult:
    """Runs one test."""
    try:
        _check_as_written(case, known)
        found = _replayed(case, variants)
        wrong = tuple(_all_mismatches(case, found))
    except _UnfitCaseError as error:
        return CaseResult(case, Outcome.ERROR, error=str(error), hint=error.hint, error_at=error.position)
    except DdguardError as error:
        return CaseResult(case, Outcome.ERROR, error=error.message, hint=error.hint, error_at=case.at("monitor"))
    return CaseResult(case, Outcome.FAILED if wrong else Outcome.PASSED, wrong, found=found)


def _check_as_written(case: Case, known: Known) -> None:
    for finding in case_findings(case, known):
        raise _UnfitCaseError(finding.message, finding.position, finding.hint)
    mistake = known.mistakes.get(case.monitor)
    if mistake is not None:
        message = f"{case.monitor} can't be tested: {_place(mistake)}: {mistake.message}"
        raise _UnfitCaseError(message, case.at("monitor"), mistake.hint)


def _place(finding: Finding) -> str:
    return f"{finding.position.path}:{finding.position.line}"


def _replayed(case: Case, variants: Variants) -> Replayed:
    monitor = _monitor(case, case.monitor, variants)
    if monitor is None:
        hint = "does it stand in a file that can't be read, or in a spec without an id?"
        raise _UnfitCaseError(f"there is no monitor with the id {case.monitor!r}", case.at("monitor"), hint)
    last = case.start + _length(case)
    _check_moments(case, last)
    length = None if case.duration is None else case.duration // case.interval + 1
    series = _series(case, Clock(case.start, case.interval, length))
    assume = {str(name): str(choice) for name, choice in (case.value.get("assume") or {}).items()}
    run = Run(case.start, last, Settings(assume=assume), _silences(case, last))
    specs = variants.specs
    stack = Stack(specs.project.name, case.value.get("environment") or specs.environment.name)
    return replay_monitor(monitor, lambda name: _monitor(case, name, variants), series, run, stack)


def _monitor(case: Case, name: str, variants: Variants) -> Monitor | None:
    """A monitor as the test's environment and variables make it; None if there is none with that id."""
    found = variants.monitor(name, case.value.get("environment"), case.value.get("variables") or {})
    if found is None or isinstance(found, Monitor):
        return found
    finding = found.findings[0]
    message = f"as this test has it, {name} has a mistake at {_place(finding)}"
    raise _UnfitCaseError(f"{message}: {finding.message}", case.at("monitor"), finding.hint)


def _length(case: Case) -> int:
    """Seconds from the start of the test to its last round."""
    length = case.duration
    if length is None:
        counts = [_count(case, place, entry) for place, entry in enumerate(case.value["series"])]
        length = (max(counts) - 1) * case.interval
    if length > LONGEST_TEST:
        raise _UnfitCaseError("the test runs longer than 40 days", case.position, "is a unit wrong somewhere?")
    return length


def _count(case: Case, place: int, entry: Mapping[str, Json]) -> int:
    """The number of values of a series, gaps included."""
    if "generate" in entry:
        return int(entry["generate"]["length"])
    try:
        return checked_values(entry["values"]).size
    except NotationError as error:
        position = case.at("series", place, "values", offset=error.offset, width=error.width)
        raise _UnfitCaseError(str(error), position) from None


def _check_moments(case: Case, last: int) -> None:
    """No state can be looked at after the end."""
    for place, expectation in enumerate(case.value["expect"]):
        if "at" in expectation and case.start + seconds(expectation["at"]) > last:
            message = f"the test ends at {moment_text(last - case.start)}, before {expectation['at']}"
            raise _UnfitCaseError(message, case.at("expect", place, "at"), "give it longer series, or a duration")


def _series(case: Case, clock: Clock) -> SeriesSet:
    def places(path: Path, offset: int = 0, width: int = 0) -> Position:
        return case.at("series", *path, offset=offset, width=width)

    reading = read_entries(case.value["series"], clock, places)
    for finding in reading.findings:
        raise _UnfitCaseError(finding.message, finding.position, finding.hint)
    return reading.series


def _silences(case: Case, last: int) -> tuple[Silence, ...]:
    return tuple(_silence(entry, case.start, last) for entry in case.value.get("downtimes") or ())


def _silence(entry: Mapping[str, Json], start: int, last: int) -> Silence:
    """A test's downtime as the API has it, named by its scope."""
    schedule = {"start": _iso(start + seconds(entry["from"]))}
    if "to" in entry:
        schedule["end"] = _iso(start + seconds(entry["to"]))
    attributes = {key: value for key, value in entry.items() if key not in {"from", "to"}}
    return silence({**attributes, "schedule": schedule}, start, last, str(entry["scope"]))


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def _all_mismatches(case: Case, found: Replayed) -> Iterator[Mismatch]:
    outlook = Outlook(found.replay, case.start, found.message)
    for place, expectation in enumerate(case.value["expect"]):
        _check_group(case, place, expectation, found)
        yield from mismatches(expectation, outlook, case.at("expect", place))


def _check_group(case: Case, place: int, expectation: Mapping[str, Json], found: Replayed) -> None:
    """A group must appear, or be one that notifications are put together for; only `never` may do without."""
    name = expectation.get("group")
    if name is None or expectation.get("absent") == "ok":
        return
    names = {group.group for group in found.replay.groups}
    if {"notifications", "suppresses"} & expectation.keys():
        names = {found.told_as(group) for group in names}
    if name not in names:
        message = f"the group {name!r} never appears; {_listed(sorted(names))}"
        raise _UnfitCaseError(message, case.at("expect", place, "group"), near(name, names))


def _listed(names: list[str]) -> str:
    if not names:
        return "there is none at all"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"there is {', '.join(names[:MOST_NAMES])}{more}"
