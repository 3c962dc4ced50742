"""The syntax tree of Datadog's monitor queries: frozen values that say what was written, not what it means.

    Query
    ├── MetricMonitor    avg(last_5m):sum:requests{env:prod} by {host}.as_count() > 5
    ├── EventMonitor     logs("status:error").index("main").rollup("count").by("host").last("5m") > 2
    ├── FormulaMonitor   formula("query1 / query2").last("15m") >= 0.8
    ├── ServiceCheck     "ntp.in_sync".over("env:prod").by("host").last(2).count_by_status()
    ├── SloMonitor       error_budget("slo-id").over("7d") > 75
    ├── Composite        1234 && !${monitor:other}
    └── Opaque           everything that isn't regular enough to be read

Spellings are kept (quotes, digits, parentheses, the case of AND), blanks are not: a tree prints back as the text it
came from, up to blanks. A span is a pair of offsets into the query text; spans take no part in comparisons.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

HOUR = 3600
UNIT_SECONDS = {"m": 60, "h": HOUR, "d": 24 * HOUR, "w": 7 * 24 * HOUR, "mo": 730 * HOUR}
"""The length of a window's unit; a month counts 730 hours, the longest window of a metric monitor.

https://docs.datadoghq.com/monitors/types/metric/
"""


Comparator = Literal[">", ">=", "<", "<=", "==", "!="]
Operator = Literal["+", "-", "*", "/"]
WindowKind = Literal["last", "current", "next", "ago"]
WindowUnit = Literal["m", "h", "d", "w", "mo"]


class Span(NamedTuple):
    """Where a node stands in the query text: from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def width(self) -> int:
        """The number of characters."""
        return self.end - self.start


ESCAPE = re.compile(r"\\(.)", re.DOTALL)
NOWHERE = Span(0, 0)
"""The span of a node that was made, not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything in the tree."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


# Leaves


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number with its spelling, the sign included: `-0.50`."""

    text: str

    @property
    def value(self) -> float:
        """What the spelling means."""
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A quoted text. `text` is what stands between the quotes, escapes included; `quote` is what surrounds it.

    The quote is `"` or `'`, inside a quoted formula also a backslash and the quote that the formula stands in.
    """

    text: str
    quote: str = '"'

    @property
    def value(self) -> str:
        """The text without its escapes."""
        return ESCAPE.sub(r"\1", self.text)

    @property
    def inside(self) -> Span:
        """The place of what stands between the quotes."""
        start = self.span.start + len(self.quote)
        return Span(start, start + len(self.text))


@dataclass(frozen=True, slots=True)
class Word(Node):
    """An unquoted argument that is no number: `sum` in `.rollup(sum, 60)`, `10d` in `.last(10d)`."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """The name of one of `options.variables`, inside a formula."""

    name: str
    modifiers: tuple["Method", ...] = ()


@dataclass(frozen=True, slots=True)
class GroupKey(Node):
    """One key of `by {host,region}`."""

    key: str


@dataclass(frozen=True, slots=True)
class Window(Node):
    """A stretch of time: `last_5m`, `current_1d`, `next_1w`, or the shift `5m_ago` of a change monitor."""

    kind: WindowKind
    count: int
    unit: WindowUnit

    @property
    def seconds(self) -> int:
        """Its length; a month counts 730 hours."""
        return self.count * UNIT_SECONDS[self.unit]


@dataclass(frozen=True, slots=True)
class DynamicThreshold(Node):
    """The word `threshold` in a threshold's place: the value comes from `options.thresholds.critical_query`."""


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """The end of a query: `> 5`."""

    comparator: Comparator
    threshold: Number | DynamicThreshold


# Scopes: what stands between the braces of a metric query.
# https://docs.datadoghq.com/metrics/advanced-filtering/


@dataclass(frozen=True, slots=True)
class Everything(Node):
    """`*`: no filter."""


@dataclass(frozen=True, slots=True)
class Tag(Node):
    """`env:prod`, `host:web-*`, or a bare tag such as `example`, which has no key (None)."""

    key: str | None
    value: str

    @property
    def text(self) -> str:
        """As it is written."""
        return self.value if self.key is None else f"{self.key}:{self.value}"


