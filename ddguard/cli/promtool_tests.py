"""A monitor's own tests as tests for promtool.

The grids are chosen so that both sides see the same points: counters have a sample at either end of a window, as the
closed ranges of Prometheus 2 take them; gauges have theirs half a minute beside the ends, which suits every version.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ddguard.promql import MonitorRules
from ddguard.promql.expressions import Form
from ddguard.promql.names import label_name
from ddguard.promql.unit_tests import STALE, Check, Firing, InputSeries, Sample, UnitTest
from ddguard.replay.cases import Case, seconds
from ddguard.replay.entries import Clock, read_entries
from ddguard.replay.monitors import Replayed
from ddguard.replay.outcome import GroupReplay
from ddguard.replay.rounds import default_bucket
from ddguard.replay.series import MetricType, Series, SeriesSet
from ddguard.replay.settings import Settings
from ddguard.replay.states import State

SEVERITIES = {State.ALERT: "critical", State.WARN: "warning"}
HALF = 30
NEW_GROUP = 60
"""Seconds. For as long after its first point a group is looked at a little later in Datadog."""


class CannotTestError(Exception):
    """A test that has no counterpart in promtool; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class Grid:
    """When samples and evaluations stand in promtool, whose time begins at 0.

    A point of the test at `t` is a sample at `t + lead`, a round at `r` an evaluation at `r + late`. There may be a
    sample every `interval` seconds, and there is an evaluation every `pace`.
    """

    interval: int
    lead: int
    late: int
    pace: int


def promtool_test(case: Case, rules: MonitorRules, found: Replayed) -> tuple[UnitTest, int]:
    """The test and its pace. Raises CannotTestError where promtool can't see the same points."""
    _refuse(case, rules, found)
    series = _series(case)
    grid = _grid(case, rules)
    points = [one for one in series.series if one.metric in rules.metrics]
    checks = tuple(_checks(case, rules, found, points, grid))
    if not checks:
        raise CannotTestError("all it looks at is a group's first moments, which differ")
    last = int(found.replay.rounds[-1])
    inputs = tuple(_input(one, rules, case, grid, last) for one in points)
    return UnitTest(case.name, grid.interval, inputs, checks), grid.pace


def _refuse(case: Case, rules: MonitorRules, found: Replayed) -> None:
    if rules.differences:
        raise CannotTestError(f"the rule differs: {rules.differences[0].text}")
    if "assume" in case.value:
        raise CannotTestError("it assumes another reading of what Datadog leaves open")
    if any(state is State.NO_DATA for group in found.replay.groups for state in group.rounds_in):
        raise CannotTestError("it is about No Data")
    if case.interval % default_bucket(rules.window, Settings()):
        raise CannotTestError("its points are closer together than Datadog's buckets")
    if case.start % rules.every:
        raise CannotTestError("it doesn't begin at a round")


def _series(case: Case) -> SeriesSet:
    length = None if case.duration is None else case.duration // case.interval + 1
    return read_entries(
        case.value["series"], Clock(case.start, case.interval, length), lambda path, *_: case.at("series", *path)
    ).series


def _grid(case: Case, rules: MonitorRules) -> Grid:
    every = rules.every
    if rules.form is Form.COUNTS:
        late = -(-case.interval // every) * every
        if late % case.interval:
            raise CannotTestError("its interval doesn't fit the rounds")
        return Grid(case.interval, late, late, every)
    if case.interval != 60:
        raise CannotTestError("its points don't stand a minute apart")
    if rules.form is Form.RANGE:
        return Grid(HALF, HALF, 60, every)
    if "ALERTS{" in rules.rules[0].expression:
        raise CannotTestError("its recovery thresholds would see evaluations between the rounds")
    return Grid(60, 0, HALF, HALF)


def _checks(case: Case, rules: MonitorRules, found: Replayed, points: Sequence[Series], grid: Grid) -> Iterator[Check]:
    moments = {int(found.replay.rounds[-1])}
    for change in found.replay.transitions:
        moments |= {change.at, change.at - found.replay.every}
    moments |= {case.start + seconds(one["at"]) for one in case.value["expect"] if "at" in one}
    delay = max(NEW_GROUP, int((found.definition.get("options") or {}).get("new_group_delay") or 0))
    rounds = set(found.replay.rounds.tolist())
    for moment in sorted(moments & rounds):
        young = any(0 <= moment - int(one.times[0]) < delay + grid.pace for one in points if one.times.size)
        if not young:
            yield Check(moment - case.start + grid.late, tuple(_firing(rules, found, moment)))


def _firing(rules: MonitorRules, found: Replayed, moment: int) -> Iterator[Firing]:
    for group in found.replay.groups:
        state = group.state_at(moment)
        severity = SEVERITIES.get(state) if state else None
        if severity is not None:
            value = _value(rules, found, group, moment)
            yield Firing(severity, group_labels(group.group, rules.keys), 0.0 if value is None else value)


def _value(rules: MonitorRules, found: Replayed, group: GroupReplay, moment: int) -> float | None:
    if rules.value_of == found.monitor.id:
        return group.value_at(moment)
    part = found.groups_behind(group.group).get(rules.value_of)
    return part.value_at(moment) if part else None


def group_labels(group: str, keys: Sequence[str]) -> Mapping[str, str]:
    """A group as Datadog writes it, as labels: `tenant:acme` is `{"tenant": "acme"}`."""
    if not keys:
        return {}
    pattern = ",".join(f"{re.escape(key)}:(.*)" for key in keys)
    match = re.fullmatch(pattern, group, re.DOTALL)
    values = match.groups() if match else ()
    return dict(zip(map(label_name, keys), values, strict=False))


def _input(series: Series, rules: MonitorRules, case: Case, grid: Grid, last: int) -> InputSeries:
    counter = rules.form is Form.COUNTS
    if (series.type is MetricType.COUNT) != counter or series.type is MetricType.RATE:
        raise CannotTestError(f"{series.metric} is a {series.type} there, which the query doesn't read as one")
    labels: dict[str, str] = {}
    for tag in series.tags:
        key, colon, value = tag.partition(":")
        if not colon or label_name(key) in labels:
            raise CannotTestError(f"the tag {tag} is no label of its own")
        labels[label_name(key)] = value
    samples = _counter(series, case, grid, last) if counter else _gauge(series, case, grid, rules.form)
    return InputSeries(rules.metrics[series.metric], labels, samples)


def _counter(series: Series, case: Case, grid: Grid, last: int) -> tuple[Sample, ...]:
    """Running totals from 0, one interval before the first point; a counter is there to the end."""
    if (series.values < 0).any():
        raise CannotTestError("it counts backwards")
    counts = dict(zip(series.times.tolist(), series.values.tolist(), strict=True))
    first = int(series.times[0])
    gap: Sample = None
    samples = [*[gap] * ((first - case.start + grid.lead) // grid.interval - 1), 0.0]
    total = 0.0
    for second in range(first, last + 1, grid.interval):
        total += counts.get(second, 0.0)
        samples.append(total)
    return tuple(samples)


def _gauge(series: Series, case: Case, grid: Grid, form: Form) -> tuple[Sample, ...]:
    """The points as they are; gaps end the series where instants are looked at, so that nothing fills them."""
    points = dict(zip(series.times.tolist(), series.values.tolist(), strict=True))
    samples: list[Sample] = []
    for second in range(-grid.lead, int(series.times[-1]) - case.start + 1, grid.interval):
        value = points.get(second + case.start)
        gap = STALE if form is Form.SUBQUERY and samples else None
        samples.append(gap if value is None else value)
    return (*samples, STALE) if form is Form.SUBQUERY else tuple(samples)
