"""Replays one rule over a day of many tenants, beside promtool and a bare cumulative sum.

    python tests/benchmarks/bench_replay.py [TENANTS ...]      (100, 1000 and 10000 if none are given)

Each size runs in a process of its own, on the same series in the same notation: `sum over 1h by tenant`, 24 hours at
one minute. promtool is left out where it isn't installed.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

DAY = 24 * 60
AT_ONCE = 1000
"""Tenants in one of promtool's tests: its engine refuses a query that gives 10,000 series."""
QUERY = "sum(last_1h):sum:m{*} by {tenant}.as_count() > 170"
RULE = "sum by (tenant) (sum_over_time(m[1h])) > 170"


REPLAY, BESIDE_A_SUM = "--replay", "--beside-a-sum"


def values(tenant: int) -> str:
    """A day of counts: a tenant at work, every tenth one with a burst of an hour."""
    if tenant % 10:
        return f"1x{tenant % 400 + 59} 2x299 {tenant % 3}x{DAY - tenant % 400 - 361}"
    return f"1x{tenant % 400 + 59} 4x59 {tenant % 3}x{DAY - tenant % 400 - 121}"


def replay(tenants: int, *, beside_a_sum: bool) -> dict[str, float]:
    """Seconds and bytes of reading and evaluating, and on request of a bare cumulative sum, in this process."""
    import numpy as np

    from ddguard.findings import Position
    from ddguard.replay.entries import Clock, read_entries
    from ddguard.replay.evaluate import Run, evaluate

    before = peak()
    start = perf_counter()
    entries = [
        {"metric": "m", "type": "count", "tags": [f"tenant:t{number}"], "values": values(number)}
        for number in range(tenants)
    ]
    series = read_entries(entries, Clock(0), lambda path, offset=0, width=0: Position("-")).series
    read = perf_counter()
    definition = {"type": "query alert", "query": QUERY, "options": {"thresholds": {"critical": 170}}}
    found = evaluate(definition, series, Run(0, 60 * (DAY - 1)))
    done = perf_counter()
    told = {
        "read": read - start,
        "evaluate": done - read,
        "memory": peak() - before,
        "series": series.nbytes,
        "transitions": len(found.transitions),
    }
    if beside_a_sum:
        bare = np.stack([one.values for one in series.series])
        summed = perf_counter()
        np.cumsum(bare, axis=1)
        told["cumsum"] = perf_counter() - summed
    return told


def peak() -> int:
    """The most memory this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def in_a_process(tenants: int, mode: str) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process, and what it measured itself."""
    start = perf_counter()
    done = subprocess.run([sys.executable, __file__, mode, str(tenants)], capture_output=True, check=True)
    return perf_counter() - start, json.loads(done.stdout)


def promtool(tenants: int) -> float | None:
    """Seconds that promtool takes for the same rule over the same series, None without promtool."""
    program = shutil.which("promtool")
    if program is None:
        return None
    rows = [{"series": f'm{{tenant="t{number}"}}', "values": values(number)} for number in range(tenants)]
    quiet = {"eval_time": "24h", "alertname": "none", "exp_alerts": []}
    rule = {"groups": [{"name": "g", "rules": [{"alert": "burst", "expr": RULE}]}]}
    story = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {"interval": "1m", "input_series": rows[start : start + AT_ONCE], "alert_rule_test": [quiet]}
            for start in range(0, tenants, AT_ONCE)
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rules.yml").write_text(json.dumps(rule))
        Path(folder, "test.yml").write_text(json.dumps(story))
        start = perf_counter()
        subprocess.run([program, "test", "rules", "test.yml"], cwd=folder, capture_output=True, check=True)
        return perf_counter() - start


def main(sizes: list[int]) -> None:
    """Print a row a size."""
    print("tenants   process   reading   evaluation   cumsum   evaluation/cumsum   memory/series   promtool   faster")
    for tenants in sizes:
        process, _ = in_a_process(tenants, REPLAY)
        _, own = in_a_process(tenants, BESIDE_A_SUM)
        other = promtool(tenants)
        against = "       -        -" if other is None else f"{other:8.2f} s {other / process:6.0f} x"
        print(
            f"{tenants:7} {process:7.2f} s {own['read']:7.2f} s {own['evaluate']:10.3f} s {own['cumsum']:7.3f} s"
            f" {own['evaluate'] / own['cumsum']:17.1f} x {own['memory'] / own['series']:13.1f} x {against}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] in ([REPLAY], [BESIDE_A_SUM]):
        print(json.dumps(replay(int(sys.argv[2]), beside_a_sum=sys.argv[1] == BESIDE_A_SUM)))
    else:
        main([int(size) for size in sys.argv[1:]] or [100, 1000, 10_000])
