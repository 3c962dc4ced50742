"""What a run found out: values, states, transitions and notifications, ready to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.notifications import Notification, state_at
from ddguard.replay.rules import Thresholds
from ddguard.replay.series import Times, Values
from ddguard.replay.settings import Assumption
from ddguard.replay.states import Spans, State


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a group's state at the round `at`; `before` is None for a first state, `value` None without one.

    `after` is None where a group is given up after its retention.
    """

    at: int
    group: str
    before: State | None
    after: State | None
    value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A group's values by round, NaN where there is none.

    `kept` are all of them, or with `starts` those that differ from the one before: each from that round on.
    """

    count: int
    kept: Values
    starts: NDArray[np.int32] | None = None

    def whole(self) -> Values:
        """`values[round]`."""
        if self.starts is None:
            return self.kept
        return np.repeat(self.kept, np.diff([*self.starts, self.count]))

    def at(self, index: int) -> float:
        """The value of one round; from the end if negative."""
        if self.starts is None:
            return float(self.kept[index])
        place = np.searchsorted(self.starts, index % self.count, side="right") - 1
        return float(self.kept[place])


def rows_of(values: Values) -> list[Row]:
    """The rows of `values[group, round]`, in as little memory as they need."""
    count = values.shape[1]
    steps = np.ones(values.shape, dtype=np.bool_)
    np.not_equal(values[:, 1:], values[:, :-1], out=steps[:, 1:])
    empty = np.isnan(values)
    if empty.any():
        steps[:, 1:] &= ~(empty[:, 1:] & empty[:, :-1])
    rows, starts = np.nonzero(steps)
    if starts.size * COST_OF_A_STEP >= values.size:
        return [Row(count, row) for row in values]
    kept, rounds = values[rows, starts], starts.astype(np.int32)
    ends = np.cumsum(np.bincount(rows, minlength=len(values))).tolist()
    return [Row(count, kept[start:end], rounds[start:end]) for start, end in pairwise([0, *ends])]


COST_OF_A_STEP = 1.5
"""Twelve bytes, where a value has eight."""


@dataclass(frozen=True, eq=False)
class GroupReplay:
    """A group over the run: its values and its states.

    `tags` are its own and those that the query fixes.
    """

    group: str
    tags: frozenset[str]
    spans: Spans
    row: Row = field(repr=False)
    rounds: Times = field(repr=False)

    @property
    def values(self) -> Values:
        """`values[round]`, NaN where there is none."""
        return self.row.whole()

    @property
    def state(self) -> State | None:
        """The state at the end, None if the group was given up."""
        return self.spans[-1][1] if self.spans else None

    @cached_property
    def rounds_in(self) -> Mapping[State, int]:
        """How many rounds it spent in each of the states it was in."""
        edges = [index for index, _ in self.spans] + [int(self.rounds.size)]
        counts: dict[State, int] = {}
        for (start, state), end in zip(self.spans, edges[1:], strict=True):
            if state is not None:
                counts[state] = counts.get(state, 0) + end - start
        return counts

    def state_at(self, second: int) -> State | None:
        """The state in the last round at or before that second, None if the group didn't exist."""
        return state_at(self.spans, self._index(second))

    def value_at(self, second: int) -> float | None:
        """The value in the last round at or before that second."""
        index = self._index(second)
        return None if index < 0 else self.value_in(index)

    def value_in(self, index: int) -> float | None:
        """The value in the round with that index, None where there is none."""
        value = self.row.at(index)
        return None if np.isnan(value) else value

    def transitions(self) -> tuple[Transition, ...]:
        """Its changes of state; a first state of OK isn't one."""
        found = []
        before: State | None = None
        for index, state in self.spans:
            if before is not None or state is not State.OK:
                found.append(Transition(int(self.rounds[index]), self.group, before, state, self.value_in(index)))
            before = state
        return tuple(found)

    def _index(self, second: int) -> int:
        return int(np.searchsorted(self.rounds, second, side="right")) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """One monitor over one run.

    `rounds` are the seconds of the evaluations, `every` the seconds between them. `thresholds` is None for composites.
    `groups` lie by name; `transitions` and `notifications` by time, then by group. `assumptions` are those that decided
    something. `by` are the keys of a metric monitor's groups; `tells_no_data` is false where it shows No Data silently.
    """

    monitor: str
    query: str
    rounds: Times
    every: int
    groups: tuple[GroupReplay, ...]
    transitions: tuple[Transition, ...]
    notifications: tuple[Notification, ...]
    assumptions: tuple[Assumption, ...]
    thresholds: Thresholds | None
    by: tuple[str, ...] = ()
    tells_no_data: bool = True

    def group(self, name: str) -> GroupReplay | None:
        """The group that Datadog writes like this, None if it never appeared."""
        return next((group for group in self.groups if group.group == name), None)
