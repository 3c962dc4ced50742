"""Replays queries whose values lie between points over a day: gauges of several hosts, fills, changes, functions.

    python tests/benchmarks/bench_replay_gauges.py [GROUPS]      (200 if it isn't given)

Every host has a point a minute, each at a second of its own. The seconds are those of the process, not of the clock.
"""

import sys
from time import process_time

import numpy as np

from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.series import MetricType, Series, SeriesSet, series_set

DAY = 24 * 60
QUERIES = {
    "avg(last_5m):avg:m{*} by {g}": 3,
    "avg(last_1h):avg:m{*} by {g}": 3,
    "change(avg(last_5m),last_5m):avg:m{*} by {g}": 3,
    "avg(last_5m):avg:m{*} by {g}.fill(last)": 3,
    "sum(last_5m):default_zero(avg:m{*} by {g})": 1,
    "avg(last_5m):per_second(avg:m{*} by {g})": 1,
    "avg(last_15m):ewma_5(avg:m{*} by {g})": 1,
}
"""Queries with the hosts of each group."""


def gauges(groups: int, hosts: int) -> SeriesSet:
    """A day of them."""
    random = np.random.default_rng(1)
    minutes = 60 * np.arange(DAY, dtype=np.int64)
    return series_set([
        Series("m", (f"g:{group}", f"h:{host}"), MetricType.GAUGE, minutes + random.integers(0, 60),
               random.integers(0, 100, DAY) / 4)
        for group in range(groups) for host in range(hosts)
    ])  # fmt: skip


def main(groups: int) -> None:
    """Print a row a query."""
    for query, hosts in QUERIES.items():
        series = gauges(groups, hosts)
        start = process_time()
        evaluate({"type": "query alert", "query": f"{query} > 20"}, series, Run(0, 60 * (DAY - 1)))
        print(f"{process_time() - start:6.2f} s  {groups} groups of {hosts}  {query}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 200)
