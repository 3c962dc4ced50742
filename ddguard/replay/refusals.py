"""What can't be evaluated locally, each with the reason."""

from collections.abc import Mapping

from ddguard.errors import InputError

REFUSED_FUNCTIONS: Mapping[str, str] = {
    "anomalies": "how Datadog makes its bands isn't published",
    "outliers": "the constants of its clustering aren't published",
    "forecast": "Datadog's models aren't published",
    "autosmooth": "Datadog doesn't allow it in monitors",
    "trend_line": "which points Datadog fits isn't documented",
    "robust_trend": "the parameters of its regression aren't published",
    "piecewise_constant": "how Datadog finds the pieces isn't published",
    "weighted": "it needs the interval that Datadog keeps for each metric",
    "percentile": "percentiles need Datadog's sketches",
    "default": "Datadog doesn't document it",
}
REFUSED_TYPES: Mapping[str, str] = {
    "EventMonitor": "it counts events, not the points of a metric",
    "FormulaMonitor": "its queries are in options.variables, not in the monitor's query",
    "ServiceCheck": "it looks at statuses of checks, not at the points of a metric",
    "SloMonitor": "it looks at an SLO, not at the points of a metric",
    "Opaque": "ddguard doesn't read queries of this type",
}


class CannotEvaluateError(InputError):
    """A monitor that can't be evaluated locally: `what` names the function, type or option, `reason` says why."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} can't be evaluated locally: {reason}")
        self.what = what
        self.reason = reason
