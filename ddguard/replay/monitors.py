"""A project's monitor over series: evaluated as Datadog would hold it, a composite after the monitors it combines."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from string import ascii_lowercase

from ddguard.model import EMPTY, Downtime, Json, Monitor, Stack
from ddguard.payload import monitor_request
from ddguard.query import QueryError, parse
from ddguard.query.nodes import Composite
from ddguard.replay.composites import names, tag_values
from ddguard.replay.downtimes import Silence, concerns, silence
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.messages import Message, message
from ddguard.replay.notifications import Notification
from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import ASSUMPTIONS, Assumption
from ddguard.replay.states import State
from ddguard.replay.templates import number

FindMonitor = Callable[[str], Monitor | None]
"""The monitor with an id; None leaves it to the evaluator to say that it isn't there."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A monitor after a run: `definition` is its API object, `constituents` the monitors that a composite combines."""

    monitor: Monitor
    definition: Mapping[str, Json]
    replay: Replay
    constituents: "Mapping[str, Replayed]"

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The assumptions that decided something, here or in a constituent."""
        parts = (self.replay, *(one.replay for one in self.constituents.values()))
        touched = {assumption.name for part in parts for assumption in part.assumptions}
        return tuple(assumption for assumption in ASSUMPTIONS if assumption.name in touched)

    def told_as(self, group: str) -> str:
        """The group that notifications about a group name: itself, or those that `notify_by` puts it together with."""
        keys = (self.definition.get("options") or {}).get("notify_by")
        if not keys or self.monitor.type == "composite":
            return group
        return ",".join(part for part in group.split(",") if part.partition(":")[0] in keys) or "*"

    def message(self, letter: Notification) -> Message:
        """The title and the text of a notification; those of a composite know `a.value`, `a.status`, `b.value`..."""
        more = {}
        behind = self.groups_behind(letter.group)
        for name, (own, part) in zip(ascii_lowercase, self.constituents.items(), strict=False):
            group = behind.get(own)
            more[f"{name}.value"] = number(group.value_at(letter.at) if group else None)
            state = group.state_at(letter.at) if group else None
            more[f"{name}.status"] = state or ("" if part.replay.by else State.NO_DATA)
        return message(self.definition, self.replay, letter, more)

    def groups_behind(self, group: str) -> Mapping[str, GroupReplay]:
        """The groups of the constituents that a composite's group is made of, by the constituents' ids."""
        found = {}
        for name, one in self.constituents.items():
            fitting = [
                part for part in one.replay.groups if part.group == "*" or tag_values(part.group) <= tag_values(group)
            ]
            if fitting:
                found[name] = max(fitting, key=lambda part: len(tag_values(part.group)))
        return found


def replay_monitor(monitor: Monitor, find: FindMonitor, series: SeriesSet, run: Run, stack: Stack) -> Replayed:
    """The monitor over the series, with those allowances that run on the first day.

    The run's downtimes are for this monitor; constituents of a composite are evaluated without any. What can't be
    evaluated is a CannotEvaluateError.
    """
    alone = replace(run, silences=(), constituents=EMPTY)
    needed = constituents_of(monitor.definition) if monitor.type == "composite" else ()
    found = {name: other for name in needed if (other := find(name)) is not None}
    constituents = {name: replay_monitor(other, find, series, alone, stack) for name, other in found.items()}
    definition = monitor_request(monitor, stack, {}, _day(run.first))
    replays = {name: one.replay for name, one in constituents.items()}
    return Replayed(
        monitor,
        definition,
        evaluate(definition, series, replace(run, constituents=replays), monitor.id),
        constituents,
    )


def silences_of(
    monitor: Monitor, downtimes: Iterable[Downtime], stack: Stack, first: int, last: int
) -> tuple[Silence, ...]:
    """The project's downtimes that are for the monitor, as they are in force between two seconds."""
    tags = monitor_request(monitor, stack, {}, _day(first))["tags"]
    return tuple(
        silence(one.attributes, first, last, one.id)
        for one in downtimes
        if (one.monitor == monitor.id if one.monitor else concerns(one.attributes, tags))
    )


def constituents_of(definition: Mapping[str, Json]) -> tuple[str, ...]:
    """The monitors that a composite combines, in the order of its query: ids of specs, or numbers as text."""
    try:
        query = parse("composite", str(definition.get("query") or ""))
    except QueryError as error:
        raise CannotEvaluateError("the query", f"it can't be read: {error.message}") from None
    return tuple(dict.fromkeys(names(query.expression))) if isinstance(query, Composite) else ()


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()
