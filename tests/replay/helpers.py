"""Short ways to make series and replays in tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ddguard.replay.downtimes import Silence
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.series import MetricType, Series, SeriesSet, normal_tags, series_set
from ddguard.replay.settings import Settings


def at(text: str, day: int = 0) -> int:
    """The second of a time of day: `17:44:50`, `11:00`, on the first of January 1970 or some days later."""
    hours, minutes, seconds = ([int(part) for part in text.split(":")] + [0])[:3]
    return ((day * 24 + hours) * 60 + minutes) * 60 + seconds


def one(
    metric: str, points: Mapping[int, float], kind: str = "gauge", tags: str = "", interval: int | None = None
) -> Series:
    """A series from `{second: value}`."""
    times = np.array(sorted(points), dtype=np.int64)
    values = np.array([points[second] for second in sorted(points)], dtype=np.float64)
    return Series(metric, normal_tags(tags.split()), MetricType(kind), times, values, interval)


def every_minute(metric: str, values: Sequence[float | None], kind: str = "gauge", tags: str = "") -> Series:
    """A series with a value a minute from second 0 on, None for none."""
    points = {60 * place: value for place, value in enumerate(values) if value is not None}
    return one(metric, points, kind, tags)


def series(*parts: Series) -> SeriesSet:
    """A set of series."""
    return series_set(parts)


def replay(
    query: str,
    parts: SeriesSet,
    last: int,
    options: Mapping[str, Any] | None = None,
    *,
    first: int = 0,
    silences: Sequence[Silence] = (),
    every: int | None = None,
    offset: int = 1,
    bucket: int | None = None,
    assume: Mapping[str, str] | None = None,
) -> Replay:
    """The replay of a metric monitor from `first` to `last`."""
    chosen = Settings(every=every, offset=offset, bucket=bucket, assume=assume or {})
    definition = {"type": "query alert", "query": query, "options": options or {}}
    return evaluate(definition, parts, Run(first, last, chosen, silences))


def value_at(query: str, parts: SeriesSet, second: int, bucket: int | None = None, **assume: str) -> float | None:
    """The ungrouped query's value in a round exactly at that second."""
    names = {name.replace("_", "-"): value for name, value in assume.items()}
    found = replay(query, parts, second, first=second, every=1, offset=0, bucket=bucket, assume=names)
    return found.groups[0].value_in(0) if found.groups else None


def states(group: GroupReplay) -> list[str | None]:
    """The group's state in each round."""
    return [None if state is None else state.value for state in (group.state_at(int(t)) for t in group.rounds)]


def story(found: Replay, group: str) -> list[tuple[int, str | None, str | None]]:
    """The group's transitions as (minute, from, to)."""
    return [(change.at // 60, change.before, change.after) for change in found.transitions if change.group == group]


def letters(found: Replay, group: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """What is sent for the group, as (minute, kind, downtimes that held it back)."""
    return [
        (letter.at // 60, letter.kind, letter.suppressed_by) for letter in found.notifications if letter.group == group
    ]
