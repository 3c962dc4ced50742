"""The evaluator against the slow one in `oracle.py`: values, states, transitions and notifications, exactly."""

import math
import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from oracle import Oracle
from oracle_points import Look, Source, leaves
from oracle_states import Options, notifications, states, transitions
from strategies import Case, cases

from ddguard.query import parse
from ddguard.query.nodes import AllOf, MetricMonitor, Tag
from ddguard.replay.downtimes import Silence
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.outcome import Replay
from ddguard.replay.scopes import parse_scope
from ddguard.replay.series import MetricType, Series, SeriesSet, series_set
from ddguard.replay.settings import Settings

NIGHTLY = bool(os.environ.get("DDGUARD_NIGHTLY"))
"""5,000 cases with a new seed in place of 300 that are always the same."""
CHECKS = {"m": 60, "h": 600}
Rows = dict[str, list[tuple[float | None, str | None]]]


def as_series(sources: list[Source]) -> SeriesSet:
    return series_set([
        Series(one.metric, one.tags, MetricType(one.type), np.array(sorted(one.points), dtype=np.int64),
               np.array([one.points[second] for second in sorted(one.points)], dtype=np.float64), one.interval)
        for one in sources
    ])  # fmt: skip


def replayed(case: Case) -> Replay:
    definition = {"type": "query alert", "query": case.query, "options": case.options}
    chosen = Settings(every=case.every, offset=case.offset, bucket=case.bucket, assume=case.assume)
    silences = [
        Silence(f"{number}", parse_scope(one["scope"]), ((one["start"], one["end"]),), one["first"], one["states"],
                ("expired",) if one["expired"] else ())
        for number, one in enumerate(case.silences)
    ]  # fmt: skip
    return evaluate(definition, as_series(case.sources), Run(0, case.last, chosen, silences))


def full(presence: set[int], look: Look, check: int) -> bool:
    stretches = (look.high - look.low) // check
    held = []
    for number in range(stretches):
        begin = look.low + number * check
        end = look.high if number == stretches - 1 else begin + check - 1
        held.append(any(begin <= second <= end for second in presence))
    return held[0] and held.count(False) <= 3


def state_options(case: Case, query: MetricMonitor, by: tuple[str, ...]) -> Options:
    given_ = case.options
    thresholds = given_["thresholds"]
    found = Options(
        query.comparison.comparator,
        thresholds["critical"],
        thresholds.get("warning"),
        thresholds.get("critical_recovery"),
        thresholds.get("warning_recovery"),
        window=query.window.seconds,
        assume=case.assume,
    )
    counts = ".as_count()" in case.query
    sums = "sum:" in case.query and case.assume.get("count-queries") == "sum"
    match given_.get("on_missing_data"):
        case "default":
            found.missing = "zero" if counts or sums else "keep"
        case "show_no_data" | "show_and_notify_no_data":
            found.missing = "no data"
        case "resolve":
            found.missing = "resolve"
        case None if given_.get("notify_no_data"):
            found.missing = "no data"
            times = int(case.assume.get("no-data-timeframe", "2"))
            found.no_data_after = given_.get("no_data_timeframe", 0) * 60 or times * query.window.seconds
        case None:
            found.missing = "keep" if case.assume.get("legacy-no-data") == "keep" else "no data"
    found.timeout = given_.get("timeout_h", 0) * 3600 or None
    if by:
        found.retention = None if "default_zero" in case.query else 24 * 3600
        found.delay = given_.get("new_group_delay", 60)
    return found


def by_the_oracle(case: Case) -> tuple[Rows, dict[str, Any], dict[str, Any]]:
    query = parse("query alert", case.query)
    assert isinstance(query, MetricMonitor)
    oracle = Oracle(case.sources, case.bucket, case.assume)
    rounds, values, windows = list(range(0, case.last + 1, case.every)), [], []
    for at in rounds:
        now = at + case.offset
        high = now - case.options["evaluation_delay"]
        known = min(now, high) if case.assume.get("last-bucket") == "truncated" else now
        look = Look(high - query.window.seconds, high, known)
        values.append(oracle.value(query, look))
        windows.append((look, oracle.shown(query, look)))
    by, born = oracle.born(query, Look(0, 0, 0))
    chosen = state_options(case, query, by)
    rows: Rows = {}
    changes: dict[str, Any] = {}
    letters: dict[str, Any] = {}
    fixed = fixed_tags(query)
    for key in born:
        name = ",".join(f"{k}:{v}" for k, v in zip(by, key, strict=True)) or "*"
        story = [
            (at, at + case.offset, values[place].get(key),
             not case.options["require_full_window"] or any(
                 full(one, windows[place][0], CHECKS[query.window.unit]) for one in windows[place][1](key)))
            for place, at in enumerate(rounds)
        ]  # fmt: skip
        found = states(chosen, story, oracle.points(query, by, key))
        if not any(found):
            continue
        rows[name] = [(value, state) for (_, _, value, _), state in zip(story, found, strict=True)]
        changes[name] = transitions(rounds, found)
        tags = {f"{k}:{v}" for k, v in zip(by, key, strict=True)} | fixed
        letters[name] = notifications(
            rounds, found, case.offset, tells_no_data=tells(case), renotify=renotify(case),
            mutes=[one for one in case.silences if covers(one["scope"], tags)],
        )  # fmt: skip
    return rows, changes, letters


def tells(case: Case) -> bool:
    return case.options.get("on_missing_data") == "show_and_notify_no_data" or bool(case.options.get("notify_no_data"))


def renotify(case: Case) -> dict[str, Any] | None:
    if "renotify_interval" not in case.options:
        return None
    found = {"interval": case.options["renotify_interval"] * 60, "statuses": case.options["renotify_statuses"]}
    if "renotify_occurrences" in case.options:
        found["occurrences"] = case.options["renotify_occurrences"]
    return found


def fixed_tags(query: MetricMonitor) -> set[str]:
    """Tags that the filters of all metric queries fix, for the scopes that the strategies make."""
    known = {"g:a": {"g:a"}, "h:1,!n:0": {"h:1"}}
    return set.intersection(*(known.get(leaf_scope(leaf), set()) for leaf in leaves(query.expression)))


def leaf_scope(leaf: Any) -> str:
    if isinstance(leaf.scope, Tag):
        return leaf.scope.text
    return "h:1,!n:0" if isinstance(leaf.scope, AllOf) else ""


def covers(scope: str, tags: set[str]) -> bool:
    return {
        "*": True,
        "g:a": "g:a" in tags,
        "g:(a OR b)": bool({"g:a", "g:b"} & tags),
        "-g:a g:*": "g:a" not in tags and any(tag.startswith("g:") for tag in tags),
    }[scope]


@settings(
    max_examples=5000 if NIGHTLY else 300,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_the_evaluator_agrees_with_the_oracle(case: Case) -> None:
    rows, changes, letters = by_the_oracle(case)
    replay = replayed(case)
    actual: Rows = {}
    for group in replay.groups:
        spans = dict(group.spans)
        state, line = None, []
        for index, value in enumerate(group.values.tolist()):
            state = spans.get(index, state)
            line.append((None if math.isnan(value) else value, None if state is None else state.value))
        actual[group.group] = line
    assert actual == rows
    told = {name: [(c.at, c.before, c.after) for c in replay.transitions if c.group == name] for name in rows}
    assert told == changes
    sent = {
        name: [(n.at, n.kind, n.state, bool(n.suppressed_by)) for n in replay.notifications if n.group == name]
        for name in rows
    }
    assert sent == letters
