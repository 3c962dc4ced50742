"""Speaking to Datadog for a command: settings from the environment, the stack's objects, the plan for them."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from ddguard.cli.options import Common
from ddguard.datadog import Datadog, Settings, settings_from
from ddguard.model import LiveMonitor
from ddguard.payload import live_downtime, live_monitor
from ddguard.plan import Plan, Rules, World, make_plan
from ddguard.spec.load import Specs


def settings_for(common: Common, specs: Specs, workers: int = 2) -> Settings:
    """How to reach the Datadog that environment variables, options and the project's environment name."""
    return settings_from(os.environ, site=specs.environment.site, api_url=common.api_url, workers=workers)


def read_world(datadog: Datadog, specs: Specs) -> World:
    """Everything in Datadog that concerns the stack: its monitors, all downtimes, the monitors that specs adopt."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        downtimes = pool.submit(datadog.downtimes)
        monitors = [live_monitor(raw) for raw in datadog.monitors(specs.stack.tag)]
        return World(
            monitors=monitors,
            downtimes=[live_downtime(raw) for raw in downtimes.result()],
            adopted=_adopted(datadog, specs, {live.remote_id: live for live in monitors}),
        )


def _adopted(datadog: Datadog, specs: Specs, known: Mapping[int, LiveMonitor]) -> dict[int, LiveMonitor]:
    """The monitors that specs name by `remote_id`, those that Datadog has."""
    found = {}
    for monitor in specs.monitors:
        number = monitor.remote_id
        if number is None:
            continue
        raw = None if number in known else datadog.monitor(number)
        live = known.get(number) or (live_monitor(raw) if raw is not None else None)
        if live is not None:
            found[number] = live
    return found


def plan_for(specs: Specs, datadog: Datadog, now: datetime, *, prune: bool, max_deletes: int | None) -> Plan:
    """Reads what Datadog has and compares it with the specs."""
    rules = Rules(
        now=now,
        prune=prune,
        policy=specs.project.prune,
        max_deletes=max_deletes,
        narrowed=specs.narrowed,
        all_ids=specs.all_ids,
    )
    return make_plan(specs.stack, specs.monitors, specs.downtimes, read_world(datadog, specs), rules)
