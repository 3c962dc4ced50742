"""One object for one creation, however the answers get lost."""

from dataclasses import replace
from typing import Any

import pytest
from scripted_server import QUICK, FakeClock, Reply, Seen, Server, settings_for

from ddguard.datadog import Created, Datadog, calls
from ddguard.errors import AnswerError, DatadogError, LostAnswerError
from ddguard.model import Identity

MINE = Identity("streampay/prod", "burst")
TAGS = ["team:risk", "ddguard_stack:streampay/prod", "ddguard_id:burst"]
WANTED = {"name": "Burst", "type": "query alert", "tags": TAGS}
MONITOR = {"id": 7, **WANTED}
FOREIGN = {"id": 3, "tags": ["ddguard_stack:streampay/staging", "ddguard_id:burst"]}

UUID = "00000000-0000-1234-0000-000000000001"
OTHER_UUID = "00000000-0000-1234-0000-000000000002"
MARKER = "ddguard: streampay/prod/nightly"
ATTRIBUTES = {"scope": "env:prod", "message": f"nightly run\n\n{MARKER}"}

FOUND = Reply([FOREIGN, MONITOR])
NOTHING = Reply([FOREIGN])
LOST = {
    "dropped": Reply(drop=True),
    "cut off": Reply(MONITOR, promise=1000),
    "no json": Reply(raw=b"<html>"),
    "no monitor": Reply({"ok": True}),
    **{str(status): Reply(status=status) for status in (408, 500, 501, 502, 503, 504, 505, 512, 599)},
}


def downtime(id_: str = UUID, status: str = "scheduled", **changes: Any) -> dict[str, Any]:
    attributes = {**ATTRIBUTES, "status": status, "created": "2026-01-01T00:00:00+00:00", **changes}
    return {"id": id_, "type": "downtime", "attributes": attributes}


def listed(*downtimes: dict[str, Any]) -> Reply:
    return Reply({"data": list(downtimes), "meta": {"page": {"total_filtered_count": len(downtimes)}}})


def refused(reason: str) -> Reply:
    return Reply(status=400, body={"errors": [reason]})


def test_a_monitor_is_created_with_one_call(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(MONITOR)]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=False)
    assert server.asked == ["POST /api/v1/monitor"]
    assert server.seen[0].body == WANTED


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_answer_is_followed_by_a_look_never_by_a_post(
    lost: str, server: Server, datadog: Datadog, time: FakeClock
) -> None:
    server.replies = [LOST[lost], FOUND]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=True)
    assert server.asked == ["POST /api/v1/monitor", "GET /api/v1/monitor"]
    assert server.seen[1].query == {"page": "0", "page_size": "1000", "monitor_tags": "ddguard_id:burst"}
    assert time.slept == []


def test_datadog_is_given_time_to_show_what_it_made(server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.replies = [Reply(drop=True), NOTHING, NOTHING, FOUND]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=True)
    assert time.slept == [1.0, 3.0]


def test_of_two_with_our_identity_the_older_is_ours(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(drop=True), Reply([MONITOR, {**MONITOR, "id": 9}])]
    assert datadog.create_monitor(WANTED, MINE).raw["id"] == 7


def test_one_that_names_another_owner_too_is_not_ours(server: Server, datadog: Datadog) -> None:
    shared = {**MONITOR, "id": 5, "tags": [*TAGS, "ddguard_stack:streampay/staging"]}
    server.replies = [Reply(drop=True), Reply([shared, MONITOR])]
    assert datadog.create_monitor(WANTED, MINE).raw["id"] == 7


def test_one_that_is_known_is_not_what_was_made(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(drop=True), Reply([MONITOR]), Reply([MONITOR, {**MONITOR, "id": 9}])]
    assert datadog.create_monitor(WANTED, MINE, {7}).raw["id"] == 9


def test_a_look_goes_through_all_pages(server: Server, datadog: Datadog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MONITORS_PAGE", 1)
    server.replies = [Reply(drop=True), Reply([FOREIGN]), Reply([MONITOR]), Reply([])]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=True)


def test_what_was_never_carried_out_is_posted_again(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=503), NOTHING, NOTHING, NOTHING, Reply(MONITOR)]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=False)
    assert [asked.split()[0] for asked in server.asked] == ["POST", "GET", "GET", "GET", "POST"]


def test_a_post_that_showed_up_late_is_adopted_from_the_refusal(server: Server, datadog: Datadog) -> None:
    duplicate = refused("Duplicate of an existing monitor_id:7 org_id:321")
    server.replies = [Reply(drop=True), NOTHING, NOTHING, NOTHING, duplicate, Reply(MONITOR)]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=True)
    assert server.asked[-2:] == ["POST /api/v1/monitor", "GET /api/v1/monitor/7"]


