"""Every recorded metric monitor either evaluates on made-up data or is refused with a named reason."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ddguard.query import QueryError, metric_queries, parse
from ddguard.query.nodes import AllOf, AnyOf, MetricMonitor, MetricQuery, Scope, ScopeGroup, Tag, TagIn
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.series import MetricType, Series, SeriesSet, normal_tags, series_set

REPOSITORY = Path(__file__).parents[2]
RECORDED = REPOSITORY.parent / "shared" / "corpus" / "monitors.jsonl"
START = 1_767_225_600
"""The first of January 2026."""


def metric_monitors() -> Iterator[dict[str, Any]]:
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        monitor = json.loads(line)["monitor"]
        if monitor.get("type") in {"query alert", "metric alert"}:
            yield monitor


def wanted_tags(scope: Scope) -> Iterator[str]:
    """Tags that pass the filter, for filters of the usual forms."""
    match scope:
        case Tag(key=key, value=value):
            yield value.replace("*", "x") if key is None else f"{key}:{value.replace('*', 'x')}"
        case TagIn(key=key, values=values, negated=False):
            yield f"{key}:{values[0].replace('*', 'x')}"
        case AllOf(operands=operands):
            for operand in operands:
                yield from wanted_tags(operand)
        case AnyOf(operands=operands):
            yield from wanted_tags(operands[0])
        case ScopeGroup(inner=inner):
            yield from wanted_tags(inner)


def made_up(query: MetricQuery, times: Any, number: int) -> Series:
    tags = normal_tags(wanted_tags(query.scope))
    keys = {tag.partition(":")[0] for tag in tags}
    tags += tuple(f"{key.key.lower()}:{number}" for key in query.by if key.key.lower() not in keys)
    counts = any(modifier.name in {"as_count", "as_rate"} for modifier in query.modifiers)
    values = 1.0 + (np.arange(times.size) + number) % 7
    return Series(query.metric, normal_tags(tags), MetricType.COUNT if counts else MetricType.GAUGE, times, values)


def series_for(monitor: dict[str, Any]) -> tuple[SeriesSet, int]:
    """Two sources for each metric query, over two windows and a bit, and the second at which they end."""
    try:
        query = parse(monitor["type"], monitor["query"])
    except QueryError:
        return SeriesSet(), 3600
    if not isinstance(query, MetricMonitor):
        return SeriesSet(), 3600
    length = 2 * query.window.seconds + 7200
    times = np.arange(START, START + length, max(60, query.window.seconds // 100 // 60 * 60), dtype=np.int64)
    return series_set([made_up(one, times, number) for one in metric_queries(query) for number in (1, 2)]), length


def reason(monitor: dict[str, Any]) -> str:
    """Why the monitor is refused, empty if it evaluates."""
    series, length = series_for(monitor)
    run = Run(START + length - 3600, START + length - 1)
    try:
        replay = evaluate(monitor, series, run)
    except CannotEvaluateError as error:
        assert error.what
        assert error.reason
        return error.what
    assert replay.groups, monitor["query"]
    assert any(not np.isnan(group.values).all() for group in replay.groups), monitor["query"]
    return ""


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded monitors are not here")
def test_every_recorded_metric_monitor_evaluates_or_is_refused_with_a_reason() -> None:
    reasons = Counter(reason(monitor) for monitor in metric_monitors())
    total = reasons.total()
    told = [f"| evaluated | {reasons.pop('')} of {total} |"]
    told += [f"| refused: {what} | {count} |" for what, count in sorted(reasons.items(), key=lambda r: (-r[1], r[0]))]
    print("\n".join(told))
    page = (REPOSITORY / "docs" / "evaluator.md").read_text(encoding="utf-8")
    assert "\n".join(told) in page
