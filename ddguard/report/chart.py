"""A value over time against its thresholds, drawn with characters, each column coloured by its state."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from rich.text import Text

from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.states import SEVERITY, State

BLOCKS = " ▁▂▃▄▅▆▇█"
HEIGHT = 6
COLORS = {State.OK: "green", State.NO_DATA: "magenta", State.WARN: "yellow", State.ALERT: "red"}
MARKS = {State.OK: "·", State.NO_DATA: "?", State.WARN: "w", State.ALERT: "A", None: " "}
LEGEND = "· OK   w Warn   A Alert   ? No Data"
LABEL_WIDTH = 10
FEWEST_COLUMNS = 10
FLAT = 0.25
"""Where all numbers lie within this share of their size, the chart begins near the lowest instead of at 0."""

SecondText = Callable[[int], str]
"""How a moment is written on the time axis."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of rounds: its value nearest to alerting (None without any) and its worst state (None: not there)."""

    value: float | None
    state: State | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers at the bottom and at the top of a chart."""

    low: float
    high: float

    @property
    def step(self) -> float:
        """The height of one row."""
        return (self.high - self.low) / HEIGHT


def columns_of(group: GroupReplay, count: int, *, lowest: bool = False) -> tuple[Column, ...]:
    """The group's rounds put together into at most `count` columns, each with its highest value, or its lowest."""
    total = len(group.rounds)
    count = min(count, total)
    states = _states(group, total)
    edges = [place * total // count for place in range(count + 1)] if count else []
    extreme = min if lowest else max
    return tuple(_column(group, states, start, end, extreme) for start, end in pairwise(edges))


def _states(group: GroupReplay, total: int) -> list[State | None]:
    states: list[State | None] = [None] * total
    edges = [index for index, _ in group.spans] + [total]
    for (start, state), end in zip(group.spans, edges[1:], strict=True):
        states[start:end] = [state] * (end - start)
    return states


def _column(
    group: GroupReplay, states: Sequence[State | None], start: int, end: int, extreme: Callable[[list[float]], float]
) -> Column:
    values = [value for value in group.values[start:end].tolist() if isfinite(value)]
    present = [state for state in states[start:end] if state is not None]
    return Column(
        extreme(values) if values else None,
        max(present, key=SEVERITY.__getitem__, default=None),
    )


def chart(replay: Replay, group: GroupReplay, width: int, second_text: SecondText) -> Iterator[Text]:
    """The chart of one group, at most `width` columns wide: its thresholds as lines, states and times below."""
    below = replay.thresholds is not None and replay.thresholds.comparator in {"<", "<="}
    columns = columns_of(group, max(FEWEST_COLUMNS, width - LABEL_WIDTH - 2), lowest=below)
    values = [column.value for column in columns if column.value is not None]
    levels = _levels(replay)
    if values:
        scale = _scale([*values, *(level for _, level in levels)])
        for row in range(HEIGHT, 0, -1):
            yield _row(columns, levels, scale, row)
    states = Text(" " * (LABEL_WIDTH + 2))
    for column in columns:
        states.append(MARKS[column.state], COLORS[column.state] if column.state else None)
    yield states
    yield Text(" " * (LABEL_WIDTH + 2) + _axis(group, len(columns), second_text), "dim")


def _levels(replay: Replay) -> list[tuple[str, float]]:
    if replay.thresholds is None:
        return []
    named = (("crit", replay.thresholds.critical), ("warn", replay.thresholds.warning))
    return [(name, level) for name, level in named if level is not None]


def _scale(numbers: Sequence[float]) -> Scale:
    """From 0 to the highest number, or below 0 where numbers are; near the numbers where all are much alike."""
    low, high = min(numbers), max(numbers)
    spread = high - low
    if low > 0 and 0 < spread < FLAT * high:
        return Scale(low - spread / HEIGHT, high)
    low, high = min(low, 0.0), max(high, 0.0)
    return Scale(low, high) if high > low else Scale(low, low + 1)


def _row(columns: Sequence[Column], levels: Sequence[tuple[str, float]], scale: Scale, row: int) -> Text:
    """One line: whole or part blocks as far as the values reach, a dashed line at the height of a threshold.

    A value is seen at the bottom even if it has no height: only where nothing is drawn there is none.
    """
    bottom = scale.low + (row - 1) * scale.step
    top = scale.high if row == HEIGHT else bottom + scale.step
    here = [(name, level) for name, level in levels if bottom < level <= top or (row == 1 and level == bottom)]
    line = Text(f"{_label(here, scale, row, bottom, top):>{LABEL_WIDTH}}", "dim")
    line.append(" ┤" if here else " │", "dim")
    for column in columns:
        eighths = 0 if column.value is None else round(8 * min(max((column.value - bottom) / scale.step, 0), 1))
        if column.value is not None and row == 1:
            eighths = max(eighths, 1)
        color = COLORS[column.state] if column.state else "dim"
        line.append(BLOCKS[eighths] if eighths else "╌" if here else " ", color if eighths else "dim")
    return line


def _label(here: Sequence[tuple[str, float]], scale: Scale, row: int, bottom: float, top: float) -> str:
    if here:
        name, level = here[0]
        return f"{_short(level, LABEL_WIDTH - len(name) - 1)} {name}"
    if row == HEIGHT:
        return _short(scale.high, LABEL_WIDTH)
    if bottom < 0 <= top:
        return "0"
    return _short(scale.low, LABEL_WIDTH) if row == 1 else ""


def _short(number: float, room: int) -> str:
    """The number in at most that many characters, as exactly as they allow."""
    for digits in range(room, 0, -1):
        text = f"{number:.{digits}g}"
        if len(text) <= room:
            return text
    return f"{number:.0e}"[:room]


def _axis(group: GroupReplay, count: int, second_text: SecondText) -> str:
    """The first and the last moment below their columns; the first alone where there is no room for both."""
    if not count:
        return ""
    first, last = second_text(int(group.rounds[0])), second_text(int(group.rounds[-1]))
    room = count - len(first) - len(last)
    return f"{first}{' ' * room}{last}" if room > 0 else first
