"""The value of every group in every round.

Where a bucket's value depends on its own points and those around it, all rounds are computed at once, some groups
after the others (`blocks`). Everything else (functions over time or over groups) goes round by round, over all groups
at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from ddguard.errors import InputError
from ddguard.replay.blocks import blocks, is_open
from ddguard.replay.computation import Computation, judged, table
from ddguard.replay.expressions import Evaluator, View
from ddguard.replay.fetched import by_time
from ddguard.replay.frames import Frame, join
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.terms import Term
from ddguard.replay.windows import aggregate

MOST_VALUES = 100_000_000
"""Of all groups and rounds together where they go round by round: 800 MB, and hours."""


def compute(computation: Computation) -> Iterator[Frame]:
    """`values[group, round]`, NaN where a round has no value; some groups after the others."""
    if not computation.rounds.at.size:
        return
    if is_open(computation):
        yield from blocks(computation)
    else:
        yield _round_by_round(computation)


def _round_by_round(computation: Computation) -> Frame:
    ready = {leaf: replace(one, points=by_time(one.sources)) for leaf, one in computation.fetched.items()}
    evaluator = Evaluator(ready, computation.settings, computation.touched)
    rounds = computation.rounds
    views = map(View, rounds.low.tolist(), rounds.high.tolist(), rounds.now.tolist())
    frame = _one_round(computation, evaluator, next(views))
    shape = len(frame.groups), rounds.at.size
    _check_size(*shape)
    values = np.empty(shape)
    full = None if frame.full is None else np.empty(shape, dtype=np.bool_)
    for column, one in enumerate(chain([frame], (_one_round(computation, evaluator, view) for view in views))):
        values[:, column] = one.values[:, 0]
        if full is not None and one.full is not None:
            full[:, column] = one.full[:, 0]
    return replace(frame, starts=np.arange(shape[1]), values=values, full=full)


def _check_size(groups: int, rounds: int) -> None:
    if groups * rounds > MOST_VALUES:
        raise InputError(
            f"{groups:,} groups in {rounds:,} rounds are more than {MOST_VALUES:,} values, and this query needs each",
            "--from, --to and --every make fewer rounds, a filter in the query fewer groups",
        )


def _one_round(computation: Computation, evaluator: Evaluator, view: View) -> Frame:
    windows = computation.windows

    def aggregated_in(seen: View) -> Callable[[Term], Frame]:
        window = replace(windows, low=np.array([seen.first]), high=np.array([seen.last]))
        return lambda term: aggregate(evaluator.frame(term, seen), window)

    return judged(computation, _one_value(computation, view, aggregated_in), aggregated_in(view))


def _one_value(
    computation: Computation,
    view: View,
    aggregated_in: Callable[[View], Callable[[Term], Frame]],
) -> Frame:
    measure, second = computation.measure, np.array([view.now])
    now = table(computation, aggregated_in(view), second)
    if measure.change is None:
        return now
    before = table(computation, aggregated_in(view.earlier(measure.shift)), second)
    return _change(measure.change, now, replace(before, full=None))


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
