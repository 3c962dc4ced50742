"""Random monitors over random series: our evaluator and Prometheus alert for the same groups in every round.

What differs by design stays out: see docs/prometheus.md. Points are whole numbers, so that sums are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from promql_tools import definition, needs_promtool, promtool

from ddguard.model import EMPTY
from ddguard.promql import MonitorRules, Names, definition_rules
from ddguard.promql.rulefile import rule_file
from ddguard.promql.unit_tests import STALE, Sample, notation, series_text
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.outcome import Replay
from ddguard.replay.series import MetricType, Series, normal_tags, series_set
from ddguard.replay.settings import Settings
from ddguard.replay.states import State
from ddguard.spec.dump import dump_document

MINUTES = 60
MONITORS = 100
"""In each of the three forms."""

FILTERS = (
    "*",
    "env:x",
    "!env:x",
    "env:x*",
    "!env:*y",
    "env:x,!h:1",
    "h IN (1, 2)",
    "env NOT IN (z, x*)",
    "env:xy OR env:z",
    "env:x OR h:2",
    "env:* AND NOT h:2",
    "NOT (env:x AND h:1)",
    "NOT (env:z OR h:1)",
    "(env:x OR env:z) AND (h:1 OR g:b)",
)
GROUPINGS = ("", " by {g}", " by {g,h}")
COUNTS = (
    "sum(last_{w}):sum:{m}{f}{by}.as_count()",
    "sum(last_{w}):sum:{m}{f}{by}.as_count().rollup(sum, 60) * 2 - 3",
    "sum(last_{w}):sum:{m}{f}{by}.as_count() + sum:{n}{f}{by}.as_count()",
    "sum(last_{w}):sum:{m}{f}{by}.as_count() / sum:{n}{f}{by}.as_count() * 100",
    "sum(last_{w}):100 * sum:{m}{f}{by}.as_count() / (sum:{m}{f}{by}.as_count() + sum:{n}{f}{by}.as_count())",
    "sum(last_{w}):sum:{m}{f}{by}.as_count() / sum:{n}{f}.as_count()",
    "change(sum(last_{w}),last_{w}):sum:{m}{f}{by}.as_count()",
    "pct_change(sum(last_{w}),last_{w}):sum:{m}{f}{by}.as_count()",
)
RANGES = (
    "max(last_{w}):max:{m}{f}{by}.fill(null)",
    "min(last_{w}):min:{m}{f}{by}.fill(null)",
    "sum(last_{w}):sum:{m}{f}{by}.fill(null)",
)
SUBQUERIES = (
    "avg(last_{w}):sum:{m}{f}{by}.fill(null)",
    "avg(last_{w}):avg:{m}{f}{by}.fill(null)",
    "max(last_{w}):sum:{m}{f}{by}.fill(null)",
    "min(last_{w}):avg:{m}{f}{by}.fill(null)",
    "max(last_{w}):sum:{m}{f}{by}.fill(null) - sum:{n}{f}{by}.fill(null)",
    "max(last_{w}):100 * sum:{m}{f}{by}.fill(null) / sum:{n}{f}{by}.fill(null)",
    "min(last_{w}):sum:{m}{f}{by}.fill(null) / max:{n}{f}.fill(null)",
    "avg(last_{w}):abs(sum:{m}{f}{by}.fill(null))",
    "max(last_{w}):cutoff_max(sum:{m}{f}{by}.fill(null), 60)",
    "min(last_{w}):min(sum:{m}{f}{by}.fill(null), max:{n}{f}{by}.fill(null))",
    "max(last_{w}):timeshift(max:{m}{f}{by}.fill(null), -300) - avg:{m}{f}{by}.fill(null)",
    "max(last_{w}):count_nonzero(sum:{m}{f}{by}.fill(null))",
    "change(max(last_{w}),last_{w}):sum:{m}{f}{by}.fill(null)",
    "pct_change(avg(last_{w}),last_{w}):sum:{m}{f}{by}.fill(null)",
)


@dataclass(frozen=True)
class Made:
    """A monitor and its series; `metrics` take the places of {m} and {n}."""

    query: str
    options: Mapping[str, Any]
    values: Mapping[tuple[str, tuple[str, ...]], tuple[float | None, ...]]
    counts: bool


@st.composite
def series_values(draw: st.DrawFn, *, counts: bool) -> dict[tuple[str, tuple[str, ...]], tuple[float | None, ...]]:
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.3, 0.8]))
    least, most = (0, draw(st.sampled_from([1, 5, 40]))) if counts else (-20, 99)
    sources = draw(
        st.lists(
            st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from("12"), st.sampled_from(["x", "xy", "z"])),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    found: dict[tuple[str, tuple[str, ...]], tuple[float | None, ...]] = {}
    for group, host, env in sources:
        tags = [f"h:{host}", f"env:{env}", *([f"g:{group}"] if group else [])]
        born = draw(st.sampled_from([0, 0, 0, 7, 31]))
        for metric in ("m", "n"):
            values = chance.integers(least, most + 1, MINUTES).astype(float)
            gaps = chance.random(MINUTES) < share
            gaps[:born], gaps[born] = True, False
            found[metric, tuple(tags)] = tuple(None if gap else float(v) for v, gap in zip(values, gaps, strict=True))
    return found


@st.composite
def monitors(draw: st.DrawFn, forms: tuple[str, ...]) -> Made:
    counts, form = forms is COUNTS, draw(st.sampled_from(forms))
    window, scope, by = draw(st.sampled_from(["5m", "10m", "30m"])), draw(st.sampled_from(FILTERS)), GROUPINGS
    comparator = draw(st.sampled_from([">", ">=", "<", "<=", "==", "!="]))
    sign = {">": 1, "<": -1}.get(comparator[0], 0)
    critical = draw(st.integers(-5, 60)) * (10 if form.startswith("sum") and not counts else 1)
    thresholds: dict[str, int] = {"critical": critical}
    if draw(st.booleans()) and sign:
        thresholds["warning"] = critical - sign * draw(st.integers(5, 30))
    if forms is not SUBQUERIES and sign and draw(st.booleans()):
        thresholds["critical_recovery"] = critical - sign * draw(st.integers(1, 15))
        if "warning" in thresholds and draw(st.booleans()):
            thresholds["warning_recovery"] = thresholds["warning"] - sign * draw(st.integers(1, 15))
    ratio = "/" in form or "pct_change" in form
    options = {
        "thresholds": thresholds,
        "evaluation_delay": draw(st.sampled_from([0, 0, 120])),
        "new_group_delay": 0 if counts else draw(st.sampled_from([0, 0, 180])),
        "on_missing_data": "default" if counts and not ratio else "show_no_data",
    }
    body = form.format(w=window, m="m", n="n", f=f"{{{scope}}}", by=draw(st.sampled_from(by)))
    return Made(f"{body} {comparator} {critical}", options, draw(series_values(counts=counts)), counts)


def collected(forms: tuple[str, ...], number: int) -> list[Made]:
    found: list[Made] = []

    @seed(number)
    @settings(
        max_examples=MONITORS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(monitors(forms))
    def collect(made: Made) -> None:
        found.append(made)

    collect()
    return found


def replayed(made: Made, place: int) -> tuple[MonitorRules, Replay, Mapping[str, Any]]:
    query = made.query.replace(":m{", f":m{place}{{").replace(":n{", f":n{place}{{")
    wanted = definition(query, made.options)
    parts = []
    for (metric, tags), values in made.values.items():
        times = np.array([60 * minute for minute, value in enumerate(values) if value is not None], dtype=np.int64)
        known = np.array([value for value in values if value is not None])
        kind = MetricType.COUNT if made.counts else MetricType.GAUGE
        parts.append(Series(f"{metric}{place}", normal_tags(tags), kind, times, known))
    rules = definition_rules(f"monitor-{place}", wanted, Names(EMPTY))
    return rules, evaluate(wanted, series_set(parts), Run(0, 60 * (MINUTES - 1), Settings())), wanted


def counter(values: tuple[float | None, ...]) -> tuple[Sample, ...]:
    """Running totals, one minute later, from 0 a minute before the first point."""
    born = next(minute for minute, value in enumerate(values) if value is not None)
    totals: list[Sample] = [*([None] * born), 0.0]
    total = 0.0
    for value in values[born:]:
        total += value or 0.0
        totals.append(total)
    return tuple(totals)


def half_a_minute_late(values: tuple[float | None, ...]) -> tuple[Sample, ...]:
    return tuple(sample for value in values for sample in (None, value))


def with_ends(values: tuple[float | None, ...]) -> tuple[Sample, ...]:
    """Gaps end the series, so that no instant is filled from before."""
    return (*(STALE if value is None else value for value in values), STALE)


SEVERITIES: Mapping[State | None, str] = {State.ALERT: "critical", State.WARN: "warning"}

FORMS = {
    "counts": (COUNTS, counter, 60, 60, 60),
    "ranges": (RANGES, half_a_minute_late, 30, 60, 60),
    "subqueries": (SUBQUERIES, with_ends, 60, 30, 30),
}
"""Per form: queries, samples, seconds between samples, seconds that evaluations stand after rounds, and their pace."""


@needs_promtool
@pytest.mark.parametrize("form", FORMS)
def test_the_same_groups_alert_in_every_round(form: str, tmp_path: Path) -> None:
    queries, samples, interval, late, pace = FORMS[form]
    inputs, tests, every, alerting = [], [], [], 0
    for place, made in enumerate(collected(queries, 20260105)):
        rules, replay, _ = replayed(made, place)
        every.append(rules)
        ending = "_total" if made.counts else ""
        for (metric, tags), values in made.values.items():
            labels = dict(tag.split(":") for tag in tags)
            name = series_text(f"{metric}{place}{ending}", labels)
            inputs.append({"series": name, "values": notation(samples(values))})
        for second in replay.rounds.tolist():
            firing = [
                {"labels": label_text(group.group, severity), "value": 1}
                for group in replay.groups
                if (severity := SEVERITIES.get(group.state_at(second)))
            ]
            alerting += len(firing)
            by = ", ".join((*rules.group_by, "severity"))
            expr = f'count by ({by}) (ALERTS{{alertname="monitor-{place}",alertstate="firing"}})'
            tests.append({"expr": expr, "eval_time": f"{second + late}s", "exp_samples": firing})
    assert len(every) == MONITORS
    assert alerting > 1000
    (tmp_path / "rules.yml").write_text(rule_file("random", every, {}))
    story = {"rule_files": ["rules.yml"], "evaluation_interval": f"{pace}s",
             "tests": [{"interval": f"{interval}s", "input_series": inputs, "promql_expr_test": tests}]}  # fmt: skip
    (tmp_path / "test.yml").write_text(dump_document(story))
    checked = promtool(tmp_path, "check", "rules", "rules.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    done = promtool(tmp_path, "test", "rules", "test.yml")
    assert done.returncode == 0, (done.stdout + done.stderr)[:3000]


def label_text(group: str, severity: str) -> str:
    pairs = [] if group == "*" else [part.split(":") for part in group.split(",")]
    return "{" + ", ".join(f'{key}="{value}"' for key, value in [*pairs, ["severity", severity]]) + "}"
