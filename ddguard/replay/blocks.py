"""The values of all rounds at once, some groups after the others.

Columns of buckets, running totals, windows as differences of them. This way is open where the value of a bucket needs
no other points than its own and those around it; what isn't known yet at a round is in the tail of its window.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ddguard.replay.buckets import Even, in_buckets, in_shared_buckets, reduce_segments
from ddguard.replay.computation import Computation, judged, table
from ddguard.replay.expressions import shift_of
from ddguard.replay.fetched import Fetched, on_grid
from ddguard.replay.frames import Frame, join
from ddguard.replay.functions import FUNCTIONS
from ddguard.replay.interpolation import combined, filled
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import Rounds
from ddguard.replay.series import Times, Values
from ddguard.replay.sources import Sources
from ddguard.replay.tails import KEY_BITS, Cells, Columns, Ends, Mask, all_columns, columns_of, slots
from ddguard.replay.terms import Apply, Constant, Join, Leaf, Term
from ddguard.replay.windows import Tail, aggregate

CELLS_A_BLOCK = 50_000
"""Values that a block of groups has about: few enough for a processor's cache."""
SPREAD_CELLS = 1_000_000
"""The same where values are made between points, as there are many more of them, and their number is hard to tell."""


def is_open(computation: Computation) -> bool:
    """Whether the values can be computed this way. That depends on the query and the sources, never on values."""
    parts = computation.fetched.values()
    widths = {one.buckets.width for one in parts}
    even = len(widths) == 1 and all(isinstance(one.buckets, Even) for one in parts)
    plain = even and not any(one.leaf.rates for one in parts)
    return plain and computation.measure.change is None and _pointwise(computation.measure.term, widths.pop())


def _pointwise(term: Term, width: int) -> bool:
    match term:
        case Apply(function=function, operand=operand):
            seconds = shift_of(term)
            back = seconds is not None and seconds >= 0 and seconds % width == 0
            return (back or (function in FUNCTIONS and FUNCTIONS[function].pointwise)) and _pointwise(operand, width)
        case Join(left=left, right=right):
            return _pointwise(left, width) and _pointwise(right, width)
        case _:
            return True


def _shifted_leaves(term: Term, seconds: int = 0) -> Iterator[tuple[Leaf, int]]:
    """The leaves, from left to right, each with how many seconds before it is looked at."""
    match term:
        case Leaf():
            yield term, seconds
        case Apply(operand=operand):
            yield from _shifted_leaves(operand, seconds + (shift_of(term) or 0))
        case Join(left=left, right=right):
            yield from _shifted_leaves(left, seconds)
            yield from _shifted_leaves(right, seconds)


def blocks(computation: Computation) -> Iterator[Frame]:
    """`values[group, round]` of some groups after the others, by name."""
    for sources in _some_groups(computation):
        yield _over_time(computation, sources)


def _some_groups(computation: Computation) -> Iterator[dict[Leaf, Sources]]:
    fetched = computation.fetched
    keyed = [one.sources.groups for leaf, one in fetched.items() if leaf.by]
    everyone = sorted(set().union(*keyed)) if len(keyed) > 1 else list(keyed[0]) if keyed else []
    if not everyone or any(leaf.by != computation.measure.by for leaf in fetched if leaf.by):
        yield {leaf: one.sources for leaf, one in fetched.items()}
        return
    size = _groups_a_block(computation, len(everyone))
    for start in range(0, len(everyone), size):
        first, last = everyone[start], everyone[min(start + size, len(everyone)) - 1]
        yield {leaf: one.sources.between(first, last) if leaf.by else one.sources for leaf, one in fetched.items()}


