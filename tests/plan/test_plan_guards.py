"""What a plan refuses to do."""

from dataclasses import replace

import pytest
from plan_worlds import NOW, PRUNE, composite, downtime, live, live_pause, monitor, planned, refused, told, world

from ddguard.findings import Position
from ddguard.model import PrunePolicy
from ddguard.plan import Plan, Rules, monitors_removed, refusing_held

SPECS = [monitor(f"m{number:02}") for number in range(20)]
LIVES = [live(spec, number) for number, spec in enumerate(SPECS)]
LOG = {"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1'}


USUAL = PrunePolicy()


def pruning(policy: PrunePolicy = USUAL, max_deletes: int | None = None) -> Rules:
    return Rules(now=NOW, prune=True, policy=policy, max_deletes=max_deletes)


class TestPruneGuard:
    @pytest.mark.parametrize(("kept", "is_refused"), [(14, False), (13, True), (0, True)])
    def test_more_than_the_share_is_refused(self, kept: int, *, is_refused: bool) -> None:
        plan = planned(SPECS[:kept], world(*LIVES), pruning())

        assert bool(plan.refusals) is is_refused

    @pytest.mark.parametrize("percent", range(1, 100))
    def test_the_share_itself_is_allowed_and_one_more_is_not(self, percent: int) -> None:
        guard = pruning(PrunePolicy(max_share=float(f"0.{percent:02}")))
        specs = [monitor(f"m{number}") for number in range(100)]
        there = world(*(live(spec, number) for number, spec in enumerate(specs)))

        assert refused(planned(specs[percent:], there, guard)) == []
        assert refused(planned(specs[percent + 1 :], there, guard)) == [
            f"{percent + 1} of 100 objects would be deleted: more than {percent}% (prune.max_share)"
        ]

    def test_a_share_is_told_as_it_was_written(self) -> None:
        plan = planned([], world(*LIVES), pruning(PrunePolicy(max_share=0.125)))

        assert refused(plan) == ["20 of 20 objects would be deleted: more than 12.5% (prune.max_share)"]

    def test_the_refusal_tells_the_numbers_and_the_way_out(self) -> None:
        plan = planned(SPECS[:13], world(*LIVES), pruning())

        assert refused(plan) == ["7 of 20 objects would be deleted: more than 30% (prune.max_share)"]
        assert plan.refusals[0].hint == "if that is meant: --max-deletes 7"
        assert plan.refusals[0].position is None

    def test_the_deletes_are_shown_all_the_same(self) -> None:
        assert len(planned([], world(*LIVES), pruning()).changes) == 20

    @pytest.mark.parametrize(("total", "is_refused"), [(9, False), (10, True)])
    def test_a_small_stack_is_not_guarded(self, total: int, *, is_refused: bool) -> None:
        plan = planned([], world(*LIVES[:total]), pruning())

        assert bool(plan.refusals) is is_refused

    def test_the_project_sets_share_and_size(self) -> None:
        strict = PrunePolicy(max_share=0.0, min_objects=1)

        assert refused(planned([], world(LIVES[0]), pruning(strict))) == [
            "1 of 1 objects would be deleted: more than 0% (prune.max_share)"
        ]
        assert refused(planned([], world(*LIVES), pruning(PrunePolicy(max_share=1.0)))) == []

    def test_doubles_and_downtimes_count(self) -> None:
        pauses = [downtime(f"d{number}") for number in range(4)]
        lives = [live_pause(pause, f"u-{pause.id}") for pause in pauses]
        doubles = [live(SPECS[0], 100 + number) for number in range(3)]

        plan = planned(SPECS[:6], world(*LIVES[:6], *lives, *doubles), pruning())

        assert refused(plan) == ["7 of 13 objects would be deleted: more than 30% (prune.max_share)"]

    def test_max_deletes_stands_in_for_the_share(self) -> None:
        assert refused(planned([], world(*LIVES), pruning(max_deletes=20))) == []
        assert refused(planned([], world(*LIVES), pruning(max_deletes=19))) == [
            "20 objects would be deleted, more than --max-deletes 19"
        ]

    def test_max_deletes_binds_small_stacks_too(self) -> None:
        assert refused(planned([], world(LIVES[0]), pruning(max_deletes=0))) == [
            "1 object would be deleted, more than --max-deletes 0"
        ]


class TestProtect:
    def test_a_protected_monitor_without_spec_is_not_deleted(self) -> None:
        plan = planned([], world(live(monitor("a", protect=True), 1)), PRUNE)

        assert refused(plan) == ["monitor a (1) is protected and has no spec any more"]
        assert plan.refusals[0].hint == "bring its spec back with `protect: false`, apply, then remove it"

    def test_nor_a_protected_downtime(self) -> None:
        plan = planned([], world(live_pause(downtime("d", protect=True), "u-1")), PRUNE)

        assert refused(plan) == ["downtime d (u-1) is protected and has no spec any more"]

    def test_without_prune_nothing_is_refused(self) -> None:
        assert refused(planned([], world(live(monitor("a", protect=True), 1)))) == []

    def test_a_double_of_a_protected_monitor_is_for_a_person_to_decide(self) -> None:
        kept = monitor("a", protect=True)

        plan = planned([kept], world(live(kept, 1), live(kept, 2)), PRUNE)

        assert refused(plan) == ["monitor a (2) is protected, and doubles another one"]
        assert plan.refusals[0].hint == "decide in Datadog which one may go, and delete it there"

    @pytest.mark.parametrize(("spec_says", "mark_says"), [(True, False), (False, True), (True, True)])
    def test_replacing_is_refused_by_the_spec_and_by_the_mark(self, *, spec_says: bool, mark_says: bool) -> None:
        there = live(monitor("a", protect=mark_says), 1)

        plan = planned([monitor("a", protect=spec_says, **LOG)], world(there))

        assert refused(plan) == ["a is protected, and its type can't be changed in place from query alert to log alert"]
        assert plan.refusals[0].hint == "take `protect` away first, or leave that as it is"
        assert plan.refusals[0].position == Position("a.yaml", 1, 1)

    def test_a_running_protected_downtime_keeps_its_start(self) -> None:
        before = downtime("d", protect=True, schedule={"start": "2026-01-05T10:00:00Z", "end": None})
        after = downtime("d", protect=True, schedule={"start": "2026-01-06T10:00:00Z", "end": None})
        there = live_pause(before, "u-1", at=NOW.replace(hour=9), status="active")

        assert refused(planned([after], world(there))) == [
            "d is protected, and its start can't be changed while it runs"
        ]

    def test_updating_what_is_protected_is_fine(self) -> None:
        spec = monitor("a", protect=True)

        plan = planned([spec], world(live(spec, 1, name="by hand")))

        assert (told(plan), refused(plan)) == (["update a (1)"], [])

    def test_taking_protect_away_is_an_update(self) -> None:
        plan = planned([monitor("a")], world(live(monitor("a", protect=True), 1)))

        assert (told(plan), refused(plan)) == (["update a (1)"], [])


def test_every_broken_rule_is_told_at_once() -> None:
    lives = [*LIVES, live(monitor("kept", protect=True), 50)]
    specs = [replace(SPECS[0], remote_id=999), monitor("m01", protect=True, **LOG)]

    plan = planned(specs, world(*lives), pruning())

    assert refused(plan) == [
        "remote_id: Datadog has no monitor 999",
        "m01 is protected, and its type can't be changed in place from query alert to log alert",
        "monitor kept (50) is protected and has no spec any more",
        "19 of 20 objects would be deleted: more than 30% (prune.max_share)",
    ]


A, B = monitor("a"), monitor("b")
BOTH = composite("both", "a", "b")
COMPOSED = world(live(A, 1), live(B, 2), live(BOTH, 3, {"a": 1, "b": 2}))
HELD = "monitor [1,A] is referenced in composite monitors: "


class TestHeldMonitors:
    def held(self, plan: Plan, reason: str) -> list[str]:
        return refused(refusing_held(plan, {1: [reason]}))

    def test_only_monitors_that_go_are_asked_about(self) -> None:
        there = world(live(A, 1), live(B, 2), live(monitor("old"), 4), live_pause(downtime("d"), "u-1"))

        plan = planned([monitor("a", **LOG), monitor("b", message="new"), monitor("c")], there, PRUNE)

        assert monitors_removed(plan) == [1, 4]

    @pytest.mark.parametrize(
        ("reason", "is_held"),
        [
            ("[3,Both]", False),
            ("[3,renamed meanwhile]", False),
            ("[7,theirs]", True),
            ("[3,Both], [7,theirs]", True),
            ("somebody", True),
        ],
    )
    def test_composites_that_go_along_hold_nothing(self, reason: str, *, is_held: bool) -> None:
        told = f"{HELD}{reason}"

        assert self.held(planned([B], COMPOSED, PRUNE), told) == ([f"a can't be deleted: {told}"] if is_held else [])

    def test_a_name_that_looks_like_a_reference_is_a_name(self) -> None:
        there = world(live(A, 1), live(BOTH, 3, {"a": 1, "b": 2}, name="[500,502] at once"))

        assert self.held(planned([], there, PRUNE), f"{HELD}[3,[500,502] at once]") == []

    def test_a_composite_that_moves_to_the_new_one_holds_nothing(self) -> None:
        plan = planned([monitor("a", **LOG), B, BOTH], COMPOSED)

        assert self.held(plan, f"{HELD}[3,Both]") == []
        assert self.held(plan, f"{HELD}[3,Both] [8,theirs]") == [f"a can't be replaced: {HELD}[3,Both] [8,theirs]"]

    def test_one_that_is_changed_and_still_uses_the_old_one_does(self) -> None:
        stubborn = monitor("both", type="composite", query="1 && !1")

        assert self.held(planned([B, stubborn], COMPOSED, PRUNE), f"{HELD}[3,Both]") == [
            f"a can't be deleted: {HELD}[3,Both]"
        ]

    def test_what_is_no_composite_holds(self) -> None:
        reason = "monitor [1,A] is referenced in slos: [3,Both]"

        assert self.held(planned([B], COMPOSED, PRUNE), reason) == [f"a can't be deleted: {reason}"]

    def test_the_place_of_the_spec_is_named(self) -> None:
        plan = refusing_held(planned([monitor("a", **LOG)], world(live(A, 1))), {1: [f"{HELD}[3,Both]"]})

        assert plan.refusals[0].position == Position("a.yaml", 1, 1)
        assert plan.refusals[0].hint.startswith("name the files of all that refers to it, or plan the whole project")
