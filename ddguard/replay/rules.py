"""A monitor's options, read once into what the state machine and the notifications go by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ddguard.errors import InputError
from ddguard.model import Json
from ddguard.replay.settings import Settings

HOUR = 3600
RETENTION = 24 * HOUR
"""How long a group without data is kept. https://docs.datadoghq.com/monitors/configuration/"""
NEW_GROUP_DELAY = 60
NEW_HOST_DELAY = 300


class OnMissing(StrEnum):
    """What an evaluation without data does. https://docs.datadoghq.com/monitors/guide/on_missing_data/."""

    KEEP = "keep"
    ZERO = "zero"
    NO_DATA = "no data"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Missing:
    """The policy for evaluations without data.

    No Data comes once data has been missing for `after` seconds (an empty window counts as its whole length), and is
    told if `notify`. `assumptions` are the names of those that the policy rests on.
    """

    action: OnMissing
    after: int = 0
    notify: bool = False
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers that a value is compared with; `comparator` is the query's."""

    comparator: str
    critical: float
    warning: float | None = None
    critical_recovery: float | None = None
    warning_recovery: float | None = None


@dataclass(frozen=True, slots=True)
class Renotify:
    """Repeats every `interval` seconds in `statuses`, at most `occurrences` times (None: without end).

    https://docs.datadoghq.com/monitors/notify/#renotify
    """

    interval: int
    statuses: frozenset[str]
    occurrences: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything about a monitor that isn't its query; durations in seconds.

    `notify_by` is None for one notification a group, `()` for one for all of them.
    """

    missing: Missing
    timeout: int | None = None
    retention: int | None = None
    new_group_delay: int = 0
    full_window: bool = False
    evaluation_delay: int = 0
    renotify: Renotify | None = None
    notify_by: tuple[str, ...] | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What the rules need to know of a query: its keys, its window, whether it counts, whether it has default_zero."""

    by: tuple[str, ...]
    window: int
    as_count: bool
    plain_sum: bool
    default_zero: bool


def read_rules(definition: Mapping[str, Json], facts: QueryFacts, settings: Settings) -> Rules:
    """The rules of a metric monitor. An option of the wrong kind is an InputError."""
    options = definition.get("options") or {}
    timeout = _number(options, "timeout_h")
    return Rules(
        missing=_missing(options, facts, settings),
        timeout=int(timeout * HOUR) if timeout else None,
        retention=RETENTION if facts.by and not facts.default_zero else None,
        new_group_delay=_new_group_delay(options, facts.by),
        full_window=bool(options.get("require_full_window")),
        evaluation_delay=int(_number(options, "evaluation_delay") or 0),
        renotify=read_renotify(options),
        notify_by=_notify_by(options, facts.by),
        draft=definition.get("draft_status") == "draft",
    )


def read_thresholds(options: Mapping[str, Json], comparator: str, number: float) -> Thresholds:
    """The thresholds; `number` is the query's own, which is the critical one."""
    given = options.get("thresholds") or {}
    return Thresholds(
        comparator,
        number,
        _number(given, "warning"),
        _number(given, "critical_recovery"),
        _number(given, "warning_recovery"),
    )


def read_renotify(options: Mapping[str, Json]) -> Renotify | None:
    """The repeats that the options ask for; Datadog's default statuses are alert and no data."""
    interval = _number(options, "renotify_interval")
    if not interval:
        return None
    statuses = options.get("renotify_statuses") or ("alert", "no data")
    occurrences = _number(options, "renotify_occurrences")
    return Renotify(
        int(interval * 60), frozenset(map(str, statuses)), None if occurrences is None else int(occurrences)
    )


def _missing(options: Mapping[str, Json], facts: QueryFacts, settings: Settings) -> Missing:
    wish = options.get("on_missing_data")
    if wish is None:
        return _legacy(options, facts, settings)
    if wish not in ON_MISSING_DATA and wish != "default":
        raise InputError(f"on_missing_data {wish!r} is none of default, {', '.join(ON_MISSING_DATA)}")
    if wish != "default":
        return ON_MISSING_DATA[wish]
    if facts.as_count:
        return Missing(OnMissing.ZERO)
    if not facts.plain_sum:
        return Missing(OnMissing.KEEP)
    counts = settings.choice("count-queries") == "sum"
    return Missing(OnMissing.ZERO if counts else OnMissing.KEEP, assumptions=("count-queries",))


ON_MISSING_DATA: Mapping[str, Missing] = {
    "show_no_data": Missing(OnMissing.NO_DATA),
    "show_and_notify_no_data": Missing(OnMissing.NO_DATA, notify=True),
    "resolve": Missing(OnMissing.RESOLVE),
}


def _legacy(options: Mapping[str, Json], facts: QueryFacts, settings: Settings) -> Missing:
    if not options.get("notify_no_data"):
        keep = settings.choice("legacy-no-data") == "keep"
        return Missing(OnMissing.KEEP if keep else OnMissing.NO_DATA, assumptions=("legacy-no-data",))
    timeframe = _number(options, "no_data_timeframe")
    if timeframe:
        return Missing(OnMissing.NO_DATA, int(timeframe * 60), notify=True)
    after = facts.window * int(settings.choice("no-data-timeframe"))
    return Missing(OnMissing.NO_DATA, after, notify=True, assumptions=("no-data-timeframe",))


def _new_group_delay(options: Mapping[str, Json], by: tuple[str, ...]) -> int:
    if not by:
        return 0
    delay = _number(options, "new_group_delay")
    if delay:
        return int(delay)
    host = _number(options, "new_host_delay")
    if "host" in by and host is not None:
        return int(host)
    return NEW_GROUP_DELAY if delay is None else 0


def _notify_by(options: Mapping[str, Json], by: tuple[str, ...]) -> tuple[str, ...] | None:
    keys = options.get("notify_by")
    if not keys or not by:
        return None
    return tuple(key for key in by if key in keys and key != "*")


def _number(values: Mapping[str, Json], key: str) -> float | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{key} {value!r} is no number") from None
