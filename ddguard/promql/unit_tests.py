"""Tests of rules for promtool: input series, and the alerts that must be on at some moments.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ddguard.model import Json
from ddguard.promql.names import length, number, one_line, quoted
from ddguard.promql.rules import MonitorRules
from ddguard.promql.templates import filled
from ddguard.spec.dump import dump_document

STALE = "stale"
"""What promtool calls the marker that ends a series."""

Sample = float | str | None
"""A value, the word `stale`, or None for no sample."""


@dataclass(frozen=True, slots=True)
class InputSeries:
    """The samples of one series, one an interval from second 0 on."""

    metric: str
    labels: Mapping[str, str]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that is on: its severity, the labels of its group, its value."""

    severity: str
    group: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Check:
    """All alerts of a rule that are on at a second."""

    second: int
    firing: tuple[Firing, ...]


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test: samples every `interval` seconds and what must come of them."""

    name: str
    interval: int
    series: tuple[InputSeries, ...]
    checks: tuple[Check, ...]


def unit_test_file(rules: MonitorRules, rule_files: Sequence[str], pace: int, tests: Sequence[UnitTest]) -> str:
    """A test file for promtool; `pace` are the seconds between evaluations."""
    head = f"# Made by `ddguard export promql --tests` from the tests of {one_line(rules.id)}.\n"
    return head + dump_document(
        {
            "rule_files": list(rule_files),
            "evaluation_interval": length(pace),
            "tests": [_test(rules, test) for test in tests],
        }
    )


def _test(rules: MonitorRules, test: UnitTest) -> dict[str, Json]:
    return {
        "name": test.name,
        "interval": length(test.interval),
        "input_series": [
            {"series": series_text(one.metric, one.labels), "values": notation(one.samples)} for one in test.series
        ],
        "alert_rule_test": [
            {
                "eval_time": length(check.second),
                "alertname": rules.id,
                "exp_alerts": [expected_alert(rules, firing) for firing in check.firing],
            }
            for check in test.checks
        ],
    }


def expected_alert(rules: MonitorRules, firing: Firing) -> dict[str, Json]:
    """The alert with its labels and annotations, as promtool compares it."""
    rule = next(rule for rule in rules.rules if rule.severity == firing.severity)
    texts = {name: filled(parts, firing.group, firing.value) for name, parts in rule.annotations.items()}
    return {"exp_labels": {**rule.labels, **firing.group}, "exp_annotations": texts}


def series_text(metric: str, labels: Mapping[str, str]) -> str:
    """A series as Prometheus writes it: `name{label="value"}`."""
    return f"{metric}{{{','.join(f'{name}={quoted(value)}' for name, value in labels.items())}}}"


def notation(samples: Sequence[Sample]) -> str:
    """The samples in promtool's notation, runs and even steps of whole numbers put together."""
    return " ".join(_runs(samples))


def _runs(samples: Sequence[Sample]) -> Iterator[str]:
    place = 0
    while place < len(samples):
        sample = samples[place]
        step = _step(samples, place)
        end = place + 1
        while end < len(samples) and _follows(samples[end - 1], samples[end], step):
            end += 1
        more = end - place - 1
        place = end
        if sample is None:
            yield f"_x{more + 1}"
        elif isinstance(sample, str):
            yield " ".join([sample] * (more + 1))
        elif more:
            yield f"{number(sample)}{'-' if step < 0 else '+'}{number(abs(step))}x{more}"
        else:
            yield number(sample)


def _step(samples: Sequence[Sample], place: int) -> float:
    """The step to the next two samples if it is even and whole, else 0."""
    following = samples[place : place + 3]
    if len(following) < 3 or not all(isinstance(one, float) and one.is_integer() for one in following):
        return 0.0
    first, second, third = (float(one) for one in following if isinstance(one, float))
    return second - first if second - first == third - second else 0.0


def _follows(before: Sample, after: Sample, step: float) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return after - before == step
    return (before is None and after is None) or before == after
