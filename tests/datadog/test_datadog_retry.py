"""What is repeated, how often, after which pause; what never is."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from scripted_server import QUICK, FakeClock, Reply, Seen, Server, settings_for

from ddguard.datadog import Clock, Datadog
from ddguard.datadog.waiting import Closure, Gate, pause_before
from ddguard.errors import AnswerError, DatadogError, LostAnswerError
from ddguard.model import Identity

MONITOR = {"id": 1, "name": "a monitor"}
UUID = "00000000-0000-1234-0000-000000000001"
DOWNTIME = {"data": {"id": UUID, "type": "downtime", "attributes": {}}}

Act = Callable[[Datadog], object]

REPEATABLE: dict[str, tuple[Act, Reply]] = {
    "get": (lambda datadog: datadog.monitor(1), Reply(MONITOR)),
    "put": (lambda datadog: datadog.update_monitor(1, {}), Reply(MONITOR)),
    "patch": (lambda datadog: datadog.update_downtime(UUID, {}), Reply(DOWNTIME)),
    "delete": (lambda datadog: datadog.delete_monitor(1), Reply({"deleted_monitor_id": 1})),
    "cancel": (lambda datadog: datadog.cancel_downtime(UUID), Reply(status=204)),
    "validate": (lambda datadog: datadog.validate_monitor({}), Reply({})),
}

PASSING_STATUSES = (408, 500, 502, 503, 504, 512)

SETBACKS = {
    **{str(status): Reply(status=status) for status in PASSING_STATUSES},
    "dropped": Reply(drop=True),
    "cut off": Reply(MONITOR, promise=1000),
    "no json": Reply(raw=b'{"id": 1'),
}


@pytest.mark.parametrize("act", REPEATABLE)
@pytest.mark.parametrize("setback", SETBACKS)
def test_what_passes_is_sat_out(act: str, setback: str, server: Server, datadog: Datadog, time: FakeClock) -> None:
    do, good = REPEATABLE[act]
    server.replies = [SETBACKS[setback], SETBACKS[setback], good]
    do(datadog)
    assert len(set(server.asked)) == 1
    assert len(server.seen) == 3
    assert time.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 451, 501, 505])
@pytest.mark.parametrize("act", REPEATABLE)
def test_what_stays_is_told_at_once(act: str, status: int, server: Server, datadog: Datadog, time: FakeClock) -> None:
    do, _ = REPEATABLE[act]
    server.replies = [Reply(status=status, body={"errors": ["no"]})]
    if status == 404 and act in {"get", "delete", "cancel"}:
        do(datadog)
    else:
        with pytest.raises(AnswerError) as caught:
            do(datadog)
        assert (caught.value.status, caught.value.reasons) == (status, ("no",))
    assert len(server.seen) == 1
    assert time.slept == []


def test_the_pauses_double_up_to_the_longest_and_the_tries_end(
    server: Server, datadog: Datadog, time: FakeClock
) -> None:
    server.answer = lambda _: Reply(status=503, body={"errors": ["overloaded"]})
    with pytest.raises(AnswerError) as caught:
        datadog.monitor(1)
    assert caught.value.message == "could not read monitor 1: overloaded (HTTP 503)"
    assert caught.value.hint == (
        "Datadog or a gateway before it is in trouble (https://status.datadoghq.com): run it again later"
    )
    assert len(server.seen) == 6
    assert time.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_pause_is_drawn_from_nothing_to_the_most() -> None:
    draws = iter((0.0, 0.5, 1.0, 1.0))
    clock = Clock(random=lambda: next(draws))
    assert [pause_before(repetition, QUICK, clock) for repetition in (1, 2, 3, 30)] == [0.0, 0.5, 2.0, 20.0]


def test_nothing_is_repeated_beyond_the_longest_wait(server: Server, time: FakeClock) -> None:
    server.answer = lambda _: Reply(drop=True)
    patience = replace(QUICK, max_wait=3.0)
    with Datadog(settings_for(server.url, patience), time.clock()) as datadog, pytest.raises(DatadogError) as caught:
        datadog.monitor(1)
    assert caught.value.message == "could not read monitor 1: the connection broke"
    assert type(caught.value) is DatadogError
    assert time.slept == [0.5, 1.0]


def test_a_server_that_says_when_is_believed(server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.replies = [Reply(status=503, headers={"Retry-After": "30"}), Reply(MONITOR)]
    assert datadog.monitor(1) == MONITOR
    assert time.slept == [30.0]


@pytest.mark.parametrize(
    "after", ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "nan", "inf", "1e300", "1792000000", ""]
)
def test_a_server_that_says_nonsense_is_not(after: str, server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.replies = [
        Reply(status=503, headers={"Retry-After": after}),
        Reply(status=429, headers={"X-RateLimit-Reset": after, "Retry-After": after}),
        Reply(MONITOR),
    ]
    assert datadog.monitor(1) == MONITOR
    assert time.slept == [0.5, 0.5]


def test_a_lost_delete_that_was_carried_out_is_done(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(drop=True), Reply(status=404, body={"errors": ["Monitor not found"]})]
    datadog.delete_monitor(1)
    assert server.asked == ["DELETE /api/v1/monitor/1"] * 2
    assert server.seen[0].query == {}


WRITES = ("put", "patch", "delete", "cancel")
LATER = Reply(status=429, headers={"X-RateLimit-Reset": "3600"})


@pytest.mark.parametrize("act", WRITES)
@pytest.mark.parametrize("setback", SETBACKS)
def test_a_change_whose_answers_are_all_lost_may_have_been_carried_out(
    act: str, setback: str, server: Server, datadog: Datadog
) -> None:
    server.answer = lambda _: SETBACKS[setback]
    with pytest.raises(LostAnswerError, match=r"; Datadog may have carried it out$"):
        REPEATABLE[act][0](datadog)
    assert len(server.seen) == QUICK.attempts


@pytest.mark.parametrize("act", WRITES)
@pytest.mark.parametrize("last", [LATER, Reply(status=403, body={"errors": ["Forbidden"]})], ids=["429", "403"])
def test_so_it_may_where_only_the_first_answer_is_lost(act: str, last: Reply, server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(drop=True), last]
    with pytest.raises(LostAnswerError, match=r"; Datadog may have carried it out$"):
        REPEATABLE[act][0](datadog)


@pytest.mark.parametrize("act", [*WRITES, "get", "validate"])
def test_what_never_left_or_changes_nothing_was_not_carried_out(act: str, server: Server, time: FakeClock) -> None:
    do = REPEATABLE[act][0]
    url = "http://127.0.0.1:1" if act in WRITES else server.url
    server.answer = lambda _: Reply(drop=True)
    with Datadog(settings_for(url), time.clock()) as datadog, pytest.raises(DatadogError) as caught:
        do(datadog)
    assert type(caught.value) is DatadogError


def test_a_refusal_after_a_lost_answer_is_a_refusal_of_what_may_have_been_carried_out(
    server: Server, datadog: Datadog
) -> None:
    reason = "Start times of downtimes in progress cannot be changed"
    server.replies = [Reply(drop=True), Reply(status=400, body={"errors": [reason]})]
    with pytest.raises(AnswerError) as caught:
        datadog.update_downtime(UUID, {"schedule": {"start": None}})
    assert caught.value.reasons == (reason, "an earlier try, whose answer was lost, may have been carried out")
    assert caught.value.message.endswith(f"{reason} (HTTP 400); {caught.value.reasons[1]}")
    assert caught.value.is_about_the_call


def test_what_is_gone_after_a_lost_answer_is_gone(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(drop=True), Reply(status=404, body={"errors": ["Monitor not found"]})]
    with pytest.raises(AnswerError) as caught:
        datadog.update_monitor(7, {})
    assert caught.value.reasons == ("Monitor not found",)


def test_an_update_of_what_is_gone_is_an_error(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply(status=404, body={"errors": ["Monitor not found"]})]
    with pytest.raises(AnswerError) as caught:
        datadog.update_monitor(7, {})
    assert caught.value.message == "could not update monitor 7: Monitor not found (HTTP 404)"
    assert caught.value.hint == "it may have been deleted in the meantime: plan again"


def test_a_connection_that_is_refused_is_tried_again(time: FakeClock) -> None:
    with Datadog(settings_for("http://127.0.0.1:1"), time.clock()) as datadog, pytest.raises(DatadogError) as caught:
        datadog.create_monitor({}, Identity("p/e", "a"))
    assert caught.value.message == "could not create the monitor: 127.0.0.1:1 can't be reached"
    assert not isinstance(caught.value, LostAnswerError)
    assert time.slept == [0.5, 1.0, 2.0]


def test_what_is_hopeless_is_told_at_once(server: Server, time: FakeClock) -> None:
    with (
        Datadog(settings_for(server.url.replace("http:", "https:")), time.clock()) as datadog,
        pytest.raises(DatadogError, match=r"could not read monitor 1: 127\.0\.0\.1:\d+ doesn't speak TLS") as caught,
    ):
        datadog.monitor(1)
    assert caught.value.hint == "is the API's URL right?"
    assert time.slept == []


# Rate limits


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"X-RateLimit-Reset": "7"}, [7.0]),
        ({"X-RateLimit-Reset": "7", "Retry-After": "9"}, [7.0]),
        ({"Retry-After": "9"}, [9.0]),
        ({"X-RateLimit-Reset": "2.5"}, [2.5]),
        ({"X-RateLimit-Reset": "0"}, [0.1]),
        ({}, [0.5]),
    ],
)
@pytest.mark.parametrize("act", [*REPEATABLE, "post"])
def test_a_refusal_for_its_rate_is_waited_out(
    act: str, headers: dict[str, str], slept: list[float], server: Server, datadog: Datadog, time: FakeClock
) -> None:
    create: tuple[Act, Reply] = (lambda it: it.create_monitor({}, Identity("p/e", "a")), Reply(MONITOR))
    do, good = REPEATABLE.get(act, create)
    server.replies = [Reply(status=429, headers=headers, body={"errors": ["Rate limit"]}), good]
    do(datadog)
    assert len(server.seen) == 2
    assert [round(pause, 6) for pause in time.slept] == slept


def test_refusals_without_a_time_are_waited_out_longer_and_longer(
    server: Server, datadog: Datadog, time: FakeClock
) -> None:
    server.replies = [*[Reply(status=429)] * 8, Reply(MONITOR)]
    assert datadog.monitor(1) == MONITOR
    assert [round(pause, 6) for pause in time.slept] == [0.5, 1, 2, 4, 8, 16, 20, 20]


def test_refusals_that_say_at_once_are_waited_out_longer_and_longer_too(
    server: Server, datadog: Datadog, time: FakeClock
) -> None:
    server.replies = [*[Reply(status=429, headers={"X-RateLimit-Reset": "0"})] * 10, Reply(MONITOR)]
    assert datadog.monitor(1) == MONITOR
    assert [round(pause, 6) for pause in time.slept] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20.0, 20.0]


def test_a_server_that_always_says_at_once_is_left_after_the_longest_wait(
    server: Server, datadog: Datadog, time: FakeClock
) -> None:
    server.answer = lambda _: Reply(status=429, headers={"X-RateLimit-Reset": "0"})
    with pytest.raises(AnswerError, match="is used up for another 20 s"):
        datadog.monitor(1)
    assert len(server.seen) < 30


def test_a_limit_that_stays_closed_too_long_is_an_error(server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.replies = [
        Reply(status=429, headers={"X-RateLimit-Reset": "3600", "X-RateLimit-Name": "get_monitors\x1b[31m"})
    ]
    with pytest.raises(AnswerError) as caught:
        datadog.monitor(1)
    assert caught.value.message == (
        "could not read monitor 1: the rate limit 'get_monitors [31m' is used up for another 3600 s (HTTP 429)"
    )
    assert caught.value.status == 429
    assert caught.value.hint == "wait a little, or work with fewer --workers"
    assert time.slept == []


def test_refusals_do_not_go_on_forever(server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.answer = lambda _: Reply(status=429, headers={"X-RateLimit-Reset": "60"})
    with pytest.raises(AnswerError) as caught:
        datadog.monitor(1)
    assert caught.value.status == 429
    assert time.slept == [60.0] * 5


def test_the_limit_of_one_name_holds_back_all_its_calls_and_no_others(
    server: Server, datadog: Datadog, time: FakeClock
) -> None:
    shared = {"X-RateLimit-Name": "monitors"}
    server.replies = [Reply(MONITOR, headers=shared), Reply(MONITOR, headers=shared), Reply(DOWNTIME)]
    datadog.monitor(1)
    datadog.update_monitor(1, {})
    datadog.downtime(UUID)
    server.replies = [
        Reply(status=429, headers={**shared, "X-RateLimit-Reset": "500"}),
        Reply(DOWNTIME),
    ]
    with pytest.raises(AnswerError):
        datadog.monitor(1)
    datadog.downtime(UUID)
    asked = len(server.seen)
    with pytest.raises(AnswerError, match="the rate limit 'monitors' is used up for another 500 s"):
        datadog.update_monitor(1, {})
    assert len(server.seen) == asked
    assert time.slept == []


def test_all_threads_wait_where_one_is_told_to(server: Server) -> None:
    """Eight threads meet one refusal: the calls that are on their way may be refused, too, and then all is quiet."""
    time = FakeClock()
    asleep = threading.Barrier(8)
    lock = threading.Lock()
    refused = []

    def sleep(seconds: float) -> None:
        asleep.wait(10)
        with lock:
            time.time = max(time.time, 1000.0 + seconds)
        asleep.wait(10)

    def answer(_: Seen) -> Reply:
        with lock:
            if time.time < 1010.0:
                refused.append(1)
                return Reply(status=429, headers={"X-RateLimit-Reset": "10", "X-RateLimit-Name": "get_monitors"})
        return Reply(MONITOR)

    server.answer = answer
    clock = Clock(now=lambda: time.time, sleep=sleep, random=lambda: 1.0)
    answers = []
    with Datadog(settings_for(server.url), clock) as datadog:
        threads = [threading.Thread(target=lambda: answers.append(datadog.monitor(1))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert answers == [MONITOR] * 8
    assert len(server.seen) == len(refused) + 8
    assert 1 <= len(refused) <= 8


def test_the_gate_keeps_the_longest_wait_and_opens_by_itself() -> None:
    time = FakeClock()
    gate = Gate(time.clock())
    gate.learn("GET /a", None)
    assert gate.closure("GET /a") is None
    gate.close("GET /a", 5.0)
    gate.close("GET /a", 2.0)
    assert gate.closure("GET /a") == Closure("GET /a", 5.0)
    gate.learn("GET /b", "limit")
    gate.learn("GET /c", "limit")
    gate.close("GET /b", 3.0)
    assert gate.closure("GET /c") == Closure("limit", 3.0)
    time.sleep(3.0)
    assert gate.closure("GET /c") is None
    assert gate.closure("GET /a") == Closure("GET /a", 2.0)


def test_a_wait_that_fits_is_slept_and_one_that_does_not_is_refused() -> None:
    time = FakeClock()
    clock = time.clock()
    assert clock.wait(5.0, 1005.0)
    assert not clock.wait(0.1, 1005.0)
    assert clock.wait(0.0, 1005.0)
    assert time.slept == [5.0]
