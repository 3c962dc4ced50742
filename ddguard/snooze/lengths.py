"""Until when a snooze lasts."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from math import ceil

from ddguard.errors import RefusedError, UsageError
from ddguard.model import SnoozePolicy
from ddguard.snooze.names import shown
from ddguard.spec.durations import duration_text, parse_duration

CLOCK_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}")
UNTIL_HINT = "write 2026-01-05T10:00:00Z, another offset, or a time of day such as 18:30"

ToLocal = Callable[[datetime], datetime]
"""A moment on the user's wall clock. One without a zone is taken as a time on that clock already."""


def snooze_end(
    now: datetime, length: str | None, until: str | None, policy: SnoozePolicy, to_local: ToLocal
) -> datetime:
    """When a snooze that begins now ends, in UTC and whole seconds.

    A time of day means the next one on the user's wall clock. Raises `UsageError` for what can't be read, and
    `RefusedError` for an end that is past or farther away than the project allows.
    """
    if length is not None and until is not None:
        raise UsageError("--for and --until both say when it ends", "give one of them")
    end = (_until(until, now, to_local) if until is not None else now + _length(length, policy)).replace(microsecond=0)
    if end <= now:
        raise RefusedError("the end of the snooze is past already", "give an end that is to come")
    if end > now + policy.max:
        seconds = timedelta(seconds=ceil((end - now).total_seconds()))
        raise RefusedError(
            f"the snooze would last {duration_text(seconds)}, and {duration_text(policy.max)} is the most allowed",
            "`snooze.max` in ddguard.yaml says so; what is meant to stay silent longer goes into `allow`",
        )
    return end.astimezone(UTC)


def _length(text: str | None, policy: SnoozePolicy) -> timedelta:
    if text is None:
        return policy.default
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"--for {shown(text)} is no length of time", "write 90s, 30m, 2h or 1h30m") from None


def _until(text: str, now: datetime, to_local: ToLocal) -> datetime:
    if CLOCK_TIME.fullmatch(text):
        return _next(text, now, to_local)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"--until {shown(text)} is no time", UNTIL_HINT) from None
    raise UsageError(f"--until {shown(text)} lacks a time zone", "add Z for UTC, or an offset such as +01:00")


def _next(text: str, now: datetime, to_local: ToLocal) -> datetime:
    hour, _, minute = text.partition(":")
    try:
        wanted = time(int(hour), int(minute))
    except ValueError:
        raise UsageError(f"--until {shown(text)} is no time of day", UNTIL_HINT) from None
    today = to_local(now).date()
    days = (datetime.combine(today + timedelta(days=ahead), wanted) for ahead in (0, 1))
    return next(moment for day in days for moment in _moments(day, to_local) if moment > now)


def _moments(shown_by_clock: datetime, to_local: ToLocal) -> list[datetime]:
    """When the user's clock shows that: once, twice where it is set back then, just after it where it is set ahead."""
    moments = sorted({to_local(shown_by_clock.replace(fold=fold)).astimezone(UTC) for fold in (0, 1)})
    right = [moment for moment in moments if to_local(moment).replace(tzinfo=None) == shown_by_clock]
    return right or moments[-1:]
