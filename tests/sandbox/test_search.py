"""`monitor/search` and `monitor/groups/search`."""

from typing import Any

import pytest

from tests.sandbox.conversation import START, Conversation

SECONDS = int(START.timestamp())
FOREVER = 9223372036854775807


@pytest.fixture
def account(talk: Conversation) -> Conversation:
    """Three monitors, three groups, one of them muted."""
    burst = talk.monitor(tags=["team:risk", "env:prod"], priority=1)
    talk.monitor(
        type="log alert",
        name="errors",
        query='logs("x").index("*").rollup("count").last("5m") > 5',
        options={},
        message="@pagerduty-core and @a@example.com, @pagerduty-core.",
        restricted_roles=["role"],
    )
    talk.monitor(type="service check", name="ntp", query='"ntp.in_sync".by("*").last(2).count_by_status()', options={})
    talk.group(burst, "tenant:acme", "Alert")
    talk.group(burst, "tenant:quiet", "OK")
    talk.group(burst + 1, "*", "Warn")
    talk.downtime(schedule={"end": "2026-01-05T05:00:00Z"})
    return talk


def found(talk: Conversation, **query: str) -> list[str]:
    """The names of the monitors that a search finds."""
    return [monitor["name"] for monitor in talk.ok("GET", "/api/v1/monitor/search", **query)["monitors"]]


def found_groups(talk: Conversation, **query: str) -> list[str]:
    """The groups that a search finds."""
    return [group["group"] for group in talk.ok("GET", "/api/v1/monitor/groups/search", **query)["groups"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["burst", "errors", "ntp"]),
        ("burst", ["burst"]),
        ("ERR", ["errors"]),
        ("status:alert", ["burst"]),
        ("status:(Alert OR Warn)", ["burst", "errors"]),
        ('status:"No Data"', ["ntp"]),
        ("-status:alert", ["errors", "ntp"]),
        ("type:metric", ["burst"]),
        ("type:log OR type:custom", ["errors", "ntp"]),
        ('tag:"env:prod"', ["burst"]),
        ("env:prod", ["burst"]),
        ("env:dev", []),
        ("scope:env:prod", ["burst"]),
        ("metric:streampay.streams.*", ["burst"]),
        ("notification:pagerduty-core", ["errors"]),
        ("muted:true", []),
        ("priority:p1", ["burst"]),
        ("id:1000002", ["errors"]),
        ("title:nt*", ["ntp"]),
        ("team:risk AND (status:alert OR status:warn)", ["burst", "errors"]),
    ],
)
def test_monitors_are_found(account: Conversation, query: str, names: list[str]) -> None:
    assert found(account, query=query) == names


def test_an_entry_of_the_search(account: Conversation) -> None:
    burst, errors, _ = account.ok("GET", "/api/v1/monitor/search")["monitors"]
    assert errors == {
        "id": 1_000_002,
        "org_id": 1,
        "name": "errors",
        "type": "log alert",
        "query": 'logs("x").index("*").rollup("count").last("5m") > 5',
        "classification": "log",
        "status": "Warn",
        "tags": ["team:risk"],
        "scopes": [],
        "metrics": [],
        "notifications": [
            {"handle": "pagerduty-core", "name": "pagerduty-core"},
            {"handle": "a@example.com", "name": "a@example.com"},
        ],
        "priority": None,
        "creator": {"id": 1, "name": "Sandbox User", "handle": "sandbox@example.com"},
        "restricted_roles": ["role"],
        "last_triggered_ts": SECONDS + 5,
        "muted_until_ts": None,
        "overall_state_modified": SECONDS + 5,
    }
    assert (burst["scopes"], burst["metrics"]) == (["env:prod"], ["streampay.streams.created"])


