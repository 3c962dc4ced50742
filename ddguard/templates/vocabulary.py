"""The words of Datadog's message templates, as tables.

https://docs.datadoghq.com/monitors/notify/variables/ and
https://docs.datadoghq.com/monitors/guide/template-variable-evaluation/
"""

from collections.abc import Mapping

RECOVERIES = frozenset({"alert to ok", "warning to ok", "no data to ok", "unknown to ok"})
UNSETTLED = frozenset({"alert", "warning", "alert to warning", "no data", "unknown"})
OCCASIONS = UNSETTLED | RECOVERIES
"""What a notification can be about. A conditional on the monitor's state holds for some of them."""

STATES: Mapping[str, frozenset[str]] = {
    "is_alert": frozenset({"alert"}),
    "is_warning": frozenset({"warning", "alert to warning"}),
    "is_alert_to_warning": frozenset({"alert to warning"}),
    "is_no_data": frozenset({"no data"}),
    "is_unknown": frozenset({"unknown"}),
    "is_recovery": RECOVERIES,
    "is_alert_recovery": frozenset({"alert to ok"}),
    "is_warning_recovery": frozenset({"warning to ok"}),
    "is_no_data_recovery": frozenset({"no data to ok", "alert", "warning"}),
    "is_renotify": UNSETTLED,
}
"""The conditionals on the state, and the occasions for which they may hold."""

SOMETIMES = frozenset({"is_renotify", "is_no_data_recovery"})
"""Those that may hold or not hold on the same occasion."""

MATCHING = frozenset({"is_match", "is_exact_match"})
"""Conditionals that compare a variable with texts."""

BUILT_IN = frozenset({"if", "unless", "each", "with"})
"""What Handlebars itself has; synthetic tests' messages use it."""

MOVING = frozenset({"each", "with"})
"""Blocks in which names mean something else."""

CONDITIONALS = frozenset({*STATES, *MATCHING, *BUILT_IN, "is_priority"})
"""Every block that there is."""

FUNCTIONS = frozenset({"eval", "local_time", "override_priority", "urlencode"})
"""What takes arguments and is no block."""

VERBATIM = frozenset({"raw"}) | CONDITIONALS
"""What may stand between four braces."""

VARIABLES = frozenset(
    {
        "value",
        "threshold",
        "warn_threshold",
        "alert_recovery_threshold",
        "warn_recovery_threshold",
        "ok_threshold",
        "comparator",
        "first_triggered_at",
        "first_triggered_at_epoch",
        "last_triggered_at",
        "last_triggered_at_epoch",
        "triggered_duration_sec",
        "check_message",
    }
)
"""Variables of every monitor."""

TIMES = frozenset({"first_triggered_at", "last_triggered_at", "first_triggered_at_epoch", "last_triggered_at_epoch"})
"""Variables that `local_time` takes."""

EVENTS = frozenset(
    {
        "audit",
        "cipipeline",
        "citest",
        "databasemonitoring",
        "event",
        "issue",
        "log",
        "rum",
        "span",
        "synthetics",
        "tags",
    }
)
"""The first words of variables that show a part of the event behind an alert: `log.attributes.reference`."""

NETWORK_DEVICE = "network_device"
NETWORK_DEVICE_KEYS = frozenset({"device_ip", "device_namespace"})
"""Groups by one of these have the variables `network_device.*`."""

PRIORITIES = frozenset({"P1", "P2", "P3", "P4", "P5"})

MATHEMATICS = frozenset(
    {
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "dec", "exp",
        "float", "floor", "humanize_bits", "humanize_bytes", "int", "log10", "lower", "round", "sgn", "sin", "sinh",
        "strip", "substring", "tan", "tanh", "to_bool", "trunc", "upper",
    }
)  # fmt: skip
"""Functions inside of `{{eval "..."}}`."""
