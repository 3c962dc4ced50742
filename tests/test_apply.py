"""Carrying plans out: against a scripted Datadog for what goes wrong, and over HTTP against the sandbox."""

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from plan_worlds import (
    NOW,
    PRUNE,
    RULES,
    SOON,
    STACK,
    composite,
    downtime,
    live,
    live_pause,
    monitor,
    planned,
    world,
)

from ddguard.apply import carry_out
from ddguard.datadog import Datadog, settings_from
from ddguard.errors import AnswerError, DatadogError, InterruptedRun, LostAnswerError
from ddguard.model import Downtime, Identity, Monitor, Stack
from ddguard.payload import live_downtime, live_monitor
from ddguard.plan import Action, Outcome, Plan, Result, Rules, World
from ddguard.sandbox.server import Sandbox

Body = Mapping[str, Any]
A, B, C = monitor("a"), monitor("b"), monitor("c")
BOTH = composite("both", "a", "b")
LOG = {"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1'}
PAUSE = downtime("d", monitor="a", schedule={"start": SOON, "end": None})
FORBIDDEN = AnswerError("could not create it: Forbidden (HTTP 403)", 403, ["Forbidden"], "get the permission")
INVALID = AnswerError("could not create it: ...", 400, ["The query is invalid", "So is the type"])


@dataclass(frozen=True, slots=True)
class Made:
    raw: Body
    adopted: bool = False


@dataclass(slots=True)
class FakeRemote:
    """Answers as `script` says for a call's name, else as Datadog does where all goes well; remembers the calls.

    Looks for monitors are remembered aside: there is one after each monitor that was made.
    """

    script: Mapping[str, Any] = field(default_factory=dict)
    first_number: int = 101
    calls: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    bodies: dict[str, Body] = field(default_factory=dict)
    known: dict[str, Container[Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def played(self, call: str, body: Body, otherwise: Callable[[], Any]) -> Any:
        with self.lock:
            (self.looks if call.startswith("look") else self.calls).append(call)
            self.bodies[call] = body
        answer = self.script.get(call)
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return otherwise() if answer is None else answer

    def create_monitor(self, definition: Body, identity: Identity, known: Container[int] = ()) -> Made:
        assert identity.stack == STACK.name
        self.known[identity.id] = known
        return self.played(f"create {identity.id}", definition, lambda: Made({"id": self.number(), **definition}))

    def monitors_with(self, identity: Identity) -> list[Body]:
        listed: list[Body] = self.played(f"look {identity.id}", {}, list)
        return listed

    def monitors_of(self, stack: Stack) -> list[Body]:
        assert stack == STACK
        listed: list[Body] = self.played("look at all", {}, list)
        return listed

    def number(self) -> int:
        with self.lock:
            self.first_number += 1
            return self.first_number - 1

    def update_monitor(self, remote_id: int, definition: Body) -> Body:
        return self.played(f"update {remote_id}", definition, lambda: {"id": remote_id})

    def delete_monitor(self, remote_id: int) -> None:
        self.played(f"delete {remote_id}", {}, lambda: None)

    def create_downtime(self, attributes: Body, marker: str, known: Container[str] = ()) -> Made:
        spec_id = marker.rpartition(":")[2]
        return self.played(f"create {spec_id}", attributes, lambda: Made({"id": "u-new", "attributes": attributes}))

    def downtimes(self) -> list[Body]:
        listed: list[Body] = self.played("list", {}, list)
        return listed

    def update_downtime(self, remote_id: str, attributes: Body) -> Body:
        return self.played(f"update {remote_id}", attributes, lambda: {"id": remote_id})

    def cancel_downtime(self, remote_id: str) -> None:
        self.played(f"cancel {remote_id}", {}, lambda: None)


def told(outcomes: list[Outcome]) -> list[str]:
    return [
        " ".join(filter(None, [one.result, one.change.action, one.change.id, one.remote_id or "", one.error]))
        for one in outcomes
    ]


def applied(plan: Plan, remote: FakeRemote, workers: int = 1) -> list[str]:
    return told(list(carry_out(plan, remote, workers, NOW)))


class TestWhatIsSent:
    def test_an_empty_plan_makes_no_call(self) -> None:
        remote = FakeRemote()

        assert applied(planned([]), remote) == []
        assert remote.calls == []

    def test_composites_and_downtimes_in_one_apply(self) -> None:
        remote = FakeRemote()

        assert applied(planned([BOTH, A, B, PAUSE]), remote) == [
            "done create a 101",
            "done create b 102",
            "done create both 103",
            "done create d u-new",
        ]
        assert remote.bodies["create both"]["query"] == "101 && 102"
        assert remote.bodies["create d"]["monitor_identifier"] == {"monitor_id": 101}

    def test_an_update_sends_the_whole_object_and_what_clears_the_rest(self) -> None:
        remote = FakeRemote()
        there = live(A, 7, name="by hand", priority=3)

        assert applied(planned([A], world(there)), remote) == ["done update a 7"]
        assert remote.bodies["update 7"] == {**planned([A]).changes[0].wanted, "priority": None}  # type: ignore[dict-item]

    def test_an_update_of_a_downtime_sends_what_differs(self) -> None:
        remote = FakeRemote()
        pause = downtime("d", schedule={"start": SOON, "end": None})

        assert applied(planned([pause], world(live_pause(pause, "u-1", scope="env:dev"))), remote) == [
            "done update d u-1"
        ]
        assert remote.bodies == {"update u-1": {"scope": "env:prod"}}

    def test_deletes_come_after_everything_else_and_users_first(self) -> None:
        remote = FakeRemote()
        numbers = {"a": 1, "b": 2}
        there = world(live(A, 1), live(B, 2), live(BOTH, 3, numbers), live_pause(PAUSE, "u-1", numbers))

        applied(planned([C], there, PRUNE), remote, workers=8)

        assert remote.calls[0] == "create c"
        assert sorted(remote.calls[1:3]) == ["cancel u-1", "delete 3"]
        assert sorted(remote.calls[3:]) == ["delete 1", "delete 2"]


class TestFailures:
    def test_a_refused_create_skips_what_needs_it_and_nothing_else(self) -> None:
        remote = FakeRemote({"create a": INVALID})

        assert applied(planned([A, B, BOTH, composite("more", "both"), C, PAUSE]), remote) == [
            "failed create a The query is invalid; So is the type",
            "skipped create both needs the monitor a, which could not be made",
            "skipped create d needs the monitor a, which could not be made",
            "skipped create more needs the monitor both, which could not be made",
            "done create b 101",
            "done create c 102",
        ]
        assert remote.calls == ["create a", "create b", "create c"]

    def test_what_needs_two_that_failed_is_skipped_once(self) -> None:
        remote = FakeRemote({"create a": INVALID, "create b": INVALID})

        assert applied(planned([A, B, BOTH]), remote) == [
            "failed create a The query is invalid; So is the type",
            "skipped create both needs the monitor a, which could not be made",
            "failed create b The query is invalid; So is the type",
        ]

    def test_a_refused_update_skips_nothing_for_the_number_is_there(self) -> None:
        remote = FakeRemote({"update 1": INVALID})
        there = world(live(A, 1, name="by hand"))

        assert applied(planned([A, B, BOTH], there), remote) == [
            "failed update a 1 The query is invalid; So is the type",
            "done create b 101",
            "done create both 102",
        ]

    def test_the_place_of_the_spec_and_the_hint_come_along(self) -> None:
        (outcome,) = carry_out(planned([A]), FakeRemote({"create a": FORBIDDEN}), 1, NOW)

        assert (outcome.error, outcome.hint) == ("Forbidden", "get the permission")
        assert outcome.change.position is not None
        assert (outcome.change.position.path, outcome.change.position.line) == ("a.yaml", 1)

    @pytest.mark.parametrize(
        "error", [LostAnswerError("no answer; Datadog may have carried it out"), DatadogError("no network")]
    )
    def test_a_failure_without_an_answer_is_told_in_its_own_words(self, error: DatadogError) -> None:
        assert applied(planned([A]), FakeRemote({"create a": error})) == [f"failed create a {error.message}"]

    @pytest.mark.parametrize(
        ("error", "unreached"),
        [
            (INVALID, False),
            (AnswerError("", 404), False),
            (FORBIDDEN, True),
            (AnswerError("", 503), True),
            (LostAnswerError("no answer"), True),
            (DatadogError("no network"), True),
        ],
    )
    def test_what_datadog_refuses_is_told_from_a_datadog_that_is_of_no_use(
        self, error: DatadogError, *, unreached: bool
    ) -> None:
        remote = FakeRemote({"create a": error, "update 2": error, "delete 3": error})
        there = world(live(B, 2, name="by hand"), live(C, 3))

        outcomes = list(carry_out(planned([A, B], there), remote, 1, NOW))
        removals = list(carry_out(planned([], world(live(C, 3)), PRUNE), remote, 1, NOW))

        assert [outcome.unreached for outcome in (*outcomes, *removals)] == 3 * [unreached]

    def test_a_replacement_of_which_half_was_done_reached_datadog(self) -> None:
        remote = FakeRemote({"delete 1": DatadogError("no network")})

        (outcome,) = carry_out(planned([monitor("a", **LOG)], world(live(A, 1))), remote, 1, NOW)

        assert (outcome.result, outcome.unreached) == (Result.FAILED, False)

    def test_an_answer_without_reasons_is_told_by_its_message(self) -> None:
        error = AnswerError("could not create it (HTTP 400)", 400)

        assert applied(planned([A]), FakeRemote({"create a": error})) == [
            "failed create a could not create it (HTTP 400)"
        ]

    @pytest.mark.parametrize("failing", ["create b", "update 1", "create c"])
    def test_nothing_is_deleted_where_something_else_failed(self, failing: str) -> None:
        remote = FakeRemote({failing: INVALID})
        specs = [monitor("a", message="new"), B, monitor("c", **LOG), composite("more", "b")]
        there = world(live(A, 1), live(C, 3), live(monitor("old"), 4), live_pause(downtime("d"), "u-1"))

        outcomes = applied(planned(specs, there, PRUNE), remote)

        assert [outcome for outcome in outcomes if " delete " in outcome] == [
            "skipped delete d u-1 nothing is deleted where something else failed or was skipped",
            "skipped delete old 4 nothing is deleted where something else failed or was skipped",
        ]
        assert not {"cancel u-1", "delete 4"} & set(remote.calls)

    def test_the_old_one_of_a_replacement_goes_all_the_same(self) -> None:
        remote = FakeRemote({"create b": INVALID})

        applied(planned([B, monitor("c", **LOG)], world(live(C, 3))), remote)

        assert remote.calls == ["create b", "create c", "delete 3"]

    def test_a_composite_that_stays_keeps_its_members(self) -> None:
        remote = FakeRemote({"delete 3": INVALID})
        there = world(live(A, 1), live(B, 2), live(BOTH, 3, {"a": 1, "b": 2}), live(C, 4))

        assert applied(planned([], there, PRUNE), remote) == [
            "failed delete both 3 The query is invalid; So is the type",
            "skipped delete a 1 the composite both is made of it and is still there",
            "skipped delete b 2 the composite both is made of it and is still there",
            "done delete c 4",
        ]

    def test_a_refused_delete_is_told(self) -> None:
        remote = FakeRemote({"delete 1": INVALID, "cancel u-1": INVALID})
        there = world(live(A, 1), live_pause(downtime("d"), "u-1"))

        assert applied(planned([], there, PRUNE), remote) == [
            "failed delete d u-1 The query is invalid; So is the type",
            "failed delete a 1 The query is invalid; So is the type",
        ]

    def test_a_bug_in_a_call_is_no_outcome(self) -> None:
        with pytest.raises(ZeroDivisionError):
            applied(planned([A]), FakeRemote({"create a": ZeroDivisionError()}))


COMPOSED = world(live(A, 1), live(B, 2), live(BOTH, 3, {"a": 1, "b": 2}))
RETYPED = [monitor("a", **LOG), B, BOTH]


class TestReplacing:
    def test_the_new_one_is_made_then_its_users_moved_then_the_old_one_deleted(self) -> None:
        remote = FakeRemote()

        assert applied(planned(RETYPED, COMPOSED), remote) == ["done update both 3", "done replace a 101"]
        assert remote.calls == ["create a", "update 3", "delete 1"]
        assert remote.bodies["update 3"]["query"] == "101 && 2"

    def test_where_the_new_one_is_refused_the_old_one_stays(self) -> None:
        remote = FakeRemote({"create a": INVALID})

        assert applied(planned(RETYPED, COMPOSED), remote) == [
            "failed replace a 1 The query is invalid; So is the type",
            "skipped update both 3 needs the monitor a, which could not be made",
        ]
        assert remote.calls == ["create a"]

    def test_where_the_old_one_stays_both_are_named(self) -> None:
        remote = FakeRemote({"delete 1": FORBIDDEN})

        (_, outcome) = carry_out(planned(RETYPED, COMPOSED), remote, 1, NOW)

        assert told([outcome]) == ["failed replace a 101 101 was made, but the old one, 1, is still there: Forbidden"]
        assert outcome.hint == "get the permission"

    def test_a_replaced_composite_goes_before_its_replaced_members(self) -> None:
        specs = [monitor("a", **LOG), monitor("b", **LOG), monitor("both", message="alone")]
        remote = FakeRemote()

        applied(planned(specs, COMPOSED), remote, workers=4)

        assert remote.calls.index("delete 3") < min(remote.calls.index("delete 1"), remote.calls.index("delete 2"))

    def test_a_lost_answer_that_leads_back_to_the_old_one_deletes_nothing(self) -> None:
        old = Made({**live(A, 1).definition}, adopted=True)
        remote = FakeRemote({"create a": old})

        assert applied(planned([monitor("a", **LOG)], world(live(A, 1))), remote) == [
            "failed replace a 1 no new one was made: only the old one is to be found"
        ]
        assert remote.calls == ["create a"]

    def test_a_running_downtime_is_made_anew_then_canceled(self) -> None:
        before = downtime("d", schedule={"start": "2026-01-05T10:00:00Z", "end": None})
        after = downtime("d", schedule={"start": SOON, "end": None})
        there = live_pause(before, "u-1", at=NOW.replace(hour=9), status="active")
        remote = FakeRemote()

        assert applied(planned([after], world(there)), remote) == ["done replace d u-new"]
        assert remote.calls == ["create d", "list", "cancel u-1"]

        lost = FakeRemote({"create d": Made({"id": "u-1", "attributes": there.attributes}, adopted=True)})
        assert applied(planned([after], world(there)), lost) == [
            "failed replace d u-1 no new one was made: only the old one is to be found"
        ]


class TestAdopting:
    def test_what_was_there_already_and_is_as_wanted_is_left_alone(self) -> None:
        remote = FakeRemote({"create a": Made(live(A, 55).definition, adopted=True)})

        (outcome,) = carry_out(planned([A]), remote, 1, NOW)

        assert (outcome.result, outcome.remote_id, outcome.adopted) == (Result.DONE, "55", True)
        assert remote.calls == ["create a"]

    def test_what_differs_is_updated(self) -> None:
        remote = FakeRemote({"create a": Made(live(A, 55, message="older").definition, adopted=True)})

        assert applied(planned([A, composite("all", "a")]), remote) == ["done create a 55", "done create all 101"]
        assert remote.calls == ["create a", "update 55", "create all"]
        assert remote.bodies["create all"]["query"] == "55"

    def test_what_the_run_took_over_is_not_deleted_as_a_double(self) -> None:
        before = downtime("d", schedule={"start": "2026-01-05T10:00:00Z", "end": None})
        after = downtime("d", schedule={"start": SOON, "end": None})
        old = live_pause(before, "u-1", at=NOW.replace(hour=9), status="active")
        double = live_pause(after, "u-2", status="active", schedule={"start": "2026-01-05T11:00:00Z", "end": None})
        plan = planned([after], world(old, double), PRUNE)
        made = Made({"id": "u-2", "attributes": live_pause(after, "u-2").attributes}, adopted=True)
        remote = FakeRemote({"create d": made})

        assert applied(plan, remote) == [
            "done replace d u-2",
            "skipped delete d u-2 the spec stands for it since this run, so it is kept",
        ]
        assert remote.calls == ["create d", "list", "cancel u-1"]

    def test_what_the_plan_knows_is_not_what_a_lost_answer_was_about(self) -> None:
        remote = FakeRemote()
        there = world(live(A, 1), live(A, 2), live(B, 3))

        applied(planned([monitor("a", **LOG), B, C], there, PRUNE), remote)

        assert remote.known == {"a": {1, 2}, "c": set()}

    def test_an_update_that_is_refused_fails_the_create(self) -> None:
        remote = FakeRemote(
            {"create a": Made(live(A, 55, message="older").definition, adopted=True), "update 55": INVALID}
        )

        assert applied(planned([A]), remote) == ["failed create a The query is invalid; So is the type"]

    def test_downtimes_too(self) -> None:
        pause = downtime("d", schedule={"start": SOON, "end": None})
        same, other = live_pause(pause, "u-5"), live_pause(pause, "u-5", scope="env:dev")

        left = FakeRemote({"create d": Made({"id": "u-5", "attributes": same.attributes}, adopted=True)})
        changed = FakeRemote({"create d": Made({"id": "u-5", "attributes": other.attributes}, adopted=True)})

        assert applied(planned([pause]), left) == applied(planned([pause]), changed) == ["done create d u-5"]
        assert left.calls == ["create d", "list"]
        assert changed.calls == ["create d", "list", "update u-5"]
        assert changed.bodies["update u-5"] == {"scope": "env:prod"}


def made_now(uuid: str, second: int, **more: Any) -> Body:
    """What an apply made of a downtime that begins at once."""
    at = f"2026-01-05T12:00:0{second}+00:00"
    schedule = {"start": at, "end": None}
    live = live_pause(downtime("d"), uuid, **{"created": at, "status": "active", "schedule": schedule, **more})
    return {"id": uuid, "attributes": live.attributes}


def made_of(spec: Monitor, number: int, **more: Any) -> Body:
    """What an apply made of a monitor."""
    return live(spec, number, **more).definition


class TestTwoAppliesOfAMonitor:
    def test_others_are_looked_for_before_anything_refers_to_it(self) -> None:
        remote = FakeRemote({"look a": [made_of(A, 55, message="theirs"), made_of(A, 101)]})

        assert applied(planned([composite("all", "a"), A]), remote) == ["done create a 55", "done create all 102"]
        assert remote.calls == ["create a", "delete 101", "update 55", "create all"]
        assert remote.bodies["create all"]["query"] == "55"

    def test_the_older_one_is_kept_and_whoever_made_the_younger_takes_it_away(self) -> None:
        both = [made_of(A, 56, message="new"), made_of(A, 55)]
        elder = FakeRemote({"create a": Made(both[1]), "look a": both})
        younger = FakeRemote({"create a": Made(both[0]), "look a": both})

        (kept,) = carry_out(planned([A]), elder, 1, NOW)
        (taken_over,) = carry_out(planned([monitor("a", message="new")]), younger, 1, NOW)

        assert (kept.result, kept.remote_id, kept.adopted) == (Result.DONE, "55", False)
        assert elder.calls == ["create a"]
        assert (taken_over.result, taken_over.remote_id, taken_over.adopted) == (Result.DONE, "55", True)
        assert younger.calls == ["create a", "delete 56", "update 55"]

    def test_where_an_answer_was_lost_too(self) -> None:
        theirs, mine = made_of(A, 55, message="theirs"), made_of(A, 56)
        remote = FakeRemote({"create a": Made(theirs, adopted=True), "look a": [theirs, mine]})

        assert applied(planned([A]), remote) == ["done create a 55"]
        assert remote.calls == ["create a", "delete 56", "update 55"]

    def test_what_was_replaced_what_has_another_type_and_what_has_two_owners_is_no_double(self) -> None:
        logs = monitor("a", **LOG)
        old, left_over, mine = made_of(A, 1), made_of(A, 2), made_of(logs, 4)
        whose = {**made_of(logs, 3), "tags": [*mine["tags"], "ddguard_stack:other/prod"]}
        remote = FakeRemote({"create a": Made(mine), "look a": [old, left_over, whose, mine]})

        assert applied(planned([logs], world(live(A, 1), live(A, 2))), remote) == ["done replace a 4"]
        assert remote.calls == ["create a", "delete 1"]

    @pytest.mark.parametrize("failing", ["look a", "delete 56"])
    def test_where_it_stays_unknown_that_is_told(self, failing: str) -> None:
        both = [made_of(A, 55, message="theirs"), made_of(A, 56)]
        remote = FakeRemote({"create a": Made(both[1]), "look a": both, failing: FORBIDDEN})

        assert applied(planned([A, composite("all", "a")]), remote) == [
            "failed create a 56 56 was made, but it may not be the only one: Forbidden",
            "skipped create all needs the monitor a, which could not be made",
        ]


class TestTwoAppliesOfADowntime:
    SPEC = downtime("d")

    @pytest.mark.parametrize(
        "schedule",
        [
            {"start": SOON, "end": None},
            {"start": None, "end": SOON},
            {"start": "2026-01-05T11:00:00Z", "end": SOON},
            {"timezone": "UTC", "recurrences": [{"rrule": "FREQ=DAILY", "duration": "1h"}]},
        ],
    )
    def test_others_are_looked_for_whenever_it_begins(self, schedule: Body) -> None:
        remote = FakeRemote()

        assert applied(planned([downtime("d", schedule=schedule)]), remote) == ["done create d u-new"]
        assert remote.calls == ["create d", "list"]

    def test_the_older_one_is_kept_and_the_younger_canceled_by_both(self) -> None:
        both = [made_now("u-1", 1), made_now("u-2", 2)]
        elder = FakeRemote({"create d": Made(both[0]), "list": both})
        younger = FakeRemote({"create d": Made(both[1]), "list": both})

        (kept,) = carry_out(planned([self.SPEC]), elder, 1, NOW)
        (taken_over,) = carry_out(planned([self.SPEC]), younger, 1, NOW)

        assert (kept.result, kept.remote_id, kept.adopted) == (Result.DONE, "u-1", False)
        assert (taken_over.result, taken_over.remote_id, taken_over.adopted) == (Result.DONE, "u-1", True)
        assert elder.calls == younger.calls == ["create d", "list", "cancel u-2"]

    def test_an_older_one_that_differs_is_made_as_wanted(self) -> None:
        mine = made_now("u-2", 2)
        remote = FakeRemote({"create d": Made(mine), "list": [made_now("u-1", 1, scope="env:dev"), mine]})

        assert applied(planned([self.SPEC]), remote) == ["done create d u-1"]
        assert remote.calls == ["create d", "list", "cancel u-2", "update u-1"]

    def test_those_of_others_and_those_that_are_over_stay_as_they_are(self) -> None:
        mine = made_now("u-2", 2)
        others = [
            made_now("u-1", 1, status="canceled"),
            made_now("u-3", 3, message="by hand"),
            made_now("u-4", 4, message="ddguard_stack:shop/dev ddguard_id:d"),
        ]
        remote = FakeRemote({"create d": Made(mine), "list": [*others, mine]})

        assert applied(planned([self.SPEC]), remote) == ["done create d u-2"]
        assert remote.calls == ["create d", "list"]

    def test_the_old_one_of_a_replacement_is_no_double(self) -> None:
        both = [made_now("u-1", 1, scope="env:dev"), made_now("u-2", 2)]
        plan = planned([self.SPEC], world(live_downtime(both[0])))
        replacing = replace(plan, changes=(replace(plan.changes[0], action=Action.REPLACE),))
        remote = FakeRemote({"create d": Made(both[1]), "list": both})

        assert applied(replacing, remote) == ["done replace d u-2"]
        assert remote.calls == ["create d", "list", "cancel u-1"]

    @pytest.mark.parametrize("failing", ["list", "cancel u-2"])
    def test_where_it_stays_unknown_that_is_told(self, failing: str) -> None:
        both = [made_now("u-1", 1), made_now("u-2", 2)]
        remote = FakeRemote({"create d": Made(both[1]), "list": both, failing: FORBIDDEN})

        assert applied(planned([self.SPEC]), remote) == [
            "failed create d u-2 u-2 was made, but it may not be the only one: Forbidden"
        ]


class TestManyCreates:
    """Doubles of objects that nothing waits for are looked for together, where many are made."""

    SPECS = tuple(monitor(f"m{number}") for number in range(450))

    @pytest.fixture(autouse=True)
    def seconds(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The moment that the run's clock shows: it stands still unless a test changes it."""
        shown = [0.0]
        monkeypatch.setattr("ddguard.apply.run.monotonic", lambda: shown[0])
        return shown

    def test_one_look_serves_many(self) -> None:
        remote = FakeRemote()

        outcomes = list(carry_out(planned(self.SPECS), remote, 8, NOW))

        assert {(outcome.result, outcome.adopted) for outcome in outcomes} == {(Result.DONE, False)}
        assert len({outcome.remote_id for outcome in outcomes}) == 450
        assert remote.looks == ["look at all"] * 3

    def test_a_few_are_looked_for_one_by_one_so_that_each_is_told_at_once(self) -> None:
        remote = FakeRemote()

        assert len(applied(planned(self.SPECS[:49]), remote)) == 49
        assert remote.looks == [f"look m{number}" for number in range(49)]

    def test_nobody_waits_longer_than_two_seconds_to_hear_of_them(self, seconds: list[float]) -> None:
        remote = FakeRemote()
        run = carry_out(planned(self.SPECS[:60]), remote, 1, NOW)
        slow = {"create m10": 2.5, "create m11": 3.0, "create m19": 4.9, "create m20": 5.1}
        remote.script = {call: lambda moment=moment: seconds.__setitem__(0, moment) for call, moment in slow.items()}

        told = [(outcome.change.id, len(remote.calls)) for outcome in run]

        assert [count for _, count in told] == [11] * 11 + [21] * 10 + [60] * 39
        assert remote.looks == ["look at all"] * 3

    def test_what_others_wait_for_is_looked_for_at_once(self) -> None:
        remote = FakeRemote()
        all_of_it = [*self.SPECS[:60], composite("both", "m3", "m4"), downtime("d", monitor="m5")]

        assert {line.split()[0] for line in applied(planned(all_of_it), remote)} == {"done"}
        assert remote.looks == ["look m3", "look m4", "look m5", "look at all"]
        assert remote.calls[-2:] == ["create d", "list"]

    def test_the_older_one_is_kept_and_the_younger_goes(self) -> None:
        theirs, mine = made_of(self.SPECS[7], 55, message="theirs"), made_of(self.SPECS[7], 108)
        gone = made_of(self.SPECS[8], 54, tags=["ddguard_stack:other/prod", "ddguard_id:m8"])
        remote = FakeRemote({"create m7": Made(mine), "look at all": [gone, theirs, mine]})

        outcomes = list(carry_out(planned(self.SPECS[:50]), remote, 1, NOW))

        assert [(one.change.id, one.remote_id) for one in outcomes if one.adopted] == [("m7", "55")]
        assert remote.calls[-2:] == ["delete 108", "update 55"]

    def test_what_nobody_could_look_for_is_told_as_perhaps_not_alone(self) -> None:
        refused = FakeRemote({"create m0": INVALID, "look at all": FORBIDDEN})

        outcomes = list(carry_out(planned(self.SPECS[:50]), refused, 1, NOW))

        assert {one.result for one in outcomes} == {Result.FAILED}
        assert {one.error.partition(" was made")[2] for one in outcomes if one.change.id != "m0"} == {
            ", but it may not be the only one: Forbidden"
        }

    def test_what_was_made_before_an_interruption_is_looked_for(self) -> None:
        remote = FakeRemote()
        outcomes: list[Outcome] = []

        with pytest.raises(InterruptedRun):
            for outcome in carry_out(planned(self.SPECS[:60]), remote, 1, NOW, lambda: len(remote.calls) == 5):
                outcomes.append(outcome)  # noqa: PERF402 - those before the interruption count

        assert [one.result for one in outcomes].count(Result.DONE) == 5
        assert [one.result for one in outcomes].count(Result.SKIPPED) == 55
        assert remote.looks == ["look at all"]


@dataclass(slots=True)
class Crowd:
    """Counts how many calls run at the same time, and lets them end once `size` of them do."""

    size: int
    running: int = 0
    most: int = 0
    lock: threading.Condition = field(default_factory=threading.Condition)

    def call(self) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.lock.notify_all()
            assert self.lock.wait_for(lambda: self.most >= self.size, timeout=10)
            self.running -= 1


class TestWorkers:
    @pytest.mark.parametrize("workers", [1, 3, 8])
    def test_as_many_calls_run_at_a_time_as_were_asked_for_and_never_more(self, workers: int) -> None:
        crowd = Crowd(workers)
        specs = [monitor(f"m{number}") for number in range(20)]
        remote = FakeRemote({f"create {spec.id}": crowd.call for spec in specs})

        assert len(applied(planned(specs), remote, workers)) == 20
        assert crowd.most == workers

    def test_deletes_run_side_by_side_too(self) -> None:
        crowd = Crowd(4)
        lives = [live(monitor(f"m{number}"), number) for number in range(8)]
        remote = FakeRemote({f"delete {number}": crowd.call for number in range(8)})

        assert len(applied(planned([], world(*lives), PRUNE), remote, 4)) == 8
        assert crowd.most == 4

    def test_outcomes_are_told_as_they_happen(self) -> None:
        go_on = threading.Event()
        remote = FakeRemote({"create a": lambda: go_on.wait(10) and None})
        outcomes = carry_out(planned([A, B]), remote, 2, NOW)

        first = next(outcomes)
        go_on.set()

        assert first.change.id == "b"
        assert [outcome.change.id for outcome in outcomes] == ["a"]

    def test_what_a_slow_call_holds_back_does_not_hold_back_the_rest(self) -> None:
        go_on = threading.Event()
        remote = FakeRemote({"create a": lambda: go_on.wait(10) and None})
        outcomes = carry_out(planned([A, composite("all", "a"), B, C]), remote, 2, NOW)

        assert [next(outcomes).change.id, next(outcomes).change.id] == ["b", "c"]
        go_on.set()
        assert [outcome.change.id for outcome in outcomes] == ["a", "all"]


class TestInterrupting:
    def interrupted(self, plan: Plan, remote: FakeRemote, stopping: Callable[[], bool], workers: int = 1) -> list[str]:
        outcomes: list[Outcome] = []
        with pytest.raises(InterruptedRun) as caught:
            outcomes.extend(carry_out(plan, remote, workers, NOW, stopping))
        assert caught.value.message == "interrupted"
        return told(outcomes)

    def test_running_calls_end_and_the_rest_is_skipped(self) -> None:
        stop = threading.Event()
        crowd = Crowd(2)
        ending = {
            "create a": lambda: (crowd.call(), stop.set())[1],
            "create b": lambda: (crowd.call(), stop.wait(9))[0],
        }
        remote = FakeRemote(ending)
        there = world(live(monitor("old"), 9))

        outcomes = self.interrupted(planned([A, B, C, BOTH], there, PRUNE), remote, stop.is_set, workers=2)

        assert {outcome[:13] for outcome in outcomes[:2]} == {"done create a", "done create b"}
        assert outcomes[2:] == [
            "skipped create c interrupted",
            "skipped create both interrupted",
            "skipped delete old 9 interrupted",
        ]
        assert sorted(remote.calls) == ["create a", "create b"]

    def test_a_replacement_that_was_made_keeps_its_old_one(self) -> None:
        stop = threading.Event()
        remote = FakeRemote({"create a": stop.set})

        outcomes = self.interrupted(planned([monitor("a", **LOG)], world(live(A, 1))), remote, stop.is_set)

        assert outcomes == ["failed replace a 101 101 was made, but the old one, 1, is still there: interrupted"]
        assert remote.calls == ["create a"]

    def test_before_the_first_call_nothing_is_done(self) -> None:
        remote = FakeRemote()

        assert self.interrupted(planned([A]), remote, lambda: True) == ["skipped create a interrupted"]
        assert remote.calls == []

    def test_an_interruption_after_the_last_call_is_none(self) -> None:
        stop = threading.Event()

        outcomes = list(carry_out(planned([A]), FakeRemote({"create a": stop.set}), 1, NOW, stop.is_set))

        assert told(outcomes) == ["done create a 101"]

    def test_whoever_stops_listening_leaves_no_call_behind(self) -> None:
        remote = FakeRemote()
        outcomes = carry_out(planned([A, B, C]), remote, 1, NOW)

        next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]

        assert remote.calls == ["create a"]


@contextmanager
def sandboxed() -> Iterator[tuple[Sandbox, Datadog]]:
    with Sandbox(clock=lambda: NOW) as sandbox, Datadog(settings_from({}, api_url=sandbox.url)) as datadog:
        yield sandbox, datadog


def seen(datadog: Datadog) -> World:
    monitors = [live_monitor(raw) for raw in datadog.monitors(STACK.tag)]
    return World(monitors, [live_downtime(raw) for raw in datadog.downtimes()])


def plan_on(datadog: Datadog, specs: list[Monitor | Downtime], rules: Rules = RULES) -> Plan:
    return planned(specs, seen(datadog), rules)


SPECS: list[Monitor | Downtime] = [
    A,
    B,
    BOTH,
    C,
    PAUSE,
    downtime(
        "nights",
        schedule={
            "timezone": "Europe/Paris",
            "recurrences": [{"rrule": "FREQ=DAILY", "start": "2026-01-01T02:00:00", "duration": "2h"}],
        },
    ),
]


class TestOnTheSandbox:
    def test_after_an_apply_there_is_nothing_to_do(self) -> None:
        with sandboxed() as (_, datadog):
            outcomes = list(carry_out(plan_on(datadog, SPECS), datadog, 4, NOW))
            again = plan_on(datadog, SPECS)

        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert (again.changes, again.unchanged, again.notes) == ((), 6, ())

    def test_what_datadog_refuses_fails_alone(self) -> None:
        broken = monitor("broken", query="no query at all")
        with sandboxed() as (_, datadog):
            outcomes = list(carry_out(plan_on(datadog, [broken, *SPECS, composite("x", "broken")]), datadog, 1, NOW))

        assert told(outcomes)[:2] == [
            "failed create broken The value provided for parameter 'query' is invalid",
            "skipped create x needs the monitor broken, which could not be made",
        ]
        assert {outcome.result for outcome in outcomes[2:]} == {Result.DONE}

    def test_types_are_replaced_and_composites_moved(self) -> None:
        changed = [monitor("a", **LOG), *SPECS[1:]]
        with sandboxed() as (_, datadog):
            list(carry_out(plan_on(datadog, SPECS), datadog, 4, NOW))
            outcomes = list(carry_out(plan_on(datadog, changed), datadog, 4, NOW))
            again = plan_on(datadog, changed, PRUNE)

        assert {f"{one.change.action} {one.change.id} {one.result}" for one in outcomes} == {
            "replace a done",
            "update both done",
            "update d done",
        }
        assert (again.changes, again.notes) == ((), ())

    def test_a_replacement_that_stopped_half_way_is_finished_by_prune(self) -> None:
        changed = [monitor("a", **LOG), *SPECS[1:]]
        stop = threading.Event()
        with sandboxed() as (_, datadog):
            list(carry_out(plan_on(datadog, SPECS), datadog, 4, NOW))
            with pytest.raises(InterruptedRun):
                for _ in carry_out(plan_on(datadog, changed), datadog, 1, NOW, lambda: stop.is_set() or stop.set()):  # type: ignore[func-returns-value]
                    pass
            finishing = plan_on(datadog, changed, PRUNE)
            list(carry_out(finishing, datadog, 4, NOW))
            again = plan_on(datadog, changed, PRUNE)

        assert sorted(f"{one.action} {one.id}" for one in finishing.changes) == ["delete a", "update both", "update d"]
        assert (again.changes, again.unchanged) == ((), 6)

    def test_everything_can_be_pruned(self) -> None:
        with sandboxed() as (sandbox, datadog):
            list(carry_out(plan_on(datadog, SPECS), datadog, 4, NOW))
            outcomes = list(carry_out(plan_on(datadog, [], PRUNE), datadog, 4, NOW))
            left = datadog.monitors()

        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert left == []
        assert all("force" not in asked.query for asked in sandbox.requests)

    def test_a_composite_of_others_keeps_its_member_from_being_pruned(self) -> None:
        with sandboxed() as (_, datadog):
            list(carry_out(plan_on(datadog, [A, B]), datadog, 1, NOW))
            number = datadog.monitors(STACK.tag)[0]["id"]
            foreign = {"type": "composite", "query": f"!{number}", "name": "theirs", "message": ""}
            datadog.create_monitor(foreign, Identity("other/prod", "x"))
            outcomes = list(carry_out(plan_on(datadog, [], PRUNE), datadog, 1, NOW))

        assert [outcome.result for outcome in outcomes] == [Result.FAILED, Result.DONE]
        assert "is referenced in composite monitors" in outcomes[0].error

    def test_two_applies_at_the_same_time_leave_no_doubles(self) -> None:
        specs = [*SPECS, *(monitor(f"m{number}") for number in range(10))]
        with sandboxed() as (_, datadog):
            plan = plan_on(datadog, specs)
            with ThreadPoolExecutor(2) as pool:
                runs = [pool.submit(lambda: list(carry_out(plan, datadog, 4, NOW))) for _ in range(2)]
                results = {outcome.result for run in runs for outcome in run.result()}
            again = plan_on(datadog, specs, PRUNE)

        assert results == {Result.DONE}
        assert (again.changes, again.notes, again.unchanged) == ((), (), 16)

    def test_two_applies_of_a_downtime_that_begins_now_leave_one(self) -> None:
        now = NOW
        with (
            Sandbox(clock=lambda: now) as sandbox,
            Datadog(settings_from({}, api_url=sandbox.url)) as datadog,
        ):
            plan = plan_on(datadog, [downtime("d")])
            (first,) = carry_out(plan, datadog, 1, now)
            now += timedelta(seconds=2)
            (second,) = carry_out(plan, datadog, 1, now)
            left = [one["id"] for one in datadog.downtimes() if one["attributes"]["status"] != "canceled"]
            made = len(datadog.downtimes())

        assert (first.adopted, second.adopted) == (False, True)
        assert made == 2
        assert left == [first.remote_id] == [second.remote_id]

    @pytest.mark.parametrize("clock", [timedelta(seconds=2), timedelta(seconds=-2)], ids=["ahead", "behind"])
    def test_two_applies_of_a_downtime_that_should_have_begun_leave_one(self, clock: timedelta) -> None:
        pause = downtime("d", schedule={"start": "2026-01-05T11:00:00Z", "end": None})
        changed = downtime("d", schedule={"start": "2026-01-05T11:00:00Z", "end": None}, message="another commit")
        now = NOW + clock
        with (
            Sandbox(clock=lambda: now) as sandbox,
            Datadog(settings_from({}, api_url=sandbox.url)) as datadog,
        ):
            plans = [plan_on(datadog, [spec]) for spec in (pause, changed)]
            (first,) = carry_out(plans[0], datadog, 1, NOW)
            now += timedelta(seconds=2)
            (second,) = carry_out(plans[1], datadog, 1, NOW)
            again = plan_on(datadog, [changed], PRUNE)

        assert (first.result, second.result, second.adopted) == (Result.DONE, Result.DONE, True)
        assert (second.remote_id, again.changes, again.unchanged) == (first.remote_id, (), 1)

    def test_a_monitor_that_went_meanwhile_is_told(self) -> None:
        with sandboxed() as (_, datadog):
            list(carry_out(plan_on(datadog, [A]), datadog, 1, NOW))
            plan = plan_on(datadog, [monitor("a", message="new")])
            datadog.delete_monitor(int(plan.changes[0].remote_id or 0))
            (outcome,) = carry_out(plan, datadog, 1, NOW)

        assert (outcome.result, outcome.error) == (Result.FAILED, "Monitor not found")
        assert outcome.hint == "it may have been deleted in the meantime: plan again"

    def test_a_number_by_hand_is_adopted(self) -> None:
        with sandboxed() as (_, datadog):
            made = datadog.create_monitor({**A.definition, "message": "by hand"}, Identity("nobody/x", "a"))
            adopting = replace(A, remote_id=made.raw["id"])
            there = World([], [], {made.raw["id"]: live_monitor(made.raw)})
            list(carry_out(planned([adopting], there), datadog, 1, NOW))
            again = plan_on(datadog, [A], PRUNE)

        assert (again.changes, again.unchanged) == ((), 1)
