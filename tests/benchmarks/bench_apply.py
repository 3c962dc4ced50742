"""How long creates take, one after the other and several at a time: `python tests/benchmarks/bench_apply.py [COUNT]`.

The sandbox answers 100 ms later than it could, so one after the other takes 100 s and more; after 200 creates
there is one look for doubles. `bookkeeping` is what the same apply takes where every call
answers at once: what ddguard itself needs between the calls.
"""

import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from many_monitors import loaded, sandbox, write_project

from ddguard.apply import Remote, carry_out
from ddguard.cli import clock
from ddguard.datadog import Datadog, settings_from
from ddguard.model import Identity, Stack
from ddguard.plan import Plan, Result, Rules, World, make_plan

LATENCY = 0.1
WORKERS = (8, 1)


@dataclass(frozen=True, slots=True)
class Made:
    """An object that was made at once."""

    raw: Mapping[str, Any]
    adopted: bool = False


class Instant:
    """A Datadog that answers before it was asked; only creates are needed here."""

    def create_monitor(self, definition: Mapping[str, Any], identity: Identity, known: Container[int] = ()) -> Made:
        """The monitor as it was asked for."""
        return Made({"id": 1, **definition})

    def monitors_of(self, stack: Stack) -> list[Mapping[str, Any]]:
        """None but those that were just made."""
        return []


def seconds(plan: Plan, remote: Remote, workers: int) -> float:
    """How long it takes to carry out the plan."""
    start = perf_counter()
    outcomes = list(carry_out(plan, remote, workers, clock.now()))
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    return perf_counter() - start


def main() -> None:
    """Prints a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, count)
        specs = loaded(folder)
        plan = make_plan(specs.stack, specs.monitors, specs.downtimes, World([], []), Rules(now=clock.now()))
        print(f"{count:,} creates at {LATENCY * 1000:.0f} ms")
        print(f"  bookkeeping   {seconds(plan, Instant(), 8):7.2f} s")  # type: ignore[arg-type]
        taken = {}
        for workers in WORKERS:
            with (
                sandbox(folder, LATENCY, is_filled=False) as url,
                Datadog(settings_from({}, api_url=url, workers=workers)) as datadog,
            ):
                taken[workers] = seconds(plan, datadog, workers)
            floor = LATENCY * count / workers
            print(f"  {workers} worker{'s' if workers > 1 else ' '}     {taken[workers]:7.2f} s  (floor {floor:.2f} s)")
        print(f"  {taken[1] / taken[8]:.1f} times faster")


if __name__ == "__main__":
    main()
