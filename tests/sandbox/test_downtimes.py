"""Downtimes in the store: created, read, changed, canceled, listed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conversation import Conversation, in_envelope

PATH = "/api/v2/downtime"
FIRST = "00000000-0000-4000-8000-000000000001"
ACME = {"scope": "tenant:acme", "monitor_identifier": {"monitor_tags": ["team:risk"]}}


def test_a_created_downtime_is_answered_in_full(talk: Conversation) -> None:
    made = talk.ok("POST", PATH, in_envelope(ACME))
    attributes = made["data"].pop("attributes")
    assert made["data"] == {
        "type": "downtime",
        "id": FIRST,
        "relationships": {
            "created_by": {"data": {"type": "users", "id": "00000000-0000-4000-8000-00000000cafe"}},
            "monitor": {"data": None},
        },
    }
    assert [entry["type"] for entry in made["included"]] == ["users"]
    assert sorted(attributes.pop("notify_end_states")) == ["alert", "no data", "warn"]
    assert attributes == {
        "scope": "tenant:acme",
        "monitor_identifier": {"monitor_tags": ["team:risk"]},
        "schedule": {"start": "2026-01-05T03:00:00+00:00", "end": None},
        "status": "active",
        "canceled": None,
        "created": "2026-01-05T03:00:00+00:00",
        "modified": "2026-01-05T03:00:00+00:00",
        "display_timezone": "UTC",
        "message": None,
        "mute_first_recovery_notification": False,
        "notify_end_types": ["expired"],
    }


def test_the_monitor_of_a_downtime_is_told(talk: Conversation) -> None:
    number = talk.monitor()
    sent = in_envelope({"scope": "*", "monitor_identifier": {"monitor_id": number}})
    made = talk.ok("POST", PATH, sent)
    assert made["data"]["relationships"]["monitor"] == {"data": {"type": "monitor", "id": str(number)}}
    assert made["included"][1] == {"type": "monitor", "id": number, "attributes": {"name": "burst"}}


def test_a_read_has_no_relationships_unless_asked(talk: Conversation) -> None:
    talk.downtime()
    assert talk.ok("GET", f"{PATH}/{FIRST}").keys() == {"data"}
    assert talk.ok("GET", f"{PATH}/{FIRST}")["data"].keys() == {"type", "id", "attributes"}
    asked = talk.ok("GET", f"{PATH}/{FIRST}", include="created_by")
    assert (asked.keys(), "relationships" in asked["data"]) == ({"data", "included"}, True)
    listed = talk.ok("GET", PATH, include="created_by,monitor")
    assert (listed.keys(), "relationships" in listed["data"][0]) == ({"data", "meta", "included"}, True)


def test_the_order_of_end_states_changes(talk: Conversation) -> None:
    talk.downtime()
    orders = {tuple(talk.ok("GET", f"{PATH}/{FIRST}")["data"]["attributes"]["notify_end_states"]) for _ in range(3)}
    assert len(orders) == 3
    talk.ok("PATCH", f"{PATH}/{FIRST}", in_envelope({"notify_end_types": []}))
    assert talk.ok("GET", f"{PATH}/{FIRST}")["data"]["attributes"]["notify_end_types"] == []


@pytest.mark.parametrize(
    ("sent", "field", "stored"),
    [
        ({"display_timezone": ""}, "display_timezone", "UTC"),
        ({"display_timezone": "Europe/Paris"}, "display_timezone", "Europe/Paris"),
        ({"message": ""}, "message", ""),
        ({"message": "load test"}, "message", "load test"),
        ({"mute_first_recovery_notification": None}, "mute_first_recovery_notification", False),
        ({"notify_end_states": ["warn"]}, "notify_end_states", ["warn"]),
        ({"scope": " env:prod "}, "scope", " env:prod "),
    ],
)
def test_normalisation(talk: Conversation, sent: dict[str, Any], field: str, stored: Any) -> None:
    assert talk.downtime(**sent)["attributes"][field] == stored


def test_a_patch_changes_only_what_it_sends(talk: Conversation) -> None:
    before = talk.downtime(message="load test")["attributes"]
    talk.now += timedelta(hours=1)
    body = in_envelope({"mute_first_recovery_notification": True})
    body["data"]["id"] = ""
    answered = talk.ok("PATCH", f"{PATH}/{FIRST}", body)
    after = answered["data"]["attributes"]
    assert {key for key in before if before[key] != after[key]} - {"notify_end_states"} == {
        "modified",
        "mute_first_recovery_notification",
    }
    assert answered.keys() == {"data", "included"}


def test_a_patch_replaces_the_schedule(talk: Conversation) -> None:
    talk.downtime(schedule={"start": "2026-01-05T04:00:00Z", "end": "2026-01-05T05:00:00Z"})
    talk.now += timedelta(minutes=10)
    after = talk.ok("PATCH", f"{PATH}/{FIRST}", in_envelope({"schedule": {"start": None}}))["data"]["attributes"]
    assert after["schedule"] == {"start": "2026-01-05T03:10:01+00:00", "end": None}
    assert talk.ok("PATCH", f"{PATH}/{FIRST}", in_envelope({"message": None}))["data"]["attributes"]["message"] is None


def test_a_running_downtime_can_be_extended(talk: Conversation) -> None:
    schedule = talk.downtime()["attributes"]["schedule"]
    talk.now += timedelta(hours=1)
    later = in_envelope({"schedule": schedule | {"end": "2026-01-05T08:00:00+00:00"}})
    after = talk.ok("PATCH", f"{PATH}/{FIRST}", later)["data"]["attributes"]
    assert after["schedule"] == {"start": schedule["start"], "end": "2026-01-05T08:00:00+00:00"}


IN_PROGRESS = (400, "Start times of downtimes in progress cannot be changed")


@pytest.mark.parametrize(
    "schedule",
    [{"start": None}, {"start": "2026-01-05T03:30:00Z"}, {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "2h"}]}],
)
def test_the_start_of_a_running_downtime_stays(talk: Conversation, schedule: Any) -> None:
    talk.downtime()
    talk.now += timedelta(minutes=10)
    assert talk.refused("PATCH", f"{PATH}/{FIRST}", in_envelope({"schedule": schedule})) == IN_PROGRESS


@pytest.mark.parametrize(
    ("starts", "refused"),
    [
        (["2026-01-05T03:00:00", "2026-01-06T12:00:00"], False),
        (["2026-01-06T12:00:00", "2026-01-01T03:00:00"], False),
        (["2026-01-05T03:00:01", "2026-01-05T12:00:00"], True),
        (["2026-01-06T03:00:00", "2026-01-05T12:00:00"], True),
    ],
)
def test_the_occurrence_that_runs_stays_and_the_others_may_move(
    talk: Conversation, starts: list[str], *, refused: bool
) -> None:
    def schedule(*starts: str) -> Any:
        return {"recurrences": [{"rrule": "FREQ=DAILY", "duration": "2h", "start": start} for start in starts]}

    talk.downtime(schedule=schedule("2026-01-05T03:00:00", "2026-01-05T12:00:00"))
    talk.now += timedelta(minutes=10)
    status, answered = talk.ask("PATCH", f"{PATH}/{FIRST}", in_envelope({"schedule": schedule(*starts)}))
    assert (status, answered.get("errors")) == ((400, [IN_PROGRESS[1]]) if refused else (200, None))


def test_a_canceled_downtime_stays_listed(talk: Conversation) -> None:
    talk.downtime()
    assert talk.ask("DELETE", f"{PATH}/{FIRST}") == (204, None)
    (entry,) = talk.ok("GET", PATH)["data"]
    assert (entry["attributes"]["status"], entry["attributes"]["canceled"]) == ("canceled", "2026-01-05T03:00:01+00:00")
    assert talk.ok("GET", f"{PATH}/{FIRST}")["data"]["attributes"] | {"notify_end_states": 0} == entry["attributes"] | {
        "notify_end_states": 0
    }
    assert talk.ask("DELETE", f"{PATH}/{FIRST}") == (204, None)
    told = (400, "Canceled downtimes can't be changed")
    assert talk.refused("PATCH", f"{PATH}/{FIRST}", in_envelope({"message": "x"})) == told


def test_lists_are_paged(talk: Conversation) -> None:
    for number in range(33):
        talk.downtime(scope=f"tenant:t{number}")
    first = talk.ok("GET", PATH)
    assert (len(first["data"]), first["meta"]) == (30, {"page": {"total_filtered_count": 33}})
    rest = talk.ok("GET", PATH, page_offset="30", page_limit="100")["data"]
    assert [entry["attributes"]["scope"] for entry in rest] == ["tenant:t30", "tenant:t31", "tenant:t32"]


def test_current_only_hides_all_but_active_ones(talk: Conversation) -> None:
    talk.downtime(scope="tenant:now")
    talk.downtime(scope="tenant:later", schedule={"start": "2030-01-01T00:00:00Z"})
    talk.downtime(scope="tenant:soon_over", schedule={"end": "2026-01-05T03:00:30Z"})
    talk.now += timedelta(minutes=5)
    statuses = [entry["attributes"]["status"] for entry in talk.ok("GET", PATH)["data"]]
    assert statuses == ["active", "scheduled", "ended"]
    current = talk.ok("GET", PATH, current_only="true")
    assert [entry["attributes"]["scope"] for entry in current["data"]] == ["tenant:now"]
    assert current["meta"]["page"]["total_filtered_count"] == 1


def test_strangers(talk: Conversation) -> None:
    none = "00000000-0000-1234-0000-000000000000"
    assert talk.refused("GET", f"{PATH}/{none}") == (404, "Downtime not found")
    assert talk.refused("PATCH", f"{PATH}/{none}", in_envelope({})) == (404, "Downtime not found")
    assert talk.refused("DELETE", f"{PATH}/{none}") == (404, f"Downtime {none} not found")
    malformed = (400, "Invalid URL param: downtime_id must be an uuid")
    assert talk.refused("GET", f"{PATH}/INVALID_UUID_LENGTH") == malformed


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"scope": "BAD_SCOPE"}, "All values must have a key"),
        ({"scope": "tenant:acme AND bare"}, "All values must have a key"),
        ({"scope": "tenant:(acme"}, "Invalid scope: a parenthesis is not closed"),
        ({"scope": ""}, "'scope' is a required property"),
        ({"scope": 5}, "5 is not of type 'string'"),
        ({"monitor_identifier": {}}, "'monitor_identifier' is a required property"),
        ({"monitor_identifier": []}, "'monitor_identifier' is a required property"),
        ({"monitor_identifier": {"monitor_id": 5}}, "Monitor with id 5 not found"),
        *(
            (
                {"monitor_identifier": identifier},
                "monitor_identifier must have exactly one of monitor_id, monitor_tags",
            )
            for identifier in (
                {"monitor_id": "5"},
                {"monitor_tags": []},
                {"monitor_tags": [1]},
                {"monitor_tags": "a:b"},
                {"monitor_id": 1, "monitor_tags": ["a:b"]},
                ["a:b"],
            )
        ),
        ({"invalid_field": 1}, "Additional properties are not allowed ('invalid_field' was unexpected)"),
        ({"a": 1, "b": 1}, "Additional properties are not allowed ('a', 'b' were unexpected)"),
        ({"message": 1}, "1 is not of type 'string'"),
        ({"notify_end_states": "alert"}, "'alert' is not of type 'array'"),
        ({"mute_first_recovery_notification": "yes"}, "'yes' is not of type 'boolean'"),
        ({"schedule": {"start": "2026-01-05T02:00:00Z"}}, "Downtime cannot be scheduled in the past"),
    ],
)
def test_refusals(talk: Conversation, attributes: dict[str, Any], told: str) -> None:
    assert talk.refused("POST", PATH, in_envelope(ACME | attributes)) == (400, told)
    assert talk.state.downtimes == {}


@pytest.mark.parametrize("body", [None, [], {"data": []}, {"data": {}}, {"data": {"attributes": 1}}])
def test_a_body_without_attributes(talk: Conversation, body: Any) -> None:
    assert talk.refused("POST", PATH, body) == (400, "'data' is a required property")


def test_the_same_downtime_twice_is_a_duplicate(talk: Conversation) -> None:
    fixed = ACME | {"schedule": {"start": "2030-01-01T00:00:00Z", "end": "2030-01-02T00:00:00Z"}}
    talk.ok("POST", PATH, in_envelope(fixed))
    told = f"The downtime being created is a duplicate of one or more existing downtimes: ['{FIRST}']"
    assert talk.refused("POST", PATH, in_envelope(fixed)) == (400, told)
    talk.ok("POST", PATH, in_envelope(fixed | {"message": "another"}))
    talk.ask("DELETE", f"{PATH}/{FIRST}")
    talk.ok("POST", PATH, in_envelope(fixed))


def test_a_downtime_outlives_its_monitor(talk: Conversation) -> None:
    number = talk.monitor()
    talk.downtime(monitor_identifier={"monitor_id": number})
    talk.ok("DELETE", f"/api/v1/monitor/{number}")
    answered = talk.ok("PATCH", f"{PATH}/{FIRST}", in_envelope({"message": "it is gone"}))
    assert [entry["type"] for entry in answered["included"]] == ["users"]
