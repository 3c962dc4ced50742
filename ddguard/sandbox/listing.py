"""`GET /api/v1/monitor`: which monitors a list shows, in the order of their numbers."""

from collections.abc import Mapping

from ddguard.model import Json
from ddguard.sandbox.calls import Outcome, RefusalError, Request, found
from ddguard.sandbox.live import Moment, wanted_states
from ddguard.sandbox.monitors import read_answer
from ddguard.sandbox.queries import scopes
from ddguard.sandbox.state import State

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


def monitors(state: State, request: Request) -> Outcome:
    """All monitors that the filters leave, or the asked for page of them."""
    if "group_states" in request.query:
        wanted_states(request.query["group_states"])
    kept = [monitor for _, monitor in sorted(state.monitors.items()) if wanted(monitor, request.query)]
    moment = Moment.of(state, request.now)
    query = dict(request.query) | {"with_downtimes": "true"}
    return found([read_answer(moment, monitor, query) for monitor in paged(kept, request.query)])


def wanted(monitor: Mapping[str, Json], query: Mapping[str, str]) -> bool:
    """Whether a monitor carries all `monitor_tags`, has all `tags` in its query's scope, and the `name` in its own."""
    if not set(split(query, "monitor_tags")) <= set(monitor["tags"]):
        return False
    if query.get("name", "").lower() not in monitor["name"].lower():
        return False
    asked = split(query, "tags")
    return not asked or set(asked) <= {part.strip() for scope in scopes(monitor["query"]) for part in scope.split(",")}


def split(query: Mapping[str, str], name: str) -> list[str]:
    """The parts of a parameter that commas separate."""
    return [part.strip() for part in query.get(name, "").split(",") if part.strip()]


def paged(monitors: list[Mapping[str, Json]], query: Mapping[str, str]) -> list[Mapping[str, Json]]:
    """The page that `page`, `page_size` and `id_offset` ask for; all of them without any."""
    page, size, offset = (whole(query, name) for name in ("page", "page_size", "id_offset"))
    if offset is not None:
        monitors = [monitor for monitor in monitors if monitor["id"] > offset]
    if page is None and size is None:
        return monitors
    size = min(PAGE_SIZE if size is None else size, MAX_PAGE_SIZE)
    start = (page or 0) * size
    return monitors[start : start + size]


def whole(query: Mapping[str, str], name: str) -> int | None:
    """A whole number of the query string, None where it isn't given."""
    text = query.get(name)
    if text is None or text == "":
        return None
    if not text.isdigit():
        raise RefusalError(400, f"The value provided for parameter '{name}' is invalid")
    return int(text)
