"""One variable, several values: what the monitor would have done with each."""

from collections.abc import Sequence
from dataclasses import dataclass

from ddguard.errors import UsageError
from ddguard.replay.outcome import Replay
from ddguard.replay.states import State

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Tally:
    """What a replay comes to: how often a group went to Alert, how many groups did, and for how many hours in all.

    `first` and `last` are the seconds of the first and the last such transition, None without any.
    """

    value: str
    alerts: int
    groups: tuple[str, ...]
    hours: float
    first: int | None
    last: int | None


def tally(value: str, replay: Replay) -> Tally:
    """The sum of one replay, done with that value of the variable."""
    alerts = [change for change in replay.transitions if change.after is State.ALERT]
    rounds = sum(group.rounds_in.get(State.ALERT, 0) for group in replay.groups)
    return Tally(
        value,
        len(alerts),
        tuple(sorted({change.group for change in alerts})),
        rounds * replay.every / HOUR,
        min((change.at for change in alerts), default=None),
        max((change.at for change in alerts), default=None),
    )


def parse_values(text: str) -> tuple[str, tuple[str, ...]]:
    """`NAME=V1,V2,V3` as the name and its values. UsageError for anything else."""
    name, equals, listed = text.partition("=")
    values = tuple(dict.fromkeys(part.strip() for part in listed.split(",")))
    if not equals or not name.strip() or not all(values):
        raise UsageError(f"--set {text!r}: expected NAME=V1,V2", "such as --set stream_burst_per_hour=50,100,200")
    return name.strip(), values


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
