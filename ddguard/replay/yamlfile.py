"""Series from YAML: the `series` list of a test file, alone, under its key, or in a file with one test."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ddguard.findings import Position
from ddguard.model import Json, Path
from ddguard.replay.cases import DEFAULT_INTERVAL, DEFAULT_START, seconds
from ddguard.replay.entries import Clock, read_entries
from ddguard.replay.findings import Complaints
from ddguard.replay.series import LATEST, Reading, SeriesSet
from ddguard.spec.documents import Document, read_documents

ENDINGS = (".yaml", ".yml")


class _OddFileError(Exception):
    """Why a document is no list of series, and the path of the part that is meant."""

    def __init__(self, message: str, path: Path, hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def looks_like_yaml(text: str) -> bool:
    """Whether the first line that says something is a list's or a key's."""
    lines = (line.strip() for line in text.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith("-") or first.partition(":")[0] in {"series", "tests", "start", "interval", "duration"}


def read_yaml(text: str, path: str) -> Reading:
    """The series of a YAML file. `start`, `interval` and `duration` may stand beside `series`, as in a test."""
    documents, findings = read_documents(path, text)
    complaints = Complaints(path)
    if findings:
        return Reading(SeriesSet(), findings)
    document = documents[0]
    try:
        base, clock = _found(document)
    except _OddFileError as error:
        place = document.at(error.path)
        complaints.error(str(error), place.line, place.column, error.hint)
        return Reading(SeriesSet(), complaints.all())

    def places(path: Path, offset: int = 0, width: int = 0) -> Position:
        return document.at((*base, *path), offset, width)

    return read_entries(_part(document.value, base), clock, places)


def _part(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def _found(document: Document) -> tuple[Path, Clock]:
    """The path of the list of series, and when its values stand."""
    value: Json = document.value
    base: Path = ()
    if isinstance(value, list):
        return (), _clock({}, ())
    if isinstance(value, Mapping) and isinstance(value.get("tests"), list):
        value, base = _only_test(value["tests"]), ("tests", 0)
    if not isinstance(value, Mapping) or not isinstance(value.get("series"), list):
        raise _OddFileError("there is no list of series", base, "write it as in a test file: series: [...]")
    return (*base, "series"), _clock(value, base)


def _only_test(tests: list[Json]) -> Json:
    if len(tests) != 1:
        hint = "keep the series of one test in a file of their own"
        raise _OddFileError(f"the file holds {len(tests)} tests, each with its own series", ("tests",), hint)
    return tests[0]


def _clock(value: Mapping[str, Json], base: Path) -> Clock:
    start = _read(value, base, "start", DEFAULT_START, _second)
    interval = _read(value, base, "interval", DEFAULT_INTERVAL, seconds)
    if interval < 1:
        raise _OddFileError("interval: no time lies between two values", (*base, "interval"))
    duration = _read(value, base, "duration", "", seconds) if "duration" in value else None
    return Clock(start, interval, None if duration is None else duration // interval + 1)


def _read(value: Mapping[str, Json], base: Path, key: str, default: str, read: Callable[[str], int]) -> int:
    try:
        return read(str(value.get(key, default)))
    except ValueError as error:
        raise _OddFileError(f"{key}: {error}", (*base, key)) from None


def _second(text: str) -> int:
    moment = datetime.fromisoformat(text)
    second = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if not 0 <= second <= LATEST:
        raise ValueError(f"{text} doesn't lie between 1970 and 9998")
    return second
