"""How long 10,000 queries take to read and 1,000 monitors to check, and how much of it is YAML.

python tests/benchmarks/bench_checks.py
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from ddguard.checks import CHECKS, check_project
from ddguard.checks.base import subject
from ddguard.model import Environment, Monitor, Project
from ddguard.query import parse
from ddguard.spec.build import build
from ddguard.spec.documents import Document, read_documents
from ddguard.spec.dump import dump_document
from ddguard.spec.project import Variables, project_from

CORPUS = Path(__file__).parents[1] / "query" / "corpus.txt"
QUERIES, MONITORS = 10_000, 1_000
TODAY = date(2026, 6, 15)
OPTIONS = {"notify_audit": False, "include_tags": True, "require_full_window": False, "on_missing_data": "default"}
MESSAGE = "{{#is_alert}}Look at {{host.name}}: {{value}}.\n@slack-team{{/is_alert}}\nRunbook: https://example.com/a\n"

Result = TypeVar("Result")


def corpus() -> list[tuple[str, str]]:
    """Monitor types and queries."""
    lines = (line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [(kind, text) for kind, text in lines]


def spec_texts(count: int) -> Iterator[str]:
    """Monitors as files, one document each."""
    for number, (kind, query) in enumerate(islice(cycle(corpus()), count)):
        value = {"id": f"m{number}", "name": f"Monitor {number}", "type": kind, "query": query, "message": MESSAGE}
        yield dump_document({**value, "tags": ["team:risk", "service:shop"], "priority": 3, "options": OPTIONS})


def best_of_three(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds, and what came out."""
    runs = []
    for _ in range(3):
        start = perf_counter()
        result = work()
        runs.append(perf_counter() - start)
    return min(runs), result


def a_project() -> Project:
    """The smallest one."""
    (document,), _ = read_documents("ddguard.yaml", "project: shop\n")
    found, _ = project_from(document)
    assert found is not None
    return found


def main() -> None:
    """Print what was measured."""
    queries = list(islice(cycle(corpus()), QUERIES))
    parsing, _ = best_of_three(lambda: [parse(kind, text) for kind, text in queries])
    print(f"{QUERIES:,} queries parsed     {parsing:6.3f} s")

    texts = list(spec_texts(MONITORS))
    home = a_project()
    variables = Variables(home, Environment("prod"), {}, {})

    def read() -> list[Document]:
        return [document for number, text in enumerate(texts) for document in read_documents(f"{number}.yaml", text)[0]]

    def built(documents: list[Document]) -> list[Monitor]:
        specs = [build(document, home, variables).spec for document in documents]
        return [spec for spec in specs if isinstance(spec, Monitor)]

    reading, documents = best_of_three(read)
    building, monitors = best_of_three(lambda: built(documents))
    understanding, _ = best_of_three(lambda: [subject(monitor) for monitor in monitors])
    checking, findings = best_of_three(lambda: check_project(home, monitors, [], frozenset(), TODAY))
    whole = reading + building + checking
    print(f"{MONITORS:,} monitors, {len(CHECKS)} checks, {len(findings)} findings: {whole:.3f} s")
    for what, seconds in (
        ("YAML read", reading),
        ("schema, variables, model", building),
        ("queries parsed", understanding),
        ("checks", checking - understanding),
    ):
        print(f"    {what:26} {seconds:6.3f} s  {seconds / whole:5.1%}")


if __name__ == "__main__":
    main()
