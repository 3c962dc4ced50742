"""What is sent: on each transition, on repeats, and at the end of a downtime.

https://docs.datadoghq.com/monitors/notify/ and https://docs.datadoghq.com/monitors/downtimes/
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ddguard.replay.downtimes import Silence, covering
from ddguard.replay.rules import Renotify
from ddguard.replay.series import Times
from ddguard.replay.states import SEVERITY, Spans, State

NEVER = 2**62


class Kind(StrEnum):
    """Why a notification is sent."""

    ALERT = "alert"
    WARN = "warn"
    NO_DATA = "no data"
    RECOVERY = "recovery"
    RENOTIFY = "renotify"


KIND_OF = {State.ALERT: Kind.ALERT, State.WARN: Kind.WARN, State.NO_DATA: Kind.NO_DATA, State.OK: Kind.RECOVERY}


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification at the round `at`, sent unless `suppressed_by` names downtimes.

    `state` is the group's state then, `came_from` the one before a transition (None for repeats and first states).
    """

    at: int
    group: str
    kind: Kind
    state: State
    came_from: State | None = None
    suppressed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A group that notifications speak of, or are merged from: its states and all tags that it stands for."""

    group: str
    tags: frozenset[str]
    spans: Spans


@dataclass(frozen=True, slots=True)
class Postbox:
    """What decides about a monitor's notifications: rounds, their seconds, repeats, No Data, downtimes."""

    rounds: Times
    offset: int
    renotify: Renotify | None
    tells_no_data: bool
    silences: Sequence[Silence] = ()

    def notifications(self, group: str, members: Sequence[Member]) -> tuple[Notification, ...]:
        """Everything that is sent, or would be but for a downtime, for members that share their notifications."""
        merged = members[0].spans if len(members) == 1 else worst(members)
        if merged and all(state in {State.OK, None} for _, state in merged):
            return ()
        return tuple(_Walk(self, group, members, merged).letters())


def _names(silences: Sequence[Silence]) -> tuple[str, ...]:
    return tuple(one.name for one in silences)


def state_at(spans: Spans, index: int) -> State | None:
    """The state in the round with that index."""
    found = None
    for start, state in spans:
        if start > index:
            break
        found = state
    return found


def worst(members: Sequence[Member]) -> Spans:
    """The states of several groups as one: the worst of them at each round."""
    changes = sorted((start, number, state) for number, member in enumerate(members) for start, state in member.spans)
    now: dict[int, State | None] = {}
    merged: list[tuple[int, State | None]] = []
    for position, (start, number, state) in enumerate(changes):
        now[number] = state
        if position + 1 < len(changes) and changes[position + 1][0] == start:
            continue
        present = [one for one in now.values() if one is not None]
        top = max(present, key=SEVERITY.__getitem__) if present else None
        if not merged or merged[-1][1] is not top:
            merged.append((start, top))
    return tuple(merged)


