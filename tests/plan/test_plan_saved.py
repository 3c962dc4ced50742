"""Fingerprints, and plans as files."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plan_worlds import NOW, PRUNE, SOON, STACK, composite, downtime, live, live_pause, monitor, planned, told, world

from ddguard.errors import InputError, RefusedError
from ddguard.model import Downtime, LiveDowntime, Stack
from ddguard.payload import ABSENT
from ddguard.plan import Plan, World, on_the_same_world, read_saved_plan, saved_plan

SITE = "https://api.datadoghq.eu"
A, B, C = monitor("a"), monitor("b"), monitor("c")
BOTH = composite("both", "a", "b")
PAUSE = downtime("d", monitor="a", schedule={"start": SOON, "end": None})
NUMBERS = {"a": 1, "b": 2}
SPECS = [A, BOTH, C, PAUSE]


def lives(**changed: Any) -> list[Any]:
    """What plan `PLAN` was made on: `b` and a downtime `old` without spec, `a` changed by hand."""
    return [
        live(A, 1, **{"name": "by hand", **changed}),
        live(B, 2),
        live_pause(PAUSE, "u-1", NUMBERS, scope="env:dev"),
        live_pause(downtime("old"), "u-2"),
    ]


def plan() -> Plan:
    return planned(SPECS, world(*lives()), replace(PRUNE, all_ids=frozenset("ab")))


class TestFingerprint:
    def test_it_is_a_sha256(self) -> None:
        fingerprint = plan().fingerprint

        assert len(fingerprint) == 64
        assert int(fingerprint, 16)

    def test_the_order_of_specs_objects_and_keys_says_nothing(self) -> None:
        turned = [replace(one, definition=dict(reversed(one.definition.items()))) for one in (C, BOTH, A)]
        other = planned([PAUSE, *turned], world(*reversed(lives())), replace(PRUNE, all_ids=frozenset("ab")))

        assert other.fingerprint == plan().fingerprint
        assert told(other) != told(plan())

    @pytest.mark.parametrize(
        "other",
        [
            replace(plan(), stack=Stack("shop", "staging")),
            replace(plan(), changes=plan().changes[1:]),
            planned([monitor("a", message="new"), *SPECS[1:]], world(*lives()), PRUNE),
            planned([*SPECS, monitor("e")], world(*lives()), PRUNE),
            planned(SPECS, world(*lives(modified="2026-01-05T11:00:00.123457+00:00")), PRUNE),
            planned(SPECS, world(*lives())),
        ],
        ids=["stack", "fewer", "content", "more", "version", "prune"],
    )
    def test_everything_else_says_something(self, other: Plan) -> None:
        assert other.fingerprint != plan().fingerprint

    def test_what_is_unchanged_says_nothing(self) -> None:
        assert planned([A], world(live(A, 1))).fingerprint == planned([B], world(live(B, 2))).fingerprint


class TestFile:
    def test_a_plan_comes_back_as_it_was_but_for_the_live_objects(self) -> None:
        read, site = read_saved_plan("plan.json", saved_plan(plan(), SITE))

        assert site == SITE
        assert read.changes == tuple(replace(change, live=None) for change in plan().changes)
        assert read.fingerprint == plan().fingerprint
        assert (read.stack, read.unchanged, read.notes) == (STACK, plan().unchanged, plan().notes)

    def test_absent_and_null_stay_apart(self) -> None:
        priority = monitor("a", priority=2)
        saved = saved_plan(planned([priority], world(live(priority, 1, priority=None))), SITE)
        (field,) = read_saved_plan("plan.json", saved)[0].changes[0].fields
        created = read_saved_plan("plan.json", saved_plan(planned([A]), SITE))[0].changes[0].fields

        assert field.before is None
        assert {one.before for one in created} == {ABSENT}

    def test_it_is_made_for_people_and_jq(self) -> None:
        body = json.loads(saved_plan(plan(), SITE))

        assert list(body) == [
            "format",
            "version",
            "project",
            "environment",
            "site",
            "fingerprint",
            "summary",
            "changes",
            "unchanged",
            "numbers",
            "notes",
            "sha256",
        ]
        assert (body["format"], body["version"], body["site"]) == ("ddguard-plan", 1, SITE)
        assert body["summary"] == {"create": 2, "update": 2, "delete": 1, "replace": 0, "unchanged": 0}
        assert body["numbers"] == {"a": 1, "b": 2}
        assert body["changes"][0] == {
            "action": "update",
            "kind": "monitor",
            "id": "a",
            "remote_id": "1",
            "name": "A",
            "saw": "2026-01-05T11:00:00.123456+00:00",
            "fields": [{"path": ["name"], "before": "by hand", "after": "A"}],
            "wanted": plan().changes[0].wanted,
            "needs": [],
            "position": ["a.yaml", 1, 1],
        }

    def test_texts_of_all_scripts_stay_readable(self) -> None:
        assert "Überlast 負荷" in saved_plan(planned([monitor("a", name="Überlast 負荷")]), SITE)

    def test_half_of_a_surrogate_pair_is_written_and_read(self) -> None:
        odd = planned([A], world(live(A, 1, name="half \ud83d")))

        saved = saved_plan(odd, SITE)

        assert r"half \ud83d" in saved.encode().decode()
        assert read_saved_plan("p", saved)[0].fingerprint == odd.fingerprint
        assert read_saved_plan("p", saved)[0].changes[0].fields == odd.changes[0].fields

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "p is no plan file: it isn't JSON"),
            ("id: a\ntype: query alert\n", "p is no plan file: it isn't JSON"),
            ("[" * 100_000, "p is no plan file: it isn't JSON"),
            ("[]", "p is no plan file"),
            ("{}", "p is no plan file"),
            ('{"version": 1, "command": "plan"}', "p is no plan file"),
            ('{"format": "ddguard-plan", "version": 2}', "p was written by another version of ddguard"),
        ],
    )
    def test_what_is_no_plan_is_said_to_be_none(self, text: str, message: str) -> None:
        with pytest.raises(InputError) as caught:
            read_saved_plan("p", text)

        assert caught.value.message == message

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda body: body["changes"].pop(),
            lambda body: body["changes"][0]["wanted"].update(message="@slack-elsewhere"),
            lambda body: body["changes"][0].update(saw="2027-01-01T00:00:00+00:00"),
            lambda body: body["changes"][0].update(action="delete"),
            lambda body: body.update(environment="staging"),
            lambda body: body.update(site="https://api.datadoghq.com"),
            lambda body: body["numbers"].update(a=2),
            lambda body: body.update(more="keys"),
            lambda body: body.pop("sha256"),
            lambda body: body.update(sha256=None),
        ],
    )
    def test_a_changed_file_is_refused(self, tamper: Callable[[Any], object]) -> None:
        body = json.loads(saved_plan(plan(), SITE))
        tamper(body)

        with pytest.raises(RefusedError) as caught:
            read_saved_plan("plan.json", json.dumps(body))

        assert caught.value.message == "plan.json was changed after it was written: its SHA-256 doesn't fit"
        assert caught.value.hint == "plan again"

    def test_layout_and_order_of_keys_are_no_content(self) -> None:
        body = json.loads(saved_plan(plan(), SITE))

        assert read_saved_plan("p", json.dumps(dict(reversed(body.items()))))[0].fingerprint == plan().fingerprint

    @pytest.mark.parametrize(
        "damage",
        [
            lambda body: body.pop("changes"),
            lambda body: body.update(changes={"a": 1}),
            lambda body: body.update(changes=[1]),
            lambda body: body["changes"][0].update(action="explode"),
            lambda body: body["changes"][0].update(position=[1, 2, 3, 4, 5]),
            lambda body: body.update(numbers=7),
        ],
    )
    def test_a_file_that_fits_its_sum_but_is_no_plan_is_told_too(self, damage: Callable[[Any], object]) -> None:
        body = json.loads(saved_plan(plan(), SITE))
        del body["sha256"]
        damage(body)
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        body["sha256"] = hashlib.sha256(text.encode()).hexdigest()

        with pytest.raises(InputError) as caught:
            read_saved_plan("plan.json", json.dumps(body))

        assert caught.value.message == "plan.json is no plan file that ddguard wrote"


class TestStaleness:
    def later(self, there: World) -> Plan:
        return on_the_same_world(read_saved_plan("p", saved_plan(plan(), SITE))[0], there, NOW)

    def stale(self, *there: Any) -> str:
        with pytest.raises(RefusedError) as caught:
            self.later(world(*there))
        assert caught.value.hint == "plan again, and have the new plan approved"
        return caught.value.message

    def test_on_the_same_world_the_plan_has_its_live_objects_again(self) -> None:
        assert self.later(world(*lives())).changes == plan().changes

    def test_adopted_monitors_count_as_there(self) -> None:
        first, *others = lives()

        assert self.later(world(*others, adopted=[first])).changes == plan().changes

    def test_a_write_meanwhile_is_named(self) -> None:
        there = lives(modified="2026-01-05T11:30:00+00:00")

        assert self.stale(*there) == "the plan is stale: a (1) was changed meanwhile"

    def test_an_object_that_is_gone_is_named(self) -> None:
        first, second, third, _ = lives()

        assert self.stale(first, second, third) == "the plan is stale: old (u-2) is gone"

    @pytest.mark.parametrize("status", ["canceled", "ended"])
    def test_a_downtime_that_is_over_is_gone(self, status: str) -> None:
        first, second, third, _ = lives()
        over = live_pause(downtime("old"), "u-2", status=status)

        assert self.stale(first, second, third, over) == "the plan is stale: old (u-2) is gone"

    def test_an_object_made_meanwhile_is_named(self) -> None:
        assert self.stale(*lives(), live(C, 3)) == "the plan is stale: c exists meanwhile"

    def test_one_that_names_another_spec_too_is_named(self) -> None:
        unclear = live(C, 3, tags=["ddguard_stack:shop/prod", "ddguard_id:c", "ddguard_id:c-copy"])

        assert self.stale(*lives(), unclear) == "the plan is stale: c exists meanwhile"

    def test_a_downtime_that_names_the_spec_in_another_line_is_named(self) -> None:
        made = planned([downtime("new")], world(*lives()))
        stray = live_pause(downtime("new"), "u-3", message="ddguard_stack:shop/prod ddguard_id:new\nPS: ask Bob.")

        with pytest.raises(RefusedError, match="the plan is stale: new exists meanwhile"):
            on_the_same_world(made, world(*lives(), stray), NOW)

    def test_one_of_another_stack_is_not(self) -> None:
        foreign = live(C, 3, stack=Stack("shop", "staging"))

        assert self.later(world(*lives(), foreign)).changes == plan().changes

    def test_a_monitor_that_is_referred_to_and_gone_is_named(self) -> None:
        first, _, *others = lives()

        assert self.stale(first, *others) == "the plan is stale: the monitor b (2) is gone"

    def test_everything_that_moved_is_named(self) -> None:
        first, *_ = lives(modified="x")

        assert self.stale(first, live(C, 3)) == (
            "the plan is stale: a (1) was changed meanwhile; c exists meanwhile; d (u-1) is gone; old (u-2) is gone; "
            "the monitor b (2) is gone"
        )


PAST, LATER = "2026-01-05T10:00:00Z", "2026-01-06T00:00:00Z"
NIGHTS = {"rrule": "FREQ=DAILY", "start": "2026-01-01T13:00:00", "duration": "2h"}


class TestTimesThatPass:
    def read_at(self, hours: int, spec: Downtime, *there: LiveDowntime) -> str:
        """What a plan of the downtime is refused for, if it is carried out so many hours later."""
        kept, _ = read_saved_plan("p", saved_plan(planned([spec], world(*there)), SITE))
        assert len(kept.changes) == 1
        try:
            on_the_same_world(kept, world(*there), NOW + timedelta(hours=hours))
        except RefusedError as error:
            return error.message
        return ""

    @pytest.mark.parametrize(
        ("schedule", "reason"),
        [
            (None, ""),
            ({"end": LATER}, ""),
            ({"start": PAST, "end": LATER}, ""),
            ({"start": SOON, "end": None}, "the plan is stale: the start of d has passed"),
            ({"start": PAST, "end": SOON}, "the plan is stale: d would be over already"),
            ({"timezone": "UTC", "recurrences": [NIGHTS]}, "the plan is stale: the start of d has passed"),
        ],
    )
    def test_a_start_that_passed_makes_it_stale_unless_it_meant_now(
        self, schedule: dict[str, Any] | None, reason: str
    ) -> None:
        spec = downtime("d", schedule=schedule) if schedule else downtime("d")

        assert self.read_at(0, spec) == ""
        assert self.read_at(7, spec) == reason

    def test_what_is_changed_beside_the_start_may_be_changed_later(self) -> None:
        spec = downtime("d", schedule={"start": SOON, "end": LATER})

        assert self.read_at(7, spec, live_pause(spec, "u-1", scope="env:dev")) == ""

    def test_a_new_start_that_passed_makes_it_stale(self) -> None:
        spec = downtime("d", schedule={"start": SOON, "end": LATER})
        there = live_pause(downtime("d", schedule={"start": "2026-01-05T23:00:00Z", "end": LATER}), "u-1")

        assert self.read_at(7, spec, there) == "the plan is stale: the start of d has passed"

    def test_a_downtime_that_has_begun_keeps_its_start(self) -> None:
        spec = downtime("d", schedule={"start": SOON, "end": LATER})
        there = live_pause(downtime("d", schedule={"start": "2026-01-05T13:00:00Z", "end": LATER}), "u-1")
        kept, _ = read_saved_plan("p", saved_plan(planned([spec], world(there)), SITE))
        begun = replace(there, attributes={**there.attributes, "status": "active"})

        with pytest.raises(RefusedError) as caught:
            on_the_same_world(kept, world(begun), NOW + timedelta(hours=2))

        assert caught.value.message == "the plan is stale: d (u-1) has begun meanwhile"
