"""A term's values as one evaluation sees them: the buckets of one window, with what is known at one second.

https://docs.datadoghq.com/dashboards/functions/ and the order of operations of https://docs.datadoghq.com/monitors/guide/
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ddguard.errors import InputError
from ddguard.replay.buckets import Buckets, ByCalendar, Even, Points, in_buckets
from ddguard.replay.fetched import Fetched, on_grid
from ddguard.replay.frames import Frame, at_columns, join, since_birth
from ddguard.replay.functions import FUNCTIONS, along_rows, mean, rates
from ddguard.replay.interpolation import combined, filled
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import Times
from ddguard.replay.settings import Settings
from ddguard.replay.space import by_group
from ddguard.replay.terms import Apply, Constant, Join, Leaf, Term, leaves

CARRY = 300
"""Seconds that default_zero() carries a gauge forward. https://docs.datadoghq.com/dashboards/functions/interpolation/"""
SHIFTS = {"hour_before": 3600, "day_before": 86400, "week_before": 7 * 86400, "month_before": 28 * 86400}
ASSUMED = {
    **dict.fromkeys(("monotonic_diff", "per_second", "per_minute", "per_hour"), "monotonic-diff"),
    **{name: "ewma-alpha" for name in FUNCTIONS if name.startswith("ewma")},
}
"""Functions that rest on an assumption wherever they stand."""
CALENDAR_SHIFTS = {"-1d": 1, "-7d": 7, "-30d": 30, "-4w": 28}


