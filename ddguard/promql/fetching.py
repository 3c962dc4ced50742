"""One metric query as PromQL: at one step of a subquery, or aggregated over the monitor's window.

https://prometheus.io/docs/prometheus/latest/querying/functions/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ddguard.promql.filters import selectors
from ddguard.promql.names import label_name, length, metric_name
from ddguard.promql.reasons import (
    AS_RATE,
    AVG_OF_COUNTS,
    FILL,
    LONG_WINDOW,
    ROLLUP,
    SUM_OF_GAUGE,
    CannotExportError,
    Difference,
)
from ddguard.promql.vectors import Vector, aggregated, any_of, over_time, shifted
from ddguard.query.nodes import Method, MetricQuery, Number, Text, Word

SPACE = ("avg", "sum", "min", "max")
FETCHING = frozenset({"as_count", "as_rate", "rollup", "fill"})
"""Modifiers that say how a metric query's points are fetched."""
LONG = 4 * 3600
"""Seconds. Over longer windows Datadog's buckets are longer than a minute."""
FINEST_ROLLUP = 60


@dataclass(frozen=True, slots=True)
class Names:
    """What the project calls its metrics in Prometheus, and the seconds between two steps of a subquery."""

    metrics: Mapping[str, str]
    step: int = 60


@dataclass(frozen=True, slots=True)
class Fetch:
    """How the metric queries of one monitor are written.

    `method` aggregates `window` seconds that end `delay` seconds ago; `shift` is how far back a part of the expression
    looks beyond that. `by_window` says that each operand is aggregated over the window by itself. `differences`
    collects what isn't quite the same.
    """

    method: str
    window: int
    delay: int
    names: Names
    by_window: bool
    shift: int = 0
    differences: list[Difference] = field(default_factory=list)

    def earlier(self, seconds: int) -> "Fetch":
        """The same, that many seconds before."""
        return replace(self, shift=self.shift + seconds)

    def value(self, query: MetricQuery) -> Vector:
        """The query's groups. Raises CannotExportError for what PromQL can't say."""
        if space(query) not in SPACE:
            raise CannotExportError("distribution", f"{space(query)}: needs Datadog's sketches of a distribution")
        self._note_modifiers(query)
        if not self.by_window:
            return self._grouped(query, shifted(self.shift))
        counting = counting_of(query)
        if counting is not None:
            return self._counted(query, counting)
        return self._over_window(query)

    def over_window(self, vector: Vector) -> Vector:
        """A gauge's values at the steps of the window as one."""
        self._note_gauge()
        return over_time(self.method, vector, self.window, self.names.step, self.delay)

    def name(self, query: MetricQuery) -> str:
        """The metric's name in Prometheus."""
        return metric_name(query.metric, self.names.metrics, counter=counting_of(query) is not None)

    def selectors(self, query: MetricQuery) -> tuple[str, ...]:
        """What selects the query's series."""
        return selectors(self.name(query), query.scope, group_labels(query))

    def _over_window(self, query: MetricQuery) -> Vector:
        if not commutes(query, self.method):
            return self.over_window(self._grouped(query, shifted(self.shift)))
        self._note_gauge()
        return self._grouped(query, self._range, f"{self.method}_over_time")

    def _counted(self, query: MetricQuery, counting: str) -> Vector:
        function, method = ("increase", "sum") if counting == "as_count" else ("rate", "avg")
        if self.method != method:
            raise CannotExportError(counting, f"{self.method}() of {counting}() depends on Datadog's buckets")
        if space(query) in {"min", "max"}:
            raise CannotExportError(counting, f"{space(query)}: of {counting}() depends on Datadog's buckets")
        if counting == "as_rate":
            self.differences.append(AS_RATE)
        elif space(query) == "avg":
            self.differences.append(AVG_OF_COUNTS)
        return self._grouped(query, self._range, function)

    @property
    def _range(self) -> str:
        return f"[{length(self.window)}]{shifted(self.delay + self.shift)}"

    def _grouped(self, query: MetricQuery, behind: str, function: str = "") -> Vector:
        series = [f"{selector}{behind}" for selector in self.selectors(query)]
        worked = [f"{function}({one})" for one in series] if function else series
        return aggregated(space(query), any_of(worked), group_labels(query))

    def _note_gauge(self) -> None:
        if self.method == "sum":
            self.differences.append(SUM_OF_GAUGE)
        elif self.method != "avg" and self.window > LONG:
            self.differences.append(LONG_WINDOW)

    def _note_modifiers(self, query: MetricQuery) -> None:
        for modifier in query.modifiers:
            if modifier.name == "fill" and first_word(modifier) != "null":
                self.differences.append(FILL)
            elif modifier.name == "rollup":
                self._note_rollup(modifier, counting=counting_of(query) is not None)

    def _note_rollup(self, modifier: Method, *, counting: bool) -> None:
        numbers = [one.value for one in modifier.arguments if isinstance(one, Number)]
        method = first_word(modifier) or "avg"
        if method == "count" or (counting and method != "sum"):
            raise CannotExportError("rollup", f".rollup({method}) depends on how many points Datadog has")
        if len(modifier.arguments) > len(numbers) + 1:
            raise CannotExportError("rollup", "a rollup by the calendar is no range in PromQL")
        usual = method in {self.method, "avg"}
        if max(numbers, default=0.0) > FINEST_ROLLUP or (not counting and (self.window > LONG or not usual)):
            self.differences.append(ROLLUP)


def space(query: MetricQuery) -> str:
    """The space aggregation; Datadog takes avg where none is written."""
    return query.aggregator or "avg"


def counting_of(query: MetricQuery) -> str | None:
    """as_count or as_rate where the query says so."""
    return next((one.name for one in query.modifiers if one.name in {"as_count", "as_rate"}), None)


def commutes(query: MetricQuery, method: str) -> bool:
    """Whether aggregating each series over time first, and then by group, gives the same."""
    return method != "avg" and space(query) == method


def group_labels(query: MetricQuery) -> tuple[str, ...]:
    """The labels that the query groups by."""
    labels = tuple(label_name(key.key) for key in query.by)
    if len(set(labels)) < len(labels):
        raise CannotExportError("labels", "two of its group keys are the same label in Prometheus")
    return labels


def first_word(modifier: Method) -> str:
    """The first argument if it is a word, in lower case; empty otherwise."""
    argument = modifier.arguments[0] if modifier.arguments else None
    if isinstance(argument, Word):
        return argument.text.lower()
    return argument.value.lower() if isinstance(argument, Text) else ""
