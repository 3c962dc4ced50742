"""Tenants that carry the flag for manual review now: alerting groups of monitors with the tag `hold:manual-review`.

A hold is a flag and a question to a person. Nothing here, and nothing else in ddguard, touches a tenant's money.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from ddguard.model import HOLD_TAG, Json, LiveMonitor
from ddguard.payload.groups import LiveGroup, live_groups
from ddguard.payload.live import live_monitor
from ddguard.payload.monitors import split_hold

FLAGGED = "Alert"
"""The state in which a monitor's message asks for a review; a warning doesn't."""

Silencing = Callable[[Collection[str], Mapping[str, Json]], tuple[str, ...]]
"""The scopes of the downtimes that silence the group with these tags of a monitor."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A group that carries the flag.

    `monitor` is the id of its spec, or its number in Datadog where it has none; `name` is the monitor's title. `review`
    is the handle that is asked, empty where the message doesn't say. `since` is None where Datadog doesn't tell.
    `silenced_by` are the scopes of the downtimes that keep its notifications back now.
    """

    monitor: str
    name: str
    group: str
    state: str
    since: datetime | None
    review: str
    url: str
    silenced_by: tuple[str, ...] = ()


def held_groups(
    raw_monitors: Sequence[Mapping[str, Json]], app_url: str, silencing: Silencing = lambda *_: ()
) -> tuple[Held, ...]:
    """The flagged groups of a stack's monitors (as Datadog lists them, with group states), the newest first.

    `app_url` is where Datadog's pages are, without a slash at its end: `https://app.datadoghq.eu`.
    """
    flagged = [raw for raw in raw_monitors if HOLD_TAG in (raw.get("tags") or ())]
    found = [held for raw in flagged for held in _held(raw, app_url, silencing)]
    by_name = sorted(found, key=lambda held: (held.group, held.monitor))
    return tuple(sorted(by_name, key=lambda held: held.since or LONG_AGO, reverse=True))


def _held(raw: Mapping[str, Json], app_url: str, silencing: Silencing) -> Iterator[Held]:
    live = live_monitor(raw)
    _, hold = split_hold(str(raw.get("message") or ""))
    for group in live_groups(raw):
        if group.state == FLAGGED:
            yield Held(
                monitor=live.identity.id if live.identity else str(live.remote_id),
                name=str(raw.get("name") or ""),
                group=group.name,
                state=group.state,
                since=group.since,
                review=hold.review if hold else "",
                url=_page(live, group, app_url),
                silenced_by=silencing(group.tags, raw),
            )


def _page(live: LiveMonitor, group: LiveGroup, app_url: str) -> str:
    """The monitor's page, narrowed to the group."""
    narrowed = urlencode({"group": group.name}) if group.tags else ""
    return f"{app_url}/monitors/{live.remote_id}{'?' if narrowed else ''}{narrowed}"
