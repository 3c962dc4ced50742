"""The functions of Datadog's queries that can be reproduced, one entry each in `FUNCTIONS`.

https://docs.datadoghq.com/dashboards/functions/
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.frames import NEVER, Frame, finite
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import Times, Values

Argument = float | str | tuple[str, ...]
Work = Callable[[Frame, tuple[Argument, ...]], Frame]


@dataclass(frozen=True, slots=True)
class Function:
    """How a function is computed from a frame and its arguments.

    `arguments` are the kinds it takes. `pointwise` ones need no other point than their own, and no empty bucket.
    `dense` ones need all buckets of the window, also the empty ones.
    """

    work: Work
    arguments: tuple[type, ...] = ()
    pointwise: bool = False
    dense: bool = False

    def check(self, name: str, values: tuple[Argument, ...]) -> None:
        """CannotEvaluateError for arguments that Datadog doesn't document."""
        kinds = tuple(type(value) for value in values)
        if kinds != self.arguments:
            raise CannotEvaluateError(f"{name}()", "its arguments are none that Datadog documents")


def _number(argument: Argument) -> float:
    return float(argument) if not isinstance(argument, tuple) else math.nan


def _each(change: Callable[[Values], Values]) -> Work:
    def work(frame: Frame, _: tuple[Argument, ...]) -> Frame:
        with np.errstate(all="ignore"):
            return frame.with_values(change(frame.values))

    return work


def _with_limit(change: Callable[[Values, float], Values]) -> Work:
    def work(frame: Frame, arguments: tuple[Argument, ...]) -> Frame:
        return frame.with_values(change(frame.values, _number(arguments[0])))

    return work


def _clamp_min(values: Values, limit: float) -> Values:
    return np.where(np.isnan(values), limit, np.maximum(values, limit))


def _clamp_max(values: Values, limit: float) -> Values:
    return np.where(np.isnan(values), limit, np.minimum(values, limit))


def _flag(values: Values, holds: NDArray[np.bool_]) -> Values:
    return np.where(np.isnan(values), np.nan, np.where(holds, 1.0, 0.0))


def _between(frame: Frame, arguments: tuple[Argument, ...]) -> Frame:
    low, high = map(_number, arguments)
    return frame.with_values(_flag(frame.values, (frame.values > low) & (frame.values < high)))


