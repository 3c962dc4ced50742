"""The value of every group in every round.

Where a bucket's value depends on its own points alone, all rounds are computed at once, a block of groups after the
other: columns of buckets, running totals, windows as differences of them. Everything else (interpolation, fills,
functions over time or over groups) goes round by round, over all groups at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from ddguard.replay.buckets import ByCalendar, Even, Points, by_calendar, in_buckets, in_shared_buckets, reduce_segments
from ddguard.replay.expressions import ASSUMED, Evaluator, Fetched, View, by_time
from ddguard.replay.frames import NEVER, Frame, GroupKey, join, since_birth
from ddguard.replay.functions import FUNCTIONS
from ddguard.replay.measure import Measure
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import Rounds, allowed_bucket, default_bucket
from ddguard.replay.series import SeriesSet, Times, Values
from ddguard.replay.settings import Settings
from ddguard.replay.sources import Sources, find_sources
from ddguard.replay.terms import Apply, Constant, Join, Leaf, Term, leaves
from ddguard.replay.windows import Windows, aggregate

CELLS_A_BLOCK = 50_000
"""Values that a block of groups has about: few enough for a processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Computation:
    """Everything that the values of one monitor are computed from."""

    measure: Measure
    rounds: Rounds
    windows: Windows
    settings: Settings
    touched: set[str]
    fetched: dict[Leaf, Fetched]

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


def _torn(fetched: Fetched, rounds: Rounds) -> bool:
    """Whether the last bucket of a round holds points that aren't known yet at that round."""
    return _any_point(fetched, rounds.now, _ends(fetched, rounds.high))


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


def compute(computation: Computation) -> Frame:
    """`values[group, round]`, NaN where a round has no value."""
    if not computation.rounds.at.size:
        return Frame(computation.measure.by, (), np.empty(0, np.int64), computation.rounds.at, np.empty((0, 0)), 1)
    if _all_at_once(computation):
        return _in_blocks(computation)
    return _round_by_round(computation)


def _all_at_once(computation: Computation) -> bool:
    widths = {fetched.buckets.width for fetched in computation.fetched.values()}
    every = all(fetched.pointwise for fetched in computation.fetched.values())
    return len(widths) == 1 and every and computation.measure.change is None and _pointwise(computation.measure.term)


def _pointwise(term: Term) -> bool:
    match term:
        case Apply(function=function, operand=operand):
            return function in FUNCTIONS and FUNCTIONS[function].pointwise and _pointwise(operand)
        case Join(left=left, right=right):
            return _pointwise(left) and _pointwise(right)
        case _:
            return True


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
                return since_birth(FUNCTIONS[function].work(frame, arguments), now)
    return aggregated(term)


def _works_on_windows(function: str, operand: Term) -> bool:
    """Whether the function is about single values, and there is arithmetic below it."""
    known = FUNCTIONS.get(function)
    return known is not None and (known.pointwise or known.dense) and _has_join(operand)


def _has_join(term: Term) -> bool:
    return isinstance(term, Join) or (isinstance(term, Apply) and _has_join(term.operand))


def _table(computation: Computation, aggregated: Callable[[Term], Frame], now: Times) -> Frame:
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


def _judged(computation: Computation, frame: Frame, aggregated: Callable[[Term], Frame]) -> Frame:
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


# All rounds at once


def _in_blocks(computation: Computation) -> Frame:
    keyed = [fetched.sources.groups for leaf, fetched in computation.fetched.items() if leaf.by]
    everyone = sorted(set().union(*keyed)) if len(keyed) > 1 else list(keyed[0]) if keyed else []
    if not everyone or any(leaf.by != computation.measure.by for leaf in computation.fetched if leaf.by):
        return _Block(computation, {leaf: one.sources for leaf, one in computation.fetched.items()}).table()
    return _stacked((_Block(computation, sources).table() for sources in _blocks(computation, everyone)), len(everyone))


