"""All that the sandbox remembers, as one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ddguard.model import Json
from ddguard.sandbox.calls import TABLES, Change, Key, number

ORG_ID = 1
FIRST_MONITOR_ID = 1_000_001
DOWNTIME_UUID = "00000000-0000-4000-8000-{:012x}"
USER: Mapping[str, Json] = {
    "id": "00000000-0000-4000-8000-00000000cafe",
    "number": 1,
    "name": "Sandbox User",
    "handle": "sandbox@example.com",
    "email": "sandbox@example.com",
}


@dataclass(frozen=True, slots=True)
class State:
    """The tables, each by key in the order of creation.

    `monitors` holds the API's JSON without what depends on the moment (states, mutes), `downtimes` the `attributes`
    with the schedule as it was asked for, `groups` the group records of each monitor, `settings` a few numbers.
    """

    monitors: Mapping[int, Json] = field(default_factory=dict)
    downtimes: Mapping[str, Json] = field(default_factory=dict)
    groups: Mapping[int, Mapping[str, Json]] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)

    @property
    def next_monitor_id(self) -> int:
        """The number of the next monitor. Numbers of deleted monitors don't come back."""
        return FIRST_MONITOR_ID + int(self.settings.get("monitors_made", 0))

    @property
    def next_downtime_id(self) -> str:
        """The UUID of the next downtime."""
        return DOWNTIME_UUID.format(1 + int(self.settings.get("downtimes_made", 0)))

    def monitor(self, text: str) -> Mapping[str, Json] | None:
        """The monitor of the number that a text is, None where there is none."""
        asked = number(text)
        return None if asked is None else self.monitors.get(asked)

    def counted(self, counter: str) -> Change:
        """The change that remembers one more `monitors_made` or `downtimes_made`."""
        return Change("settings", counter, int(self.settings.get(counter, 0)) + 1)

    def emptied(self) -> tuple[Change, ...]:
        """The changes that remove every row."""
        return tuple(Change(table, key, None) for table in TABLES for key in getattr(self, table))

    def after(self, changes: Iterable[Change]) -> "State":
        """The state once the changes are made."""
        tables: dict[str, dict[Key, Json]] = {}
        for change in changes:
            table = tables.setdefault(change.table, dict(getattr(self, change.table)))
            if change.value is None:
                table.pop(change.key, None)
            else:
                table[change.key] = change.value
        return replace(self, **tables) if tables else self  # type: ignore[arg-type]
