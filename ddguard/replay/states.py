"""The state of each group, round by round: thresholds with recovery, missing data, auto-resolve, retention.

https://docs.datadoghq.com/monitors/configuration/ and https://docs.datadoghq.com/monitors/guide/recovery-thresholds/
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddguard.replay.rules import OnMissing, Rules, Thresholds
from ddguard.replay.series import Times, Values
from ddguard.replay.settings import Settings

Codes = NDArray[np.int8]

CRITICAL, CRITICAL_HELD, WARNING, WARNING_HELD = 1, 2, 4, 8
MISSING, CANCELLED, ABSENT = 16, 32, 64
"""What one evaluation of one group found, as bits; MISSING, CANCELLED and ABSENT stand alone.

CRITICAL and WARNING: the threshold is crossed. ..._HELD: there is a recovery threshold and it is not met.
"""

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
NOT_RECOVERED: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
"""`>` recovers at `<=` the recovery threshold, `>=` at `<` and so on; `==` and `!=` have no documented recovery."""


class State(StrEnum):
    """A group's status as Datadog names it."""

    OK = "OK"
    NO_DATA = "No Data"
    WARN = "Warn"
    ALERT = "Alert"


SEVERITY = {State.OK: 1, State.NO_DATA: 2, State.WARN: 3, State.ALERT: 4}
"""https://docs.datadoghq.com/monitors/types/composite/."""

Spans = tuple[tuple[int, State | None], ...]
"""A group's states: each from the round with that index on; None while the group doesn't exist."""


def classify(values: Values, thresholds: Thresholds) -> Codes:
    """What each value says, for values of any shape; NaN is MISSING."""
    compare = COMPARE[thresholds.comparator]
    held = NOT_RECOVERED.get(thresholds.comparator)
    codes = np.where(compare(values, thresholds.critical), CRITICAL, 0).astype(np.int8)
    if thresholds.warning is not None:
        codes |= np.where(compare(values, thresholds.warning), WARNING, 0).astype(np.int8)
    if held and thresholds.critical_recovery is not None:
        codes |= np.where(held(values, thresholds.critical_recovery), CRITICAL_HELD, 0).astype(np.int8)
    if held and thresholds.warning_recovery is not None:
        codes |= np.where(held(values, thresholds.warning_recovery), WARNING_HELD, 0).astype(np.int8)
    codes[np.isnan(values)] = MISSING
    return codes


@dataclass(frozen=True, slots=True)
class Machine:
    """How states follow each other for one monitor.

    `zero` is the code of the value 0, `window` the evaluation window in seconds, `touched` collects the names of the
    assumptions that decided something.
    """

    rules: Rules
    settings: Settings
    zero: int
    window: int
    touched: set[str]

    def next(self, before: State | None, code: int) -> State:
        """The state after an evaluation with that code (a value's, neither missing nor cancelled)."""
        if code & CRITICAL:
            return State.ALERT
        if before is State.ALERT and code & CRITICAL_HELD:
            return self._held_alert(code)
        if code & WARNING:
            return State.WARN
        if code & WARNING_HELD and before is State.WARN:
            return State.WARN
        if code & WARNING_HELD and before is State.ALERT:
            self.touched.add("warning-recovery-after-alert")
            return State.WARN if self.settings.choice("warning-recovery-after-alert") == "warn" else State.OK
        return State.OK

    def _held_alert(self, code: int) -> State:
        if not code & WARNING:
            return State.ALERT
        self.touched.add("critical-recovery")
        return State.ALERT if self.settings.choice("critical-recovery") == "hold" else State.WARN

    def after(self, state: State | None, remembered: State | None, code: int) -> State:
        """As `next`, for a group that is in No Data and was in `remembered` before."""
        plain = self.next(state, code)
        if state is not State.NO_DATA or remembered is None:
            return plain
        kept = self.next(remembered, code)
        if kept is plain:
            return plain
        self.touched.add("recovery-memory")
        return kept if self.settings.choice("recovery-memory") == "keep" else plain


