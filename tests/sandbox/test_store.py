"""The store as a whole: access, routes, state."""

from pathlib import Path

import pytest

from ddguard.sandbox.calls import Access, Change, Request
from ddguard.sandbox.faults import KINDS
from ddguard.sandbox.state import State
from ddguard.sandbox.store import ROUTES, answer
from tests.sandbox.conversation import Conversation

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
FORBIDDEN = {
    "status": "error",
    "code": 403,
    "errors": ["Forbidden"],
    "statuspage": "http://status.datadoghq.com",
    "twitter": "http://twitter.com/datadogops",
    "email": "support@example.com",
}


@pytest.mark.parametrize("access", [Access.MISSING, Access.REFUSED])
@pytest.mark.parametrize("route", [route for route in ROUTES if route.path.startswith("/api")])
def test_every_operation_needs_keys(talk: Conversation, access: Access, route: object) -> None:
    assert hasattr(route, "path")
    assert hasattr(route, "method")
    body = FORBIDDEN
    if route.path == "/api/v1/validate" and access is Access.MISSING:
        body = {"errors": ["API key required"]}
    assert talk.ask(route.method, route.path, access=access) == (403, body)


def test_the_sandboxs_own_endpoints_need_none(talk: Conversation) -> None:
    assert talk.ask("GET", "/sandbox", access=Access.MISSING)[0] == 200


def test_the_key_check_needs_the_api_key_alone(talk: Conversation) -> None:
    alone = Access.API_KEY_ALONE
    assert talk.ask("GET", "/api/v1/validate", access=alone) == (200, {"valid": True})
    assert talk.ask("GET", "/api/v1/monitor", access=alone) == (403, FORBIDDEN)


def test_a_valid_key(talk: Conversation) -> None:
    assert talk.ok("GET", "/api/v1/validate") == {"valid": True}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/v1/dashboard"), ("PATCH", "/api/v1/monitor/1"), ("POST", "/api/v1/monitor/1/2/3")],
)
def test_what_is_not_served(talk: Conversation, method: str, path: str) -> None:
    assert talk.refused(method, path) == (404, "Not found")


def test_the_page_names_every_operation_and_every_fault() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [route.path for route in ROUTES if route.path not in page] == []
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []


def test_a_state_is_never_changed_in_place() -> None:
    before = State()
    outcome = answer(before, Request("POST", "/api/v1/monitor", body={"type": "slo alert", "query": "a > 1"}))
    after = before.after(outcome.changes)
    assert (before.monitors, list(after.monitors)) == ({}, [1_000_001])
    assert after.after([]) is after
    assert after.after([Change("monitors", 1_000_001, None), Change("monitors", 5, None)]).monitors == {}
    assert list(after.monitors) == [1_000_001]
