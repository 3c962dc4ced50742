"""The stretch of time that a replay is about, as the command line has it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ddguard.errors import InputError, UsageError
from ddguard.replay.rounds import check_length
from ddguard.replay.series import LATEST, SeriesSet
from ddguard.spec.durations import parse_duration

USUAL_LENGTH = 24 * 3600
"""Seconds of history that are read where nothing says how much."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the command line says: seconds since the epoch, lengths in seconds, and None where it says nothing."""

    first: int | None
    last: int | None
    length: int | None
    every: int | None

    def up_to(self, now: int) -> tuple[int, int]:
        """The first and the last second of history to read, at the second `now`."""
        end = now if self.last is None else self.last
        begin = end - (self.length or USUAL_LENGTH) if self.first is None else self.first
        return self._checked(begin, end)

    def within(self, series: SeriesSet) -> tuple[int, int]:
        """The first and the last second to follow series that are there: with a length the end of them."""
        first, last = series.first or 0, series.last or 0
        if not 0 <= first <= last <= LATEST:
            raise InputError("the series have points before 1970 or after 9998", "is a unit wrong somewhere?")
        end = last if self.last is None else self.last
        begin = first if self.length is None else max(first, end - self.length)
        return self._checked(begin if self.first is None else self.first, end)

    def _checked(self, first: int, last: int) -> tuple[int, int]:
        if first > last:
            raise UsageError("--from is after --to", "without them a replay runs from the first point to the last")
        check_length(first, last, self.every)
        return first, last


def stretch(first: str | None, last: str | None, length: str | None, every: int | None) -> Stretch:
    """The stretch that `--from`, `--to` and `--last` name. UsageError for what is no time, or too much of it."""
    if first is not None and length is not None:
        raise UsageError("--from and --last both say where to begin", "leave one of them away")
    return Stretch(moment("--from", first), moment("--to", last), seconds("--last", length), every)


def seconds(option: str, text: str | None) -> int | None:
    """The length of time that an option names; UsageError for none at all."""
    if text is None:
        return None
    try:
        found = int(parse_duration(text).total_seconds())
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if found == 0:
        raise UsageError(f"{option}: must be longer than nothing")
    return found


def moment(option: str, text: str | None) -> int | None:
    """The second that an option names."""
    if text is None:
        return None
    hint = "such as 2026-01-05T10:00:00Z, or seconds since the epoch"
    try:
        found = int(text) if text.isdecimal() else _second(datetime.fromisoformat(text))
    except ValueError:
        raise UsageError(f"{option}: {text!r} is no time", hint) from None
    if not 0 <= found <= LATEST:
        raise UsageError(f"{option}: {text!r} is no time between 1970 and 9998", hint)
    return found


def _second(found: datetime) -> int:
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