@dataclass(slots=True)
class _Walk:
    """The walk along the rounds at which something may be sent.

    `cycle` is whether a problem is open that was, or would have been, told; `told` whether it really was.
    """

    box: Postbox
    group: str
    members: Sequence[Member]
    spans: Spans
    state: State | None = None
    cycle: bool = False
    told: bool = False
    last: int = 0
    repeats: int = 0

    def letters(self) -> Iterator[Notification]:
        changes = dict(self.spans)
        ends = self._ends()
        index = -1
        while True:
            index = self._next(index, changes, ends)
            if index >= self.box.rounds.size:
                return
            if index in changes and changes[index] is not self.state:
                letter = self._transition(index, changes[index])
            elif index in ends:
                letter = self._end_of_downtime(index, ends[index]) or self._repeat(index)
            else:
                letter = self._repeat(index)
            if letter is not None:
                self._note(letter)
                yield letter

    def _next(self, index: int, changes: dict[int, State | None], ends: dict[int, list[Silence]]) -> int:
        later = [at for at in (*changes, *ends) if at > index]
        return min([*later, self._due(index), int(self.box.rounds.size)])

    def _due(self, index: int) -> int:
        """The round of the next repeat after the round `index`."""
        renotify = self.box.renotify
        if renotify is None or not self.cycle or self.state is None or self.state is State.OK:
            return NEVER
        if KIND_OF[self.state].value not in renotify.statuses or not self._tells(self.state):
            return NEVER
        if renotify.occurrences is not None and self.repeats >= renotify.occurrences:
            return NEVER
        return max(int(np.searchsorted(self.box.rounds, self.last + renotify.interval)), index + 1)

    def _tells(self, state: State) -> bool:
        return state is not State.NO_DATA or self.box.tells_no_data

    def _transition(self, index: int, state: State | None) -> Notification | None:
        before, self.state = self.state, state
        self.repeats = 0
        if state is None or (state is State.OK and not self.cycle):
            self.cycle = self.told = False
            return None
        if not self._tells(state):
            return None
        muted_by = self._muting(index)
        if state is State.OK and self._first_recovery(muted_by):
            muted_by = ()
        return replace(self._letter(index, KIND_OF[state], state), came_from=before, suppressed_by=_names(muted_by))

    def _first_recovery(self, muted_by: tuple[Silence, ...]) -> bool:
        """Whether a recovery goes out in spite of a downtime: of a problem that was told before it."""
        return self.told and not any(one.mute_first_recovery for one in muted_by)

    def _end_of_downtime(self, index: int, ended: list[Silence]) -> Notification | None:
        state = self.state
        if state is None or state is State.OK or not self._tells(state) or self._muting(index):
            return None
        for one in ended:
            tells = "expired" in one.end_types and KIND_OF[state].value in one.end_states
            if tells and any(one.scope.covers(member.tags) for member in self._in_trouble(index)):
                return self._letter(index, KIND_OF[state], state)
        return None

    def _repeat(self, index: int) -> Notification | None:
        if self.state is None or self._due(index - 1) != index:
            return None
        self.repeats += 1
        return replace(self._letter(index, Kind.RENOTIFY, self.state), suppressed_by=_names(self._muting(index)))

    def _letter(self, index: int, kind: Kind, state: State) -> Notification:
        return Notification(int(self.box.rounds[index]), self.group, kind, state)

    def _note(self, letter: Notification) -> None:
        self.last = letter.at
        self.cycle = letter.state is not State.OK
        self.told = self.cycle and (self.told or not letter.suppressed_by)

    def _muting(self, index: int) -> tuple[Silence, ...]:
        """The downtimes that cover every member concerned: those in trouble in this round or the one before."""
        if not self.box.silences:
            return ()
        second = int(self.box.rounds[index]) + self.box.offset
        found: dict[str, Silence] = {}
        for member in self._concerned(index):
            mutes = covering(self.box.silences, member.tags, second)
            if not mutes:
                return ()
            found.update((one.name, one) for one in mutes)
        return tuple(found.values())

    def _concerned(self, index: int) -> Sequence[Member]:
        """Those in trouble in the round, or once all is well in the one before; a group alone always."""
        if len(self.members) == 1:
            return self.members
        return [*self._in_trouble(index), *(self._in_trouble(index - 1) if self.state is State.OK else ())]

    def _in_trouble(self, index: int) -> list[Member]:
        return [member for member in self.members if state_at(member.spans, index) not in {State.OK, None}]

    def _ends(self) -> dict[int, list[Silence]]:
        """The rounds at which a downtime of a member has just ended, with the downtimes."""
        ends: dict[int, list[Silence]] = {}
        for one in self.box.silences:
            if not any(one.scope.covers(member.tags) for member in self.members):
                continue
            for _, end in one.stretches:
                index = int(np.searchsorted(self.box.rounds, end - self.box.offset))
                if 0 < index < self.box.rounds.size:
                    ends.setdefault(index, []).append(one)
        return ends
