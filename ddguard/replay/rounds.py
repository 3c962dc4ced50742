"""When a monitor is evaluated, and which stretch of time each evaluation looks at.

https://docs.datadoghq.com/monitors/configuration/ (evaluation frequency, cumulative windows, evaluation delay)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ddguard.errors import InputError
from ddguard.model import Json
from ddguard.query.nodes import Window
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import Times
from ddguard.replay.settings import Settings

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
MONTH = 31 * DAY
"""The longest that a month gets: `last_1mo` is 730 hours, `current_1mo` up to this."""

PACE = ((DAY, MINUTE), (2 * DAY, 10 * MINUTE))
"""Windows shorter than the first number are evaluated every second number of seconds, longer ones every half hour."""
SLOWEST = 30 * MINUTE

MOST_ROUNDS = 1_000_000
"""Of a run: almost two years at one a minute. Datadog keeps points for 15 months, so more of them are a slip.

https://docs.datadoghq.com/developers/guide/data-collection-resolution-retention/
"""

BUCKETS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "api": (
        (MINUTE, 1), (5 * MINUTE, 2), (15 * MINUTE, 5), (30 * MINUTE, 10), (HOUR, 20), (4 * HOUR, MINUTE),
        (DAY, 5 * MINUTE), (2 * DAY, 10 * MINUTE), (WEEK, HOUR), (MONTH, 4 * HOUR),
    ),
    "bar": (
        (MINUTE, 1), (5 * MINUTE, 5), (15 * MINUTE, 10), (30 * MINUTE, 30), (HOUR, MINUTE), (4 * HOUR, 2 * MINUTE),
        (DAY, 20 * MINUTE), (2 * DAY, 30 * MINUTE), (WEEK, 2 * HOUR), (MONTH, 12 * HOUR),
    ),
}  # fmt: skip
"""Bucket widths by the length of the window; the smallest row that holds it counts.

https://docs.datadoghq.com/dashboards/functions/rollup/
"""
LONGEST_WINDOW_BUCKET = DAY
MOST_POINTS = 1500
"""Points a query gives at most; a finer rollup is made coarser."""
WIDTHS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)

CHECK_BUCKETS = {"m": MINUTE, "h": 10 * MINUTE, "d": HOUR, "w": HOUR, "mo": 4 * HOUR}
"""`require_full_window` looks at stretches this long, by the unit that the window is written in.

https://docs.datadoghq.com/monitors/types/metric/
"""


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """All evaluations of a run: `at` is the round's name, `now` its second, `[low, high]` the stretch it looks at."""

    at: Times
    now: Times
    low: Times
    high: Times
    every: int


def pace(window: int) -> int:
    """Seconds between evaluations for a window of that many seconds."""
    return next((every for limit, every in PACE if window < limit), SLOWEST)


def default_bucket(window: int, settings: Settings) -> int:
    """The bucket width in seconds for a window of that many seconds where the query doesn't say."""
    if settings.bucket is not None:
        return settings.bucket
    rows = BUCKETS[settings.choice("bucket-table")]
    return next((width for length, width in rows if window <= length), LONGEST_WINDOW_BUCKET)


def allowed_bucket(seconds: int, window: int) -> int:
    """The width that a rollup of that many seconds really has, given the limit of points."""
    least = -(-window // MOST_POINTS)
    if seconds >= least:
        return seconds
    return next((width for width in WIDTHS if width >= least), WIDTHS[-1])


def span_seconds(window: Window) -> int:
    """The longest that the window gets."""
    if window.kind == "current" and window.unit == "mo":
        return MONTH
    return window.seconds


def check_length(first: int, last: int, every: int | None = None) -> None:
    """InputError for two seconds with more rounds between them than any run has; without a pace at the slowest."""
    if (last - first) // (every or SLOWEST) >= MOST_ROUNDS:
        raise InputError(
            f"more than {MOST_ROUNDS:,} rounds lie between {_day_of(first)} and {_day_of(last)}",
            "is a time or a unit wrong somewhere? --from, --to and --every make them fewer",
        )


def _day_of(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"


def times_of_rounds(first: int, last: int, every: int) -> Times:
    """The multiples of the pace since the epoch that lie between two seconds, both included."""
    check_length(first, last, every)
    return np.arange(-(-first // every) * every, last + 1, every, dtype=np.int64)


def rounds(
    first: int, last: int, window: Window, delay: int, settings: Settings, options: Mapping[str, Json]
) -> Rounds:
    """The evaluations from the second `first` to the second `last`, on multiples of the pace since the epoch."""
    every = settings.every or pace(span_seconds(window))
    at = times_of_rounds(first, last, every)
    now = at + settings.offset
    high = now - delay
    if window.kind == "last":
        low = high - window.seconds
    else:
        reset = _reset(window, options)
        low = np.array([reset(second) for second in high.tolist()], dtype=np.int64)
    return Rounds(at, now, low, high, every)


def _reset(window: Window, options: Mapping[str, Json]) -> Callable[[int], int]:
    """The function that tells when a cumulative window began that holds a given second."""
    if window.kind != "current" or window.count != 1 or window.unit not in {"h", "d", "mo"}:
        raise CannotEvaluateError(
            f"the window {window.kind}_{window.count}{window.unit}", "Datadog documents no such one"
        )
    wish = (options.get("scheduling_options") or {}).get("evaluation_window") or {}
    name = str(wish.get("timezone") or "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(f"there is no time zone {name!r}") from None
    minute = _whole(wish.get("hour_starts"), "hour_starts")
    hours, minutes = _clock(wish.get("day_starts"))

    def reset(second: int) -> int:
        moment = datetime.fromtimestamp(second, zone)
        if window.unit == "h":
            return second - (moment.minute - minute) % 60 * 60 - moment.second
        begun = moment.replace(hour=hours, minute=minutes, second=0, fold=0)
        begun = begun.replace(day=1) if window.unit == "mo" else begun
        if begun.timestamp() > second:
            begun = _before(begun, window.unit)
        return int(begun.timestamp())

    return reset


def _before(moment: datetime, unit: str) -> datetime:
    """The same time of day a day or a month earlier; `moment` is the first of its month if months are meant."""
    if unit == "d":
        return moment - timedelta(days=1)
    return (moment - timedelta(days=1)).replace(day=1)


def _whole(value: Json, name: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or not 0 <= value < 60:
        raise InputError(f"{name} {value!r} is no minute from 0 to 59")
    return value


def _clock(value: Json) -> tuple[int, int]:
    try:
        moment = datetime.strptime(str(value or "00:00"), "%H:%M")  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise InputError(f"day_starts {value!r} is no time of day: write 09:30") from None
    return moment.hour, moment.minute