def _blocks(computation: Computation, everyone: list[GroupKey]) -> Iterator[dict[Leaf, Sources]]:
    points = max(sum(times.size for times in one.sources.times) for one in computation.fetched.values())
    size = max(CELLS_A_BLOCK * len(everyone) // max(points, 1), 1)
    for start in range(0, len(everyone), size):
        first, last = everyone[start], everyone[min(start + size, len(everyone)) - 1]
        yield {
            leaf: one.sources.between(first, last) if leaf.by else one.sources
            for leaf, one in computation.fetched.items()
        }


def _stacked(parts: Iterator[Frame], most: int) -> Frame:
    """Blocks of groups one below the other, at most `most` groups; each block is let go once it is copied."""
    frame = next(parts)
    if len(frame.groups) == most:
        return frame
    values = np.empty((most, frame.starts.size))
    full = None if frame.full is None else np.empty(values.shape, dtype=np.bool_)
    groups: list[GroupKey] = []
    born = []
    for part in chain([frame], parts):
        rows = slice(len(groups), len(groups) + len(part.groups))
        values[rows] = part.values
        if full is not None:
            full[rows] = part.full
        groups.extend(part.groups)
        born.append(part.born)
    kept = len(groups)
    full = None if full is None else full[:kept]
    return replace(frame, groups=tuple(groups), born=np.concatenate(born), values=values[:kept], full=full)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Some groups, all rounds."""

    computation: Computation
    sources: dict[Leaf, Sources]

    def table(self) -> Frame:
        found = _table(self.computation, self._aggregated, self.computation.rounds.now)
        return _judged(self.computation, found, self._aggregated)

    def _aggregated(self, term: Term) -> Frame:
        computation = self.computation
        frame = self._columns(term, self._all_buckets)
        last = None
        rounds = computation.rounds
        if any(_torn(self._part(leaf), rounds) for leaf in leaves(term)):
            begins = self._part(next(leaves(term))).buckets.start_of(rounds.high)
            last = begins, self._columns(term, self._last_buckets).values
        return aggregate(frame, computation.windows, last)

    def _part(self, leaf: Leaf) -> Fetched:
        return replace(self.computation.fetched[leaf], sources=self.sources[leaf])

    def _columns(self, term: Term, fetch: Callable[[Leaf], Frame]) -> Frame:
        frame = self._pointwise(term, fetch)
        if isinstance(frame, float):
            raise CannotEvaluateError("the query", "it has a number where a series is due")
        return frame

    def _pointwise(self, term: Term, fetch: Callable[[Leaf], Frame]) -> Frame | float:
        match term:
            case Constant(value=value):
                return value
            case Leaf():
                return fetch(term)
            case Join(operator=operator, left=left, right=right):
                return join(operator, self._pointwise(left, fetch), self._pointwise(right, fetch))
            case Apply(function=function, operand=operand, arguments=arguments):
                return FUNCTIONS[function].work(self._columns(operand, fetch), arguments)

    def _all_buckets(self, leaf: Leaf) -> Frame:
        """Each bucket that holds a point, with all its points."""
        fetched = self._part(leaf)
        sources = fetched.sources
        if sources.times and all(times is sources.times[0] for times in sources.times):
            starts, table = in_shared_buckets(sources.times[0], sources.values, fetched.buckets, fetched.method)
        else:
            starts, table = in_buckets(sources.points(), fetched.buckets, fetched.method)
        return fetched.frame(starts, fetched.rated(table), sources)

    def _last_buckets(self, leaf: Leaf) -> Frame:
        """A column a round: the bucket around the end of its window, with the points known then."""
        fetched, rounds = self._part(leaf), self.computation.rounds
        begins = fetched.buckets.start_of(rounds.high)
        ends = np.minimum(begins + fetched.buckets.width, rounds.now + 1)
        table = np.full((len(fetched.sources.times), begins.size), np.nan)
        for row, (times, values) in enumerate(zip(fetched.sources.times, fetched.sources.values, strict=True)):
            low, high = np.searchsorted(times, begins), np.searchsorted(times, ends)
            held = np.flatnonzero(high > low)
            table[row, held] = _ranges(values, low[held], high[held], fetched.method)
        return fetched.frame(np.arange(begins.size), fetched.rated(table), fetched.sources)


def _ranges(values: Values, low: Times, high: Times, method: str) -> Values:
    """Each `values[low:high]` as one value; none is empty."""
    lengths = high - low
    starts = np.cumsum(lengths) - lengths
    places = np.repeat(low - starts, lengths) + np.arange(int(lengths.sum()))
    return reduce_segments(values[places], starts, method) if lengths.size else np.empty(0)


# Round by round


def _round_by_round(computation: Computation) -> Frame:
    ready = {leaf: replace(one, points=by_time(one.sources)) for leaf, one in computation.fetched.items()}
    evaluator = Evaluator(ready, computation.settings, computation.touched)
    rounds = computation.rounds
    parts = [
        _one_round(computation, evaluator, View(first, last, now))
        for first, last, now in zip(rounds.low.tolist(), rounds.high.tolist(), rounds.now.tolist(), strict=True)
    ]
    full = None if parts[0].full is None else np.concatenate([p.full for p in parts if p.full is not None], axis=1)
    return replace(parts[0], values=np.concatenate([part.values for part in parts], axis=1), full=full)


def _one_round(computation: Computation, evaluator: Evaluator, view: View) -> Frame:
    windows = computation.windows

    def aggregated_in(seen: View) -> Callable[[Term], Frame]:
        window = replace(windows, low=np.array([seen.first]), high=np.array([seen.last]))
        return lambda term: aggregate(evaluator.frame(term, seen), window)

    return _judged(computation, _one_value(computation, evaluator, view, aggregated_in), aggregated_in(view))


def _one_value(
    computation: Computation,
    evaluator: Evaluator,
    view: View,
    aggregated_in: Callable[[View], Callable[[Term], Frame]],
) -> Frame:
    measure, windows, second = computation.measure, computation.windows, np.array([view.now])
    if measure.change is None:
        return _table(computation, aggregated_in(view), second)
    if measure.at_window_level(computation.settings, computation.touched):
        now, before = (
            _table(computation, aggregated_in(view), second),
            _table(computation, aggregated_in(view.earlier(measure.shift)), second),
        )
        return _change(measure.change, now, replace(before, full=None))
    now = evaluator.frame(measure.term, view)
    changed = _change(measure.change, now, evaluator.shifted(measure.term, view, measure.shift))
    return aggregate(changed, replace(windows, low=np.array([view.first]), high=np.array([view.last])))


def _change(kind: str, now: Frame, before: Frame) -> Frame:
    """The difference, or for pct_change its share of the older value in percent.

    https://docs.datadoghq.com/monitors/types/change-alert/
    """
    changed = join("-", now, before)
    if kind == "pct_change":
        changed = join("*", join("/", changed, before), 100.0)
    if isinstance(changed, float):
        raise CannotEvaluateError("the query", "it has no series in it")
    return changed