def _groups_a_block(computation: Computation, groups: int) -> int:
    """How many groups are computed together: one where their buckets have little in common."""
    fetched = computation.fetched.values()
    if any(one.interpolated for one in fetched):
        return 1
    points = max(sum(times.size for times in one.sources.times) for one in fetched)
    rounds = computation.rounds.at.size
    return max(min(CELLS_A_BLOCK * groups // max(points, 1), SPREAD_CELLS // max(rounds, 1)), 1)


def _over_time(computation: Computation, sources: Mapping[Leaf, Sources]) -> Frame:
    """All rounds of some groups, a stretch after the other where values are made between points."""
    spread = [one for one in computation.fetched.values() if one.spread]
    if not spread:
        return _Block.of(computation, sources).table()
    rounds, width = computation.rounds, spread[0].buckets.width
    back = max(seconds for _, seconds in _shifted_leaves(computation.measure.term))
    reach = back + max(one.reach for one in spread) + width
    columns = (computation.measure.seconds + reach + rounds.every) // width
    size = max(SPREAD_CELLS // (columns * max(len(one.times) for one in sources.values()) or 1), 1)
    frames = []
    for start in range(0, rounds.at.size, size):
        part = computation.of_rounds(slice(start, start + size))
        first, last = int(part.rounds.low.min()) - reach, int(part.rounds.now[-1])
        frames.append(_Block.of(part, {leaf: one.within(first, last) for leaf, one in sources.items()}).table())
    full = None if frames[0].full is None else np.concatenate([one.full for one in frames if one.full is not None], 1)
    values = np.concatenate([one.values for one in frames], axis=1)
    return replace(frames[0], starts=np.arange(rounds.at.size), values=values, full=full)


Fetch = Callable[[Leaf, int], Frame]
"""A leaf's columns, looked at that many seconds before."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Some groups, and some rounds: `parts` are the leaves with these sources, `raw` the buckets of those points."""

    computation: Computation
    parts: Mapping[Leaf, Fetched]
    raw: Mapping[Leaf, tuple[Times, Values]]

    @classmethod
    def of(cls, computation: Computation, sources: Mapping[Leaf, Sources]) -> "_Block":
        """The block of those sources."""
        parts = {leaf: replace(one, sources=sources[leaf]) for leaf, one in computation.fetched.items()}
        return cls(computation, parts, {leaf: _in_buckets(one) for leaf, one in parts.items()})

    @cached_property
    def cells(self) -> Mapping[Leaf, Cells]:
        """The same buckets one by one."""
        return {leaf: Cells.of(*raw) for leaf, raw in self.raw.items()}

    def table(self) -> Frame:
        """`values[group, round]`."""
        found = table(self.computation, self._aggregated, self.computation.rounds.now)
        return judged(self.computation, found, self._aggregated)

    def _aggregated(self, term: Term) -> Frame:
        rounds = self.computation.rounds
        used = [(self.parts[leaf], back) for leaf, back in _shifted_leaves(term)]
        width = used[0][0].buckets.width
        begins = rounds.high // width * width
        depth = max(self._slots(one, begins - back, rounds.low - back) for one, back in used)
        tail = None
        if depth or any(_torn(one.sources, rounds, begins - back + width) for one, back in used):
            tail = self._tail(term, begins, begins - width * (max(depth, 1) - 1))
        return aggregate(self._columns(term, self._all_buckets), self.computation.windows, tail)

    def _tail(self, term: Term, begins: Times, since: Times) -> Tail:
        """The buckets from `since[round]` to `begins[round]`, as many as may have a value."""
        keys = [
            all_columns(since, begins, one.buckets.width)
            if one.spread and not one.interpolated
            else columns_of(self.cells[leaf], since - back, begins - back) + back
            for leaf, back in _shifted_leaves(term)
            for one in [self.parts[leaf]]
        ]
        rounds, starts = np.divmod(np.unique(np.concatenate(keys)), 1 << KEY_BITS)
        ends = self._columns(term, lambda leaf, back: self._ends(leaf, Columns(rounds, starts - back, begins - back)))
        return Tail(since, rounds, starts, ends.values)

    def _slots(self, one: Fetched, begins: Times, low: Times) -> int:
        return slots(self.cells[one.leaf], begins, low, one.buckets.width, one.reach) if one.leads_on else 0

    def _columns(self, term: Term, fetch: Fetch, back: int = 0) -> Frame:
        frame = self._pointwise(term, fetch, back)
        if isinstance(frame, float):
            raise CannotEvaluateError("the query", "it has a number where a series is due")
        return frame

    def _pointwise(self, term: Term, fetch: Fetch, back: int) -> Frame | float:
        match term:
            case Constant(value=value):
                return value
            case Leaf():
                return fetch(term, back)
            case Join(operator=operator, left=left, right=right):
                return join(operator, self._pointwise(left, fetch, back), self._pointwise(right, fetch, back))
            case Apply(function=function, operand=operand, arguments=arguments):
                seconds = shift_of(term)
                if seconds is not None:
                    return self._columns(operand, fetch, back + seconds)
                return FUNCTIONS[function].work(self._columns(operand, fetch, back), arguments)

    def _all_buckets(self, leaf: Leaf, back: int) -> Frame:
        """Each bucket that has a value, with all its points and those around it, that many seconds later."""
        one, (starts, cells) = self.parts[leaf], self.raw[leaf]
        if one.interpolated:
            cells = combined(starts, cells, one.sources.group, one.reach)
        elif leaf.fill and leaf.fill.method != "null" and starts.size:
            last = max(int(self.computation.rounds.high.max()), int(starts[-1]))
            starts, cells = on_grid(starts, cells, one.buckets.grid(int(starts[0]), last))
            cells = filled(starts, cells, leaf.fill.method, leaf.fill.limit)
        return one.frame(starts + back, cells, one.sources)

    def _ends(self, leaf: Leaf, columns: Columns) -> Frame:
        """Those buckets at the end of windows, with the points known then."""
        one, cells = self.parts[leaf], self.cells[leaf]
        ends = Ends(columns, self._latest(one, columns.begins))
        values = ends.known(cells)
        if one.interpolated:
            values = ends.filled(cells, values, _somewhere(values, one.sources), "linear", one.reach)
        elif leaf.fill:
            everywhere = np.ones(values.shape, dtype=np.bool_)
            values = ends.filled(cells, values, everywhere, leaf.fill.method, leaf.fill.limit)
        return one.frame(np.arange(columns.starts.size), values, one.sources)

    def _latest(self, one: Fetched, begins: Times) -> Values:
        """`values[source, round]` of the buckets that begin there, with the points known then."""
        points = one.sources.points()
        ends = np.minimum(begins + one.buckets.width, self.computation.rounds.now + 1)
        keys = (points.sources.astype(np.int64) << KEY_BITS) + points.times
        rows = np.arange(points.count, dtype=np.int64)[:, None] << KEY_BITS
        low, high = np.searchsorted(keys, rows + begins), np.searchsorted(keys, rows + ends)
        held = high > low
        values = np.full(held.shape, np.nan)
        values[held] = _ranges(points.values, low[held], high[held], one.method)
        return one.rated(values)


def _in_buckets(one: Fetched) -> tuple[Times, Values]:
    """The starts of the buckets that hold a point, and `values[source, bucket]` of all their points."""
    sources = one.sources
    if sources.times and all(times is sources.times[0] for times in sources.times):
        starts, cells = in_shared_buckets(sources.times[0], sources.values, one.buckets, one.method)
    else:
        starts, cells = in_buckets(sources.points(), one.buckets, one.method)
    return starts, one.rated(cells)


def _torn(sources: Sources, rounds: Rounds, ends: Times) -> bool:
    """Whether a bucket that ends there holds points that aren't known yet at its round."""
    for times in {id(times): times for times in sources.times}.values():
        following = np.append(times, ends[-1])[np.searchsorted(times, rounds.now, side="right")]
        if (following < ends).any():
            return True
    return False


def _somewhere(values: Values, sources: Sources) -> Mask:
    """Where any source of the same group has a value, for each of `values[source, column]`."""
    known = ~np.isnan(values)
    if not known.shape[0]:
        return known
    edges = np.flatnonzero(np.diff(sources.group, prepend=-1))
    return np.repeat(np.logical_or.reduceat(known, edges, axis=0), np.diff([*edges, known.shape[0]]), axis=0)


def _ranges(values: Values, low: Times, high: Times, method: str) -> Values:
    """Each `values[low:high]` as one value; none is empty."""
    lengths = high - low
    starts = np.cumsum(lengths) - lengths
    places = np.repeat(low - starts, lengths) + np.arange(int(lengths.sum()))
    return reduce_segments(values[places], starts, method) if lengths.size else np.empty(0)
