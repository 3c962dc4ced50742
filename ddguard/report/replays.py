"""What a replay found out: for a terminal, as JSON and as a table."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from rich.console import RenderableType
from rich.text import Text

from ddguard.model import Json
from ddguard.replay.monitors import Replayed
from ddguard.replay.notifications import Notification
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State
from ddguard.report.chart import COLORS, LEGEND, SecondText, chart
from ddguard.report.escape import printable_line
from ddguard.report.findings import counted
from ddguard.report.machine import time_text
from ddguard.report.messages import message_lines
from ddguard.report.timeline import thresholds_text
from ddguard.spec.durations import duration_text

MOST_CHARTS = 10
MOST_EVENTS = 200
DAY = 86_400


def second_text(second: int) -> str:
    """ISO 8601 in UTC for a second since the epoch."""
    return time_text(datetime.fromtimestamp(int(second), UTC))


def replay_text(
    found: Replayed, groups: Sequence[GroupReplay], width: int, *, messages: bool
) -> Iterator[RenderableType]:
    """The monitor, a chart of each group (the first ten that were ever not OK), what changed, what was sent.

    With `messages` each notification that is sent stands there with its title and text.
    """
    replay = found.replay
    yield Text.assemble((printable_line(replay.monitor), "bold"), f"  {printable_line(replay.query)}")
    yield from _span(replay)
    loud = [group for group in groups if set(group.rounds_in) - {State.OK}]
    drawn = groups if len(groups) == 1 else loud[:MOST_CHARTS]
    for group in drawn:
        yield Text()
        yield _group_line(group)
        yield from chart(replay, group, width, _clock(replay))
    yield Text()
    yield _quiet_line(groups, loud)
    yield from _events(found, {group.group for group in groups}, messages=messages)
    for assumption in found.assumptions:
        yield Text.assemble((f"assumed ({assumption.name}): ", "cyan"), assumption.text)


def _span(replay: Replay) -> Iterator[Text]:
    rounds = len(replay.rounds)
    if not rounds:
        yield Text("no round falls into this time", "dim")
        return
    first, last = second_text(replay.rounds[0]), second_text(replay.rounds[-1])
    every = duration_text(timedelta(seconds=replay.every))
    yield Text(f"{counted(rounds, 'round')}, one every {every}, from {first} to {last}", "dim")
    yield Text("  ".join(part for part in (thresholds_text(replay), f"({LEGEND})") if part), "dim")


def _clock(replay: Replay) -> SecondText:
    """Times of day below a chart; with the day where the run is longer than one."""
    is_long = len(replay.rounds) > 0 and int(replay.rounds[-1] - replay.rounds[0]) >= DAY
    form = "%d %b %H:%M" if is_long else "%H:%M"
    return lambda second: datetime.fromtimestamp(second, UTC).strftime(form)


def _group_line(group: GroupReplay) -> Text:
    line = Text.assemble((printable_line(group.group), "bold"), ":")
    for state, count in group.rounds_in.items():
        line.append(f" {state.value} {count}", COLORS[state])
    return line


def _quiet_line(groups: Sequence[GroupReplay], loud: Sequence[GroupReplay]) -> Text:
    if not groups:
        return Text("no group ever had a state: no series fits the query, or none lived long enough")
    hidden = f" ({len(loud) - MOST_CHARTS} of them not drawn)" if len(loud) > MOST_CHARTS else ""
    quiet = len(groups) - len(loud)
    return Text(f"{counted(len(groups), 'group')}: {quiet} stayed OK, {len(loud)} didn't{hidden}")


def _events(found: Replayed, names: set[str], *, messages: bool) -> Iterator[Text]:
    """Transitions and notifications by time, the first MOST_EVENTS of them."""
    replay, told_as = found.replay, {found.told_as(name) for name in names}
    transitions = [one for one in replay.transitions if one.group in names]
    letters = [one for one in replay.notifications if one.group in told_as]
    events: list[Transition | Notification] = [*transitions, *letters]
    events.sort(key=lambda one: one.at)
    for one in events[:MOST_EVENTS]:
        line = transition_line(one) if isinstance(one, Transition) else notification_line(one)
        yield Text.assemble((f"{second_text(one.at)}  ", "dim"), line)
        if messages and isinstance(one, Notification) and not one.suppressed_by:
            yield from message_lines(found.message(one))
    if len(events) > MOST_EVENTS:
        yield Text(f"... and {len(events) - MOST_EVENTS} more: --format json has them all", "dim")


def transition_line(one: Transition) -> Text:
    """`tenant:acme  OK -> Alert  (104)`."""
    value = "" if one.value is None else f"  ({one.value:.12g})"
    before, after = _state_text(one.before, "new"), _state_text(one.after, "gone")
    return Text.assemble(f"{printable_line(one.group)}  ", before, " -> ", after, value)


def _state_text(state: State | None, none: str) -> Text:
    return Text(none, "dim") if state is None else Text(state.value, COLORS[state])


def notification_line(one: Notification) -> Text:
    """`tenant:acme  notifies: alert`, or who holds it back."""
    held = f", held back by {printable_line(', '.join(one.suppressed_by))}" if one.suppressed_by else ""
    return Text(f"{printable_line(one.group)}  notifies: {one.kind.value}{held}", "dim" if held else "bold")


def replay_object(found: Replayed, groups: Sequence[GroupReplay], *, messages: bool) -> dict[str, Json]:
    """A replay as JSON, of the groups given; with `messages` notifications have their titles and texts."""
    replay = found.replay
    names = {group.group for group in groups}
    told_as = {found.told_as(name) for name in names}
    letters = [one for one in replay.notifications if one.group in told_as]
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
        "notifications": [
            _notification_object(one) | (_message_object(found, one) if messages else {}) for one in letters
        ],
        "assumptions": [{"code": one.name, "text": one.text} for one in found.assumptions],
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


def _message_object(found: Replayed, one: Notification) -> dict[str, Json]:
    message = found.message(one)
    return {"title": message.title, "message": message.text}


def replay_rows(replay: Replay, groups: Sequence[GroupReplay]) -> Iterator[tuple[str, ...]]:
    """A table with a header: one row for each round of each group that was there: time, group, value, state."""
    yield ("at", "group", "value", "state")
    times = [second_text(second) for second in replay.rounds]
    for group in groups:
        name = printable_line(group.group)
        for (start, state), (end, _) in pairwise([*group.spans, (len(times), None)]):
            for index in range(start, end) if state else ():
                value = group.value_in(index)
                yield (times[index], name, "" if value is None else repr(value), str(state))
