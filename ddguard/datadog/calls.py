"""The calls that ddguard makes, one function each: method, path, query, body, and what a usable answer looks like.

Paths, parameters and permissions: https://docs.datadoghq.com/api/latest/monitors/ and .../downtimes/.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from ddguard.datadog import shapes
from ddguard.model import EMPTY, Json

T_co = TypeVar("T_co", covariant=True)

MONITORS_PAGE = 1000
"""The most monitors that Datadog puts on a page."""

ROWS_PAGE = 100
"""Downtimes, matches and groups a page. Datadog documents no most; 100 is what its own tools ask for."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One HTTP call. `doing` finishes the sentence "could not ..."; `{id}` in `route` stands for `id`.

    `read` makes the value of the answer's JSON (None for an empty body) or raises `UnusableError`. `accepts` are error
    statuses whose body `read` takes too; `changes_nothing` is said of a POST that only asks.
    """

    method: str
    route: str
    doing: str
    read: Callable[[Json], T_co]
    id: str = ""
    query: Mapping[str, str | int] = field(default_factory=lambda: EMPTY)
    body: Json = None
    permission: str = "monitors_read"
    accepts: tuple[int, ...] = ()
    changes_nothing: bool = False

    @property
    def target(self) -> str:
        """Path and query as they go over the wire."""
        path = self.route.replace("{id}", quote(self.id, safe="", errors="replace"))
        return f"{path}?{urlencode(self.query)}" if self.query else path

    @property
    def kind(self) -> str:
        """What a rate limit may count together: `GET /api/v1/monitor/{id}`."""
        return f"{self.method} {self.route}"

    @property
    def writes(self) -> bool:
        """Whether it changes something at Datadog."""
        return self.method != "GET" and not self.changes_nothing

    @property
    def repeatable(self) -> bool:
        """Whether carrying it out twice does no more than once: all but a POST that creates something."""
        return self.method != "POST" or not self.writes


def validate_keys() -> Call[Json]:
    """Whether Datadog knows the API key. It says nothing about the application key."""
    return Call("GET", "/api/v1/validate", "check the API key", shapes.mapping)


def monitors_after(last: int | None, tag: str | None) -> Call[list[Json]]:
    """The next page of monitors by ascending id, beginning with the monitor `last` that the page before ended with.

    That overlap of one shows a page that is missing or comes twice.
    """
    return Call(
        "GET",
        "/api/v1/monitor",
        "list the monitors",
        shapes.monitors_page(last, MONITORS_PAGE),
        query={"id_offset": 0 if last is None else last - 1, "page_size": MONITORS_PAGE} | _tagged(tag),
    )


def monitors_page(page: int, tag: str | None, states: str | None = None) -> Call[list[Json]]:
    """A page (from 0) of monitors, with the states of their groups where `states` says which (`alert,warn`, `all`)."""
    return Call(
        "GET",
        "/api/v1/monitor",
        "list the monitors",
        shapes.monitors_page(None, MONITORS_PAGE),
        query={"page": page, "page_size": MONITORS_PAGE} | _tagged(tag) | ({"group_states": states} if states else {}),
    )


def count_monitors(tag: str) -> Call[int]:
    """How many monitors Datadog's search knows that carry a tag; its index is some seconds behind."""
    return Call(
        "GET",
        "/api/v1/monitor/search",
        "count the monitors",
        shapes.total_count,
        query={"query": f'tag:"{tag}"', "per_page": 1},
    )


def search_monitors(tag: str, page: int) -> Call[list[Json]]:
    """A page (from 0) of the monitors that the search finds for a tag: `{"id", "tags", ...}`."""
    return Call(
        "GET",
        "/api/v1/monitor/search",
        "search the monitors",
        shapes.entries("monitors", "id", int),
        query={"query": f'tag:"{tag}"', "page": page, "per_page": ROWS_PAGE},
    )


def search_groups(query: str, page: int) -> Call[list[Json]]:
    """A page (from 0) of monitor groups that a search finds."""
    return Call(
        "GET",
        "/api/v1/monitor/groups/search",
        "search the monitor groups",
        shapes.entries("groups", "group", str),
        query={"query": query, "page": page, "per_page": ROWS_PAGE},
    )


def get_monitor(id_: int, states: str | None = None) -> Call[Json]:
    """One monitor."""
    return Call(
        "GET",
        "/api/v1/monitor/{id}",
        f"read monitor {id_}",
        shapes.monitor,
        id=str(id_),
        query={"group_states": states} if states else EMPTY,
    )


