"""A monitor as alerting rules with the same meaning, or the reason why there are none.

https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ddguard.model import EMPTY, ID_TAG, STACK_TAG, Allowance, Json, Monitor, Stack
from ddguard.payload import AllowanceError, monitor_request
from ddguard.promql.conditions import Limits, Subject, critical, no_data, older_than, warning
from ddguard.promql.expressions import Form, Translation, translate
from ddguard.promql.fetching import Names, counting_of
from ddguard.promql.names import label_name, number
from ddguard.promql.reasons import (
    FULL_WINDOW,
    GONE_COUNTER,
    KEEPS_STATE,
    RECOVERY_OF_EQUALS,
    SILENT_COUNTER,
    CannotExportError,
    Difference,
)
from ddguard.promql.templates import Context, Template, template
from ddguard.query import QueryError, metric_queries, parse
from ddguard.query.nodes import DynamicThreshold, FormulaMonitor, MetricMonitor

PACE = ((86_400, 60), (172_800, 600))
"""Windows shorter than the first number are evaluated every second number of seconds, longer ones every half hour.

https://docs.datadoghq.com/monitors/configuration/
"""
SLOWEST = 1800
SEVERITY = "severity"
OWN_LABELS = frozenset({SEVERITY, "alertname", "alertstate"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One alerting rule. `severity` is critical, warning or no_data; `labels` are fixed, `annotations` templates."""

    alert: str
    severity: str
    expression: str
    labels: Mapping[str, str]
    annotations: Mapping[str, Template]


@dataclass(frozen=True, slots=True)
class MonitorRules:
    """The rules of one monitor, evaluated every `every` seconds.

    `group_by` are the labels of its groups, `triggered` the condition under which a composite counts it as triggered
    (empty where it has states that a composite can't read). `unknown` are variables of its texts without counterpart.
    `value_of` is the monitor whose value its alerts carry, `metrics` their Prometheus names by Datadog's.
    """

    id: str
    query: str
    every: int
    rules: tuple[Rule, ...]
    group_by: tuple[str, ...]
    keys: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    unknown: tuple[str, ...] = ()
    allow: tuple[Allowance, ...] = ()
    triggered: str = ""
    value_of: str = ""
    window: int = 0
    form: Form = Form.COUNTS
    metrics: Mapping[str, str] = field(default_factory=lambda: EMPTY)


def pace(window: int) -> int:
    """Seconds between evaluations for a window of that many seconds."""
    return next((every for limit, every in PACE if window < limit), SLOWEST)


def requested(monitor: Monitor, stack: Stack, day: date) -> Mapping[str, Any]:
    """The monitor as Datadog would get it that day; CannotExportError where its allowances can't be written."""
    try:
        return monitor_request(monitor, stack, {}, day)
    except AllowanceError as error:
        raise CannotExportError("allow", error.message) from error


def monitor_rules(monitor: Monitor, stack: Stack, day: date, names: Names) -> MonitorRules:
    """The rules of a metric monitor. Raises CannotExportError where PromQL can't say what it means."""
    rules = definition_rules(monitor.id, requested(monitor, stack, day), names)
    return replace(rules, allow=tuple(one for one in monitor.allow if one.runs_on(day)))


def definition_rules(name: str, definition: Mapping[str, Json], names: Names) -> MonitorRules:
    """The rules of a metric monitor given as an API object; `name` is how its alert is called."""
    query = read_query(definition)
    options: Mapping[str, Json] = definition.get("options") or {}
    refuse_options(definition, options)
    limits = read_limits(query, options)
    delay = int(_number(options, "evaluation_delay") or 0)
    found = translate(query, delay, names, zero_matters=_zero_matters(query, limits))
    keys = _keys(query, found)
    labels = fixed_labels(name, definition, found.value.labels)
    subject = _subject(found, labels, name, options)
    wording = Wording(name, definition, labels, found.value.labels, limits)
    rules = [wording.rule("critical", critical(subject, limits))]
    if limits.warning is not None:
        rules.append(wording.rule("warning", warning(subject, limits, limits.warning)))
    after = _no_data_after(options, query.window.seconds)
    if after is not None:
        rules.append(wording.rule("no_data", no_data(subject, query.window.seconds, after)))
    return MonitorRules(
        name,
        str(definition["query"]).strip(),
        pace(query.window.seconds),
        tuple(rules),
        found.value.labels,
        keys,
        tuple(dict.fromkeys([*found.differences, *_option_differences(query, options, limits, after)])),
        tuple(dict.fromkeys(wording.unknown)),
        triggered=rules[0].expression if len(rules) == 1 and not limits.hysteresis else "",
        value_of=name,
        window=query.window.seconds,
        form=found.form,
        metrics=found.metrics,
    )


