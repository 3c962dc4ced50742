"""`GET /api/v1/monitor`: which monitors a list shows, in the order of their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from ddguard.model import Json
from ddguard.sandbox.calls import Outcome, Request, found, whole
from ddguard.sandbox.live import Moment, wanted_states
from ddguard.sandbox.monitors import read_answer
from ddguard.sandbox.queries import scopes
from ddguard.sandbox.state import State

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to: all these tags, all these in the query's scope, this in the name."""

    monitor_tags: frozenset[str]
    scope_tags: frozenset[str]
    name: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """The filter that `monitor_tags`, `tags` and `name` ask for."""
        return cls(split(query, "monitor_tags"), split(query, "tags"), query.get("name", "").lower())

    def keeps(self, monitor: Mapping[str, Json]) -> bool:
        """Whether the list shows the monitor."""
        if self.monitor_tags and not self.monitor_tags.issubset(monitor["tags"]):
            return False
        if self.name and self.name not in monitor["name"].lower():
            return False
        return not self.scope_tags or self.scope_tags <= scope_tags(monitor["query"])


def monitors(state: State, request: Request) -> Outcome:
    """All monitors that the filters leave, or the asked for page of them."""
    if "group_states" in request.query:
        wanted_states(request.query["group_states"])
    narrowed = Filter.of(request.query)
    kept = [monitor for _, monitor in sorted(state.monitors.items()) if narrowed.keeps(monitor)]
    moment = Moment.of(state, request.now)
    query = dict(request.query) | {"with_downtimes": "true"}
    return found([read_answer(moment, monitor, query) for monitor in paged(kept, request.query)])


def scope_tags(query: str) -> frozenset[str]:
    """The parts of all filters in a query."""
    return frozenset(part.strip() for scope in scopes(query) for part in scope.split(","))


def split(query: Mapping[str, str], name: str) -> frozenset[str]:
    """The parts of a parameter that commas separate."""
    return frozenset(part.strip() for part in query.get(name, "").split(",") if part.strip())


def paged(monitors: list[Mapping[str, Json]], query: Mapping[str, str]) -> list[Mapping[str, Json]]:
    """The page that `page`, `page_size` and `id_offset` ask for; all of them without any."""
    after = whole(query, "id_offset", 0)
    following = [monitor for monitor in monitors if monitor["id"] > after] if after else monitors
    if not query.get("page") and not query.get("page_size"):
        return following
    size = min(whole(query, "page_size", PAGE_SIZE), MAX_PAGE_SIZE)
    start = whole(query, "page", 0) * size
    return following[start : start + size]
