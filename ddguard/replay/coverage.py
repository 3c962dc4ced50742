"""What the tests of a project show of its monitors: thresholds crossed both ways, missing data, quiet groups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ddguard.errors import InputError
from ddguard.model import Json, Monitor
from ddguard.replay.measure import read_measure
from ddguard.replay.monitors import constituents_of
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.running import CaseResult
from ddguard.replay.states import State


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
    """Which aspects of a monitor its tests show, and which not.

    `policy` is what the monitor does without data, as its options have it; empty for a composite.
    """

    monitor: str
    tests: int
    shown: tuple[Aspect, ...]
    missing: tuple[Aspect, ...]
    policy: str = ""

    @property
    def percent(self) -> float:
        """The share of its aspects that tests show, from 0 to 100."""
        return 100.0 * len(self.shown) / (len(self.shown) + len(self.missing))


@dataclass(frozen=True, slots=True)
class Untestable:
    """A monitor that can't be evaluated locally, and why: no test can cover it, and none is missed."""

    monitor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of monitors, in the project's order."""

    monitors: tuple[MonitorCoverage, ...]
    untestable: tuple[Untestable, ...] = ()

    @property
    def percent(self) -> float:
        """The share of all aspects that tests show, from 0 to 100; 100 where there is nothing to test."""
        shown = sum(len(one.shown) for one in self.monitors)
        total = shown + sum(len(one.missing) for one in self.monitors)
        return 100.0 * shown / total if total else 100.0


def coverage(monitors: Sequence[Monitor], others: Mapping[str, Monitor], results: Sequence[CaseResult]) -> Coverage:
    """What the tests that could be run show of the monitors; `others` are all of the project by id."""
    replays: dict[str, list[Replay]] = {}
    for result in results:
        if result.found is not None:
            replays.setdefault(result.case.monitor, []).append(result.found.replay)
    reasons = {monitor.id: _why_untestable(monitor, others) for monitor in monitors}
    return Coverage(
        tuple(_covered(one, replays.get(one.id, [])) for one in monitors if not reasons[one.id]),
        tuple(Untestable(name, reason) for name, reason in reasons.items() if reason),
    )


def _why_untestable(monitor: Monitor, others: Mapping[str, Monitor]) -> str:
    """Why a monitor can't be evaluated locally; empty if it can. A composite can if all that it combines can."""
    try:
        if monitor.type != "composite":
            read_measure(monitor.definition)
            return ""
        for name in constituents_of(monitor.definition):
            if name not in others:
                return f"it combines the monitor {name}, which is no part of this project"
            if _why_untestable(others[name], others):
                return f"it combines {name}, which can't be evaluated locally"
    except InputError as error:
        return error.message
    return ""


def _covered(monitor: Monitor, replays: Sequence[Replay]) -> MonitorCoverage:
    seen = {aspect for replay in replays for aspect in _aspects_shown(replay)}
    wanted = tuple(_aspects(monitor))
    return MonitorCoverage(
        monitor.id,
        len(replays),
        tuple(aspect for aspect in wanted if aspect in seen),
        tuple(aspect for aspect in wanted if aspect not in seen),
        _policy(monitor),
    )


def _options(monitor: Monitor) -> Mapping[str, Json]:
    return monitor.definition.get("options") or {}


def _policy(monitor: Monitor) -> str:
    if monitor.type == "composite":
        return ""
    name = "on_missing_data" if _options(monitor).get("on_missing_data") else "notify_no_data"
    value = _options(monitor).get(name) or False
    return f"{name}: {str(value).lower()}"


def _aspects(monitor: Monitor) -> Iterator[Aspect]:
    yield from (Aspect.ALERTS, Aspect.RECOVERS)
    if (_options(monitor).get("thresholds") or {}).get("warning") is not None:
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
    """Thresholds crossed: up to Alert or Warn, and down again. Going to No Data is no recovery."""
    for change in transitions:
        if change.after is State.ALERT:
            yield Aspect.ALERTS
        if change.after is State.WARN and change.before is not State.ALERT:
            yield Aspect.WARNS
        if change.before is State.ALERT and change.after in {State.WARN, State.OK}:
            yield Aspect.RECOVERS
        if change.before is State.WARN and change.after is State.OK:
            yield Aspect.STOPS_WARNING


def _misses_data(group: GroupReplay) -> bool:
    """Whether the group had a value once and none later."""
    there = np.isfinite(group.values)
    return bool(there.any()) and not bool(there[int(np.argmax(there)) :].all())
