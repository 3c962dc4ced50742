"""How long a plan of unchanged monitors takes: `python tests/benchmarks/bench_plan.py [COUNT]...`.

The floor is what can't be saved: the same bytes fetched with the same client, and read with `json.loads`. `reading`,
`comparing` and `specs` are the parts of a plan in this process; `command` is the whole `ddguard plan` in a new one, the
best of three, and `processor` what it computed in that time.
"""

import json
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from commands import RUNS, best_run
from many_monitors import loaded, sandbox, write_project

from ddguard.cli import clock
from ddguard.cli.remote import read_world
from ddguard.datadog import Datadog, settings_from
from ddguard.plan import Rules, make_plan

LATENCIES = (0.0, 0.1)
HEAD = (
    "monitors",
    "latency",
    "requests",
    "floor",
    "reading",
    "comparing",
    "specs",
    "command",
    "processor",
    "peak memory",
)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """How many seconds it took, and what came of it."""
    start = perf_counter()
    result = act()
    return perf_counter() - start, result


def floor(url: str, targets: list[str]) -> float:
    """Seconds to fetch these targets one after the other and to read their JSON."""
    with Datadog(settings_from({}, api_url=url)) as datadog:
        pool = datadog._transport._client.rest_client.pool_manager
        headers = datadog._transport._headers
        start = perf_counter()
        for target in targets:
            json.loads(pool.request("GET", url + target, headers=headers).data)
        return perf_counter() - start


def asked(url: str) -> list[str]:
    """Every target that the sandbox was asked for since it began."""
    with urllib.request.urlopen(f"{url}/sandbox/requests") as answer:
        requests = json.load(answer)
    return [f"{one['path']}?{one['query']}".rstrip("?") for one in requests]


def measured(count: int, latency: float) -> tuple[str, ...]:
    """One line of the table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, count)
        with sandbox(folder, latency, is_filled=True) as url:
            run = best_run("plan", "--dir", str(folder), "--api-url", url)
            assert "nothing to do" in run.told, run.told
            targets = asked(url)
            targets = targets[: len(targets) // (1 + RUNS)]
            specs_taken, specs = timed(lambda: loaded(folder))
            with Datadog(settings_from({}, api_url=url)) as datadog:
                reading, world = timed(lambda: read_world(datadog, specs.stack, (), has_downtimes=False))
            rules = Rules(now=clock.now())
            comparing, plan = timed(lambda: make_plan(specs.stack, specs.monitors, specs.downtimes, world, rules))
            assert (plan.changes, plan.unchanged) == ((), count)
            lowest = floor(url, targets)
    seconds = (f"{one:.2f} s" for one in (lowest, reading, comparing, specs_taken, run.seconds, run.processor))
    return (f"{count:,}", f"{latency * 1000:.0f} ms", str(len(targets)), *seconds, f"{run.megabytes:.0f} MB")


def main() -> None:
    """Prints a table."""
    counts = [int(count) for count in sys.argv[1:]] or [1_000, 10_000]
    print(" ".join(f"{title:>11}" for title in HEAD))
    for count in counts:
        for latency in LATENCIES:
            print(" ".join(f"{value:>11}" for value in measured(count, latency)), flush=True)


if __name__ == "__main__":
    main()
