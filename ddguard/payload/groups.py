"""The groups of a live monitor, as a list or a monitor shows them that was asked for with group states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ddguard.model import EMPTY, Json

WHOLE_MONITOR = "*"
"""The group of a monitor that isn't grouped."""


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """A group now. `since` is when it last left OK, None where Datadog doesn't tell."""

    name: str
    state: str
    since: datetime | None

    @property
    def tags(self) -> frozenset[str]:
        """The tags in its name: `tenant:acme,region:eu` has two, `*` none."""
        return frozenset(tag for tag in self.name.lower().split(",") if tag != WHOLE_MONITOR)


def live_groups(monitor: Mapping[str, Json]) -> tuple[LiveGroup, ...]:
    """The groups that Datadog knows of a monitor now."""
    state = monitor.get("state")
    groups = state.get("groups") if isinstance(state, Mapping) else EMPTY
    if not isinstance(groups, Mapping):
        return ()
    return tuple(
        LiveGroup(str(name), str(record.get("status") or ""), _moment(record.get("last_triggered_ts")))
        for name, record in groups.items()
        if isinstance(record, Mapping)
    )


def _moment(seconds: Json) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 2**36:
        return None
    return datetime.fromtimestamp(seconds, UTC)
