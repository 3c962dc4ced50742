"""A metric monitor's query, read for evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass

from ddguard.model import Json
from ddguard.query import QueryError, parse
from ddguard.query.nodes import Change, DynamicThreshold, MetricMonitor, TimeAggregation, Window
from ddguard.replay.filters import fixed_tags
from ddguard.replay.frames import GroupKey
from ddguard.replay.refusals import REFUSED_TYPES, CannotEvaluateError
from ddguard.replay.rounds import CHECK_BUCKETS, Rounds, span_seconds
from ddguard.replay.rules import QueryFacts, Rules, Thresholds, read_thresholds
from ddguard.replay.settings import Settings
from ddguard.replay.terms import Apply, Constant, Join, Leaf, Term, applications, leaves, operators, read_term
from ddguard.replay.windows import Windows

AGGREGATORS = ("avg", "sum", "min", "max")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is computed: the aggregation of `term` over `window`, or its change since `shift` seconds before.

    `change` is change or pct_change where windows are compared as wholes (as_count), else None: `term` has it all.
    `by` are the keys of the result's groups, in the query's order; `fixed` the tags that the filters give to every
    group.
    """

    text: str
    term: Term
    window: Window
    method: str
    thresholds: Thresholds
    by: tuple[str, ...]
    fixed: frozenset[str]
    change: str | None = None
    shift: int = 0

    @property
    def seconds(self) -> int:
        """The window's length, its longest if it is cumulative."""
        return span_seconds(self.window)

    @property
    def facts(self) -> QueryFacts:
        """What the monitor's rules need to know."""
        every = list(leaves(self.term))
        as_count = any(leaf.counting == "as_count" for leaf in every)
        return QueryFacts(
            self.by,
            self.window.seconds,
            as_count,
            not as_count and any(leaf.space == "sum" for leaf in every),
            any(one.function == "default_zero" for one in applications(self.term)),
        )

    def windows(self, rounds: Rounds, rules: Rules) -> Windows:
        """The windows of the rounds."""
        check = CHECK_BUCKETS[self.window.unit] if rules.full_window else None
        return Windows(rounds.low, rounds.high, self.method, check)

    def at_window_level(self, settings: Settings, touched: set[str]) -> bool:
        """Whether operands are aggregated over the window before arithmetic: the as_count path.

        https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/
        """
        if not self.facts.as_count:
            return False
        used = set(operators(self.term))
        if self.change or "/" in used:
            return True
        if not used:
            return False
        touched.add("as-count-path")
        return settings.choice("as-count-path") == "arithmetic"


def read_measure(definition: Mapping[str, Json]) -> Measure:
    """What a metric monitor measures. CannotEvaluateError names what can't be evaluated and why."""
    text, kind = str(definition.get("query") or ""), str(definition.get("type") or "")
    try:
        query = parse(kind, text)
    except QueryError as error:
        raise CannotEvaluateError("the query", f"it can't be read: {error.message}") from None
    if not isinstance(query, MetricMonitor):
        raise CannotEvaluateError(f"a {kind or 'monitor without a type'}", REFUSED_TYPES.get(type(query).__name__, ""))
    options = definition.get("options") or {}
    if (options.get("scheduling_options") or {}).get("custom_schedule"):
        raise CannotEvaluateError("a custom schedule", "each of its runs stands alone, without states to follow")
    if isinstance(query.comparison.threshold, DynamicThreshold):
        raise CannotEvaluateError("a dynamic threshold", "it comes from another query")
    term = read_term(query.expression)
    inner, change, shift = _aggregation(query.aggregation)
    thresholds = read_thresholds(options, query.comparison.comparator, query.comparison.threshold.value)
    fixed = [fixed_tags(leaf.scope) for leaf in leaves(term)]
    if not fixed:
        raise CannotEvaluateError("the query", "it has no series in it")
    if change is not None and not any(leaf.counting == "as_count" for leaf in leaves(term)):
        term, change, shift = _changed(change, term, shift), None, 0
    return Measure(
        text.strip(),
        term,
        inner.window,
        inner.aggregator,
        thresholds,
        result_keys(term),
        frozenset.intersection(*fixed),
        change,
        shift,
    )


def _changed(kind: str, term: Term, seconds: int) -> Term:
    """The difference of two series point by point, or for pct_change its share of the older value in percent.

    https://docs.datadoghq.com/monitors/types/change-alert/
    """
    before = Apply("timeshift", term, (-float(seconds),))
    difference = Join("-", term, before)
    return difference if kind == "change" else Join("*", Join("/", difference, before), Constant(100.0))


def _aggregation(node: TimeAggregation | Change) -> tuple[TimeAggregation, str | None, int]:
    inner = node.aggregation if isinstance(node, Change) else node
    if inner.aggregator not in AGGREGATORS:
        raise CannotEvaluateError(f"{inner.aggregator}() over a window", "percentiles need Datadog's sketches")
    if inner.window.kind == "next":
        raise CannotEvaluateError("a window in the future", "Datadog's models aren't published")
    return (inner, node.function, node.shift.seconds) if isinstance(node, Change) else (inner, None, 0)


def result_keys(term: Term) -> tuple[str, ...]:
    """The keys of the groups that a term's values belong to."""
    match term:
        case Leaf(by=by):
            return by
        case Join(left=left, right=right):
            return result_keys(left) or result_keys(right)
        case Apply(function="space", arguments=arguments):
            keys = arguments[1]
            return keys if isinstance(keys, tuple) else ()
        case Apply(function="count_nonzero" | "count_nonzero_finite" | "count_not_null" | "dt"):
            return ()
        case Apply(operand=operand):
            return result_keys(operand)
        case _:
            return ()


def group_name(by: tuple[str, ...], key: GroupKey) -> str:
    """A group as Datadog writes it: `tenant:acme,region:eu`, `*` without keys."""
    return ",".join(f"{name}:{value}" for name, value in zip(by, key, strict=True)) or "*"


def group_tags(by: tuple[str, ...], key: GroupKey) -> frozenset[str]:
    """The group's tags; several values of one key are several tags."""
    return frozenset(f"{name}:{value}" for name, values in zip(by, key, strict=True) for value in values.split(","))