def create_monitor(definition: Mapping[str, Json]) -> Call[Json]:
    """A new monitor."""
    return Call(
        "POST", "/api/v1/monitor", "create the monitor", shapes.monitor, body=definition, permission="monitors_write"
    )


def update_monitor(id_: int, definition: Mapping[str, Json]) -> Call[Json]:
    """Change a monitor: top-level keys left out stay, `options` is replaced whole."""
    return Call(
        "PUT",
        "/api/v1/monitor/{id}",
        f"update monitor {id_}",
        shapes.monitor,
        id=str(id_),
        body=definition,
        permission="monitors_write",
    )


def delete_monitor(id_: int) -> Call[None]:
    """Delete a monitor, never with `force`: Datadog refuses while something refers to it."""
    return Call(
        "DELETE",
        "/api/v1/monitor/{id}",
        f"delete monitor {id_}",
        shapes.nothing,
        id=str(id_),
        permission="monitors_write",
    )


def can_delete(ids: Sequence[int]) -> Call[Json]:
    """What refers to these monitors. A 409 is the answer for those that can't go."""
    return Call(
        "GET",
        "/api/v1/monitor/can_delete",
        "ask whether monitors can be deleted",
        shapes.mapping,
        query={"monitor_ids": ",".join(map(str, ids))},
        accepts=(409,),
    )


def validate_monitor(definition: Mapping[str, Json], id_: int | None = None) -> Call[Json]:
    """Datadog's own check of a definition. A POST that changes nothing."""
    return Call(
        "POST",
        "/api/v1/monitor/validate" if id_ is None else "/api/v1/monitor/{id}/validate",
        "validate the monitor",
        shapes.anything,
        id="" if id_ is None else str(id_),
        body=definition,
        changes_nothing=True,
    )


def downtimes_from(offset: int) -> Call[shapes.Rows]:
    """The downtimes from the row `offset` on, ended and canceled ones included."""
    return Call(
        "GET",
        "/api/v2/downtime",
        "list the downtimes",
        shapes.rows,
        query={"page[offset]": offset, "page[limit]": ROWS_PAGE},
        permission="monitors_downtime",
    )


def downtime_matches(monitor: int, offset: int) -> Call[shapes.Rows]:
    """The downtimes, from the row `offset` on, that silence a monitor now."""
    return Call(
        "GET",
        "/api/v2/monitor/{id}/downtime_matches",
        f"list the downtimes of monitor {monitor}",
        shapes.rows,
        id=str(monitor),
        query={"page[offset]": offset, "page[limit]": ROWS_PAGE},
        permission="monitors_downtime",
    )


def get_downtime(id_: str) -> Call[Json]:
    """One downtime."""
    return Call(
        "GET",
        "/api/v2/downtime/{id}",
        f"read downtime {id_}",
        shapes.downtime,
        id=id_,
        permission="monitors_downtime",
    )


def create_downtime(attributes: Mapping[str, Json]) -> Call[Json]:
    """A new downtime."""
    return Call(
        "POST",
        "/api/v2/downtime",
        "create the downtime",
        shapes.downtime,
        body={"data": {"type": "downtime", "attributes": attributes}},
        permission="monitors_downtime",
    )


def update_downtime(id_: str, attributes: Mapping[str, Json]) -> Call[Json]:
    """Change a downtime: attributes left out stay, `schedule` is replaced whole."""
    return Call(
        "PATCH",
        "/api/v2/downtime/{id}",
        f"update downtime {id_}",
        shapes.downtime,
        id=id_,
        body={"data": {"type": "downtime", "id": id_, "attributes": attributes}},
        permission="monitors_downtime",
    )


def cancel_downtime(id_: str) -> Call[None]:
    """End a downtime for good."""
    return Call(
        "DELETE",
        "/api/v2/downtime/{id}",
        f"cancel downtime {id_}",
        shapes.nothing,
        id=id_,
        permission="monitors_downtime",
    )


def query_series(query: str, first: int, last: int) -> Call[Json]:
    """The points of a metric query between two seconds: `{"series": [{"metric", "tag_set", "pointlist", ...}]}`.

    https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points
    """
    return Call(
        "GET",
        "/api/v1/query",
        "read the history of a metric",
        shapes.mapping,
        query={"query": query, "from": first, "to": last},
        permission="timeseries_query",
    )


def _tagged(tag: str | None) -> dict[str, str | int]:
    return {} if tag is None else {"monitor_tags": tag}