def _throughput(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    return frame.with_values(frame.values / frame.width)


# Over time


def _along(change: Callable[[list[float], list[int]], list[float]]) -> Work:
    """A function of each group's points, in order: values and their times."""

    def work(frame: Frame, _: tuple[Argument, ...]) -> Frame:
        return frame.with_values(along_rows(frame.starts, frame.values, change))

    return work


def along_rows(starts: Times, values: Values, change: Callable[[list[float], list[int]], list[float]]) -> Values:
    """`values[row, column]` with the change done to the points of each row that has any."""
    result = np.full(values.shape, np.nan)
    for row, line in enumerate(values):
        known = ~np.isnan(line)
        if not known.any():
            continue
        result[row, known] = change(line[known].tolist(), starts[known].tolist())
    return finite(result)


def _rate_per(seconds: int) -> Callable[[Values, Times], Values]:
    return lambda steps, gaps: _not_negative(steps / gaps) * seconds


def _not_negative(values: Values) -> Values:
    return np.where(values >= 0, values, np.nan)


RATES: Mapping[str, Callable[[Values, Times], Values]] = {
    "diff": lambda steps, _: steps,
    "monotonic_diff": lambda steps, _: _not_negative(steps),
    "derivative": lambda steps, gaps: steps / gaps,
    "per_second": _rate_per(1),
    "per_minute": _rate_per(60),
    "per_hour": _rate_per(3600),
}
"""What becomes of the steps between the points of one source and of the seconds between them.

https://docs.datadoghq.com/dashboards/functions/rate/
"""


def rates(starts: Times, values: Values, name: str) -> Values:
    """`values[row, column]` as each row's steps from the point before; a first point has none."""
    rows, columns = np.nonzero(~np.isnan(values))
    found = np.full(values.shape, np.nan)
    follows = np.flatnonzero(np.diff(rows) == 0) + 1
    with np.errstate(all="ignore"):
        steps, gaps = np.diff(values[rows, columns])[follows - 1], np.diff(starts[columns])[follows - 1]
        found[rows[follows], columns[follows]] = RATES[name](steps, gaps)
    return finite(found)


def _rate(name: str) -> Work:
    return lambda frame, _: frame.with_values(rates(frame.starts, frame.values, name))


def running_sums(values: list[float], _: list[int]) -> list[float]:
    """Each the exact sum up to there, rounded once."""
    return [math.fsum(values[: end + 1]) for end in range(len(values))]


def _ewma(span: int) -> Callable[[list[float], list[int]], list[float]]:
    alpha = 2 / (span + 1)

    def smooth(values: list[float], _: list[int]) -> list[float]:
        smoothed: list[float] = []
        for value in values:
            smoothed.append(alpha * value + (1 - alpha) * smoothed[-1] if smoothed else value)
        return smoothed

    return smooth


def _last_points(
    count: int, summary: Callable[[list[float]], float]
) -> Callable[[list[float], list[int]], list[float]]:
    def smooth(values: list[float], _: list[int]) -> list[float]:
        return [summary(values[max(end - count, 0) : end]) for end in range(1, len(values) + 1)]

    return smooth


def mean(values: list[float]) -> float:
    """The exact sum, rounded once, by the number of values."""
    return math.fsum(values) / len(values)


def _default_zero(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    return frame.with_values(np.where(np.isnan(frame.values) & (frame.born < NEVER)[:, None], 0.0, frame.values))


# Over groups


def _as_one(frame: Frame, values: Values) -> Frame:
    born = frame.born[:1] if frame.born.size == 1 else np.array([frame.born.min(initial=NEVER)], dtype=np.int64)
    return replace(frame, by=(), groups=((),), born=born, counting=False).with_values(values[None, :])


def _count_nonzero(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    known = ~np.isnan(frame.values)
    count = (known & (frame.values != 0)).sum(axis=0).astype(np.float64)
    return _as_one(frame, np.where(known.any(axis=0), count, np.nan))


def _count_not_null(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    count = (~np.isnan(frame.values)).sum(axis=0).astype(np.float64)
    return _as_one(frame, np.where(count > 0, count, np.nan))


def _seconds_between(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    here = (~np.isnan(frame.values)).any(axis=0)
    values = np.full(frame.starts.size, np.nan)
    times = frame.starts[here]
    gaps = np.full(times.size, np.nan)
    gaps[1:] = np.diff(times)
    values[here] = gaps
    return _as_one(frame, values)


RANKS: Mapping[str, Callable[[list[float]], float]] = {
    "max": max,
    "mean": mean,
    "min": min,
    "sum": math.fsum,
    "last": lambda values: values[-1],
    "l2norm": lambda values: math.sqrt(math.fsum(value * value for value in values)),
    "area": math.fsum,
}
"""https://docs.datadoghq.com/dashboards/functions/rank/"""


def ranked(frame: Frame, count: int, by: str, *, ascending: bool) -> Frame:
    """The frame with only the first `count` groups left; equal ones go by their names."""
    rows = [line[~np.isnan(line)].tolist() for line in frame.values]
    order = [
        (RANKS[by](values), key, row)
        for row, (values, key) in enumerate(zip(rows, frame.groups, strict=True))
        if values
    ]
    order.sort(key=lambda item: (item[0] if ascending else -item[0], item[1]))
    kept = np.zeros(len(rows), dtype=np.bool_)
    kept[[row for _, _, row in order[:count]]] = True
    return frame.with_values(np.where(kept[:, None], frame.values, np.nan))


def _top(frame: Frame, arguments: tuple[Argument, ...]) -> Frame:
    count, by, direction = arguments
    if str(by) not in RANKS or direction not in {"asc", "desc"}:
        raise CannotEvaluateError("top()", f"known are {', '.join(RANKS)} with asc or desc")
    if _number(count) < 1:
        raise CannotEvaluateError("top()", "it leaves no group at all")
    return ranked(frame, int(_number(count)), str(by), ascending=direction == "asc")


def _shorthand(count: int, by: str, *, ascending: bool) -> Work:
    def work(frame: Frame, _: tuple[Argument, ...]) -> Frame:
        return ranked(frame, count, by, ascending=ascending)

    return work


def _shorthands() -> dict[str, Function]:
    return {
        f"{name}{count}_{by}": Function(_shorthand(count, by, ascending=name == "bottom"))
        for name in ("top", "bottom")
        for count in (5, 10, 15, 20)
        for by in ("mean", "min", "max", "last", "area", "l2norm")
    }


def _unchanged(frame: Frame, _: tuple[Argument, ...]) -> Frame:
    return frame


def _seen_by_the_evaluation(names: str, *arguments: type) -> dict[str, Function]:
    """Functions that look at another stretch of time or need settings: `ddguard.replay.expressions` computes them."""
    return {name: Function(_unchanged, arguments) for name in names.split()}


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(_each(np.abs), pointwise=True),
    "log2": Function(_each(np.log2), pointwise=True),
    "log10": Function(_each(np.log10), pointwise=True),
    "clamp_min": Function(_with_limit(_clamp_min), (float,), dense=True),
    "clamp_max": Function(_with_limit(_clamp_max), (float,), dense=True),
    "cutoff_min": Function(_with_limit(lambda v, t: np.where(v < t, np.nan, v)), (float,), pointwise=True),
    "cutoff_max": Function(_with_limit(lambda v, t: np.where(v > t, np.nan, v)), (float,), pointwise=True),
    "is_greater": Function(_with_limit(lambda v, t: _flag(v, v > t)), (float,), pointwise=True),
    "is_less": Function(_with_limit(lambda v, t: _flag(v, v < t)), (float,), pointwise=True),
    "is_between": Function(_between, (float, float), pointwise=True),
    "throughput": Function(_throughput, pointwise=True),
    "default_zero": Function(_default_zero, dense=True),
    "cumsum": Function(_along(running_sums)),
    "count_nonzero": Function(_count_nonzero),
    "count_nonzero_finite": Function(_count_nonzero),
    "count_not_null": Function(_count_not_null),
    "dt": Function(_seconds_between),
    "top": Function(_top, (float, str, str)),
    "ewma": Function(_along(_ewma(20))),
    "median": Function(_along(_last_points(3, median))),
    **{name: Function(_rate(name)) for name in RATES},
    **{f"ewma_{span}": Function(_along(_ewma(span))) for span in (1, 3, 5, 7, 10, 20)},
    **{f"median_{count}": Function(_along(_last_points(count, median))) for count in (3, 5, 7, 9)},
    **{f"rollingavg_{count}": Function(_along(_last_points(count, mean))) for count in (5, 13, 21, 29)},
    **_shorthands(),
    **_seen_by_the_evaluation("hour_before day_before week_before month_before integral"),
    **_seen_by_the_evaluation("timeshift", float),
    **_seen_by_the_evaluation("calendar_shift", str, str),
    **_seen_by_the_evaluation("moving_rollup", float, str),
}
"""Beside these the evaluation itself knows `fill`, `rollup` and the aggregation of groups `sum(q, {key})`."""
