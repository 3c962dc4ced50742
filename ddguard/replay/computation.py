"""What the values of one monitor are computed from, and the rules that hold whichever way they are computed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ddguard.replay.buckets import ByCalendar, Even, Points, by_calendar
from ddguard.replay.expressions import ASSUMED
from ddguard.replay.fetched import Fetched
from ddguard.replay.frames import NEVER, Frame, GroupKey, join, since_birth
from ddguard.replay.functions import FUNCTIONS
from ddguard.replay.measure import Measure
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import Rounds, allowed_bucket, default_bucket
from ddguard.replay.series import SeriesSet, Times
from ddguard.replay.settings import Settings
from ddguard.replay.sources import Sources, find_sources
from ddguard.replay.terms import Apply, Constant, Join, Leaf, Term, leaves
from ddguard.replay.windows import Windows


@dataclass(frozen=True, slots=True, eq=False)
class Computation:
    """Everything that the values of one monitor are computed from."""

    measure: Measure
    rounds: Rounds
    windows: Windows
    settings: Settings
    touched: set[str]
    fetched: dict[Leaf, Fetched]

    def of_rounds(self, some: slice) -> "Computation":
        """The same for some of the rounds."""
        rounds, windows = self.rounds, self.windows
        return replace(
            self,
            rounds=Rounds(rounds.at[some], rounds.now[some], rounds.low[some], rounds.high[some], rounds.every),
            windows=replace(windows, low=windows.low[some], high=windows.high[some]),
        )

    def first_after(self, key: GroupKey, second: int) -> int:
        """The time of the first point after that second of any source of the group; NEVER without one."""
        by = self.measure.by
        return min(
            (one.sources.first_after(leaf.by, by, key, second) for leaf, one in self.fetched.items() if leaf.by),
            default=NEVER,
        )


def prepare(
    measure: Measure, series: SeriesSet, rounds: Rounds, windows: Windows, settings: Settings, touched: set[str]
) -> Computation:
    """The computation, with the sources of each leaf found."""
    fetched: dict[Leaf, Fetched] = {}
    wanted = list(leaves(measure.term))
    if windows.check is not None:
        wanted += [_bare(leaf) for leaf in wanted]
    for leaf in wanted:
        if leaf not in fetched:
            sources = find_sources(leaf, series)
            fetched[leaf] = Fetched(leaf, sources, _buckets(leaf, sources, measure, rounds, settings), NO_POINTS)
    computation = Computation(measure, rounds, windows, settings, touched, fetched)
    _touch(computation)
    if settings.choice("last-bucket") == "truncated":
        return replace(computation, rounds=replace(rounds, now=np.minimum(rounds.now, rounds.high)))
    return computation


NO_POINTS = Points(np.empty(0, np.int64), np.empty(0, np.intp), np.empty(0), 0)


def _buckets(leaf: Leaf, sources: Sources, measure: Measure, rounds: Rounds, settings: Settings) -> Even | ByCalendar:
    if leaf.rollup.calendar is not None:
        first, last = (int(rounds.low[0]), int(rounds.now[-1])) if rounds.at.size else (0, 0)
        return by_calendar(leaf.rollup.calendar, int(sources.born.min(initial=first)), last)
    if leaf.rollup.seconds is not None:
        return Even(allowed_bucket(leaf.rollup.seconds, measure.seconds))
    return Even(default_bucket(measure.seconds, settings))


def _touch(computation: Computation) -> None:
    """Note the assumptions that the leaves rest on."""
    rounds = computation.rounds
    for fetched in computation.fetched.values():
        if fetched.interpolated:
            computation.touched.add("interpolation-at-points")
        plain = fetched.leaf.rollup.seconds is None and fetched.leaf.rollup.calendar is None
        if plain and computation.settings.bucket is None and _merges(fetched):
            computation.touched.add("bucket-table")
        computation.touched.update(ASSUMED[name] for name in fetched.leaf.rates if name in ASSUMED)
        ends = np.minimum(_ends(fetched, rounds.high), rounds.now + 1)
        if (rounds.now > rounds.high).any() and _any_point(fetched, rounds.high, ends):
            computation.touched.add("last-bucket")


def _merges(fetched: Fetched) -> bool:
    """Whether a bucket holds several points of one source, so that its width matters."""
    distinct = {id(times): times for times in fetched.sources.times}
    return any((np.diff(fetched.buckets.start_of(times)) == 0).any() for times in distinct.values())


def _ends(fetched: Fetched, high: Times) -> Times:
    """Where the buckets end that hold these seconds."""
    begins = fetched.buckets.start_of(high)
    return np.array([fetched.buckets.end_of(begin) for begin in begins.tolist()], dtype=np.int64)


def _any_point(fetched: Fetched, after: Times, before: Times) -> bool:
    """Whether any source has a point between the seconds of any round, neither included."""
    for times in {id(times): times for times in fetched.sources.times}.values():
        following = np.append(times, NEVER)[np.searchsorted(times, after, side="right")]
        if (following < before).any():
            return True
    return False


def at_windows(term: Term, aggregated: Callable[[Term], Frame], now: Times) -> Frame | float:
    """The as_count path: operands aggregated over the window, then arithmetic, once; `now[round]` are seconds."""
    match term:
        case Constant(value=value):
            return value
        case Join(operator=operator, left=left, right=right):
            return join(operator, at_windows(left, aggregated, now), at_windows(right, aggregated, now))
        case Apply(function=function, operand=operand, arguments=arguments) if _works_on_windows(function, operand):
            frame = at_windows(operand, aggregated, now)
            if isinstance(frame, Frame):
                return since_birth(FUNCTIONS[function].work(frame, arguments), frame, now)
    return aggregated(term)


def _works_on_windows(function: str, operand: Term) -> bool:
    """Whether the function is about single values, and there is arithmetic below it."""
    known = FUNCTIONS.get(function)
    return known is not None and (known.pointwise or known.dense) and _has_join(operand)


def _has_join(term: Term) -> bool:
    return isinstance(term, Join) or (isinstance(term, Apply) and _has_join(term.operand))


def table(computation: Computation, aggregated: Callable[[Term], Frame], now: Times) -> Frame:
    """`values[group, round]` of the monitor's term: as a whole over each window, or its operands and then the rest.

    `aggregated` gives a term's values over the windows, `now[round]` are seconds.
    """
    measure = computation.measure
    if not measure.at_window_level(computation.settings, computation.touched):
        return aggregated(measure.term)
    frame = at_windows(measure.term, aggregated, now)
    if isinstance(frame, float):
        raise CannotEvaluateError("the query", "it has no series in it")
    return frame


def _bare(leaf: Leaf) -> Leaf:
    """The metric query with nothing done to its points."""
    return replace(leaf, rates=(), fill=None)


def judged(computation: Computation, frame: Frame, aggregated: Callable[[Term], Frame]) -> Frame:
    """The frame with windows counted as full that the points of one of its metric queries fill."""
    full = frame.full
    if full is None:
        return frame
    for leaf in {_bare(leaf) for leaf in computation.fetched}:
        own = aggregated(leaf)
        if own.full is None or (leaf.by and not set(frame.by) <= set(leaf.by)):
            continue
        places = [leaf.by.index(key) for key in frame.by] if leaf.by else []
        row_of = {group: row for row, group in enumerate(frame.groups)}
        for key, filled in zip(own.groups, own.full, strict=True):
            if not leaf.by:
                full |= filled
            elif (row := row_of.get(tuple(key[place] for place in places))) is not None:
                full[row] |= filled
    return frame
