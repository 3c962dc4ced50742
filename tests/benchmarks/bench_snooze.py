"""How long `ddguard snooze tenant X --yes` takes from a cold start: `python tests/benchmarks/bench_snooze.py`.

Each run is a process of its own, against a local Datadog that answers at once, and against one that takes 100 ms.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from ddguard.datadog import Datadog, settings_from
from ddguard.model import Identity
from ddguard.sandbox.faults import parse_fault
from ddguard.sandbox.server import Sandbox

RUNS = 9
PROJECT = "project: bench\nenvironments: {prod: {}}\n"
BURST = {
    "name": "burst",
    "type": "query alert",
    "query": "sum(last_1h):sum:streams.created{*} by {tenant}.as_count() > 100",
    "message": "",
    "tags": ["ddguard_stack:bench/prod", "ddguard_id:burst"],
}


def seconds_to_snooze(folder: str, url: str, tenant: str) -> float:
    """One snooze by a new process, waited for."""
    environment = {**os.environ, "DDGUARD_API_URL": url, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "ddguard", "snooze", "tenant", tenant, "--reason", "x", "--by", "bench", "--yes"]
    start = perf_counter()
    subprocess.run([*command, "-q"], cwd=folder, env=environment, check=True, capture_output=True)
    return perf_counter() - start


def measured(*faults: str) -> tuple[list[float], float]:
    """The times of all runs, and the requests of each."""
    with TemporaryDirectory() as folder, Sandbox(faults=[parse_fault(one) for one in faults]) as sandbox:
        (Path(folder) / "ddguard.yaml").write_text(PROJECT, encoding="utf-8")
        with Datadog(settings_from({}, api_url=sandbox.url)) as datadog:
            datadog.create_monitor(BURST, Identity("bench/prod", "burst"))
        before = len(sandbox.requests)
        seconds = [seconds_to_snooze(folder, sandbox.url, f"t{number}") for number in range(RUNS)]
        return seconds, (len(sandbox.requests) - before) / RUNS


def main() -> None:
    """Print what was measured."""
    for what, faults in (("no latency", ()), ("100 ms a request", ("latency=100ms",))):
        seconds, requests = measured(*faults)
        print(
            f"snooze, {what:16}  median {statistics.median(seconds):.3f} s  best {min(seconds):.3f} s  "
            f"{requests:.0f} requests"
        )


if __name__ == "__main__":
    main()
