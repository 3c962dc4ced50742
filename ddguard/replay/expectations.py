"""What a test expects, held against what a replay found out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose

from ddguard.findings import Position
from ddguard.model import Json
from ddguard.replay.cases import seconds
from ddguard.replay.messages import Message
from ddguard.replay.notifications import Notification
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State

TOLERANCE = 1e-9


Write = Callable[[Notification], Message]
"""The title and the text of a notification."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What expectations are held against: a replay, its test's `start` (seconds since the epoch), and its texts."""

    replay: Replay
    start: int
    write: Write

    def second(self, text: str) -> int:
        """The second that `60m` means: moments of a test count from its start."""
        return self.start + seconds(text)

    def moment(self, second: int) -> str:
        """`60m` or `60m30s` for a second: tests count in minutes."""
        return moment_text(second - self.start)


def moment_text(length: int) -> str:
    """`60m`, or `60m30s` where the minutes aren't whole, for the seconds since a test's start."""
    minutes, rest = divmod(length, 60)
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"


def number_text(value: float | None) -> str:
    """A value as tests write it: `100`, `0.25`; `none` where there is none."""
    return "none" if value is None else f"{value:.12g}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment at which expected and actual part (in seconds since the epoch), and how, in words."""

    second: int
    note: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that isn't met: both sides as text, where it stands, whom it is about, and where to look.

    `group` is None where the expectation names none.
    """

    expected: str
    actual: str
    position: Position
    group: str | None
    marks: tuple[Mark, ...] = ()


def mismatches(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    """The ways in which one expectation isn't met. The group that it names is there, or may be absent."""
    for key, compare in COMPARISONS.items():
        if key in expectation:
            yield from compare(expectation, outlook, position)


def _group(expectation: Mapping[str, Json], outlook: Outlook) -> GroupReplay:
    group = outlook.replay.group(expectation["group"])
    if group is None:
        raise LookupError(expectation["group"])
    return group


def _shown(state: State | None) -> str:
    return "not there" if state is None else state.value


# State and value at a moment


