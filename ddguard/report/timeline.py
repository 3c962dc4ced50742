"""The rounds around the moments at which a test and a replay part: moment, value, state, and what was expected."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.text import Text

from ddguard.replay.expectations import Mark, Mismatch, moment_text, number_text
from ddguard.replay.monitors import Replayed
from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.states import State
from ddguard.report.chart import COLORS
from ddguard.report.escape import printable_line

ROUNDS_AROUND = 2
MOST_ROWS = 20
MOMENT_WIDTH = 9
VALUE_WIDTH = 12
STATE_WIDTH = 9

Behind = Mapping[str, GroupReplay]
"""The groups of the monitors that a composite combines, by the monitors' ids."""


def timeline(found: Replayed, start: int, mismatch: Mismatch) -> Iterator[Text]:
    """A table of rounds; `>` marks the moments that matter. Moments are counted from the second `start`.

    For a composite it shows the states of the monitors that it combines instead of a value.
    """
    group = found.replay.group(mismatch.group) if mismatch.group else None
    if group is None or not group.rounds.size:
        for mark in mismatch.marks[:MOST_ROWS]:
            yield Text.assemble(("> ", "bold"), f"{moment_text(mark.second - start):>{MOMENT_WIDTH}}  ", _note([mark]))
        return
    if not mismatch.marks:
        return
    behind = found.groups_behind(group.group)
    yield _head(found.replay, list(behind))
    notes = {second: list(same) for second, same in groupby(mismatch.marks, key=lambda mark: mark.second)}
    seconds = _seconds(group, mismatch.marks)
    for place, second in enumerate(seconds):
        if place and _rounds_between(group, seconds[place - 1], second):
            yield Text(f"  {'...':>{MOMENT_WIDTH}}", "dim")
        yield _row(found.replay, group, behind, second, start, notes.get(second, []))
    left = sum(mark.second not in seconds for mark in mismatch.marks)
    if left:
        yield Text(f"  {'...':>{MOMENT_WIDTH}}  and {left} more", "dim")


def _seconds(group: GroupReplay, marks: Sequence[Mark]) -> list[int]:
    """The marked moments and the rounds around them, as many as fit into a small table."""
    chosen: set[int] = set()
    for mark in marks:
        index = int(group.rounds.searchsorted(mark.second, side="right")) - 1
        near = group.rounds[max(0, index - ROUNDS_AROUND) : index + ROUNDS_AROUND + 1].tolist()
        more = chosen | {mark.second, *near}
        if len(more) > MOST_ROWS:
            break
        chosen = more
    return sorted(chosen)


def _rounds_between(group: GroupReplay, first: int, second: int) -> bool:
    """Whether the table leaves out rounds between two of its rows."""
    low = int(group.rounds.searchsorted(first, side="right"))
    return low < int(group.rounds.searchsorted(second, side="left"))


def _head(replay: Replay, names: Sequence[str]) -> Text:
    told = [f"  {'moment':>{MOMENT_WIDTH}}"]
    if replay.thresholds is not None:
        told.append(f"{'value':>{VALUE_WIDTH}}")
    told.append(f"{'state':<{STATE_WIDTH}}")
    told += [f"{printable_line(name):<{_width(name)}}" for name in names]
    return Text("  ".join([*told, thresholds_text(replay)]).rstrip(), "dim")


def thresholds_text(replay: Replay) -> str:
    """`Alert: > 100, Warn: > 80`, and where they end if that is elsewhere; empty for a composite."""
    known = replay.thresholds
    if known is None:
        return ""
    levels = (("Alert", known.critical, known.critical_recovery), ("Warn", known.warning, known.warning_recovery))
    told = []
    for name, level, recovery in levels:
        if level is not None:
            until = "" if recovery is None else f" until {number_text(recovery)}"
            told.append(f"{name}: {known.comparator} {number_text(level)}{until}")
    return ", ".join(told)


def _row(replay: Replay, group: GroupReplay, behind: Behind, second: int, start: int, marks: Sequence[Mark]) -> Text:
    line = Text("> " if marks else "  ", "bold")
    line.append(f"{moment_text(second - start):>{MOMENT_WIDTH}}  ", "bold" if marks else "dim")
    if replay.thresholds is not None:
        value = group.value_at(second)
        line.append(f"{'-' if value is None else number_text(value):>{VALUE_WIDTH}}  ", "")
    line.append_text(_state(group, second, STATE_WIDTH))
    for name, part in behind.items():
        line.append("  ")
        line.append_text(_state(part, second, _width(name)))
    if marks:
        line.append("  ")
        line.append_text(_note(marks))
    else:
        line.rstrip()
    return line


def _width(name: str) -> int:
    return max(STATE_WIDTH, len(printable_line(name)))


def _state(group: GroupReplay, second: int, width: int) -> Text:
    state: State | None = group.state_at(second)
    shown = "not there" if state is None else state.value
    return Text(f"{shown:<{width}}", COLORS[state] if state else "dim")


def _note(marks: Sequence[Mark]) -> Text:
    return Text("; ".join(printable_line(mark.note) for mark in marks), "bold yellow")