@dataclass(frozen=True, slots=True)
class View:
    """What one evaluation looks at: buckets that begin in `[first, last]`, points up to the second `now`."""

    first: int
    last: int
    now: int

    def earlier(self, seconds: int) -> "View":
        """The same stretch that many seconds before."""
        return View(self.first - seconds, self.last - seconds, self.now)

    def longer(self, seconds: int) -> "View":
        """A stretch that begins that many seconds before."""
        return View(self.first - seconds, self.last, self.now)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluator:
    """Computes terms for a view. `touched` collects the names of assumptions that decided something."""

    fetched: Mapping[Leaf, Fetched]
    settings: Settings
    touched: set[str]

    def columns(self, term: Term, view: View) -> Frame | float:
        """The values of the buckets of the view."""
        match term:
            case Constant(value=value):
                return value
            case Leaf():
                return self._leaf(self.fetched[term], view)
            case Join(operator=operator, left=left, right=right):
                return join(operator, self.columns(left, view), self.columns(right, view))
            case Apply():
                return self._apply(term, view)

    def frame(self, term: Term, view: View) -> Frame:
        """The same for a term that has series in it."""
        frame = self.columns(term, view)
        if isinstance(frame, float):
            raise CannotEvaluateError("the query", "it has a number where a series is due")
        return frame

    # Leaves

    def _leaf(self, fetched: Fetched, view: View) -> Frame:
        leaf, buckets = fetched.leaf, fetched.buckets
        reach = fetched.reach
        points = _known(fetched, view.longer(reach))
        starts, table = in_buckets(points, buckets, fetched.method)
        table = fetched.rated(table)
        if leaf.rates:
            for name in leaf.rates:
                table = rates(starts, table, name)
        elif leaf.fill:
            starts, table = on_grid(starts, table, buckets.grid(_earliest(starts, view, reach), view.last))
            table = filled(starts, table, leaf.fill.method, leaf.fill.limit)
        elif fetched.interpolated:
            table = combined(starts, table, fetched.sources.group, reach)
        inside = starts >= view.first
        return fetched.frame(starts[inside], table[:, inside], fetched.sources)

    # Functions

    def _apply(self, term: Apply, view: View) -> Frame:
        if term.function in ASSUMED:
            self.touched.add(ASSUMED[term.function])
        special = SPECIAL.get(term.function)
        if special is not None:
            return special(self, term, view)
        seconds = shift_of(term)
        if seconds is not None:
            return self.shifted(term.operand, view, seconds)
        function = FUNCTIONS[term.function]
        frame = self.frame(term.operand, view)
        if not function.dense:
            return function.work(frame, term.arguments)
        whole = at_columns(frame, self._grid(term.operand, frame, view))
        return since_birth(function.work(whole, term.arguments), whole, view.now)

    def _grid(self, term: Term, frame: Frame, view: View) -> Times:
        """The starts of all buckets of the view, also the empty ones."""
        return self._buckets(term, frame).grid(view.first, view.last)

    def _buckets(self, term: Term, frame: Frame) -> Buckets:
        """The buckets that the frame's columns are, the calendar's if any metric query has those."""
        every = (self.fetched[leaf].buckets for leaf in leaves(term))
        return next((one for one in every if isinstance(one, ByCalendar)), Even(frame.width))

    def shifted(self, term: Term, view: View, seconds: int) -> Frame:
        """The values from that many seconds before, as if they were of now."""
        frame = self.frame(term, view.earlier(seconds))
        starts, first = np.unique(self._buckets(term, frame).later(frame.starts, seconds), return_index=True)
        return _from(replace(frame, starts=starts, values=frame.values[:, first]), view)

    def _calendar_shift(self, term: Apply, view: View) -> Frame:
        """By days of the wall clock, taken at the end of the window."""
        amount, name = str(term.arguments[0]), str(term.arguments[1])
        try:
            here = datetime.fromtimestamp(view.last, ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            raise InputError(f"there is no time zone {name!r}") from None
        if amount == "-1mo":
            end_of_last_month = here.replace(day=1) - timedelta(days=1)
            there = end_of_last_month.replace(day=min(here.day, end_of_last_month.day))
        elif amount in CALENDAR_SHIFTS:
            there = here - timedelta(days=CALENDAR_SHIFTS[amount])
        else:
            raise CannotEvaluateError("calendar_shift()", f"known are {', '.join(CALENDAR_SHIFTS)} and -1mo")
        return self.shifted(term.operand, view, view.last - int(there.timestamp()))

    def _fill(self, term: Apply, view: View) -> Frame:
        method, limit = str(term.arguments[0]), int(_number(term, 1))
        frame = self.frame(term.operand, view.longer(limit))
        grid = self._grid(term.operand, frame, replace(view, first=_earliest(frame.starts, view, limit)))
        frame = at_columns(frame, grid)
        return _from(frame.with_values(filled(frame.starts, frame.values, method, limit)), view)

    def _default_zero(self, term: Apply, view: View) -> Frame:
        frame = self.frame(term.operand, view.longer(CARRY))
        wide = at_columns(frame, self._grid(term.operand, frame, view.longer(CARRY)))
        carried = wide.values if frame.counting else filled(wide.starts, wide.values, "last", CARRY)
        zero = np.isnan(carried) & (frame.born <= view.now)[:, None]
        empty = np.isnan(_from(frame, view).values).all(axis=1)
        if (empty & (frame.born <= view.now)).any():
            self.touched.add("default-zero-empty")
        values = np.where(zero, 0.0, carried)
        if self.settings.choice("default-zero-empty") == "nothing":
            values[empty] = np.nan
        return _from(wide.with_values(values), view)

    def _rollup(self, term: Apply, view: View) -> Frame:
        method, seconds = str(term.arguments[0]), int(_number(term, 1))
        buckets = Even(seconds)
        first = buckets.first_from(view.first)
        frame = self.frame(
            term.operand, View(first, buckets.start_of(np.array([view.last]))[0] + seconds - 1, view.now)
        )
        known = ~np.isnan(frame.values)
        rows, columns = np.nonzero(known)
        points = Points(frame.starts[columns], rows, frame.values[known], len(frame.groups))
        starts, values = in_buckets(points, buckets, method)
        return replace(frame, starts=starts, width=seconds).with_values(values)

    def _moving_rollup(self, term: Apply, view: View) -> Frame:
        seconds, method = int(_number(term, 0)), str(term.arguments[1])
        if method not in MOVING:
            raise CannotEvaluateError("moving_rollup()", f"known are {', '.join(MOVING)}")

        def change(values: list[float], times: list[int]) -> list[float]:
            return [
                MOVING[method](
                    [value for value, time in zip(values, times, strict=True) if here - seconds < time <= here]
                )
                for here in times
            ]

        frame = self.frame(term.operand, view.longer(seconds))
        return _from(frame.with_values(along_rows(frame.starts, frame.values, change)), view)

    def _integral(self, term: Apply, view: View) -> Frame:
        self.touched.add("integral")
        changes = self.settings.choice("integral") == "change"

        def change(values: list[float], times: list[int]) -> list[float]:
            gaps = [0, *(b - a for a, b in pairwise(times))]
            heights = [0.0, *(b - a for a, b in pairwise(values))] if changes else values
            areas = [gap * height for gap, height in zip(gaps, heights, strict=True)]
            return [math.fsum(areas[: end + 1]) for end in range(len(areas))]

        frame = self.frame(term.operand, view)
        return frame.with_values(along_rows(frame.starts, frame.values, change))

    def _space(self, term: Apply, view: View) -> Frame:
        method, keys = str(term.arguments[0]), term.arguments[1]
        frame = self.frame(term.operand, view)
        if not isinstance(keys, tuple) or not set(keys) <= set(frame.by):
            raise CannotEvaluateError(f"{method}(…, {{…}})", "its keys are none of the inner query's")
        places = [frame.by.index(key) for key in keys]
        names = [tuple(group[place] for place in places) for group in frame.groups]
        groups = tuple(sorted(set(names)))
        place_of = {name: place for place, name in enumerate(groups)}
        number = np.array([place_of[name] for name in names], dtype=np.intp)
        order = np.argsort(number, kind="stable")
        born = np.array([frame.born[number == row].min() for row in range(len(groups))], dtype=np.int64)
        values = by_group(frame.values[order], number[order], len(groups), method)
        return replace(frame, by=keys, groups=groups, born=born).with_values(values)


SPECIAL: Mapping[str, Callable[[Evaluator, Apply, View], Frame]] = {
    "calendar_shift": Evaluator._calendar_shift,
    "fill": Evaluator._fill,
    "default_zero": Evaluator._default_zero,
    "rollup": Evaluator._rollup,
    "moving_rollup": Evaluator._moving_rollup,
    "integral": Evaluator._integral,
    "space": Evaluator._space,
}
"""Functions that look beyond the window, or that settings have a say in."""

MOVING: Mapping[str, Callable[[list[float]], float]] = {
    "avg": mean,
    "sum": math.fsum,
    "min": min,
    "max": max,
    "count": len,
}


def shift_of(term: Apply) -> int | None:
    """How many seconds before the function looks, None if it does something else."""
    return -int(_number(term, 0)) if term.function == "timeshift" else SHIFTS.get(term.function)


def _known(fetched: Fetched, view: View) -> Points:
    """The points that are known in the buckets of the view, by source."""
    points, buckets = fetched.points, fetched.buckets
    begin = buckets.first_from(view.first)
    last = int(buckets.start_of(np.array([view.last], dtype=np.int64))[0])
    end = min(buckets.end_of(last), view.now + 1)
    low, high = np.searchsorted(points.times, [begin, max(end, begin)]).tolist()
    order = np.argsort(points.sources[low:high], kind="stable")
    return Points(
        points.times[low:high][order], points.sources[low:high][order], points.values[low:high][order], points.count
    )


def _earliest(starts: Times, view: View, reach: int) -> int:
    """From where on a fill that reaches so far back has anything to start from."""
    return max(view.first - reach, min(view.first, int(starts[0]) if starts.size else view.first))


def _from(frame: Frame, view: View) -> Frame:
    """Only the columns that begin in the view."""
    inside = (frame.starts >= view.first) & (frame.starts <= view.last)
    return replace(frame, starts=frame.starts[inside], values=frame.values[:, inside])


def _number(term: Apply, place: int) -> float:
    argument = term.arguments[place]
    return argument if isinstance(argument, float) else math.nan