def test_the_posts_end(server: Server, time: FakeClock) -> None:
    server.answer = lambda seen: Reply(status=503) if seen.method == "POST" else NOTHING
    with (
        Datadog(settings_for(server.url, replace(QUICK, attempts=3)), time.clock()) as datadog,
        pytest.raises(LostAnswerError) as caught,
    ):
        datadog.create_monitor(WANTED, MINE)
    assert caught.value.message == (
        "could not create the monitor: no reason given (HTTP 503); Datadog may have carried it out"
    )
    assert server.asked.count("POST /api/v1/monitor") == 3
    assert server.asked[-1] == "GET /api/v1/monitor"


def test_the_posts_end_with_the_longest_wait(server: Server, time: FakeClock) -> None:
    server.answer = lambda seen: Reply(status=503) if seen.method == "POST" else NOTHING
    with (
        Datadog(settings_for(server.url, replace(QUICK, max_wait=5.0)), time.clock()) as datadog,
        pytest.raises(LostAnswerError),
    ):
        datadog.create_monitor(WANTED, MINE)
    assert [asked.split()[0] for asked in server.asked] == ["POST", "GET", "GET", "GET", "POST", "GET", "GET"]
    assert time.slept == [1.0, 3.0, 1.0]


def test_a_look_that_fails_leaves_it_unknown(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=500, body={"errors": ["oops"]}), Reply(status=403, body={"errors": ["Forbidden"]})]
    with pytest.raises(LostAnswerError) as caught:
        datadog.create_monitor(WANTED, MINE)
    assert caught.value.message == (
        "could not create the monitor: oops (HTTP 500); Datadog may have carried it out; "
        "to look for it failed, too: could not list the monitors: Forbidden (HTTP 403)"
    )
    assert caught.value.hint.endswith("the application key needs the permission monitors_read")


def test_a_refusal_is_told_at_once(server: Server, datadog: Datadog) -> None:
    server.replies = [refused("The value provided for parameter 'query' is invalid")]
    with pytest.raises(AnswerError) as caught:
        datadog.create_monitor(WANTED, MINE)
    assert caught.value.reasons == ("The value provided for parameter 'query' is invalid",)
    assert server.asked == ["POST /api/v1/monitor"]


def test_an_equal_monitor_with_our_identity_is_adopted(server: Server, datadog: Datadog) -> None:
    server.replies = [refused("Duplicate of an existing monitor_id:7 org_id:321"), Reply(MONITOR)]
    assert datadog.create_monitor(WANTED, MINE) == Created(MONITOR, adopted=True)


@pytest.mark.parametrize("tags", [None, [], ["ddguard_stack:streampay/prod"], FOREIGN["tags"]])
def test_an_equal_monitor_of_somebody_else_is_not_touched(
    tags: list[str] | None, server: Server, datadog: Datadog
) -> None:
    reason = "Duplicate of an existing monitor_id:7 org_id:321"
    server.replies = [refused(reason), Reply({"id": 7, "tags": tags})]
    with pytest.raises(AnswerError) as caught:
        datadog.create_monitor(WANTED, MINE)
    assert caught.value.message == "could not create the monitor: an equal one exists, 7, and it isn't this spec's"
    assert caught.value.hint == "`remote_id: 7` in the spec adopts it"
    assert (caught.value.status, caught.value.reasons) == (400, (reason,))


def test_an_equal_monitor_that_is_gone_again_leaves_the_refusal(server: Server, datadog: Datadog) -> None:
    server.replies = [refused("Duplicate of an existing monitor_id:7 org_id:321"), Reply(status=404)]
    with pytest.raises(AnswerError, match=r"Duplicate of an existing monitor_id:7 org_id:321 \(HTTP 400\)"):
        datadog.create_monitor(WANTED, MINE)


def test_no_server_however_it_fails_ends_up_with_two(server: Server, datadog: Datadog) -> None:
    """The server stores every first POST, loses its answer, and shows the monitor only at the third look."""
    stored: list[dict[str, Any]] = []
    looks: list[Seen] = []

    def answer(seen: Seen) -> Reply:
        if seen.method == "POST":
            stored.append({"id": len(stored) + 1, **seen.body})
            return Reply(drop=True)
        looks.append(seen)
        return Reply(stored if len(looks) >= 3 else [])

    server.answer = answer
    assert datadog.create_monitor(WANTED, MINE) == Created({"id": 1, **WANTED}, adopted=True)
    assert len(stored) == 1


# Downtimes


def test_a_downtime_is_created_with_one_call(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"data": downtime(), "included": []})]
    assert datadog.create_downtime(ATTRIBUTES, MARKER) == Created(downtime(), adopted=False)
    assert server.asked == ["POST /api/v2/downtime"]
    assert server.seen[0].body == {"data": {"type": "downtime", "attributes": ATTRIBUTES}}


