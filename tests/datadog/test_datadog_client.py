"""Each method's call on the wire and its value."""

import pytest
from scripted_server import Reply, Server

from ddguard.datadog import Datadog, calls
from ddguard.errors import AnswerError, DatadogError

MONITOR = {"id": 12, "name": "m", "avalanche_window": 20}
DOWNTIME = {"id": "u", "type": "downtime", "attributes": {"scope": "env:prod"}}


def test_keys_are_checked(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"valid": True})]
    datadog.validate_keys()
    assert server.asked == ["GET /api/v1/validate"]


def test_bad_keys_are_told_with_what_to_do(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=403, body={"status": "error", "code": 403, "errors": ["Forbidden"]})]
    with pytest.raises(AnswerError) as caught:
        datadog.validate_keys()
    assert caught.value.message == "could not check the API key: Forbidden (HTTP 403)"
    assert caught.value.hint.startswith("DD_API_KEY and DD_APP_KEY must be valid keys of an account at 127.0.0.1:")


def test_one_monitor_comes_as_it_is(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(MONITOR), Reply(MONITOR), Reply(status=404, body={"errors": ["Monitor not found"]})]
    assert datadog.monitor(12) == MONITOR
    assert datadog.monitor(12, "alert") == MONITOR
    assert datadog.monitor(13) is None
    assert [(seen.path, seen.query) for seen in server.seen] == [
        ("/api/v1/monitor/12", {}),
        ("/api/v1/monitor/12", {"group_states": "alert"}),
        ("/api/v1/monitor/13", {}),
    ]


def test_an_update_gives_the_monitor_back(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(MONITOR)]
    assert datadog.update_monitor(12, {"name": "m"}) == MONITOR
    assert (server.asked, server.seen[0].body) == (["PUT /api/v1/monitor/12"], {"name": "m"})


@pytest.mark.parametrize(("id_", "path"), [("a/../b?c", "a%2F..%2Fb%3Fc"), ("\ud800", "%3F")])
def test_a_strange_id_stays_one_part_of_the_path(id_: str, path: str) -> None:
    assert calls.cancel_downtime(id_).target == f"/api/v2/downtime/{path}"


def test_a_monitor_is_never_deleted_by_force(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"deleted_monitor_id": 12}), Reply(status=404)]
    datadog.delete_monitor(12)
    datadog.delete_monitor(12)
    assert [(seen.method, seen.path, seen.query) for seen in server.seen] == [
        ("DELETE", "/api/v1/monitor/12", {}),
    ] * 2


def test_what_holds_a_monitor_comes_in_datadogs_words(server: Server, datadog: Datadog) -> None:
    held = "monitor [12,m] is referenced in composite monitors: [14,12 && 13]"
    server.replies = [Reply(status=409, body={"errors": {"12": [held]}, "data": {"ok": [13]}})]
    assert datadog.can_delete([12, 13]) == {12: (held,), 13: ()}
    assert server.seen[0].query == {"monitor_ids": "12,13"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"data": {"ok": []}, "errors": None}),
        Reply({"data": None, "errors": None}),
        Reply({"errors": {"12": []}}),
        Reply({}),
        Reply(status=404, body={"errors": ["Monitor not found"]}),
    ],
)
def test_what_datadog_says_nothing_about_holds_nothing(reply: Reply, server: Server, datadog: Datadog) -> None:
    server.replies = [reply]
    assert datadog.can_delete([12]) == {12: ()}


def test_many_monitors_are_asked_about_in_parts(server: Server, datadog: Datadog) -> None:
    server.answer = lambda seen: Reply({"data": {"ok": [int(id_) for id_ in seen.query["monitor_ids"].split(",")]}})
    assert datadog.can_delete(range(1, 251)) == dict.fromkeys(range(1, 251), ())
    assert [len(seen.query["monitor_ids"].split(",")) for seen in server.seen] == [100, 100, 50]
    assert datadog.can_delete([]) == {}


def test_an_answer_about_deleting_must_be_an_object(server: Server, datadog: Datadog) -> None:
    server.answer = lambda _: Reply([])
    with pytest.raises(DatadogError, match=r"could not ask whether monitors can be deleted: .* it isn't a JSON object"):
        datadog.can_delete([1])


def test_a_definition_is_validated_as_new_or_as_a_change(server: Server, datadog: Datadog) -> None:
    server.replies = [
        Reply({}),
        Reply({}),
        Reply(status=400, body={"errors": ["The value provided for parameter 'query' is invalid"]}),
    ]
    datadog.validate_monitor(MONITOR)
    datadog.validate_monitor(MONITOR, 12)
    with pytest.raises(AnswerError) as caught:
        datadog.validate_monitor({})
    assert caught.value.reasons == ("The value provided for parameter 'query' is invalid",)
    assert server.asked == [
        "POST /api/v1/monitor/validate",
        "POST /api/v1/monitor/12/validate",
        "POST /api/v1/monitor/validate",
    ]


def test_one_downtime_comes_without_its_envelope(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"data": DOWNTIME}), Reply(status=404, body={"errors": ["Downtime not found"]})]
    assert datadog.downtime("u") == DOWNTIME
    assert datadog.downtime("v") is None


def test_a_change_of_a_downtime_names_it_twice(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"data": DOWNTIME, "included": []})]
    assert datadog.update_downtime("u", {"message": None}) == DOWNTIME
    assert server.asked == ["PATCH /api/v2/downtime/u"]
    assert server.seen[0].body == {"data": {"type": "downtime", "id": "u", "attributes": {"message": None}}}


def test_a_downtime_that_is_gone_is_as_good_as_canceled(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=204), Reply(status=404, body={"errors": ["Downtime u not found"]})]
    datadog.cancel_downtime("u")
    datadog.cancel_downtime("u")
    assert server.asked == ["DELETE /api/v2/downtime/u"] * 2


def test_a_cancellation_that_is_refused_is_told(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=403, body={"errors": ["Forbidden"]})]
    with pytest.raises(AnswerError, match=r"could not cancel downtime u: Forbidden \(HTTP 403\)"):
        datadog.cancel_downtime("u")
