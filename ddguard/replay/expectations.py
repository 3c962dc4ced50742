"""What a test expects, held against what a replay found out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isclose

from ddguard.findings import Position
from ddguard.model import Json, Monitor
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State
from ddguard.spec.durations import duration_text, parse_duration

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Moment:
    """The start of a test, in seconds since the epoch: moments in a test count from there. And the tested monitor."""

    start: int
    monitor: Monitor

    def second(self, text: str) -> int:
        """The second that `60m` means."""
        return self.start + int(parse_duration(text).total_seconds())

    def text(self, second: int) -> str:
        """`60m` for a second: minutes where they are whole, as tests are written."""
        rest = second - self.start
        return f"{rest // 60}m" if rest % 60 == 0 else duration_text(timedelta(seconds=rest))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that isn't met: both sides as text, where it stands, and the group's rounds to look at.

    `around` are the seconds of interest: what was expected there, or what happened there instead.
    """

    expected: str
    actual: str
    position: Position
    group: str | None
    around: tuple[int, ...] = ()


def mismatches(
    expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position
) -> Iterator[Mismatch]:
    """The ways in which one expectation isn't met; at most one, but for a state with a value, which are two things."""
    for key, compare in COMPARISONS.items():
        if key in expectation:
            yield from compare(expectation, replay, moment, position)


def _state(expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position) -> Iterator[Mismatch]:
    group = _group(replay, expectation)
    second = moment.second(expectation["at"])
    state, value = group.state_at(second), group.value_at(second)
    at = f"at {expectation['at']}"
    if state != expectation["state"]:
        shown = f"{_shown(state)} {at}, value {_number(value)}"
        yield Mismatch(f"{expectation['state']} {at}", shown, position, group.group, (second,))
    if "value" in expectation and not _same_number(expectation["value"], value):
        wanted = f"the value {_number(expectation['value'])} {at}"
        yield Mismatch(wanted, f"the value {_number(value)} {at}", position, group.group, (second,))


def _group(replay: Replay, expectation: Mapping[str, Json]) -> GroupReplay:
    group = replay.group(expectation["group"])
    if group is None:
        raise LookupError(expectation["group"])
    return group


def _shown(state: State | None) -> str:
    return "not there" if state is None else state.value


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.12g}"


def _same_number(wanted: float | None, value: float | None) -> bool:
    if wanted is None or value is None:
        return wanted is value
    return isclose(wanted, value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _never(expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position) -> Iterator[Mismatch]:
    group = replay.group(expectation["group"])
    spans = group.spans if group else ()
    for index, state in spans:
        if state is not None and state.value in expectation["never"]:
            second = int(replay.rounds[index])
            wanted = f"never {' or '.join(expectation['never'])}"
            yield Mismatch(wanted, f"{state.value} at {moment.text(second)}", position, expectation["group"], (second,))
            return


def _transitions(
    expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position
) -> Iterator[Mismatch]:
    found = _group(replay, expectation).transitions()
    wanted: Sequence[Mapping[str, Json]] = expectation["transitions"]
    met = len(found) == len(wanted) and all(
        _is_that_transition(one, other, moment) for one, other in zip(wanted, found, strict=True)
    )
    if not met:
        seconds = [moment.second(one["at"]) for one in wanted] + [one.at for one in found]
        yield Mismatch(
            _listed([_wanted_transition(one) for one in wanted]),
            _listed([f"{moment.text(one.at)} to {_shown(one.after)}" for one in found]),
            position,
            expectation["group"],
            tuple(sorted(set(seconds))),
        )


def _is_that_transition(wanted: Mapping[str, Json], found: Transition, moment: Moment) -> bool:
    came_from = "from" not in wanted or wanted["from"] == found.before
    return came_from and moment.second(wanted["at"]) == found.at and wanted["to"] == found.after


def _wanted_transition(wanted: Mapping[str, Json]) -> str:
    before = f" from {wanted['from']}" if "from" in wanted else ""
    return f"{wanted['at']}{before} to {wanted['to']}"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) or "none"


def _notifications(
    expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position
) -> Iterator[Mismatch]:
    group = expectation["group"]
    sent = [one for one in replay.notifications if one.group == group and not one.suppressed_by]
    wanted: Sequence[Mapping[str, Json]] = expectation["notifications"]
    met = len(sent) == len(wanted) and all(
        moment.second(one["at"]) == other.at and one["kind"] == other.kind
        for one, other in zip(wanted, sent, strict=True)
    )
    if not met:
        seconds = [moment.second(one["at"]) for one in wanted] + [one.at for one in sent]
        yield Mismatch(
            _listed([f"{one['at']} {one['kind']}" for one in wanted]),
            _listed([f"{moment.text(one.at)} {one.kind}" for one in sent]),
            position,
            group,
            tuple(sorted(set(seconds))),
        )


def _suppresses(
    expectation: Mapping[str, Json], replay: Replay, moment: Moment, position: Position
) -> Iterator[Mismatch]:
    scope, group = expectation["downtime"], expectation.get("group")
    held = [one for one in replay.notifications if scope in one.suppressed_by and group in {None, one.group}]
    if len(held) != expectation["suppresses"]:
        told = _listed([f"{moment.text(one.at)} {one.kind} for {one.group}" for one in held])
        actual = f"{len(held)} held back: {told}" if held else "none held back"
        wanted = f"{expectation['suppresses']} notifications held back by {scope}"
        yield Mismatch(wanted, actual, position, group, tuple(one.at for one in held))


Compare = Callable[[Mapping[str, Json], Replay, Moment, Position], Iterator[Mismatch]]

COMPARISONS: Mapping[str, Compare] = {
    "state": _state,
    "never": _never,
    "transitions": _transitions,
    "notifications": _notifications,
    "suppresses": _suppresses,
}
"""Each form of an expectation by the key that only it has."""
