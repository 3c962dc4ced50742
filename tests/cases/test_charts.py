"""Charts of values against thresholds, line by line."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ddguard.replay.outcome import GroupReplay, Replay, rows_of
from ddguard.replay.rules import Thresholds
from ddguard.replay.states import Spans, State
from ddguard.report.chart import Column, chart, columns_of


def group_of(values: Sequence[float | None], spans: Spans = ((0, State.OK),)) -> GroupReplay:
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return GroupReplay(
        "tenant:a", frozenset(), spans, rows_of(numbers[None])[0], 60 * np.arange(numbers.size, dtype=np.int64)
    )


def drawn(group: GroupReplay, thresholds: Thresholds | None, width: int = 40) -> list[str]:
    replay = Replay("m", "q", group.rounds, 60, (group,), (), (), (), thresholds)
    return [line.plain.rstrip() for line in chart(replay, group, width, lambda second: f"{second // 60}m")]


def test_values_thresholds_states_and_times() -> None:
    spans: Spans = ((0, State.OK), (4, State.WARN), (6, State.ALERT), (8, State.NO_DATA))
    group = group_of([0, 1, 2, 3, 4, 5, 6, 6, None, None], spans)

    assert drawn(group, Thresholds(">", 5, 3)) == [
        "         6 │      ██",
        "    5 crit ┤╌╌╌╌╌███╌╌",
        "           │    ████",
        "    3 warn ┤╌╌╌█████╌╌",
        "           │  ██████",
        "         0 │▁███████",
        "            ····wwAA??",
        "            0m      9m",
    ]


def test_colours_are_those_of_the_states() -> None:
    group = group_of([1, 9], ((0, State.OK), (1, State.ALERT)))
    replay = Replay("m", "q", group.rounds, 60, (group,), (), (), (), Thresholds(">", 5))

    states = list(chart(replay, group, 40, str))[-2]

    assert [(span.start, span.end, span.style) for span in states.spans] == [(12, 13, "green"), (13, 14, "red")]


CHARTS: Mapping[str, tuple[list[float | None], Thresholds, list[str]]] = {
    "gap": (
        [2, None, None, 2],
        Thresholds(">", 2),
        ["    2 crit ┤█╌╌█", *["           │█  █"] * 4, "         0 │█  █"],
    ),
    "constant 0": (
        [0, 0],
        Thresholds(">", 6),
        ["    6 crit ┤╌╌", *["           │"] * 4, "         0 │▁▁"],
    ),
    "negative": (
        [-6, -3, 0],
        Thresholds("<", -5),
        [
            "         0 │  █",
            "           │  █",
            "           │  █",
            "           │ ██",
            "           │ ██",
            "   -5 crit ┤▁██",
        ],
    ),
    "both signs": (
        [-2, 4],
        Thresholds(">", 3),
        [
            "         4 │ █",
            "    3 crit ┤╌█",
            "           │ █",
            "           │ █",
            "         0 │ █",
            "        -2 │▁█",
        ],
    ),
    "alike": (
        [1000, 1006],
        Thresholds(">", 1003),
        [
            "      1006 │ █",
            "           │ █",
            " 1003 crit ┤╌█",
            "           │ █",
            "           │ █",
            "       999 │▇█",
        ],
    ),
    "long numbers": (
        [123456.789],
        Thresholds(">", 987654321.123),
        ["1e+09 crit ┤╌", *["           │"] * 4, "         0 │▁"],
    ),
}


@pytest.mark.parametrize(("values", "thresholds", "lines"), CHARTS.values(), ids=CHARTS)
def test_shapes(values: list[float | None], thresholds: Thresholds, lines: list[str]) -> None:
    assert drawn(group_of(values), thresholds)[:-2] == lines


def test_without_values_only_states_are_drawn() -> None:
    group = group_of([None] * 6, ((2, State.ALERT), (5, None)))

    assert drawn(group, None) == ["              AAA", "            0m  5m"]


def test_one_round_and_none() -> None:
    assert drawn(group_of([5]), Thresholds(">", 5))[-2:] == ["            ·", "            0m"]
    assert drawn(group_of([], ()), Thresholds(">", 5)) == ["", ""]


def test_thousands_of_rounds_are_put_together() -> None:
    values: list[float | None] = [float(place % 1000) for place in range(5000)]
    spans: Spans = ((0, State.OK), (2501, State.ALERT), (2502, State.OK))

    lines = drawn(group_of(values, spans), Thresholds(">", 500))

    assert {len(line) for line in lines} <= set(range(41))
    assert lines[-2] == "            ··············A·············"
    assert lines[-1] == "            0m                     4999m"


@pytest.mark.parametrize(("lowest", "value"), [(False, 9.0), (True, 1.0)])
def test_a_column_has_the_value_nearest_to_alerting(lowest: Any, value: float) -> None:
    group = group_of([1, 9, None], ((0, State.OK), (1, State.WARN)))

    assert columns_of(group, 1, lowest=lowest) == (Column(value, State.WARN),)


def test_a_monitor_that_alerts_below_is_drawn_by_its_lowest_values() -> None:
    values: list[float | None] = [10.0, 1.0] * 100

    below, above = (drawn(group_of(values), Thresholds(comparator, 5))[0] for comparator in ("<", ">"))

    assert "█" not in below
    assert "█" in above


def test_a_narrow_terminal_still_gets_a_chart() -> None:
    assert drawn(group_of([1.0] * 100), Thresholds(">", 2), width=5)[-2] == "            ··········"