@dataclass(frozen=True, slots=True)
class TagIn(Node):
    """`region IN (eu, us)`, or with `NOT IN`. `words` are those between the key and the parenthesis, as written."""

    key: str
    values: tuple[str, ...]
    words: tuple[str, ...] = ("IN",)

    @property
    def negated(self) -> bool:
        """Whether it says `NOT IN`."""
        return len(self.words) == 2


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`!env:prod` or `NOT env:prod`; `word` is `!` or NOT as written."""

    operand: "Scope"
    word: str = "!"


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """Two or more scopes that must all hold: `a:1,b:2` or `a:1 AND b:2`.

    `words` are the joints between the operands as written, one less than operands: all `,`, or all AND in any case.
    """

    operands: tuple["Scope", ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Two or more scopes of which one must hold: `a:1 OR b:2`.

    `words` are the ORs as written, one less than operands.
    """

    operands: tuple["Scope", ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScopeGroup(Node):
    """A scope in parentheses."""

    inner: "Scope"


Scope = Everything | Tag | TagIn | Not | AllOf | AnyOf | ScopeGroup


# Expressions: what is computed.


@dataclass(frozen=True, slots=True)
class TagSet(Node):
    """Tag keys in braces as an argument: `sum(max:m{*} by {a,b}, {a})`."""

    keys: tuple[GroupKey, ...]


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """A named argument: `direction='above'`."""

    name: str
    value: "Number | Text | Word"


@dataclass(frozen=True, slots=True)
class Method(Node):
    """A call after a dot: `.rollup(sum, 60)`; its span begins at the dot."""

    name: str
    arguments: tuple["Argument", ...] = ()


@dataclass(frozen=True, slots=True)
class MetricQuery(Node):
    """`sum:requests.hits{env:prod} by {host}.as_count()`.

    `aggregator` is the space aggregation (avg, sum, min, max, count, p95 ...), None where it is left out (then Datadog
    takes avg); `by` is empty without a `by` clause; `modifiers` stand in the order in which they apply.
    """

    aggregator: str | None
    metric: str
    scope: Scope
    by: tuple[GroupKey, ...] = ()
    modifiers: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function before its arguments: `anomalies(avg:m{*}, 'basic', 2, direction='above')`."""

    name: str
    arguments: tuple["Argument", ...]
    modifiers: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class Group(Node):
    """An expression in parentheses."""

    inner: "Expression"
    modifiers: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """A sign before anything but a number."""

    operator: Literal["+", "-"]
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two or more operands of one precedence level, from left to right.

    `operators` stand between them, one less than operands: only `+` and `-`, or only `*` and `/`.
    """

    operands: tuple["Expression", ...]
    operators: tuple[Operator, ...]


Expression = Number | MetricQuery | Variable | Call | Group | Unary | Arithmetic
Argument = Expression | Text | Word | TagSet | Keyword


# Whole queries, one class a family.


@dataclass(frozen=True, slots=True)
class TimeAggregation(Node):
    """`avg(last_5m)`: how the points of the window become one number.

    `aggregator` is avg, sum, min, max or percentile.
    """

    aggregator: str
    window: Window


@dataclass(frozen=True, slots=True)
class Change(Node):
    """`pct_change(avg(last_5m),last_30m)`: the aggregation of the difference between now and `shift` before now."""

    function: Literal["change", "pct_change"]
    aggregation: TimeAggregation
    shift: Window


@dataclass(frozen=True, slots=True)
class MetricMonitor(Node):
    """A metric monitor's query.

    https://docs.datadoghq.com/monitors/types/metric/
    """

    aggregation: TimeAggregation | Change
    expression: Expression
    comparison: Comparison

    @property
    def window(self) -> Window:
        """The stretch of time that one evaluation looks at."""
        inner = self.aggregation.aggregation if isinstance(self.aggregation, Change) else self.aggregation
        return inner.window


@dataclass(frozen=True, slots=True)
class EventMonitor(Node):
    """A count or a measure of logs, events, RUM, traces, CI runs, processes ...: `source("search").method(...) > 5`."""

    source: str
    search: Text
    methods: tuple[Method, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class FormulaMonitor(Node):
    """A formula over `options.variables`; `quote` surrounds the formula."""

    expression: Expression
    methods: tuple[Method, ...]
    comparison: Comparison
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class ServiceCheck(Node):
    """A service check's query: its thresholds stand in the options."""

    check: Text
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class SloMonitor(Node):
    """An alert on an SLO: `measure` is `error_budget` or `burn_rate`."""

    measure: Literal["error_budget", "burn_rate"]
    slo: Text
    methods: tuple[Method, ...]
    comparison: Comparison


# Composites. https://docs.datadoghq.com/monitors/types/composite/


@dataclass(frozen=True, slots=True)
class MonitorNumber(Node):
    """A monitor by its number in Datadog, with its spelling."""

    text: str

    @property
    def number(self) -> int:
        """The number."""
        return int(self.text)


@dataclass(frozen=True, slots=True)
class MonitorReference(Node):
    """A monitor by its spec's id: `${monitor:ID}`, to be replaced by its number."""

    id: str


@dataclass(frozen=True, slots=True)
class CompositeNot(Node):
    """`!1234`."""

    operand: "CompositeExpression"


@dataclass(frozen=True, slots=True)
class CompositeJoin(Node):
    """Two or more operands with the same operator between them; `&&` binds tighter than `||`."""

    operator: Literal["&&", "||"]
    operands: tuple["CompositeExpression", ...]


@dataclass(frozen=True, slots=True)
class CompositeGroup(Node):
    """A composite's part in parentheses."""

    inner: "CompositeExpression"


CompositeExpression = MonitorNumber | MonitorReference | CompositeNot | CompositeJoin | CompositeGroup


@dataclass(frozen=True, slots=True)
class Composite(Node):
    """A composite monitor's query."""

    expression: CompositeExpression


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """A query of a kind that isn't read: nothing is known of it but its text."""

    text: str


Query = MetricMonitor | EventMonitor | FormulaMonitor | ServiceCheck | SloMonitor | Composite | Opaque
