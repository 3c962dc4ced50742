"""What of a monitor depends on the moment: the states of its groups, and the downtimes that cover it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ddguard.model import EMPTY, Json
from ddguard.sandbox.calls import RefusalError
from ddguard.sandbox.schedules import Span, span
from ddguard.sandbox.scopes import is_meant, muted_groups
from ddguard.sandbox.state import State

SEVERITY = ("Alert", "Warn", "No Data", "OK")
"""A monitor's state is the first of these that one of its groups is in."""
FILTERS: Mapping[str, tuple[str, ...]] = {
    "all": SEVERITY,
    "alert": ("Alert",),
    "warn": ("Warn",),
    "no data": ("No Data",),
    "ok": ("OK",),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A downtime that isn't over: its next or running time, and whether it runs."""

    uuid: str
    attributes: Mapping[str, Json]
    time: Span
    active: bool

    @property
    def number(self) -> int:
        """Its number in the first version of the API."""
        return int(self.uuid.rpartition("-")[2], 16)

    def groups(self, monitor: Mapping[str, Json], known: Mapping[str, Json]) -> tuple[str, ...]:
        """The groups of the monitor that it mutes, `("*",)` for all, nothing where it doesn't touch the monitor."""
        if not is_meant(self.attributes["monitor_identifier"], monitor):
            return ()
        return muted_groups(self.attributes["scope"], monitor, known)


@dataclass(frozen=True, slots=True)
class Moment:
    """The state at an instant."""

    state: State
    now: datetime
    standing: tuple[Standing, ...]

    @classmethod
    def of(cls, state: State, now: datetime) -> "Moment":
        """That moment, with the downtimes that aren't over."""
        standing = []
        for uuid, attributes in state.downtimes.items():
            time = None if attributes["canceled"] else span(attributes["schedule"], now)
            if time is not None:
                standing.append(Standing(uuid, attributes, time, time[0] <= now))
        return cls(state, now, tuple(standing))

    def groups(self, monitor: Mapping[str, Json]) -> Mapping[str, Json]:
        """What is known of the monitor's groups."""
        groups: Mapping[str, Json] = self.state.groups.get(monitor["id"], EMPTY).get("groups", EMPTY)
        return groups

    def matches(self, monitor: Mapping[str, Json]) -> list[tuple[Standing, tuple[str, ...]]]:
        """The running downtimes that mute something of the monitor, and what."""
        known = self.groups(monitor)
        found = [(downtime, downtime.groups(monitor, known)) for downtime in self.standing if downtime.active]
        return [(downtime, groups) for downtime, groups in found if groups]

    def shown(self, monitor: Mapping[str, Json]) -> dict[str, Any]:
        """A monitor as answers show it, all fields."""
        states = self.state.groups.get(monitor["id"], EMPTY)
        silenced = self.silenced(monitor)
        options = monitor["options"] | {"silenced": monitor["options"]["silenced"] | silenced} if silenced else None
        return dict(monitor) | {
            "options": options or monitor["options"],
            "overall_state": overall(self.groups(monitor)),
            "overall_state_modified": states.get("overall_state_modified"),
        }

    def silenced(self, monitor: Mapping[str, Json]) -> dict[str, int | None]:
        """What `options.silenced` shows: running downtimes for this very monitor, end in epoch seconds by scope."""
        return {
            downtime.attributes["scope"]: epoch(downtime.time[1])
            for downtime in self.standing
            if downtime.active and downtime.attributes["monitor_identifier"].get("monitor_id") == monitor["id"]
        }

    def matching_downtimes(self, monitor: Mapping[str, Json]) -> list[dict[str, Any]]:
        """The running downtimes of a monitor, in the shape of the first version of the API."""
        return [
            {
                "id": downtime.number,
                "monitor_id": downtime.attributes["monitor_identifier"].get("monitor_id"),
                "scope": [downtime.attributes["scope"]],
                "groups": [] if groups == ("*",) else list(groups),
                "start": epoch(downtime.time[0]),
                "end": epoch(downtime.time[1]),
                "active": True,
            }
            for downtime, groups in self.matches(monitor)
        ]


def overall(groups: Mapping[str, Json]) -> str:
    """The state of a monitor with these groups: the worst of theirs, `No Data` before the first."""
    states = {record["status"] for record in groups.values()}
    return next((state for state in SEVERITY if state in states), "No Data")


def wanted_states(asked: str) -> frozenset[str]:
    """The statuses that a `group_states` parameter names."""
    names = [name.strip().lower() for name in asked.split(",")]
    if any(name not in FILTERS for name in names):
        raise RefusalError(400, "Invalid group_state filters.")
    return frozenset(state for name in names for state in FILTERS[name])


def group_states(moment: Moment, monitor: Mapping[str, Json], asked: str) -> dict[str, Any]:
    """The `state` of a monitor: its groups in one of the statuses asked for."""
    wanted = wanted_states(asked)
    return {"groups": {name: record for name, record in moment.groups(monitor).items() if record["status"] in wanted}}


def epoch(instant: datetime | None) -> int | None:
    """Whole seconds since 1970."""
    return int(instant.timestamp()) if instant else None
