"""How long reading 10,000 queries takes: `python tests/benchmarks/bench_query.py`."""

from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from ddguard.query import parse, to_text

CORPUS = Path(__file__).parents[1] / "query" / "corpus.txt"
QUERIES = 10_000
SIMPLE = ("query alert", "avg(last_5m):avg:system.load.1{*} by {host} > 5")


def corpus() -> list[tuple[str, str]]:
    """Monitor types and queries."""
    lines = (line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [(kind, text) for kind, text in lines]


def seconds_to_read(queries: list[tuple[str, str]]) -> float:
    """How long it takes to read them, the best of three runs."""
    runs = []
    for _ in range(3):
        start = perf_counter()
        for kind, text in queries:
            parse(kind, text)
        runs.append(perf_counter() - start)
    return min(runs)


def seconds_to_write(queries: list[tuple[str, str]]) -> float:
    """How long it takes to write them, once they are read."""
    trees = [parse(kind, text) for kind, text in queries]
    start = perf_counter()
    for tree in trees:
        to_text(tree)
    return perf_counter() - start


def main() -> None:
    """Print what was measured."""
    many = list(islice(cycle(corpus()), QUERIES))
    for what, seconds in (
        ("read, all kinds", seconds_to_read(many)),
        ("read, one simple query", seconds_to_read([SIMPLE] * QUERIES)),
        ("written, all kinds", seconds_to_write(many)),
    ):
        print(f"{QUERIES:,} queries {what:24} {seconds:6.3f} s  {seconds / QUERIES * 1e6:6.1f} µs each")


if __name__ == "__main__":
    main()
