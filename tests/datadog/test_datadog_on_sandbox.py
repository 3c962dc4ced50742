"""The adapter on the sandbox: the life of monitors and downtimes, and lists and creations under faults."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from scripted_server import FakeClock, settings_for

from ddguard.datadog import Created, Datadog, settings_from
from ddguard.errors import AnswerError, DatadogError
from ddguard.model import Identity
from ddguard.sandbox.faults import parse_fault
from ddguard.sandbox.server import Sandbox
from ddguard.sandbox.state import State

STACK = "streampay/prod"
TAG = f"ddguard_stack:{STACK}"


def definition(id_: str, stack: str = STACK) -> dict[str, Any]:
    return {
        "name": f"Monitor {id_}",
        "type": "query alert",
        "query": "avg(last_5m):avg:system.load.1{env:prod} by {tenant} > 4",
        "message": "too much",
        "tags": [f"ddguard_stack:{stack}", f"ddguard_id:{id_}"],
    }


def marker(id_: str) -> str:
    return f"{TAG} ddguard_id:{id_}"


def attributes(id_: str) -> dict[str, Any]:
    return {
        "scope": f"tenant:{id_}",
        "monitor_identifier": {"monitor_tags": ["service:streampay"]},
        "schedule": {"start": "2050-01-01T00:00:00Z", "end": "2050-01-02T00:00:00Z"},
        "message": f"planned\n{marker(id_)}",
    }


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def datadog(sandbox: Sandbox) -> Iterator[Datadog]:
    with Datadog(settings_from({}, api_url=sandbox.url), FakeClock().clock()) as datadog:
        yield datadog


def test_the_life_of_a_monitor(datadog: Datadog) -> None:
    datadog.validate_keys()
    datadog.validate_monitor(definition("a"))
    created = datadog.create_monitor(definition("a"), Identity(STACK, "a"))
    number = created.raw["id"]
    assert not created.adopted
    assert datadog.update_monitor(number, {"name": "renamed"})["name"] == "renamed"
    assert [monitor["name"] for monitor in datadog.monitors(TAG)] == ["renamed"]
    assert [monitor["id"] for monitor in datadog.monitors()] == [number]
    assert datadog.can_delete([number]) == {number: ()}
    datadog.delete_monitor(number)
    datadog.delete_monitor(number)
    assert datadog.monitor(number) is None
    assert datadog.monitors(TAG) == []


def test_an_equal_monitor_is_adopted_by_its_own_spec_only(datadog: Datadog) -> None:
    mine = datadog.create_monitor(definition("a"), Identity(STACK, "a")).raw
    again = datadog.create_monitor(definition("a"), Identity(STACK, "a"))
    assert (again.raw["id"], again.adopted) == (mine["id"], True)
    with pytest.raises(AnswerError) as caught:
        datadog.create_monitor(definition("a"), Identity(STACK, "b"))
    assert caught.value.hint == f"`remote_id: {mine['id']}` in the spec adopts it"


def test_a_stack_whose_name_begins_like_another_is_another(datadog: Datadog) -> None:
    datadog.create_monitor(definition("a"), Identity(STACK, "a"))
    datadog.create_monitor(definition("a", f"{STACK}-eu"), Identity(f"{STACK}-eu", "a"))
    assert [monitor["tags"][0] for monitor in datadog.monitors(TAG)] == [TAG]
    assert datadog.monitors("ddguard_stack:streampay") == []


def test_a_part_of_a_composite_may_not_go(datadog: Datadog) -> None:
    part = datadog.create_monitor(definition("a"), Identity(STACK, "a")).raw["id"]
    whole = {**definition("b"), "type": "composite", "query": f"{part} && !{part}", "name": "both"}
    number = datadog.create_monitor(whole, Identity(STACK, "b")).raw["id"]
    held = datadog.can_delete([part, number])
    assert held[number] == ()
    assert held[part][0].endswith(f"is referenced in composite monitors: [{number},both]")


def test_a_refused_definition_comes_with_datadogs_words(datadog: Datadog) -> None:
    with pytest.raises(AnswerError) as caught:
        datadog.validate_monitor({"query": "query", "type": "log alert"})
    assert caught.value.status == 400
    assert caught.value.reasons == ("The value provided for parameter 'query' is invalid: invalid operator specified:",)


def test_the_life_of_a_downtime(datadog: Datadog) -> None:
    created = datadog.create_downtime(attributes("acme"), marker("acme"))
    id_ = created.raw["id"]
    assert created.raw["attributes"]["status"] == "scheduled"
    assert datadog.update_downtime(id_, {"scope": "tenant:acme AND env:prod"})["id"] == id_
    assert [row["attributes"]["scope"] for row in datadog.downtimes()] == ["tenant:acme AND env:prod"]
    datadog.cancel_downtime(id_)
    datadog.cancel_downtime(id_)
    assert datadog.downtime("00000000-0000-1234-0000-000000000000") is None


def test_groups_are_seen_in_the_list_and_in_the_search(sandbox: Sandbox, datadog: Datadog) -> None:
    number = datadog.create_monitor(definition("a"), Identity(STACK, "a")).raw["id"]
    assert [monitor["id"] for monitor in datadog.monitors_with_groups(TAG)] == [number]
    assert datadog.search_groups("group_status:alert") == []
    assert datadog.downtime_matches(number) == []


def test_a_plan_of_a_thousand_takes_three_requests(sandbox: Sandbox, datadog: Datadog) -> None:
    created = datadog.create_monitor(definition("a"), Identity(STACK, "a")).raw
    copies = {number: {**created, "id": number} for number in range(1, 1001)}
    sandbox.state = State(monitors=copies)
    before = len(sandbox.requests)
    assert len(datadog.monitors(TAG)) == 1000
    assert datadog.downtimes() == []
    asked = sorted(request.path for request in sandbox.requests[before:])
    assert asked == ["/api/v1/monitor", "/api/v1/monitor/search", "/api/v2/downtime"]


@pytest.fixture(scope="module")
def populated() -> State:
    """Seven monitors and seven downtimes of the stack, and a monitor of another."""
    with Sandbox() as sandbox, Datadog(settings_for(sandbox.url), FakeClock().clock()) as datadog:
        for id_ in "abcdefg":
            datadog.create_monitor(definition(id_), Identity(STACK, id_))
            datadog.create_downtime(attributes(id_), marker(id_))
        datadog.create_monitor(definition("a", "other/prod"), Identity("other/prod", "a"))
        return sandbox.state


@pytest.mark.parametrize("kind", ["missing-page", "short-page", "repeat-page", "truncate", "cut-body", "drop-after"])
def test_a_damaged_list_heals_or_is_an_error_but_never_lacks_anything(kind: str, populated: State) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(15):
        with (
            Sandbox(faults=[parse_fault(f"{kind}:GET:30%")], seed=seed) as sandbox,
            Datadog(settings_for(sandbox.url), FakeClock().clock()) as datadog,
        ):
            sandbox.state = populated
            try:
                monitors, downtimes = datadog.monitors(TAG), datadog.downtimes()
            except DatadogError:
                outcomes["refused"] += 1
                continue
        assert [monitor["name"][-1] for monitor in monitors] == list("abcdefg")
        assert sorted(row["attributes"]["scope"][-1] for row in downtimes) == list("abcdefg")
        outcomes["whole"] += 1
    assert outcomes["whole"] >= 12


FAULTS = ("drop-after:20%", "503:5%", "502-after:5%", "429=1s:10%")


def until_known(create: Callable[[], Created]) -> Created:
    """What the creation came to; asked for again where too much broke to tell, as a second apply does."""
    for _ in range(5):
        with suppress(DatadogError):
            return create()
    return create()


def create_all(datadog: Datadog) -> list[Created]:
    def create(id_: str) -> list[Created]:
        return [
            until_known(lambda: datadog.create_monitor(definition(id_), Identity(STACK, id_))),
            until_known(lambda: datadog.create_downtime(attributes(id_), marker(id_))),
        ]

    with ThreadPoolExecutor(8) as pool:
        return [created for pair in pool.map(create, [f"m{number}" for number in range(25)]) for created in pair]


@pytest.mark.parametrize("seed", range(5))
def test_lost_answers_and_refusals_end_in_one_object_each(seed: int) -> None:
    with (
        Sandbox(faults=[parse_fault(fault) for fault in FAULTS], seed=seed) as sandbox,
        Datadog(settings_for(sandbox.url), FakeClock().clock()) as datadog,
    ):
        created = create_all(datadog)
        assert sorted(monitor["id"] for monitor in sandbox.state.monitors.values()) == sorted(
            one.raw["id"] for one in created[::2]
        )
        assert sandbox.state.downtimes.keys() == {one.raw["id"] for one in created[1::2]}
    assert any(one.adopted for one in created)
    assert not all(one.adopted for one in created)


def test_two_that_create_the_same_at_once_end_in_one_monitor(sandbox: Sandbox) -> None:
    start = threading.Barrier(8)

    def create(_: int) -> int:
        with Datadog(settings_for(sandbox.url)) as datadog:
            start.wait(10)
            return int(datadog.create_monitor(definition("a"), Identity(STACK, "a")).raw["id"])

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(create, range(8)))
    assert numbers == sandbox.state.monitors.keys()
    assert len(numbers) == 1
