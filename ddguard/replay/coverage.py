"""What the tests of a project exercise: thresholds crossed both ways, missing data, quiet groups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ddguard.model import Monitor
from ddguard.replay.cases import CaseResult
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State

EVALUATED_TYPES = frozenset({"metric alert", "query alert", "composite"})
"""Types of monitors that can be tested locally at all."""


class Aspect(StrEnum):
    """One thing about a monitor that a test can show."""

    ALERTS = "alerts"
    RECOVERS = "recovers from Alert"
    WARNS = "warns"
    STOPS_WARNING = "recovers from Warn"
    MISSING_DATA = "data goes missing"
    QUIET = "a group stays quiet"


@dataclass(frozen=True, slots=True)
class MonitorCoverage:
    """Which aspects of a monitor the tests show, and which not."""

    monitor: str
    tests: int
    shown: tuple[Aspect, ...]
    missing: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of every monitor that can be tested, in the project's order."""

    monitors: tuple[MonitorCoverage, ...]

    @property
    def percent(self) -> float:
        """The share of all aspects that tests show, from 0 to 100; 100 where there is nothing to test."""
        shown = sum(len(one.shown) for one in self.monitors)
        total = shown + sum(len(one.missing) for one in self.monitors)
        return 100.0 * shown / total if total else 100.0


def coverage(monitors: Sequence[Monitor], results: Sequence[CaseResult]) -> Coverage:
    """What the tests that could be run show of each monitor."""
    replays: dict[str, list[Replay]] = {}
    for result in results:
        if result.replay is not None:
            replays.setdefault(result.case.monitor, []).append(result.replay)
    tested = [monitor for monitor in monitors if monitor.type in EVALUATED_TYPES]
    return Coverage(tuple(_covered(monitor, replays.get(monitor.id, [])) for monitor in tested))


def _covered(monitor: Monitor, replays: Sequence[Replay]) -> MonitorCoverage:
    seen = {aspect for replay in replays for aspect in _aspects_shown(replay)}
    wanted = _aspects_of(monitor)
    shown = tuple(aspect for aspect in wanted if aspect in seen)
    return MonitorCoverage(monitor.id, len(replays), shown, tuple(aspect for aspect in wanted if aspect not in seen))


def _aspects_of(monitor: Monitor) -> tuple[Aspect, ...]:
    return tuple(_aspects(monitor))


def _aspects(monitor: Monitor) -> Iterator[Aspect]:
    yield from (Aspect.ALERTS, Aspect.RECOVERS)
    thresholds: Mapping[str, object] = (monitor.definition.get("options") or {}).get("thresholds") or {}
    if thresholds.get("warning") is not None:
        yield from (Aspect.WARNS, Aspect.STOPS_WARNING)
    if monitor.type != "composite":
        yield Aspect.MISSING_DATA
    yield Aspect.QUIET


def _aspects_shown(replay: Replay) -> Iterator[Aspect]:
    yield from _crossings(replay.transitions)
    for group in replay.groups:
        if replay.thresholds is not None and _misses_data(group):
            yield Aspect.MISSING_DATA
        if set(group.rounds_in) == {State.OK}:
            yield Aspect.QUIET


def _crossings(transitions: Iterable[Transition]) -> Iterator[Aspect]:
    for change in transitions:
        if change.after is State.ALERT:
            yield Aspect.ALERTS
        elif change.after is State.WARN:
            yield Aspect.WARNS
        elif change.before is State.ALERT:
            yield Aspect.RECOVERS
        elif change.before is State.WARN:
            yield Aspect.STOPS_WARNING


def _misses_data(group: GroupReplay) -> bool:
    """Whether the group had a value once and none later."""
    there = np.isfinite(group.values)
    return bool(there.any()) and not bool(there[int(np.argmax(there)) :].all())
