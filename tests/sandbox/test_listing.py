"""Lists of monitors: filters, pages, group states."""

import pytest

from tests.sandbox.conversation import BURST, Conversation


@pytest.fixture
def three(talk: Conversation) -> Conversation:
    """A sandbox with three monitors."""
    query = "avg(last_5m):avg:system.load.1{env:prod,host:a} > 5"
    talk.monitor(name="Burst of streams", tags=["team:risk", "ddguard_stack:streampay/prod"])
    talk.monitor(name="load", query=query, tags=["team:risk"], options={})
    talk.monitor(name="load again", query=query.replace("host:a", "host:b"), tags=[], options={})
    return talk


def listed(talk: Conversation, **query: str) -> list[int]:
    """The listed numbers, counted from one."""
    return [monitor["id"] - 1_000_000 for monitor in talk.ok("GET", "/api/v1/monitor", **query)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"monitor_tags": "team:risk"}, [1, 2]),
        ({"monitor_tags": "team:risk, ddguard_stack:streampay/prod"}, [1]),
        ({"monitor_tags": "team:ris"}, []),
        ({"tags": "env:prod"}, [1, 2, 3]),
        ({"tags": "env:prod,host:b"}, [3]),
        ({"name": "LOAD"}, [2, 3]),
        ({"name": "load", "monitor_tags": "team:risk"}, [2]),
        ({"page": "0", "page_size": "2"}, [1, 2]),
        ({"page": "1", "page_size": "2"}, [3]),
        ({"page": "2", "page_size": "2"}, []),
        ({"page": "0"}, [1, 2, 3]),
        ({"page_size": "1"}, [1]),
        ({"id_offset": "1000001"}, [2, 3]),
        ({"id_offset": "1000001", "page_size": "1"}, [2]),
    ],
)
def test_filters_and_pages(three: Conversation, query: dict[str, str], numbers: list[int]) -> None:
    assert listed(three, **query) == numbers


def test_a_page_has_a_hundred_unless_told_and_a_thousand_at_most(talk: Conversation) -> None:
    for number in range(1005):
        talk.monitor(name=f"monitor {number}")
    assert len(listed(talk, page="0")) == 100
    assert len(listed(talk, page="0", page_size="5000")) == 1000
    assert listed(talk, page="1", page_size="5000") == [1001, 1002, 1003, 1004, 1005]
    assert len(listed(talk)) == 1005


def test_an_entry_has_downtimes_and_no_assets(talk: Conversation) -> None:
    talk.monitor()
    (entry,) = talk.ok("GET", "/api/v1/monitor")
    assert entry["matching_downtimes"] == []
    assert entry.keys() & {"assets", "restriction_policy"} == set()
    assert "assets" in talk.ok("GET", "/api/v1/monitor", with_assets="true")[0]


@pytest.mark.parametrize("query", [{"page": "-1"}, {"page_size": "one"}, {"id_offset": "²"}])
def test_what_is_no_number_is_refused(talk: Conversation, query: dict[str, str]) -> None:
    (name,) = query
    told = (400, f"The value provided for parameter '{name}' is invalid")
    assert talk.refused("GET", "/api/v1/monitor", **query) == told


def test_group_states_are_shown_where_asked(talk: Conversation) -> None:
    number = talk.monitor()
    talk.group(number, "tenant:acme", "Alert")
    talk.group(number, "tenant:quiet", "OK")
    plain = talk.ok("GET", "/api/v1/monitor")[0]
    assert "state" not in plain
    for asked, groups in [
        ("all", ["tenant:acme", "tenant:quiet"]),
        ("alert", ["tenant:acme"]),
        ("warn, No Data", []),
        ("ok,alert", ["tenant:acme", "tenant:quiet"]),
    ]:
        assert list(talk.ok("GET", "/api/v1/monitor", group_states=asked)[0]["state"]["groups"]) == groups
        assert list(talk.ok("GET", f"/api/v1/monitor/{number}", group_states=asked)["state"]["groups"]) == groups


@pytest.mark.parametrize("path", ["/api/v1/monitor", "/api/v1/monitor/1000001"])
def test_unknown_group_states_are_refused(talk: Conversation, path: str) -> None:
    talk.ok("POST", "/api/v1/monitor", BURST)
    assert talk.refused("GET", path, group_states="notagroupstate") == (400, "Invalid group_state filters.")


def test_unknown_group_states_are_refused_in_an_empty_account(talk: Conversation) -> None:
    assert talk.refused("GET", "/api/v1/monitor", group_states="x") == (400, "Invalid group_state filters.")
