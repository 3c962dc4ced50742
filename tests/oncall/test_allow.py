"""`allow` on every grouped metric query of the corpus: the query can be read, that tenant is gone, nobody else changes.

The first key that a query is grouped by is replaced by `tenant`, and three tenants send series that its filters let
through. The same series are replayed with and without the allowance.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ddguard.errors import InputError
from ddguard.model import Allowance
from ddguard.payload import with_allowances
from ddguard.query import QueryError, group_keys, metric_queries, parse, walk
from ddguard.query.nodes import AllOf, AnyOf, GroupKey, MetricMonitor, MetricQuery, Scope, ScopeGroup, Tag, TagIn
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.measure import read_measure
from ddguard.replay.outcome import Replay
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import MetricType, Series, SeriesSet, normal_tags, series_set

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "queries.txt"
DAY = date(2026, 1, 5)
ALLOWED = Allowance("tenant:t2", "load test", DAY)
TENANTS = {"t1": 1.0, "t2": 10.0, "t3": 100.0}
START = 1_767_571_200
POINTS = 40


def grouped_queries() -> list[tuple[str, str]]:
    """Types and queries of the corpus that are grouped, `tenant` in the place of the first key."""
    if not CORPUS.is_file():
        return []
    lines = [line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    queries = [(kind, by_tenant(kind, text.replace("\\n", "\n"))) for kind, text in lines]
    return [(kind, text) for kind, text in queries if text is not None]


def by_tenant(kind: str, text: str) -> str | None:
    """The query grouped by `tenant` instead of its first key; None for one that isn't a grouped metric query."""
    try:
        tree = parse(kind, text)
    except QueryError:
        return None
    keys = group_keys(tree)
    if not isinstance(tree, MetricMonitor) or not keys:
        return None
    spans = [node.span for node in walk(tree) if isinstance(node, GroupKey) and node.key == keys[0]]
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + "tenant" + text[span.end :]
    return text


QUERIES = grouped_queries()
needs_corpus = pytest.mark.skipif(not QUERIES, reason="the recorded corpus is not beside the repository")


@needs_corpus
def test_the_compiled_query_is_read_and_says_the_same_but_for_the_filters() -> None:
    for kind, text in QUERIES:
        compiled = with_allowances(text, kind, [ALLOWED], DAY)
        before, after = metric_queries(parse(kind, text)), metric_queries(parse(kind, compiled))
        assert len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            assert (one.aggregator, one.metric, one.by, one.modifiers) == (
                other.aggregator,
                other.metric,
                other.by,
                other.modifiers,
            )
            grouped = "tenant" in {key.key for key in one.by}
            assert (one.scope != other.scope) is grouped, compiled
        assert with_allowances(text, kind, [ALLOWED], date(2026, 1, 6)) == text


@needs_corpus
def test_the_replay_shows_that_tenant_gone_and_every_other_group_unchanged() -> None:
    replayed = refused = 0
    for kind, text in QUERIES:
        compiled = with_allowances(text, kind, [ALLOWED], DAY)
        try:
            series, run = series_for(kind, text)
            before = evaluate({"type": kind, "query": text}, series, run)
        except CannotEvaluateError:
            refused += 1
            continue
        after = evaluate({"type": kind, "query": compiled}, series, run)
        expected = {name: told for name, told in groups(before).items() if "tenant:t2" not in name.split(",")}
        assert expected == groups(after), compiled
        assert len(expected) == len(before.groups) * 2 // 3, text
        replayed += 1
    assert replayed + refused == len(QUERIES)
    assert replayed >= 180, (replayed, refused)


def groups(replay: Replay) -> dict[str, tuple[object, ...]]:
    """The states and values of each group."""
    return {group.group: (group.spans, tuple(np.nan_to_num(group.values, nan=-1.5))) for group in replay.groups}


def series_for(kind: str, text: str) -> tuple[SeriesSet, Run]:
    """A series for each metric and tenant, and a run of some rounds over them."""
    tree = parse(kind, text)
    window = read_measure({"type": kind, "query": text}).window.seconds
    step = max(10, window * 2 // POINTS // 10 * 10)
    times = START + step * np.arange(POINTS + 8, dtype=np.int64)
    made = {}
    for number, metric in enumerate(metric_queries(tree)):
        for name, factor in TENANTS.items():
            tags = normal_tags([*fitting(metric.scope), *(f"{key.key}:x" for key in metric.by if key.key != "tenant")])
            tags = normal_tags([*tags, f"tenant:{name}"])
            values = factor * (number + 2 + np.arange(times.size) % 7)
            made[metric.metric, tags] = Series(metric.metric, tags, type_for(metric), times, values)
    last = int(times[-1])
    return series_set(tuple(made.values())), Run(last - 5 * 60, last)


def type_for(metric: MetricQuery) -> MetricType:
    counted = {"as_count", "as_rate"} & {method.name for method in metric.modifiers}
    return MetricType.COUNT if counted else MetricType.GAUGE


def fitting(scope: Scope) -> Iterator[str]:
    """Tags that a filter lets through."""
    if isinstance(scope, AllOf):
        for operand in scope.operands:
            yield from fitting(operand)
    elif isinstance(scope, AnyOf):
        yield from fitting(scope.operands[0])
    elif isinstance(scope, ScopeGroup):
        yield from fitting(scope.inner)
    elif isinstance(scope, TagIn) and scope.words[0].upper() == "IN":
        yield f"{scope.key}:{scope.values[0]}"
    elif isinstance(scope, Tag):
        value = scope.value.replace("*", "x")
        yield f"{scope.key}:{value}" if scope.key else value


def test_an_allowance_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(InputError, match="no metric in the query is grouped by tenant"):
        with_allowances("avg(last_5m):avg:a{*} by {host} > 1", "query alert", [ALLOWED], DAY)
