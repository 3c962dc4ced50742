"""The sandbox as a function: a state and a request give an answer and the changes that have to be made."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ddguard.sandbox import controls, downtimes, listing, monitors, search
from ddguard.sandbox.calls import Access, Answer, Outcome, RefusalError, Request, found
from ddguard.sandbox.state import State

OWN_PATHS = "/sandbox"
"""How the paths of the sandbox's own endpoints begin; they need no keys."""
KEY_CHECK = "/api/v1/validate"
"""Needs an API key alone."""

FORBIDDEN = {
    "status": "error",
    "code": 403,
    "errors": ["Forbidden"],
    "statuspage": "http://status.datadoghq.com",
    "twitter": "http://twitter.com/datadogops",
    "email": "support@example.com",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit as its headers tell it: `limit` calls in `period` seconds."""

    limit: int
    period: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `{}` in the path is handed to the handler as it was written."""

    method: str
    path: str
    handler: Callable[..., Outcome]
    limit: Limit | None = None

    def arguments(self, request: Request) -> tuple[str, ...] | None:
        """The variable parts of the path, None where the request is for another operation."""
        if request.method != self.method:
            return None
        match = re.fullmatch(self.path.replace("{}", "([^/]+)"), request.path)
        return match.groups() if match else None


def valid_key(state: State, request: Request) -> Outcome:
    """GET /api/v1/validate."""
    del state, request
    return found({"valid": True})


GENERAL = Limit(12000, 60)
ROUTES = (
    Route("GET", KEY_CHECK, valid_key),
    Route("GET", "/api/v1/monitor/can_delete", monitors.can_delete, Limit(12000, 60, "can_delete")),
    Route("GET", "/api/v1/monitor/search", search.monitors, Limit(120, 10)),
    Route("GET", "/api/v1/monitor/groups/search", search.groups, Limit(120, 10)),
    Route("POST", "/api/v1/monitor/validate", monitors.validate_new, GENERAL),
    Route("POST", "/api/v1/monitor/{}/validate", monitors.validate_existing, GENERAL),
    Route("GET", "/api/v1/monitor", listing.monitors, Limit(1000, 10, "get_all_monitors")),
    Route("POST", "/api/v1/monitor", monitors.create, Limit(500, 10, "post_monitors")),
    Route("GET", "/api/v1/monitor/{}", monitors.one, Limit(3000, 10, "get_monitors")),
    Route("PUT", "/api/v1/monitor/{}", monitors.update, Limit(500, 10, "put_monitors")),
    Route("DELETE", "/api/v1/monitor/{}", monitors.delete, GENERAL),
    Route("GET", "/api/v2/downtime", downtimes.listed, GENERAL),
    Route("POST", "/api/v2/downtime", downtimes.create, GENERAL),
    Route("GET", "/api/v2/downtime/{}", downtimes.one, GENERAL),
    Route("PATCH", "/api/v2/downtime/{}", downtimes.update, GENERAL),
    Route("DELETE", "/api/v2/downtime/{}", downtimes.cancel, GENERAL),
    Route("GET", "/api/v2/monitor/{}/downtime_matches", downtimes.matches, GENERAL),
    Route("GET", "/sandbox", controls.overview),
    Route("POST", "/sandbox/reset", controls.reset),
    Route("POST", "/sandbox/clock", controls.set_clock),
    Route("POST", "/sandbox/monitor/{}/group", controls.set_group),
)


def is_let_in(request: Request) -> bool:
    """Whether the keys of the request are enough for its path."""
    if request.path.startswith(OWN_PATHS):
        return True
    return request.access is Access.GRANTED or (request.access is Access.API_KEY_ALONE and request.path == KEY_CHECK)


def route(request: Request) -> tuple[Route, tuple[str, ...]] | None:
    """The operation that a request is for, with the variable parts of its path."""
    for candidate in ROUTES:
        arguments = candidate.arguments(request)
        if arguments is not None:
            return candidate, arguments
    return None


def answer(state: State, request: Request) -> Outcome:
    """What Datadog would answer, and the changes to make first."""
    if not is_let_in(request):
        missing = request.access is Access.MISSING and request.path == KEY_CHECK
        return Outcome(Answer(403, {"errors": ["API key required"]} if missing else FORBIDDEN))
    chosen = route(request)
    if chosen is None:
        return Outcome(Answer(404, {"errors": ["Not found"]}))
    operation, arguments = chosen
    try:
        return operation.handler(state, request, *arguments)
    except RefusalError as refusal:
        return Outcome(refusal.answer)
    except OverflowError:
        return Outcome(Answer(400, {"errors": ["A time is out of range"]}))
