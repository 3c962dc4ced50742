"""Datadog as ddguard sees it: monitors and downtimes as raw JSON, listed whole or not at all, created exactly once."""

import re
from collections.abc import Container, Mapping, Sequence
from types import TracebackType
from typing import Self

from ddguard.datadog import calls, listing
from ddguard.datadog.creation import Created, Creation, create
from ddguard.datadog.retry import Sender
from ddguard.datadog.settings import Settings
from ddguard.datadog.transport import Transport
from ddguard.datadog.waiting import Clock
from ddguard.model import ID_TAG, PROTECT_TAG, Identity, Json, Stack
from ddguard.payload.identity import identity_in_tags

OVER = frozenset({"ended", "canceled"})
"""Statuses of downtimes that silence nothing any more."""

IDS_A_CALL = 100
"""Monitors that one can_delete call asks about; they stand in its URL."""

_DUPLICATE_MONITOR = re.compile(r"Duplicate of an existing monitor_id:(\d+)")
_DUPLICATE_DOWNTIMES = re.compile(r"duplicate of one or more existing downtimes: \[([^\]]*)\]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Datadog:
    """One Datadog account. Threads may share it; `close` it at the end, or use it in a `with` block.

    Every method raises `AnswerError` where Datadog answers with an error status, `LostAnswerError` where it stays
    unknown whether a creation was carried out, and `DatadogError` where no usable answer came.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        time = clock or Clock()
        self._settings = settings
        self._transport = Transport(settings, time.now)
        self._sender = Sender(settings, self._transport, time)

    def hurry(self) -> None:
        """Let calls that are under way come to their end, but wait for no rate limit and repeat nothing any more.

        What a thread waits for ends at once, with the error that it would have ended with after the longest wait.
        """
        self._sender.hurry()

    def close(self) -> None:
        """Let go of all connections, and let nothing be sent any more: threads that still read give up."""
        self._sender.hurry()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def validate_keys(self) -> None:
        """Nothing, if Datadog knows the API key; what the application key may do shows at its first use."""
        self._sender.ask(calls.validate_keys())

    # Monitors

    def monitors(self, tag: str | None = None) -> list[Json]:
        """All monitors, or all that carry a tag, by ascending id, as `GET /api/v1/monitor` shows them.

        A list that could be incomplete is an error: how many there are with a tag, Datadog's search is asked, too.
        """
        return listing.all_monitors(self._sender, tag)

    def monitors_with_groups(self, tag: str | None = None, states: str = "all") -> list[Json]:
        """Monitors with the states of their groups (`state.groups`), for display: up to the first short page.

        `states` are group states separated by commas (`alert,warn,no data`), or `all`.
        """
        return list(listing.monitor_pages(self._sender, tag, states))

    def monitor(self, remote_id: int, states: str | None = None) -> Json | None:
        """One monitor, with the states of its groups if asked for; None where Datadog has none with this id."""
        return self._sender.find(calls.get_monitor(remote_id, states))

    def create_monitor(self, definition: Mapping[str, Json], identity: Identity, known: Container[int] = ()) -> Created:
        """Create a monitor whose tags carry the identity, or adopt the one that has it already.

        `known` are the ids of those that had it before: where an answer was lost, they are not what it was about.
        """
        creation = Creation(
            call=calls.create_monitor(definition),
            find=lambda until: self._find_monitor(identity, known, until),
            get=lambda id_, until: self._sender.find(calls.get_monitor(id_), until),
            ours=lambda monitor: _has_identity(monitor, identity),
            duplicates=_duplicate_monitors,
        )
        return create(creation, self._sender, self._settings.patience)

    def monitors_with(self, identity: Identity, until: float | None = None) -> list[Json]:
        """The monitors whose tags carry the identity, in no order: a look, for which no count is asked.

        The tag of the spec's id finds fewer monitors than the stack's.
        """
        monitors = listing.monitor_pages(self._sender, f"{ID_TAG}:{identity.id}", until=until)
        return [monitor for monitor in monitors if _has_identity(monitor, identity)]

    def monitors_of(self, stack: Stack) -> list[Json]:
        """The monitors that carry the stack's tag: a look, for which no count is asked."""
        return list(listing.monitor_pages(self._sender, stack.tag))

    def update_monitor(self, remote_id: int, definition: Mapping[str, Json]) -> Json:
        """Change a monitor and return it: top-level keys left out stay, `options` is replaced whole."""
        return self._sender.ask(calls.update_monitor(remote_id, definition))

    def delete_monitor(self, remote_id: int) -> None:
        """Delete a monitor, never with `force`. One that is gone already is as good as deleted."""
        self._sender.find(calls.delete_monitor(remote_id))

    def can_delete(self, remote_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """For each id what refers to the monitor, in Datadog's words; empty where nothing is known to.

        Where Datadog has none of one of the ids (404), it tells nothing of the others either.
        """
        reasons: dict[int, tuple[str, ...]] = {}
        for start in range(0, len(remote_ids), IDS_A_CALL):
            asked = remote_ids[start : start + IDS_A_CALL]
            reasons |= _referring(asked, self._sender.find(calls.can_delete(asked)) or {})
        return reasons

    def validate_monitor(self, definition: Mapping[str, Json], remote_id: int | None = None) -> None:
        """Nothing, if Datadog would take the definition (of the monitor `remote_id`, if given)."""
        self._sender.ask(calls.validate_monitor(definition, remote_id))

    def search_groups(self, query: str) -> list[Json]:
        """The monitor groups that Datadog's search finds: `{"group", "monitor_id", "status", ...}`."""
        return list(listing.group_pages(self._sender, query))

    # Metrics

    def query_series(self, query: str, first: int, last: int) -> Json:
        """The points of a metric query between two seconds, as `GET /api/v1/query` shows them."""
        return self._sender.ask(calls.query_series(query, first, last))

    # Downtimes

    def downtimes(self, *, shows_some: bool = False) -> list[Json]:
        """All downtimes, `{"id", "type", "attributes", ...}`, those that are over included, in no order.

        A list that could be incomplete is an error, with `shows_some` also one that shows none of those it counts.
        """
        return listing.all_rows(self._sender, calls.downtimes_from, shows_some=shows_some)

    def downtime_matches(self, remote_id: int) -> list[Json]:
        """The downtimes that silence a monitor now: `attributes` has `scope`, `groups`, `start` and `end`."""
        return listing.all_rows(self._sender, lambda offset: calls.downtime_matches(remote_id, offset))

    def downtime(self, remote_id: str) -> Json | None:
        """One downtime; None where Datadog has none with this id."""
        return self._sender.find(calls.get_downtime(remote_id))

    def create_downtime(self, attributes: Mapping[str, Json], marker: str, known: Container[str] = ()) -> Created:
        """Create a downtime whose message ends with the line `marker`, or adopt the live one that does already.

        `known` are the ids of those that did before: where an answer was lost, they are not what it was about.
        """
        creation = Creation(
            call=calls.create_downtime(attributes),
            find=lambda until: self._find_downtime(marker, known, until),
            get=lambda id_, until: self._sender.find(calls.get_downtime(id_), until),
            ours=lambda downtime: _has_marker(downtime, marker),
            duplicates=_duplicate_downtimes,
        )
        return create(creation, self._sender, self._settings.patience)

    def update_downtime(self, remote_id: str, attributes: Mapping[str, Json]) -> Json:
        """Change a downtime and return it: attributes left out stay, `schedule` is replaced whole."""
        return self._sender.ask(calls.update_downtime(remote_id, attributes))

    def cancel_downtime(self, remote_id: str) -> None:
        """End a downtime for good. One that is gone already is as good as canceled."""
        self._sender.find(calls.cancel_downtime(remote_id))

    def _find_monitor(self, identity: Identity, known: Container[int], until: float) -> Json | None:
        """The oldest monitor with the identity."""
        ours = [monitor for monitor in self.monitors_with(identity, until) if monitor["id"] not in known]
        return min(ours, key=lambda monitor: int(monitor["id"]), default=None)

    def _find_downtime(self, marker: str, known: Container[str], until: float) -> Json | None:
        """The oldest live downtime with the marker."""
        downtimes = listing.all_rows(self._sender, calls.downtimes_from, until, shows_some=True)
        ours = [one for one in downtimes if _has_marker(one, marker) and one["id"] not in known]
        return min(ours, key=lambda downtime: str(downtime["attributes"].get("created")), default=None)


def _has_identity(monitor: Json, identity: Identity) -> bool:
    """Whether its tags name this owner, and no other one beside it."""
    return identity_in_tags(monitor.get("tags")) == identity


def _has_marker(downtime: Json, marker: str) -> bool:
    attributes = downtime["attributes"]
    last = str(attributes.get("message") or "").rstrip().rpartition("\n")[2]
    return _unprotected(last) == _unprotected(marker) and attributes.get("status") not in OVER


def _unprotected(marker: str) -> str:
    """The marker without what says that the downtime is protected: that is no part of whose it is."""
    return marker.strip().removesuffix(PROTECT_TAG).rstrip()


def _duplicate_monitors(reason: str) -> tuple[int, ...]:
    return tuple(int(id_) for id_ in _DUPLICATE_MONITOR.findall(reason))


def _duplicate_downtimes(reason: str) -> tuple[str, ...]:
    return tuple(id_ for listed in _DUPLICATE_DOWNTIMES.findall(reason) for id_ in _UUID.findall(listed))


def _referring(asked: Sequence[int], answer: Json) -> dict[int, tuple[str, ...]]:
    """What one can_delete answer says of each monitor asked about."""
    errors = answer.get("errors")
    told = errors if isinstance(errors, dict) else {}
    return {id_: tuple(map(str, told.get(str(id_)) or ())) for id_ in asked}
