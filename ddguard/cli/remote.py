"""Speaking to Datadog for a command: settings from the environment, the stack's objects, the plan for them."""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ddguard.cli.options import Common
from ddguard.cli.output import say
from ddguard.errors import UsageError
from ddguard.model import Stack
from ddguard.payload import live_downtime, live_monitor
from ddguard.plan import Kind, Plan, Rules, World, make_plan, monitors_removed, refusing_held
from ddguard.spec.load import Specs

if TYPE_CHECKING:
    from ddguard.datadog import Datadog, Settings

P = ParamSpec("P")
T = TypeVar("T")

READERS = 8
"""Calls at a time while Datadog is read."""


def settings_for(common: Common, specs: Specs, workers: int = READERS) -> "Settings":
    """How to reach the Datadog that environment variables, options and the project's environment name."""
    from ddguard.datadog import settings_from

    settings = settings_from(os.environ, site=specs.environment.site, api_url=common.api_url, workers=workers)
    say(f"reading {specs.stack.name} on {settings.host}", common, at=1)
    return settings


def connected(settings: "Settings") -> "Datadog":
    """The Datadog that the settings lead to; its client is read from disk here and not before."""
    from ddguard.datadog import Datadog

    return Datadog(settings)


def waited_for(read: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """What one call reads. The thread that calls this only waits.

    In the midst of an exchange Ctrl-C may be swallowed, where an object is cleared away, and a wait it ends for sure.
    """
    from ddguard.datadog import Readers

    with Readers(1) as readers:
        return readers.begin(read, *arguments, **options).result()


def read_world(datadog: "Datadog", stack: Stack, adopted: Iterable[int], *, has_downtimes: bool) -> World:
    """Everything in Datadog that concerns a stack: its monitors, all downtimes, and the monitors with these numbers.

    Where the stack has downtimes, a list that shows none of those that Datadog counts is an error. The thread that
    calls this only waits, as in `waited_for`.
    """
    from ddguard.datadog import Readers

    with Readers(READERS) as readers:
        downtimes = readers.begin(datadog.downtimes, shows_some=has_downtimes)
        listed = readers.begin(datadog.monitors, stack.tag)
        monitors = [live_monitor(raw) for raw in listed.result()]
        own = {live.remote_id: live for live in monitors}
        wanted = dict.fromkeys(adopted)
        elsewhere = [raw for raw in readers.each(datadog.monitor, wanted.keys() - own.keys()) if raw is not None]
        foreign = {live.remote_id: live for live in map(live_monitor, elsewhere)}
        return World(
            monitors=monitors,
            downtimes=[live_downtime(raw) for raw in downtimes.result()],
            adopted={number: live for number, live in (own | foreign).items() if number in wanted},
        )


def plan_for(specs: Specs, datadog: "Datadog", now: datetime, *, prune: bool, max_deletes: int | None) -> Plan:
    """Reads what Datadog has and compares it with the specs."""
    if max_deletes is not None and not prune:
        raise UsageError("--max-deletes goes with --prune: without it nothing is deleted")
    rules = Rules(
        now=now,
        prune=prune,
        policy=specs.project.prune,
        max_deletes=max_deletes,
        narrowed=specs.narrowed,
        all_ids=specs.all_ids,
        ignored_tag_keys=specs.project.ignored_tag_keys,
    )
    adopted = (monitor.remote_id for monitor in specs.monitors if monitor.remote_id is not None)
    world = read_world(datadog, specs.stack, adopted, has_downtimes=bool(specs.downtimes))
    return refused_where_held(make_plan(specs.stack, specs.monitors, specs.downtimes, world, rules), datadog)


def refused_where_held(plan: Plan, datadog: "Datadog") -> Plan:
    """The plan, refused where Datadog wouldn't delete a monitor. It is asked only if the plan deletes any."""
    removed = monitors_removed(plan)
    return refusing_held(plan, datadog.can_delete(removed)) if removed else plan


def world_of(plan: Plan, datadog: "Datadog") -> World:
    """What Datadog has of everything that a plan speaks of."""
    changed = {int(change.remote_id) for change in plan.changes if change.kind is Kind.MONITOR and change.remote_id}
    has_downtimes = any(change.kind is Kind.DOWNTIME for change in plan.changes)
    return read_world(datadog, plan.stack, changed | set(plan.numbers.values()), has_downtimes=has_downtimes)