@pytest.mark.parametrize("answer", [[], {}, {"data": []}, {"data": {"id": 1, "attributes": {}}}, {"data": {"id": "x"}}])
def test_an_answer_without_a_downtime_is_lost(answer: Any, server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(answer), listed(downtime())]
    assert datadog.create_downtime(ATTRIBUTES, MARKER) == Created(downtime(), adopted=True)


def test_a_lost_downtime_is_found_by_its_marker(server: Server, datadog: Datadog) -> None:
    others = [
        downtime("0", "canceled"),
        downtime("1", "ended"),
        downtime("2", message=None),
        downtime("3", message=""),
        downtime("4", message=f"{MARKER}\nmore"),
        downtime("5", message=f"{MARKER}-2"),
    ]
    newer = downtime(OTHER_UUID, created="2026-01-02T00:00:00+00:00")
    server.replies = [Reply(drop=True), listed(*others, newer, downtime(status="active"))]
    assert datadog.create_downtime(ATTRIBUTES, f"{MARKER}\n") == Created(downtime(status="active"), adopted=True)


def test_a_downtime_that_is_known_is_not_what_was_made(server: Server, datadog: Datadog) -> None:
    newer = downtime(OTHER_UUID, created="2026-01-02T00:00:00+00:00")
    server.replies = [Reply(drop=True), listed(downtime(status="active")), listed(downtime(status="active"), newer)]
    assert datadog.create_downtime(ATTRIBUTES, MARKER, {UUID}) == Created(newer, adopted=True)


def test_protection_is_no_part_of_whose_it_is(server: Server, datadog: Datadog) -> None:
    protected = downtime(message=f"nightly run\n{MARKER} ddguard_protect:true")
    server.replies = [Reply(drop=True), listed(protected)]
    assert datadog.create_downtime(ATTRIBUTES, MARKER) == Created(protected, adopted=True)


def test_a_lost_downtime_is_not_posted_again_where_the_list_shows_none_of_those_it_counts(
    server: Server, datadog: Datadog
) -> None:
    hidden = Reply({"data": [], "meta": {"page": {"total_filtered_count": 1}}})
    server.answer = lambda seen: Reply(status=502) if seen.method == "POST" else hidden
    with pytest.raises(LostAnswerError, match="Datadog counts 1 and shows none"):
        datadog.create_downtime(ATTRIBUTES, MARKER)
    assert server.asked.count("POST /api/v2/downtime") == 1


def test_a_lost_downtime_that_is_nowhere_is_posted_again(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=502), listed(), listed(), listed(), Reply({"data": downtime()})]
    assert datadog.create_downtime(ATTRIBUTES, MARKER) == Created(downtime(), adopted=False)


DUPLICATE = "The downtime being created is a duplicate of one or more existing downtimes: "


def test_an_equal_downtime_with_our_marker_is_adopted(server: Server, datadog: Datadog) -> None:
    server.replies = [refused(f"{DUPLICATE}['{UUID}']"), Reply({"data": downtime()})]
    assert datadog.create_downtime(ATTRIBUTES, MARKER) == Created(downtime(), adopted=True)
    assert server.asked[1] == f"GET /api/v2/downtime/{UUID}"


@pytest.mark.parametrize("ids", [f"['{UUID}', '{OTHER_UUID}']", "[]", "['not an id']"])
def test_a_refusal_that_does_not_name_exactly_one_downtime_stands(ids: str, server: Server, datadog: Datadog) -> None:
    server.replies = [refused(DUPLICATE + ids)]
    with pytest.raises(AnswerError) as caught:
        datadog.create_downtime(ATTRIBUTES, MARKER)
    assert caught.value.reasons == (DUPLICATE + ids,)
    assert len(server.seen) == 1


@pytest.mark.parametrize("existing", [downtime(message="somebody's"), downtime(status="canceled")])
def test_an_equal_downtime_of_somebody_else_is_not_touched(
    existing: dict[str, Any], server: Server, datadog: Datadog
) -> None:
    server.replies = [refused(f"{DUPLICATE}['{UUID}']"), Reply({"data": existing})]
    with pytest.raises(AnswerError) as caught:
        datadog.create_downtime(ATTRIBUTES, MARKER)
    assert (
        caught.value.message == f"could not create the downtime: an equal one exists, {UUID}, and it isn't this spec's"
    )
    assert caught.value.hint == f"`remote_id: {UUID}` in the spec adopts it"


def test_a_post_that_never_left_is_no_lost_answer(time: FakeClock) -> None:
    with Datadog(settings_for("http://127.0.0.1:1"), time.clock()) as datadog, pytest.raises(DatadogError) as caught:
        datadog.create_downtime(ATTRIBUTES, MARKER)
    assert type(caught.value) is DatadogError