def read_query(definition: Mapping[str, Json]) -> MetricMonitor:
    """The query of a metric monitor with a fixed threshold; CannotExportError for everything else."""
    kind = str(definition.get("type") or "")
    try:
        query = parse(kind, str(definition.get("query") or ""))
    except QueryError as error:
        raise CannotExportError("unreadable", f"its query can't be read: {error.message}") from None
    if isinstance(query, FormulaMonitor):
        raise CannotExportError("formula", "its queries stand in options.variables")
    if not isinstance(query, MetricMonitor):
        raise CannotExportError("type", f"a {kind or 'monitor without a type'} doesn't look at metrics")
    if isinstance(query.comparison.threshold, DynamicThreshold):
        raise CannotExportError("dynamic-threshold", "its threshold comes from another query")
    return query


def refuse_options(definition: Mapping[str, Json], options: Mapping[str, Json]) -> None:
    """CannotExportError for options that no rule can follow."""
    if definition.get("draft_status") == "draft":
        raise CannotExportError("draft", "it is a draft, which notifies nobody")
    if options.get("scheduling_options"):
        raise CannotExportError("schedule", "it has a schedule or a cumulative window of its own")


def read_limits(query: MetricMonitor, options: Mapping[str, Json]) -> Limits:
    """The thresholds; the query's own number is the critical one."""
    given = options.get("thresholds") or {}
    comparator = query.comparison.comparator
    recovers = comparator not in {"==", "!="}
    threshold = query.comparison.threshold
    critical_number = 0.0 if isinstance(threshold, DynamicThreshold) else threshold.value
    return Limits(
        comparator,
        critical_number,
        _number(given, "warning"),
        _number(given, "critical_recovery") if recovers else None,
        _number(given, "warning_recovery") if recovers else None,
    )


def fixed_labels(name: str, definition: Mapping[str, Json], group_by: tuple[str, ...]) -> dict[str, str]:
    """The monitor's tags as labels, its priority among them; what its groups are told apart by is left to them."""
    clash = next((label for label in group_by if label in OWN_LABELS), None)
    if clash is not None:
        raise CannotExportError("labels", f"it is grouped by {clash}, a label that alerts have for something else")
    labels: dict[str, list[str]] = {}
    for tag in definition.get("tags") or ():
        key, colon, value = str(tag).partition(":")
        if colon and value:
            labels.setdefault(label_name(key), []).append(value)
    if definition.get("priority") is not None:
        labels.setdefault("priority", []).append(f"P{definition['priority']}")
    kept = {label: ",".join(values) for label, values in labels.items() if label not in {*OWN_LABELS, *group_by}}
    return {ID_TAG: name} | kept


def _subject(found: Translation, labels: Mapping[str, str], name: str, options: Mapping[str, Json]) -> Subject:
    identity = {"alertname": name} | {key: labels[key] for key in (STACK_TAG,) if key in labels}
    subject = Subject(found.value, found.selectors, identity)
    delay = _new_group_delay(options, found.value.labels)
    return replace(subject, guard=older_than(subject, delay)) if delay else subject