def runs(codes: Codes) -> Iterator[tuple[int, int, int]]:
    """The stretches of equal codes: first index, index after the last, code."""
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), codes.size]
    yield from zip(starts, ends, codes[starts].tolist(), strict=True)


def history(codes: Codes, rounds: Times, machine: Machine, reborn: Callable[[int], int]) -> Spans:
    """The states of one group over all rounds.

    `codes[round]`; `reborn` tells the first round index from which a group counts that was removed at that index.
    """
    return _Walk(rounds, machine, reborn).over(codes)


@dataclass(slots=True)
class _Walk:
    """The walk along one group's codes."""

    rounds: Times
    machine: Machine
    reborn: Callable[[int], int]
    spans: "list[tuple[int, State | None]]"
    state: State | None
    remembered: State | None
    missing_since: int | None
    resolved: bool
    absent_until: int

    def __init__(self, rounds: Times, machine: Machine, reborn: Callable[[int], int]) -> None:
        self.rounds = rounds
        self.machine = machine
        self.reborn = reborn
        self.spans = []
        self.state = self.remembered = self.missing_since = None
        self.resolved = False
        self.absent_until = 0

    def over(self, codes: Codes) -> Spans:
        for start, end, code in runs(codes):
            first = max(start, self.absent_until)
            if code == ABSENT or first >= end:
                continue
            if code == MISSING:
                self._missing(first, end)
            else:
                self.missing_since = None
                self.resolved = False
                if code != CANCELLED:
                    self._enter(first, self.machine.after(self.state, self.remembered, code))
        return tuple(self.spans)

    def _enter(self, index: int, state: State | None) -> None:
        if state is self.state:
            return
        if state is not State.NO_DATA:
            self.remembered = state
        self.state = state
        self.spans.append((index, state))

    def _missing(self, start: int, end: int) -> None:
        if self.state is None:
            return
        missing = self.machine.rules.missing
        self.machine.touched.update(missing.assumptions)
        if self.missing_since is None:
            self.missing_since = int(self.rounds[start])
        since = self.missing_since
        removal = self._round_of(since, self.machine.rules.retention)
        if missing.action is OnMissing.RESOLVE:
            self._enter(start, State.OK)
        elif missing.action is OnMissing.ZERO:
            self._enter(start, self.machine.after(self.state, self.remembered, self.machine.zero))
        elif missing.action is OnMissing.NO_DATA and not self.resolved:
            shown = max(start, self._round_of(since, missing.after - self.machine.window))
            if shown < (end if self.state is State.OK else min(end, self._timeout(since))):
                self._enter(shown, State.NO_DATA)
        self._resolve(start, min(end, removal + 1), since)
        if removal < end:
            self._remove(max(start, removal))

    def _timeout(self, since: int) -> int:
        return self._round_of(since, self.machine.rules.timeout)

    def _round_of(self, since: int, seconds: int | None) -> int:
        """The index of the first round that many seconds after `since`; one past all rounds for None."""
        if seconds is None:
            return int(self.rounds.size)
        return int(np.searchsorted(self.rounds, since + max(seconds, 0)))

    def _resolve(self, start: int, end: int, since: int) -> None:
        """Auto-resolve after `timeout_h` without data; a query that counts 0 triggers again at the next round."""
        index = max(start, self._timeout(since), self.spans[-1][0] + 1)
        if index >= end or self.state is State.OK or self.resolved:
            return
        self.resolved = True
        self._enter(index, State.OK)
        if self.machine.rules.missing.action is OnMissing.ZERO and index + 1 < end:
            self._enter(index + 1, self.machine.next(State.OK, self.machine.zero))

    def _remove(self, index: int) -> None:
        if self.spans and self.spans[-1][0] == index:
            index = min(index + 1, self.rounds.size)
        if index < self.rounds.size:
            self._enter(index, None)
        self.missing_since = self.remembered = None
        self.resolved = False
        self.absent_until = max(self.reborn(index), index + 1)
