"""Datadog's own words in monitor queries.

Closed lists are complete: another word in their place is a mistake. The open ones grow with Datadog: a word that they
don't hold is read all the same, unless it is a slip of one that they do (`ddguard.query.mistakes.slip`).
"""

from itertools import product


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMPARATORS = (">", ">=", "<", "<=", "==", "!=")
MEANT_COMPARATORS = {
    "=>": ">=",
    "=<": "<=",
    "=": "==",
    "===": "==",
    "!==": "!=",
    "=!": "!=",
    "!": "!=",
    "<>": "!=",
    ">>": ">",
    "<<": "<",
    ">>=": ">=",
    "<<=": "<=",
    ">==": ">=",
    "<==": "<=",
    "!!=": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
}
"""What people write for a comparator."""

TIME_AGGREGATORS = ("avg", "sum", "min", "max", "percentile")
CHANGES = ("change", "pct_change")
SPACE_AGGREGATORS = ("avg", "sum", "min", "max", "count", "p50", "p75", "p90", "p95", "p99")
"""Beside these, every percentile up to two decimals: `p99.99`. https://docs.datadoghq.com/metrics/distributions/"""

WINDOW_KINDS = ("last", "current", "next")
UNIT_SPELLINGS = {
    "": "m",
    "min": "m",
    "mins": "m",
    "minute": "m",
    "minutes": "m",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
    "mon": "mo",
    "month": "mo",
    "months": "mo",
}
"""What people write for a unit of time."""

_RANKS = tuple(
    "".join(parts)
    for parts in product(
        ("top", "bottom"), ("5", "10", "15", "20"), ("_",), ("mean", "min", "max", "last", "area", "l2norm")
    )
)
_NUMBERED = tuple(
    f"{name}_{number}"
    for name, numbers in {"ewma": (1, 3, 5, 7, 10, 20), "median": (3, 5, 7, 9), "rollingavg": (5, 13, 21, 29)}.items()
    for number in numbers
)
FUNCTIONS = _words(
    """
    abs anomalies as_count as_rate autosmooth avg calendar_shift clamp_max clamp_min count count_nonzero
    count_nonzero_finite count_not_null cumsum cutoff_max cutoff_min day_before default default_zero derivative diff dt
    ewma exclude_null fill forecast hour_before integral is_between is_greater is_less log10 log2 max maximum median min
    minimum monotonic_diff month_before moving_rollup outliers per_hour per_minute per_second percentile
    piecewise_constant robust_trend rollup sum throughput timeshift top trend_line week_before weighted
    """
) | frozenset(_RANKS + _NUMBERED)
"""Open. Before their argument or after a dot. https://docs.datadoghq.com/dashboards/functions/"""

KEYWORDS = {
    "anomalies": _words("alert_window bounds count_default_zero direction interval seasonality timezone"),
    "forecast": _words("history interval model seasonality timezone"),
    "outliers": _words("pct tolerance"),
}
"""Open. Functions with named arguments."""

SLO_MEASURES = ("error_budget", "burn_rate")
SOURCES = _words(
    """
    audits ci-pipelines ci-tests database-monitoring error-tracking error-tracking-logs error-tracking-rum
    error-tracking-traces events llm-observability logs network-path network-performance processes rum spans
    trace-analytics
    """
)
"""Open. What an event monitor reads from."""

TYPES = {
    "audits": "audit alert",
    "error-tracking-logs": "error-tracking alert",
    "error-tracking-rum": "error-tracking alert",
    "error-tracking-traces": "error-tracking alert",
    "events": "event-v2 alert",
    "logs": "log alert",
    "processes": "process alert",
    "spans": "trace-analytics alert",
}
"""The types of monitors that read from a source, where they aren't named after it."""

EVENT_METHODS = _words("by current impact index last new over rollup source")
FORMULA_METHODS = _words("anomaly by change current forecast last rollup")
CHECK_METHODS = _words("by count_by_status exclude last over pct_by_status")
SLO_METHODS = _words("long_window over short_window")
"""These four are open."""
