"""What a plan does, for every pair of a spec and an object."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from plan_worlds import (
    NOW,
    PRUNE,
    RULES,
    SOON,
    STACK,
    WRITTEN,
    composite,
    downtime,
    live,
    live_pause,
    monitor,
    planned,
    refused,
    told,
    world,
)

from ddguard.errors import InputError
from ddguard.findings import Position
from ddguard.model import Allowance, Downtime, LiveMonitor, Stack
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Action, Kind

A, B = monitor("a"), monitor("b")
ONE_TIME = {"schedule": {"start": SOON, "end": "2026-01-05T20:00:00Z"}}


def test_an_empty_project_and_an_empty_world_leave_nothing_to_do() -> None:
    plan = planned([])

    assert plan.changes == ()
    assert plan.summary == {"create": 0, "update": 0, "delete": 0, "replace": 0, "unchanged": 0}


def test_a_spec_without_object_is_created_with_all_its_fields() -> None:
    (change,) = planned([A]).changes

    assert (change.action, change.kind, change.id, change.name) == (Action.CREATE, Kind.MONITOR, "a", "A")
    assert (change.remote_id, change.version, change.last_written, change.live) == (None, "", "", None)
    assert change.position == Position("a.yaml", 1, 1)
    assert change.wanted == {
        "name": "A",
        "type": "query alert",
        "query": "avg(last_5m):avg:a{*} > 1",
        "message": "",
        "tags": ["ddguard_stack:shop/prod", "ddguard_id:a"],
        "options": {"thresholds": {"critical": 1}},
    }
    assert change.fields == tuple(FieldChange((key,), ABSENT, value) for key, value in change.wanted.items())


def test_an_object_as_its_spec_wants_it_is_unchanged() -> None:
    plan = planned([A, B], world(live(A, 1), live(B, 2)))

    assert plan.changes == ()
    assert plan.unchanged == 2
    assert plan.numbers == {"a": 1, "b": 2}


def test_an_object_that_differs_is_updated_in_the_fields_that_differ() -> None:
    (change,) = planned([A], world(live(A, 1, name="Renamed by hand"))).changes

    assert (change.action, change.remote_id, change.version) == (Action.UPDATE, "1", WRITTEN)
    assert change.fields == (FieldChange(("name",), "Renamed by hand", "A"),)
    assert change.last_written == "2026-01-05T11:00:00Z"


@pytest.mark.parametrize("version", ["", "yesterday", "2026-01-05T11:00:00"])
def test_a_time_that_datadog_does_not_tell_is_not_made_up(version: str) -> None:
    (change,) = planned([A], world(live(A, 1, name="x", modified=version))).changes

    assert change.last_written == ""


def test_a_nameless_monitor_is_told_by_the_name_that_datadog_made_up() -> None:
    nameless = replace(A, definition={key: value for key, value in A.definition.items() if key != "name"})
    (change,) = planned([nameless], world(live(nameless, 1, name="made up", message="by hand"))).changes

    assert change.name == "made up"


def test_a_type_that_can_not_change_in_place_replaces_the_monitor() -> None:
    log = monitor("a", type="log alert", query='logs("x").index("*").rollup("count").last("5m") > 1')
    plan = planned([log], world(live(A, 1)))

    assert told(plan) == ["replace a (1)"]
    assert plan.summary["replace"] == 1
    assert plan.numbers == {}
    assert plan.refusals == ()


def test_the_two_names_of_metric_alerts_are_one_type() -> None:
    assert planned([A], world(live(A, 1, type="metric alert"))).changes == ()


def test_what_has_no_spec_is_told_and_left_alone() -> None:
    plan = planned([A], world(live(A, 1), live(B, 2)))

    assert plan.changes == ()
    assert plan.notes == ("1 object of this stack in Datadog has no spec: --prune deletes it",)


def test_several_objects_without_spec_are_counted() -> None:
    pause = downtime("d", **ONE_TIME)
    plan = planned([], world(live(A, 1), live(B, 2), live_pause(pause, "u-1")))

    assert plan.notes == ("3 objects of this stack in Datadog have no spec: --prune deletes them",)


def test_prune_deletes_what_has_no_spec() -> None:
    (change,) = planned([A], world(live(A, 1), live(B, 2)), PRUNE).changes

    assert (change.action, change.kind, change.id, change.name) == (Action.DELETE, Kind.MONITOR, "b", "B")
    assert (change.remote_id, change.version, change.fields, change.wanted) == ("2", WRITTEN, (), None)
    assert change.position is None


def test_a_spec_that_could_not_be_read_still_owns_its_object() -> None:
    rules = replace(PRUNE, all_ids=frozenset({"a", "b"}))

    assert planned([A], world(live(A, 1), live(B, 2)), rules).changes == ()


def test_a_spec_that_became_a_downtime_gives_up_its_monitor() -> None:
    pause = downtime("a", **ONE_TIME)
    rules = replace(PRUNE, all_ids=frozenset({"a"}))

    assert told(planned([pause], world(live(A, 1)), rules)) == ["create a", "delete a (1)"]


def test_objects_of_others_are_never_touched() -> None:
    others = [
        live(A, 1, stack=Stack("shop", "staging")),
        live(B, 2, stack=Stack("shop-prod", "x")),
        live(B, 3, tags=["ddguard_stack:shop/prod"]),
        live(B, 4, tags=["ddguard_stack:shop/prod", "ddguard_id:b", "ddguard_id:c"]),
        live(B, 5, tags=[]),
        live_pause(downtime("d"), "u-1", stack=Stack("shop", "staging")),
        live_pause(downtime("d"), "u-2", message="ddguard_stack:shop/prod ddguard_id:d\nand more"),
    ]

    plan = planned([], world(*others), PRUNE)

    assert replace(plan, notes=()) == planned([], None, PRUNE)
    left_alone = ["monitor 3 is left alone", "monitor 4 is left alone", "downtime u-2 is left alone"]
    assert [note.partition(":")[0] for note in plan.notes] == left_alone


def test_a_broken_allowance_is_told_with_its_place() -> None:
    allowed = replace(A, allow=(Allowance("tenant:acme", "load test", date(2027, 1, 1)),))

    with pytest.raises(InputError) as caught:
        planned([allowed])

    assert caught.value.message.startswith("a.yaml:3:1: monitor a: tenant:acme can't be left out: ")
    assert caught.value.hint == "group by {tenant}, or drop `allow`"


class TestDowntimes:
    def test_a_downtime_without_object_is_created(self) -> None:
        (change,) = planned([downtime("d", **ONE_TIME)]).changes

        assert (change.action, change.kind, change.id, change.name) == (Action.CREATE, Kind.DOWNTIME, "d", "env:prod")
        assert change.wanted is not None
        assert change.wanted["message"] == "ddguard_stack:shop/prod ddguard_id:d"

    def test_one_that_is_as_wished_is_unchanged(self) -> None:
        pause = downtime("d", **ONE_TIME)

        assert planned([pause], world(live_pause(pause, "u-1"))).unchanged == 1

    def test_one_that_differs_is_updated(self) -> None:
        pause = downtime("d", **ONE_TIME)
        (change,) = planned([pause], world(live_pause(pause, "u-1", scope="env:dev"))).changes

        assert (change.action, change.remote_id) == (Action.UPDATE, "u-1")
        assert change.fields == (FieldChange(("scope",), "env:dev", "env:prod"),)

    @pytest.mark.parametrize("status", ["canceled", "ended"])
    def test_one_that_is_over_in_datadog_is_made_anew(self, status: str) -> None:
        pause = downtime("d", **ONE_TIME)

        assert told(planned([pause], world(live_pause(pause, "u-1", status=status)))) == ["create d"]

    def test_one_that_somebody_canceled_is_noted(self) -> None:
        pause = downtime("d", **ONE_TIME)

        plan = planned([pause], world(live_pause(pause, "u-1", status="canceled")))

        assert plan.notes == ("d: the downtime was canceled in Datadog; it is made anew",)

    @pytest.mark.parametrize(
        ("start", "is_missed"),
        [("2026-01-01T10:30:00", True), ("2026-01-01T13:00:00", False), ("2026-01-01T09:00:00", False)],
    )
    def test_one_that_is_made_in_the_midst_of_its_window_is_noted(self, start: str, *, is_missed: bool) -> None:
        recurrence = {"rrule": "FREQ=DAILY", "start": start, "duration": "3h"}
        plan = planned([downtime("d", schedule={"timezone": "UTC", "recurrences": [recurrence]})])

        assert told(plan) == ["create d"]
        note = (
            "d: the window that began at 2026-01-05T10:30:00Z isn't covered, only the next one: "
            "Datadog begins no recurrence in the past"
        )
        assert plan.notes == ((note,) if is_missed else ())

    @pytest.mark.parametrize("status", ["active", "canceled"])
    def test_so_is_one_that_is_replaced_or_was_canceled(self, status: str) -> None:
        def nightly(start: str) -> Downtime:
            recurrence = {"rrule": "FREQ=DAILY", "start": start, "duration": "3h"}
            return downtime("d", schedule={"timezone": "UTC", "recurrences": [recurrence]})

        there = live_pause(nightly("2026-01-01T11:00:00"), "u-1", at=NOW - timedelta(days=4), status=status)
        plan = planned([nightly("2026-01-01T11:30:00")], world(there))

        assert told(plan) == ["replace d (u-1)" if status == "active" else "create d"]
        assert plan.notes[-1].startswith("d: the window that began at 2026-01-05T11:30:00Z isn't covered")

    def test_of_a_canceled_one_and_one_that_stands_the_latter_counts(self) -> None:
        pause = downtime("d", **ONE_TIME)

        plan = planned([pause], world(live_pause(pause, "u-1", status="canceled"), live_pause(pause, "u-2")))

        assert (plan.changes, plan.notes) == ((), ())

    def test_one_that_is_over_by_its_spec_adopts_nothing(self) -> None:
        over = downtime("d", remote_id="u-9", schedule={"start": None, "end": "2026-01-04T01:00:00Z"})

        assert planned([over]).refusals == ()

    def test_one_that_is_over_by_its_spec_is_not_made(self) -> None:
        pause = downtime("d", schedule={"start": "2026-01-04T00:00:00Z", "end": "2026-01-04T01:00:00Z"})

        plan = planned([pause], world(live_pause(pause, "u-1", status="ended")))

        assert plan.changes == ()
        assert plan.notes == ("d: the downtime is over; its spec can be removed",)

    def test_one_that_its_spec_ended_is_canceled_by_prune(self) -> None:
        over = downtime("d", schedule={"start": "2026-01-04T00:00:00Z", "end": "2026-01-05T12:00:00Z"})
        there = world(live_pause(downtime("d", schedule={"start": SOON, "end": None}), "u-1"))

        left, pruned = (planned([over], there, replace(rules, all_ids=frozenset("d"))) for rules in (RULES, PRUNE))

        assert (told(left), left.unchanged) == ([], 0)
        assert left.notes == (
            "d: the downtime is over; its spec can be removed",
            "1 object of this stack in Datadog has no spec: --prune deletes it",
        )
        assert told(pruned) == ["delete d (u-1)"]

    def test_what_is_over_is_not_pruned(self) -> None:
        gone = [live_pause(downtime("d"), f"u-{status}", status=status) for status in ("canceled", "ended")]

        assert planned([], world(*gone), PRUNE).changes == ()

    def test_the_start_of_a_running_one_replaces_it(self) -> None:
        before = downtime("d", schedule={"start": "2026-01-05T10:00:00Z", "end": "2026-01-05T20:00:00Z"})
        after = downtime("d", schedule={"start": SOON, "end": "2026-01-05T20:00:00Z"})
        there = live_pause(before, "u-1", at=NOW - timedelta(hours=3), status="active")

        assert told(planned([after], world(there))) == ["replace d (u-1)"]

    def test_the_end_of_a_running_one_is_updated(self) -> None:
        before = downtime("d", schedule={"start": "2026-01-05T10:00:00Z", "end": "2026-01-05T20:00:00Z"})
        after = downtime("d", schedule={"start": "2026-01-05T10:00:00Z", "end": "2026-01-05T21:00:00Z"})
        there = live_pause(before, "u-1", at=NOW - timedelta(hours=3), status="active")

        assert told(planned([after], world(there))) == ["update d (u-1)"]

    def test_the_last_window_of_a_recurrence_is_left_to_its_end(self) -> None:
        started = (NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
        last = {"rrule": "FREQ=DAILY;COUNT=1", "start": started, "duration": "3h"}
        pause = downtime("d", schedule={"recurrences": [last]})
        there = world(live_pause(pause, "u-1", at=NOW - timedelta(hours=2), status="active"))

        during = planned([pause], there, PRUNE)
        later = planned([pause], there, replace(PRUNE, now=NOW + timedelta(hours=2)))

        assert (told(during), during.unchanged, during.notes) == ([], 1, ())
        assert told(later) == ["delete d (u-1)"]

    @pytest.mark.parametrize(
        ("rule", "hour", "planned_now"),
        [
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", -1, "update d (u-1)"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", 1, "replace d (u-1)"),
            ("FREQ=WEEKLY;BYDAY=SU", -1, "replace d (u-1)"),
        ],
    )
    def test_a_new_rule_leaves_a_running_window_that_it_has_itself(
        self, rule: str, hour: int, planned_now: str
    ) -> None:
        first = (NOW - timedelta(days=8, hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
        moved = (NOW - timedelta(days=8) + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%S")
        nightly = {"rrule": "FREQ=DAILY", "start": first, "duration": "3h"}
        before = downtime("d", schedule={"recurrences": [nightly]})
        after = downtime("d", schedule={"recurrences": [nightly | {"rrule": rule, "start": moved}]})
        there = live_pause(before, "u-1", at=NOW - timedelta(days=4), status="active")

        assert told(planned([after], world(there))) == [planned_now]

    def test_one_for_a_monitor_names_its_number(self) -> None:
        (change,) = planned([A, downtime("d", monitor="a", **ONE_TIME)], world(live(A, 7))).changes

        assert change.wanted is not None
        assert change.wanted["monitor_identifier"] == {"monitor_id": 7}
        assert change.needs == frozenset({"a"})


class TestOrder:
    def test_what_refers_to_a_monitor_comes_after_it(self) -> None:
        specs = [composite("all", "b", "a"), B, A, downtime("d", monitor="all", **ONE_TIME)]

        assert told(planned(specs)) == ["create a", "create b", "create all", "create d"]

    def test_references_stand_until_the_numbers_are_known(self) -> None:
        plan = planned([composite("all", "a", "b"), A, B], world(live(A, 7)))

        assert told(plan) == ["create b", "create all"]
        assert [change.wanted["query"] for change in plan.changes if change.wanted] == [
            "avg(last_5m):avg:b{*} > 1",
            "7 && ${monitor:b}",
        ]

    def test_references_in_messages_count_too(self) -> None:
        specs = [monitor("a", message="see ${monitor:b}"), B]

        assert told(planned(specs)) == ["create b", "create a"]

    def test_without_references_the_given_order_stays(self) -> None:
        specs = [monitor(name) for name in "cab"]

        assert told(planned(specs)) == ["create c", "create a", "create b"]

    def test_a_long_chain_of_references_is_no_trouble(self) -> None:
        chain = [monitor(f"m{place:04}", message=f"${{monitor:m{place + 1:04}}}") for place in range(3000)]
        plan = planned([*chain, monitor("m3000")])

        assert [change.id for change in plan.changes] == [f"m{place:04}" for place in range(3000, -1, -1)]

    def test_what_refers_to_a_replaced_monitor_waits_for_the_new_number(self) -> None:
        both = composite("both", "a", "b")
        numbers = {"a": 1, "b": 2}
        log = monitor("a", type="log alert", query='logs("x").index("*").rollup("count").last("5m") > 1')
        pause = downtime("d", monitor="a", **ONE_TIME)
        there = world(live(A, 1), live(B, 2), live(both, 3, numbers), live_pause(pause, "u-1", numbers))

        plan = planned([both, log, B, pause], there)

        assert told(plan) == ["replace a (1)", "update both (3)", "update d (u-1)"]
        assert plan.changes[1].fields == (FieldChange(("query",), "1 && 2", "${monitor:a} && 2"),)
        assert plan.changes[2].wanted is not None
        assert plan.changes[2].wanted["monitor_identifier"] == {"monitor_id": "${monitor:a}"}

    def test_deletes_come_last_and_users_before_what_they_use(self) -> None:
        both, nested = composite("both", "a", "b"), composite("nested", "both", "a")
        numbers = {"a": 1, "b": 2, "both": 3}
        pause = downtime("d", monitor="a", **ONE_TIME)
        lives = [
            live(A, 1),
            live(B, 2),
            live(both, 3, numbers),
            live(nested, 4, numbers),
            live_pause(pause, "u-1", numbers),
        ]
        for seed in range(5):
            random.Random(seed).shuffle(lives)  # noqa: S311 - no secret
            deletes = told(planned([monitor("new")], world(*lives), PRUNE))
            assert deletes[:2] == ["create new", "delete d (u-1)"]
            assert deletes.index("delete nested (4)") < deletes.index("delete both (3)")
            assert deletes.index("delete both (3)") < min(deletes.index("delete a (1)"), deletes.index("delete b (2)"))

    def test_composites_that_refer_to_each_other_can_be_deleted_all_the_same(self) -> None:
        one, other = live(composite("one", "other"), 1, {"other": 2}), live(composite("other", "one"), 2, {"one": 1})

        assert sorted(told(planned([], world(one, other), PRUNE))) == ["delete one (1)", "delete other (2)"]


class TestNarrowedRuns:
    rules = replace(RULES, narrowed=True, all_ids=frozenset({"a", "b", "both"}))

    def test_nothing_is_deleted_and_nothing_is_said_of_orphans(self) -> None:
        plan = planned([A], world(live(A, 1), live(monitor("old"), 2)), self.rules)

        assert (plan.changes, plan.notes, plan.refusals) == ((), (), ())

    def test_prune_is_said_to_do_nothing(self) -> None:
        plan = planned([A], world(live(A, 1), live(monitor("old"), 2)), replace(self.rules, prune=True))

        assert plan.changes == ()
        assert plan.notes == ("--prune deletes nothing where files are named",)

    def test_numbers_of_monitors_in_other_files_are_known(self) -> None:
        (change,) = planned([composite("both", "a", "b")], world(live(A, 1), live(B, 2)), self.rules).changes

        assert change.wanted is not None
        assert change.wanted["query"] == "1 && 2"

    def test_of_doubles_in_other_files_the_oldest_number_is_taken(self) -> None:
        (change,) = planned([composite("both", "a")], world(live(A, 9), live(A, 8)), self.rules).changes

        assert change.wanted is not None
        assert change.wanted["query"] == "8"

    def test_a_reference_to_a_monitor_that_is_not_there_yet_is_refused(self) -> None:
        plan = planned([composite("both", "a", "b")], world(live(A, 1)), self.rules)

        assert refused(plan) == ["both refers to the monitor b, which isn't in Datadog yet"]
        assert plan.refusals[0].hint == "name its file too, or plan the whole project"
        assert plan.refusals[0].position == Position("both.yaml", 1, 1)

    def test_a_monitor_of_another_stack_lends_no_number(self) -> None:
        foreign = live(B, 2, stack=Stack("shop", "staging"))

        assert refused(planned([composite("both", "b")], world(foreign), self.rules)) == [
            "both refers to the monitor b, which isn't in Datadog yet"
        ]


class TestDoubles:
    def test_the_oldest_is_kept_and_the_others_are_told(self) -> None:
        plan = planned([A], world(live(A, 3), live(A, 1), live(A, 2)))

        assert plan.changes == ()
        assert plan.numbers == {"a": 1}
        assert plan.notes == (
            "a: 2 doubles 1, the oldest, which is kept; --prune deletes it",
            "a: 3 doubles 1, the oldest, which is kept; --prune deletes it",
        )

    def test_prune_deletes_them(self) -> None:
        plan = planned([A], world(live(A, 3), live(A, 1)), PRUNE)

        assert told(plan) == ["delete a (3)"]
        assert plan.notes == ("a: 3 doubles 1, the oldest, which is kept",)

    def test_after_half_a_replacement_the_one_of_the_wanted_type_is_kept(self) -> None:
        log = monitor("a", type="log alert", query='logs("x").index("*").rollup("count").last("5m") > 1')

        plan = planned([log], world(live(A, 1), live(log, 2)))

        assert plan.changes == ()
        assert plan.numbers == {"a": 2}
        assert plan.notes == ("a: 1 is left over from a replacement by 2; --prune deletes it",)

    def test_of_downtimes_the_one_created_first_is_kept(self) -> None:
        pause = downtime("d", **ONE_TIME)
        old, new = (live_pause(pause, uuid, created=at) for uuid, at in [("u-2", "2026-01-01"), ("u-1", "2026-01-02")])

        plan = planned([pause], world(new, old), PRUNE)

        assert told(plan) == ["delete d (u-1)"]
        assert plan.notes == ("d: u-1 doubles u-2, the oldest, which is kept",)

    def test_after_half_a_replacement_the_downtime_with_the_wanted_start_is_kept(self) -> None:
        pause = downtime("d", schedule={"start": SOON, "end": None})
        old = live_pause(
            pause, "u-1", status="active", created="2026-01-01", schedule={"start": "2026-01-01T00:00:00Z", "end": None}
        )
        new = live_pause(pause, "u-2", created="2026-01-05")

        plan = planned([pause], world(old, new), PRUNE)

        assert told(plan) == ["delete d (u-1)"]
        assert plan.notes == ("d: u-1 is left over from a replacement by u-2",)


class TestUnclearIdentities:
    TWO = ("ddguard_stack:shop/prod", "ddguard_id:a", "ddguard_id:a-copy")

    def test_what_may_be_there_is_not_made_again(self) -> None:
        plan = planned([A, B], world(live(A, 1, tags=[*self.TWO])), PRUNE)

        assert refused(plan) == [f"a may exist already: monitor 1 names it, but not it alone: {', '.join(self.TWO)}"]
        assert plan.refusals[0].hint == ("correct these tags in Datadog, or take the monitor over with `remote_id: 1`")
        assert plan.notes == (
            f"monitor 1 is left alone: its tags don't name exactly one stack and one spec: {', '.join(self.TWO)}",
        )

    def test_the_way_out_is_remote_id(self) -> None:
        unclear = live(A, 1, tags=[*self.TWO])

        plan = planned([replace(A, remote_id=1)], world(unclear, adopted=[unclear]))

        assert (told(plan), refused(plan), plan.notes) == (["update a (1)"], [], ())

    @pytest.mark.parametrize(
        "tags",
        [["ddguard_stack:shop/prod"], [*TWO, "ddguard_stack:shop/dev"], ["ddguard_stack:shop/prod", "ddguard_id:A"]],
    )
    def test_whatever_is_unclear_is_told_with_every_plan(self, tags: list[str]) -> None:
        plan = planned([B], world(live(B, 2), live(A, 1, tags=tags)))

        assert (plan.changes, plan.refusals) == ((), ())
        assert [note.partition(":")[0] for note in plan.notes] == ["monitor 1 is left alone"]

    def test_where_the_spec_has_its_monitor_it_is_only_told(self) -> None:
        plan = planned([A], world(live(A, 1), live(A, 2, tags=[*self.TWO])))

        assert (plan.unchanged, plan.refusals, len(plan.notes)) == (1, (), 1)

    def test_a_monitor_of_others_is_none_of_ours(self) -> None:
        there = live(A, 1, tags=["ddguard_stack:shop/dev", "ddguard_id:a", "ddguard_id:b"])

        plan = planned([A], world(there, live(B, 2, tags=["team:x", "ddguard_id:a"])))

        assert (told(plan), plan.refusals, plan.notes) == (["create a"], (), ())


class TestAdoption:
    def test_a_named_monitor_is_taken_over_by_an_update(self) -> None:
        adopting = replace(A, remote_id=77)
        foreign = live(A, 77, tags=["team:x"])

        plan = planned([adopting], world(adopted=[foreign]))

        assert told(plan) == ["update a (77)"]
        assert plan.changes[0].fields == (
            FieldChange(("tags",), ["team:x"], ["ddguard_stack:shop/prod", "ddguard_id:a"]),
        )
        assert plan.numbers == {"a": 77}

    def test_one_that_was_taken_over_before_is_unchanged(self) -> None:
        adopting = replace(A, remote_id=77)

        assert planned([adopting], world(live(A, 77), adopted=[live(A, 77)])).unchanged == 1

    def test_an_older_object_with_the_identity_becomes_the_double(self) -> None:
        adopting = replace(A, remote_id=77)

        plan = planned([adopting], world(live(A, 5), adopted=[live(A, 77, tags=[])]))

        assert told(plan) == ["update a (77)"]
        assert plan.notes == ("a: 5 doubles 77, which remote_id names, and which is kept; --prune deletes it",)

    def test_a_monitor_that_is_not_there_is_refused(self) -> None:
        plan = planned([replace(A, remote_id=77)])

        assert refused(plan) == ["remote_id: Datadog has no monitor 77"]
        assert plan.refusals[0].hint == "leave remote_id out to create a new monitor"
        assert plan.refusals[0].position == Position("a.yaml", 7, 1)
        assert (plan.changes, plan.unchanged) == ((), 0)

    @pytest.mark.parametrize(
        ("owner", "stack", "name"),
        [(B, STACK, "b of the stack shop/prod"), (A, Stack("shop", "dev"), "a of the stack shop/dev")],
    )
    def test_a_monitor_of_another_owner_is_refused(self, owner, stack, name) -> None:  # type: ignore[no-untyped-def]
        plan = planned([replace(A, remote_id=77), B], world(live(B, 2), adopted=[live(owner, 77, stack=stack)]))

        assert refused(plan) == [f"remote_id: the monitor 77 belongs to {name}"]
        assert plan.refusals[0].hint == "one monitor can't have two owners"

    def test_a_monitor_whose_spec_is_gone_goes_on_under_another_id(self) -> None:
        renamed = monitor("new", remote_id=2)
        there = live(B, 2)

        plan = planned([renamed, composite("all", "new")], world(there, adopted=[there]), PRUNE)

        assert (refused(plan), told(plan), plan.notes) == ([], ["update new (2)", "create all"], ())
        assert plan.changes[1].wanted is not None
        assert plan.changes[1].wanted["query"] == "2"
        assert "ddguard_id:new" in (plan.changes[0].wanted or {})["tags"]

    def test_not_so_where_its_spec_is_only_not_named(self) -> None:
        there = live(B, 2)
        some = replace(RULES, narrowed=True, all_ids=frozenset({"new", "b"}))

        plan = planned([monitor("new", remote_id=2)], world(there, adopted=[there]), some)

        assert refused(plan) == ["remote_id: the monitor 2 belongs to b of the stack shop/prod"]

    def test_a_downtime_whose_spec_is_gone_goes_on_under_another_id(self) -> None:
        there = live_pause(downtime("d", **ONE_TIME), "u-1")

        plan = planned([downtime("new", remote_id="u-1", **ONE_TIME)], world(there), PRUNE)

        assert (refused(plan), told(plan), plan.notes) == ([], ["update new (u-1)"], ())

    def test_two_specs_can_not_adopt_one_monitor(self) -> None:
        plan = planned([replace(A, remote_id=77), replace(B, remote_id=77)], world(adopted=[live(A, 77, tags=[])]))

        assert refused(plan) == ["remote_id: the monitor 77 is adopted by a already"]
        assert told(plan) == ["update a (77)"]

    def test_what_refers_to_a_refused_monitor_is_not_refused_once_more(self) -> None:
        plan = planned([replace(A, remote_id=77), composite("all", "a")])

        assert refused(plan) == ["remote_id: Datadog has no monitor 77"]

    def test_a_monitor_of_another_type_is_not_replaced(self) -> None:
        log = live(monitor("x", type="log alert", query='logs("x").index("*").rollup("count").last("5m") > 1'), 77)
        foreign = replace(log, identity=None)

        plan = planned([replace(A, remote_id=77)], world(adopted=[foreign]))

        assert refused(plan) == [
            (
                "remote_id: its type can't be changed in place from log alert to query alert: "
                "monitor 77 would be deleted and made anew"
            )
        ]
        assert plan.refusals[0].hint == "leave that as it is, or take remote_id out"
        assert plan.refusals[0].position == Position("a.yaml", 7, 1)

    def test_a_downtime_is_taken_over_too(self) -> None:
        adopting = downtime("d", remote_id="u-9", **ONE_TIME)
        foreign = live_pause(downtime("d", **ONE_TIME), "u-9", message="by hand")

        assert told(planned([adopting], world(foreign))) == ["update d (u-9)"]

    def test_a_downtime_that_is_over_is_refused(self) -> None:
        adopting = downtime("d", remote_id="u-9", **ONE_TIME)

        plan = planned([adopting], world(live_pause(adopting, "u-9", status="canceled")))

        assert refused(plan) == ["remote_id: Datadog has no downtime u-9"]
        assert (plan.changes, plan.notes) == ((), ())


OTHERS = replace(RULES, ignored_tag_keys=frozenset({"cost_center", "reviewed", "team"}))


def tagged(*tags: str, **more: str) -> LiveMonitor:
    """The live monitor `a` with these tags beside those of its identity."""
    return live(A, 1, tags=["ddguard_stack:shop/prod", "ddguard_id:a", *tags], **more)


@pytest.mark.parametrize("tags", [["cost_center:1"], ["cost_center:1", "cost_center:2"], ["reviewed"], ["Team:x"]])
def test_tags_of_others_are_no_drift(tags: list[str]) -> None:
    plan = planned([A], world(tagged(*tags)), OTHERS)
    assert (plan.changes, plan.unchanged) == ((), 1)
    assert [change.action for change in planned([A], world(tagged(*tags))).changes] == [Action.UPDATE]


@pytest.mark.parametrize("tags", [["cost_centers:1"], ["cost"], ["x:cost_center"], ["cost_center:1", "muted:yes"]])
def test_tags_with_other_keys_are_drift_and_an_update_keeps_those_of_others(tags: list[str]) -> None:
    (change,) = planned([A], world(tagged(*tags, "reviewed")), OTHERS).changes
    assert change.wanted is not None
    kept = {"cost_center:1", "reviewed"}.intersection([*tags, "reviewed"])
    assert set(change.wanted["tags"]) == {"ddguard_stack:shop/prod", "ddguard_id:a", *kept}


def test_of_a_key_that_the_spec_uses_itself_its_own_tags_count() -> None:
    spec = monitor("a", tags=["team:shop"])
    (change,) = planned([spec], world(tagged("team:other", "cost_center:1")), OTHERS).changes
    assert change.wanted is not None
    assert set(change.wanted["tags"]) == {"ddguard_stack:shop/prod", "ddguard_id:a", "team:shop", "cost_center:1"}


def test_a_monitor_that_is_replaced_keeps_the_tags_of_others() -> None:
    (change,) = planned([A], world(tagged("cost_center:1", type="log alert")), OTHERS).changes
    assert change.action is Action.REPLACE
    assert change.wanted is not None
    assert "cost_center:1" in change.wanted["tags"]