def test_counts_and_metadata(account: Conversation) -> None:
    answered = account.ok("GET", "/api/v1/monitor/search", page="1", per_page="2")
    assert answered["metadata"] == {"page": 1, "page_count": 2, "per_page": 2, "total_count": 3}
    assert [monitor["name"] for monitor in answered["monitors"]] == ["ntp"]
    assert answered["counts"] == {
        "status": [{"name": "Alert", "count": 1}, {"name": "No Data", "count": 1}, {"name": "Warn", "count": 1}],
        "muted": [{"name": False, "count": 3}],
        "tag": [{"name": "team:risk", "count": 3}, {"name": "env:prod", "count": 1}],
        "type": [{"name": "custom", "count": 1}, {"name": "log", "count": 1}, {"name": "metric", "count": 1}],
    }


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name,asc", ["burst", "errors", "ntp"]),
        ("name,desc", ["ntp", "errors", "burst"]),
        ("status", ["burst", "ntp", "errors"]),
        ("unheard", ["burst", "errors", "ntp"]),
    ],
)
def test_sorting(account: Conversation, sort: str, names: list[str]) -> None:
    assert found(account, sort=sort) == names


@pytest.mark.parametrize("path", ["/api/v1/monitor/search", "/api/v1/monitor/groups/search"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"query": "status:notastatus"}, "Query parsing error: 'notastatus' is not a valid monitor status"),
        ({"query": "group_status:bad"}, "Query parsing error: 'bad' is not a valid monitor status"),
        ({"query": "(open"}, "Query parsing error: a parenthesis is not closed"),
        ({"page": "x"}, "The value provided for parameter 'page' is invalid"),
        ({"per_page": "x"}, "The value provided for parameter 'per_page' is invalid"),
    ],
)
def test_refused_searches(account: Conversation, path: str, query: dict[str, str], told: str) -> None:
    assert account.refused("GET", path, **query) == (400, told)


@pytest.mark.parametrize(
    ("query", "groups"),
    [
        ("", ["tenant:acme", "tenant:quiet", "*"]),
        ("group_status:alert", ["tenant:acme"]),
        ("status:(OK OR Warn)", ["tenant:quiet", "*"]),
        ("group:tenant:acme", ["tenant:acme"]),
        ("muted:true", ["tenant:acme"]),
        ("id:1000002", ["*"]),
        ("title:burst -muted:true", ["tenant:quiet"]),
        ("quiet", ["tenant:quiet"]),
        ("tag:env:prod", ["tenant:acme", "tenant:quiet"]),
        ("priority:p1 AND group_status:ok", ["tenant:quiet"]),
    ],
)
def test_groups_are_found(account: Conversation, query: str, groups: list[str]) -> None:
    assert found_groups(account, query=query) == groups


def test_an_entry_of_the_group_search(account: Conversation) -> None:
    answered = account.ok("GET", "/api/v1/monitor/groups/search", query="group_status:alert")
    assert answered["metadata"] == {"page": 0, "page_count": 1, "per_page": 30, "total_count": 1}
    assert answered["counts"]["muted"] == [{"name": True, "count": 1}]
    (entry,) = answered["groups"]
    assert entry == {
        "monitor_id": 1_000_001,
        "monitor_name": "burst",
        "group": "tenant:acme",
        "group_tags": ["tenant:acme"],
        "all_tags": ["team:risk", "env:prod"],
        "env_tags": ["env:prod"],
        "team_tags": ["team:risk"],
        "status": "Alert",
        "priority": 1,
        "last_triggered_ts": SECONDS + 3,
        "last_nodata_ts": 0,
        "muted": True,
        "muted_until_ts": SECONDS + 7200,
        "muted_remaining": 7200 - 7,
        "downtimes": [
            {
                "id": 1,
                "monitor_id": None,
                "monitor_tags": ["*"],
                "scope": ["tenant:acme"],
                "start_dt": SECONDS + 6,
                "end_dt": SECONDS + 7200,
                "modified": SECONDS + 6,
            }
        ],
    }


def test_a_mute_without_end(account: Conversation) -> None:
    account.downtime(scope="env:prod")
    entries = account.ok("GET", "/api/v1/monitor/groups/search", query="id:1000001")["groups"]
    ends: list[Any] = [(entry["muted_until_ts"], entry["muted_remaining"]) for entry in entries]
    assert ends == [(FOREVER, FOREVER)] * 2
    assert account.ok("GET", "/api/v1/monitor/search", query="muted:true")["monitors"][0]["muted_until_ts"] == FOREVER


def test_an_empty_account(talk: Conversation) -> None:
    answered = talk.ok("GET", "/api/v1/monitor/search", sort="name,desc", per_page="0")
    assert answered["monitors"] == []
    assert answered["metadata"] == {"page": 0, "page_count": 0, "per_page": 1, "total_count": 0}