def _state(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    """State and value at one moment. What is wrong with either is one mismatch."""
    group, second, wanted = _group(expectation, outlook), outlook.second(expectation["at"]), expectation["state"]
    state, value = group.state_at(second), group.value_at(second)
    states_differ = state != wanted
    values_differ = "value" in expectation and not _same_number(expectation["value"], value)
    if states_differ or values_differ:
        number = f"the value {number_text(expectation['value'])}" if "value" in expectation else ""
        told = ", ".join(part for part in (wanted if states_differ else "", number if values_differ else "") if part)
        at = f"at {outlook.moment(second)}"
        expected = f"{wanted} {at}, {number}" if number else f"{wanted} {at}"
        found = "" if outlook.replay.thresholds is None and not number else f", the value {number_text(value)}"
        actual = f"{_shown(state)} {at}{found}"
        yield Mismatch(expected, actual, position, group.group, (Mark(second, f"expected: {told}"),))


def _same_number(wanted: float | None, value: float | None) -> bool:
    if wanted is None or value is None:
        return wanted is value
    return isclose(wanted, value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _never(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    group = outlook.replay.group(expectation["group"])
    for index, state in group.spans if group else ():
        if state is not None and state.value in expectation["never"]:
            second = int(outlook.replay.rounds[index])
            wanted = f"never {' or '.join(expectation['never'])}"
            actual = f"{state.value} at {outlook.moment(second)}"
            mark = Mark(second, f"not expected: {state.value}")
            yield Mismatch(wanted, actual, position, expectation["group"], (mark,))
            return


# Transitions


def _transitions(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    found = _group(expectation, outlook).transitions()
    wanted: Sequence[Mapping[str, Json]] = expectation["transitions"]
    marks = tuple(sorted(_transition_marks(wanted, found, outlook), key=lambda mark: mark.second))
    if marks:
        yield Mismatch(
            _listed([_wanted_transition(one, outlook) for one in wanted]),
            _listed([f"{outlook.moment(one.at)} {_arrow(one.before, one.after)}" for one in found]),
            position,
            expectation["group"],
            marks,
        )


def _transition_marks(
    wanted: Sequence[Mapping[str, Json]], found: Sequence[Transition], outlook: Outlook
) -> Iterator[Mark]:
    left = list(found)
    for one in wanted:
        met = next((other for other in left if _is_that_transition(one, other, outlook)), None)
        if met is None:
            yield Mark(outlook.second(one["at"]), f"expected: {_arrow(one.get('from'), one['to'])}")
        else:
            left.remove(met)
    for other in left:
        yield Mark(other.at, f"not expected: {_arrow(other.before, other.after)}")


def _is_that_transition(wanted: Mapping[str, Json], found: Transition, outlook: Outlook) -> bool:
    came_from = "from" not in wanted or wanted["from"] == found.before
    return came_from and outlook.second(wanted["at"]) == found.at and wanted["to"] == found.after


def _wanted_transition(wanted: Mapping[str, Json], outlook: Outlook) -> str:
    return f"{outlook.moment(outlook.second(wanted['at']))} {_arrow(wanted.get('from'), wanted['to'])}"


def _arrow(before: str | None, after: str | None) -> str:
    """`OK -> Alert`, `-> Alert` where nothing is known of before."""
    return f"{before or ''} -> {after or _shown(None)}".lstrip()


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) or "none"


# Notifications


def _notifications(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    group = expectation["group"]
    own = [one for one in outlook.replay.notifications if one.group == group]
    sent = [one for one in own if not one.suppressed_by]
    held = [one for one in own if one.suppressed_by]
    wanted: Sequence[Mapping[str, Json]] = expectation["notifications"]
    marks = tuple(sorted(_notification_marks(wanted, own, outlook), key=lambda mark: mark.second))
    if marks:
        told = _listed([f"{outlook.moment(one.at)} {one.kind}" for one in sent])
        silent = _listed([f"{outlook.moment(one.at)} {one.kind}" for one in held])
        yield Mismatch(
            _listed([f"{outlook.moment(outlook.second(one['at']))} {one['kind']}" for one in wanted]),
            f"{told}; held back: {silent}" if held else told,
            position,
            group,
            marks,
        )
        return
    for one, other in zip(sorted(wanted, key=lambda one: outlook.second(one["at"])), sent, strict=True):
        yield from _texts(one, outlook.write(other), outlook, position, group)


def _notification_marks(
    wanted: Sequence[Mapping[str, Json]], own: Sequence[Notification], outlook: Outlook
) -> Iterator[Mark]:
    left = [one for one in own if not one.suppressed_by]
    for one in wanted:
        second = outlook.second(one["at"])
        met = next((other for other in left if (other.at, other.kind) == (second, one["kind"])), None)
        if met is not None:
            left.remove(met)
            continue
        held = [other for other in own if other.suppressed_by and (other.at, other.kind) == (second, one["kind"])]
        why = f", held back by {', '.join(held[0].suppressed_by)}" if held else ""
        yield Mark(second, f"expected: {one['kind']}{why}")
    for other in left:
        yield Mark(other.at, f"not expected: {other.kind}")


def _texts(
    wanted: Mapping[str, Json], letter: Message, outlook: Outlook, position: Position, group: str
) -> Iterator[Mismatch]:
    """A mismatch for each text that a notification has to hold and doesn't."""
    for part, found in (("title", letter.title), ("message", letter.text)):
        text = wanted.get(part)
        if text is not None and text not in found:
            about = f"the {part} of {outlook.moment(outlook.second(wanted['at']))} {wanted['kind']}"
            yield Mismatch(f"{about} holds {text!r}", f"{about} is\n{found}", position, group)


# Downtimes


def _suppresses(expectation: Mapping[str, Json], outlook: Outlook, position: Position) -> Iterator[Mismatch]:
    scope, group, count = expectation["downtime"], expectation.get("group"), expectation["suppresses"]
    own = [one for one in outlook.replay.notifications if scope in one.suppressed_by]
    held = [one for one in own if group in {None, one.group}]
    if len(held) != count:
        told = _listed([f"{outlook.moment(one.at)} {one.kind} for {one.group}" for one in held])
        actual = f"{len(held)} held back: {told}" if held else "none held back"
        wanted = f"{count} notification{'' if count == 1 else 's'} held back by {scope}"
        marks = tuple(Mark(one.at, f"held back: {one.kind} for {one.group}") for one in held)
        yield Mismatch(wanted, actual, position, group, marks)


Compare = Callable[[Mapping[str, Json], Outlook, Position], Iterator[Mismatch]]

COMPARISONS: Mapping[str, Compare] = {
    "state": _state,
    "never": _never,
    "transitions": _transitions,
    "notifications": _notifications,
    "suppresses": _suppresses,
}
"""Each form of an expectation by the key that only it has."""
