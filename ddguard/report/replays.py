"""What a replay found out, for a terminal and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ddguard.model import Json
from ddguard.replay.notifications import Notification
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State
from ddguard.report.chart import COLORS, chart
from ddguard.report.escape import printable_line
from ddguard.report.findings import counted
from ddguard.report.machine import time_text

MOST_CHARTS = 10


def second_text(second: int) -> str:
    """ISO 8601 in UTC for a second since the epoch."""
    return time_text(datetime.fromtimestamp(int(second), UTC))


def replay_text(replay: Replay, groups: Sequence[GroupReplay], width: int) -> Iterator[RenderableType]:
    """The monitor, a chart of each group (the first ten that were ever not OK), what changed, what was sent."""
    rounds = len(replay.rounds)
    yield Text.assemble((printable_line(replay.monitor), "bold"), f"  {printable_line(replay.query)}")
    if rounds:
        first, last = second_text(replay.rounds[0]), second_text(replay.rounds[-1])
        yield Text(f"{counted(rounds, 'round')}, one every {replay.every // 60}m, from {first} to {last}", "dim")
    loud = [group for group in groups if set(group.rounds_in) - {State.OK}]
    for group in loud[:MOST_CHARTS]:
        yield Text()
        yield _group_line(group)
        yield from chart(replay, group, width)
    yield Text()
    yield _quiet_line(groups, loud)
    names = {group.group for group in groups}
    yield from _events(replay, names)
    for assumption in replay.assumptions:
        yield Text.assemble((f"assumed ({assumption.name}): ", "cyan"), assumption.text)


def _group_line(group: GroupReplay) -> Text:
    line = Text.assemble((printable_line(group.group), "bold"), ":")
    for state, count in group.rounds_in.items():
        line.append(f" {state.value} {count}", COLORS[state])
    return line


def _quiet_line(groups: Sequence[GroupReplay], loud: Sequence[GroupReplay]) -> Text:
    hidden = f" ({len(loud) - MOST_CHARTS} of them not drawn)" if len(loud) > MOST_CHARTS else ""
    quiet = len(groups) - len(loud)
    return Text(f"{counted(len(groups), 'group')}: {quiet} stayed OK, {len(loud)} didn't{hidden}")


def _events(replay: Replay, names: set[str]) -> Iterator[RenderableType]:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    rows: list[tuple[int, int, Text]] = []
    rows += [(one.at, 0, transition_line(one)) for one in replay.transitions if one.group in names]
    rows += [(one.at, 1, notification_line(one)) for one in replay.notifications if one.group in names]
    for at, _, line in sorted(rows, key=lambda row: row[:2]):
        table.add_row(Text(second_text(at), "dim"), line)
    if rows:
        yield table


def transition_line(one: Transition) -> Text:
    """`tenant:acme  OK -> Alert  (104)`."""
    value = "" if one.value is None else f"  ({one.value:.12g})"
    return Text.assemble(
        f"{printable_line(one.group)}  ",
        _state_text(one.before),
        " -> ",
        _state_text(one.after),
        value,
    )


def _state_text(state: State | None) -> Text:
    return Text("new" if state is None else state.value, COLORS[state] if state else "dim")


def notification_line(one: Notification) -> Text:
    """`tenant:acme  notifies: alert`, or who holds it back."""
    held = f", held back by {printable_line(', '.join(one.suppressed_by))}" if one.suppressed_by else ""
    return Text(f"{printable_line(one.group)}  notifies: {one.kind.value}{held}", "dim" if held else "bold")


def replay_object(replay: Replay, groups: Sequence[GroupReplay]) -> dict[str, Json]:
    """A replay as JSON, of the groups given."""
    names = {group.group for group in groups}
    return {
        "monitor": replay.monitor,
        "query": replay.query,
        "from": second_text(replay.rounds[0]) if len(replay.rounds) else None,
        "to": second_text(replay.rounds[-1]) if len(replay.rounds) else None,
        "rounds": len(replay.rounds),
        "every": replay.every,
        "groups": [
            {
                "group": group.group,
                "state": group.state.value if group.state else None,
                "rounds_in": {state.value: count for state, count in group.rounds_in.items()},
            }
            for group in groups
        ],
        "transitions": [_transition_object(one) for one in replay.transitions if one.group in names],
        "notifications": [_notification_object(one) for one in replay.notifications if one.group in names],
        "assumptions": [{"code": one.name, "text": one.text} for one in replay.assumptions],
    }


def _transition_object(one: Transition) -> dict[str, Json]:
    return {
        "at": second_text(one.at),
        "group": one.group,
        "from": one.before.value if one.before else None,
        "to": one.after.value if one.after else None,
        "value": one.value,
    }


def _notification_object(one: Notification) -> dict[str, Json]:
    return {
        "at": second_text(one.at),
        "group": one.group,
        "kind": one.kind.value,
        "suppressed_by": list(one.suppressed_by),
    }


def replay_rows(replay: Replay, groups: Sequence[GroupReplay]) -> Iterator[tuple[str, ...]]:
    """A table with a header: one row for each round of each group that was there: time, group, value, state."""
    yield ("at", "group", "value", "state")
    for group in groups:
        for second in replay.rounds:
            state = group.state_at(int(second))
            if state is not None:
                value = group.value_at(int(second))
                yield (second_text(second), group.group, "" if value is None else repr(value), state.value)
