"""What holds for every project: an apply ends in what the specs say, and leaves everything else alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_specs import Spec, projects
from plan_store import Store
from plan_worlds import NOW, STACK, live, live_pause, planned

from ddguard.apply import carry_out
from ddguard.model import Downtime, Identity, Monitor
from ddguard.payload import has_ended
from ddguard.plan import Plan, Result, Rules, World

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))
FOREIGN_TAGS = (
    [],
    ["team:a"],
    ["ddguard_id:m0"],
    [STACK.tag],
    ["ddguard_stack:shop/staging", "ddguard_id:m0"],
    ["ddguard_stack:shop/prod2", "ddguard_id:m0"],
    ["DDGUARD_STACK:shop/prod", "ddguard_id:m0"],
    [STACK.tag, "ddguard_id:m0", "ddguard_id:m1"],
    [STACK.tag, "ddguard_stack:other/prod", "ddguard_id:m0"],
)


def rules(store: Store, *, prune: bool = False) -> Rules:
    return Rules(now=store.now, prune=prune, max_deletes=1000 if prune else None)


def apply(specs: Sequence[Spec], store: Store, *, prune: bool = False) -> Plan:
    plan = planned(specs, store.world(), rules(store, prune=prune))
    for outcome in carry_out(plan, store, 3, store.now):
        assert outcome.result is Result.DONE, outcome
    return plan


def wished(specs: Sequence[Spec]) -> set[str]:
    return {spec.id for spec in specs if not (isinstance(spec, Downtime) and has_ended(spec, NOW))}


@EXAMPLES
@given(projects())
def test_after_an_apply_the_plan_is_empty(specs: list[Spec]) -> None:
    store = Store()

    first = apply(specs, store)
    again = planned(specs, store.world(), rules(store, prune=True))

    assert {change.id for change in first.changes} == wished(specs)
    assert (again.changes, again.refusals) == ((), ())
    assert again.unchanged == len(wished(specs))


@EXAMPLES
@given(projects(), st.integers(0, 200))
def test_time_passing_is_no_change(specs: list[Spec], hours: int) -> None:
    store = Store()
    apply(specs, store)

    store.now += timedelta(hours=hours)

    assert planned(specs, store.world(), rules(store, prune=True)).changes == ()


@EXAMPLES
@given(projects())
def test_a_second_apply_changes_nothing(specs: list[Spec]) -> None:
    store = Store()
    apply(specs, store)
    state, writes = store.state, store.writes

    apply(specs, store, prune=True)

    assert (store.state, store.writes) == (state, writes)


@EXAMPLES
@given(projects())
def test_a_plan_of_equal_worlds_is_empty(specs: list[Spec]) -> None:
    monitors = [spec for spec in specs if isinstance(spec, Monitor)]
    downtimes = [spec for spec in specs if isinstance(spec, Downtime)]
    numbers = {spec.id: place for place, spec in enumerate(monitors)}
    world = World(
        [live(spec, numbers[spec.id], numbers) for spec in monitors],
        [live_pause(spec, f"u-{spec.id}", numbers) for spec in downtimes],
    )

    assert planned(specs, world).changes == ()


@EXAMPLES
@given(projects(), projects())
def test_one_project_becomes_another(before: list[Spec], after: list[Spec]) -> None:
    store = Store()
    before = [replace(spec, protect=False) for spec in before]
    after = [replace(spec, protect=False) for spec in after]
    apply(before, store)
    store.now += timedelta(minutes=1)

    apply(after, store, prune=True)
    world = store.world()

    assert planned(after, world, rules(store, prune=True)).changes == ()
    assert {one.identity.id for one in world.monitors if one.identity} == {
        spec.id for spec in after if isinstance(spec, Monitor)
    }
    assert len(world.monitors) == sum(isinstance(spec, Monitor) for spec in after)


@EXAMPLES
@given(projects(), projects(), st.lists(st.sampled_from(FOREIGN_TAGS), min_size=1, max_size=4))
def test_what_others_own_is_never_touched(before: list[Spec], after: list[Spec], tags: list[list[str]]) -> None:
    store = Store()
    for place, given_tags in enumerate(tags):
        query = f"avg(last_5m):avg:theirs{place}{{*}} > 1"
        theirs = {"type": "query alert", "query": query, "name": "theirs", "message": "", "tags": given_tags}
        store.create_monitor(theirs, Identity("x/y", "z"))
        attributes = {
            "scope": f"env:theirs{place}",
            "monitor_identifier": {"monitor_tags": ["team:a"]},
            "message": " ".join(given_tags),
        }
        store.create_downtime(attributes, "")
    foreign = (dict(store.state.monitors), dict(store.state.downtimes))

    for specs in (before, after, []):
        apply([replace(spec, protect=False) for spec in specs], store, prune=True)

    assert store.state.monitors == foreign[0]
    assert {key: store.state.downtimes[key] for key in foreign[1]} == foreign[1]