def _new_group_delay(options: Mapping[str, Json], labels: tuple[str, ...]) -> int:
    """The seconds that the options ask for; Datadog's default of one minute is left to the documentation."""
    delay = _number(options, "new_group_delay")
    if not delay and "host" in labels:
        delay = _number(options, "new_host_delay")
    return int(delay or 0) if labels else 0


def _keys(query: MetricMonitor, found: Translation) -> tuple[str, ...]:
    """The group keys in Datadog's spelling, in the order of the labels."""
    spelled = {label_name(key.key): key.key for one in metric_queries(query.expression) for key in one.by}
    return tuple(spelled.get(label, label) for label in found.value.labels)


def _zero_matters(query: MetricMonitor, limits: Limits) -> bool:
    """Whether a 0 in a gap could change the state: not to the largest value where small ones are harmless."""
    harmless = {">": "max", ">=": "max", "<": "min", "<=": "min"}.get(limits.comparator)
    aggregation = getattr(query.aggregation, "aggregator", None)
    return aggregation != harmless or any(_is_beyond(0, limits.comparator, one) for one in limits.all)


def _is_beyond(value: float, comparator: str, threshold: float) -> bool:
    below, equal = value < threshold, value == threshold
    return {
        ">": not below and not equal,
        ">=": not below,
        "<": below,
        "<=": below or equal,
        "==": equal,
        "!=": not equal,
    }[comparator]


def _no_data_after(options: Mapping[str, Json], window: int) -> int | None:
    """Seconds without data after which No Data is told; None where it never is."""
    wish = options.get("on_missing_data")
    if wish is not None:
        return window if wish == "show_and_notify_no_data" else None
    if not options.get("notify_no_data"):
        return None
    minutes = _number(options, "no_data_timeframe")
    return max(int(minutes * 60), window) if minutes else 2 * window


def _option_differences(
    query: MetricMonitor, options: Mapping[str, Json], limits: Limits, no_data_after: int | None
) -> list[Difference]:
    found = []
    counting = any(counting_of(one) == "as_count" for one in metric_queries(query.expression))
    if options.get("require_full_window"):
        found.append(FULL_WINDOW)
    if options.get("on_missing_data") == "default" and not counting:
        found.append(KEEPS_STATE)
    if counting and any(_is_beyond(0, limits.comparator, one) for one in limits.all):
        found.append(GONE_COUNTER)
    if counting and no_data_after is not None:
        found.append(SILENT_COUNTER)
    given = options.get("thresholds") or {}
    recoveries = (given.get("critical_recovery"), given.get("warning_recovery"))
    if limits.comparator in {"==", "!="} and any(one is not None for one in recoveries):
        found.append(RECOVERY_OF_EQUALS)
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """Makes rules of conditions: labels, and annotations from the monitor's name and message.

    `labels` are fixed, `group_by` those of its groups; `unknown` collects variables without counterpart.
    """

    name: str
    definition: Mapping[str, Json]
    labels: Mapping[str, str]
    group_by: tuple[str, ...]
    limits: Limits | None = None
    values: tuple[str, ...] = ("value",)
    unknown: list[str] = field(default_factory=list)

    def rule(self, severity: str, expression: str) -> Rule:
        """The rule for one severity."""
        context = Context(severity, self.group_by, self._words(severity), self.values)
        annotations = {}
        texts = {"summary": self.definition.get("name") or self.name, "description": self.definition.get("message")}
        for name, text in texts.items():
            parts, unknown = template(str(text or ""), context)
            self.unknown.extend(unknown)
            if parts:
                annotations[name] = parts
        return Rule(self.name, severity, expression, {SEVERITY: severity, **self.labels}, annotations)

    def _words(self, severity: str) -> dict[str, str]:
        limits = self.limits
        if limits is None:
            return {}
        threshold = limits.warning if severity == "warning" else limits.critical
        words = {"threshold": threshold, "warn_threshold": limits.warning}
        return {name: number(value) for name, value in words.items() if value is not None} | {
            "comparator": limits.comparator
        }


def _number(values: Mapping[str, Json], key: str) -> float | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise CannotExportError("option", f"{key} {value!r} is no number") from None
