"""A value over time against its thresholds, drawn with characters, each column coloured by its state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from rich.text import Text

from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.states import SEVERITY, State

BLOCKS = " ▁▂▃▄▅▆▇█"
HEIGHT = 6
COLORS = {State.OK: "green", State.NO_DATA: "bright_black", State.WARN: "yellow", State.ALERT: "red"}
MARKS = {State.OK: "·", State.NO_DATA: "?", State.WARN: "w", State.ALERT: "A", None: " "}
LABEL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of rounds: its largest value (None without any) and its worst state (None: the group isn't there)."""

    value: float | None
    state: State | None


def columns_of(group: GroupReplay, count: int) -> tuple[Column, ...]:
    """The group's rounds put together into at most `count` columns."""
    total = len(group.rounds)
    count = max(1, min(count, total))
    states = _states(group, total)
    edges = [place * total // count for place in range(count + 1)]
    return tuple(_column(group, states, start, end) for start, end in pairwise(edges))


def _states(group: GroupReplay, total: int) -> list[State | None]:
    states: list[State | None] = [None] * total
    edges = [index for index, _ in group.spans] + [total]
    for (start, state), end in zip(group.spans, edges[1:], strict=True):
        states[start:end] = [state] * (end - start)
    return states


def _column(group: GroupReplay, states: Sequence[State | None], start: int, end: int) -> Column:
    values = [float(value) for value in group.values[start:end] if isfinite(float(value))]
    present = [state for state in states[start:end] if state is not None]
    return Column(max(values, default=None), max(present, key=SEVERITY.__getitem__, default=None))


def chart(replay: Replay, group: GroupReplay, width: int) -> Iterator[Text]:
    """The chart of one group, at most `width` columns wide, with its thresholds as lines and the states below."""
    columns = columns_of(group, max(10, width - LABEL_WIDTH - 2))
    values = [column.value for column in columns if column.value is not None]
    levels = _levels(replay)
    low, high = _range(values, [level for _, level in levels])
    if values:
        for row in range(HEIGHT, 0, -1):
            yield _row(columns, levels, low, high, row)
    states = Text(" " * LABEL_WIDTH + "  ")
    for column in columns:
        states.append(MARKS[column.state], COLORS[column.state] if column.state else None)
    yield states


def _levels(replay: Replay) -> list[tuple[str, float]]:
    if replay.thresholds is None:
        return []
    named = (("critical", replay.thresholds.critical), ("warning", replay.thresholds.warning))
    return [(name, level) for name, level in named if level is not None]


def _range(values: Sequence[float], levels: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest number of the chart; 0 belongs to it unless everything is far above."""
    everything = [*values, *levels, 0.0]
    low, high = min(everything), max(everything)
    return (low, high) if high > low else (low, low + 1)


def _row(columns: Sequence[Column], levels: Sequence[tuple[str, float]], low: float, high: float, row: int) -> Text:
    """One line: full or part blocks where a value reaches it, a dashed line at the height of a threshold."""
    step = (high - low) / HEIGHT
    bottom, top = low + (row - 1) * step, low + row * step
    here = [(name, level) for name, level in levels if bottom < level <= top or (row == 1 and level == bottom)]
    label = f"{here[0][1]:g} {here[0][0][:4]}" if here else f"{top:.4g}" if row == HEIGHT else ""
    line = Text(f"{label[:LABEL_WIDTH]:>{LABEL_WIDTH}}", "dim")
    line.append(" ┤" if here else " │", "dim")
    for column in columns:
        eighths = 0 if column.value is None else round(8 * min(max((column.value - bottom) / step, 0), 1))
        character = BLOCKS[eighths] if eighths else "╌" if here else " "
        line.append(character, COLORS.get(column.state or State.OK, "") if eighths else "dim")
    return line
