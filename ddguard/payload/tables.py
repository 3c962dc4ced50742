"""What Datadog makes of an object between a request and its answer, as tables: one row a rule, with its reason.

The rows were measured on recorded requests and answers, not taken from the documentation. Two objects mean the same
to Datadog if their normal forms (`ddguard.payload.normal`) are equal; nothing else is ever taken for equal.
"""

from dataclasses import dataclass
from enum import Enum

from ddguard.model import Json, Path


class Kind(Enum):
    """What a rule says of the value at its path."""

    READ_ONLY = "Datadog's own: never sent, never compared"
    ADDED = "Datadog may add it by itself: compared only where the spec has it"
    NULLS = (
        "null, or a mapping of nothing but nulls, is the same as absent, here and further in; not for keys in `value`"
    )
    FILLED = "where it is absent, Datadog fills in `value`"
    STATED = "where it is absent, the number that the query is compared with counts"
    TRIMMED = "blanks around the text are cut off"
    NUMBER = "a number written as a text is the number"
    ZERO = "0 is no value"
    SYNONYM = "a spelling that `value` has means the other one there"
    SET = "order and repetition mean nothing"
    ENTRIES = "of each entry only the keys in `value` are compared: Datadog adds to it"
    INSTANT = "a time with an offset: any spelling of the same instant"
    LOCAL_TIME = "a time without an offset, in any spelling"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What Datadog does to the value at `path`, and how that shows.

    In a path `*` stands for every key of a mapping and every entry of a list. What `value` means stands at the kind.
    The row holds only where something stands at the path `when`, and nothing at the path `unless` (empty: always).
    Each row equals itself alone.
    """

    path: Path
    kind: Kind
    reason: str
    value: Json = None
    when: Path = ()
    unless: Path = ()


MONITOR_FIELDS_OF_DATADOG = (
    "id",
    "org_id",
    "created",
    "created_at",
    "creator",
    "modified",
    "deleted",
    "multi",
    "overall_state",
    "overall_state_modified",
    "state",
    "matching_downtimes",
    "restriction_policy",
    "run_as",
    "restricted",
)

MONITOR_FIELDS_DROPPED = ("classification", "recommended_monitor_metadata")
"""Stand in exported JSON and are no part of the API."""

NUMERIC_OPTIONS = (
    "evaluation_delay",
    "min_failure_duration",
    "min_location_failed",
    "new_group_delay",
    "new_host_delay",
    "no_data_timeframe",
    "renotify_interval",
    "renotify_occurrences",
    "timeout_h",
)

METRIC_TYPES = {"metric alert": "query alert"}
ASSET_KEYS = ("category", "name", "resource_key", "resource_type")
CUSTOM_SCHEDULE: Path = ("options", "scheduling_options", "custom_schedule")

MONITOR_RULES: tuple[Rule, ...] = (
    *(Rule((field,), Kind.READ_ONLY, "set by Datadog, ignored when sent") for field in MONITOR_FIELDS_OF_DATADOG),
    *(Rule((field,), Kind.READ_ONLY, "dropped without a word") for field in MONITOR_FIELDS_DROPPED),
    Rule(("options", "silenced"), Kind.READ_ONLY, "live state: the mutes and downtimes of the moment"),
    Rule(("assets", "*"), Kind.ENTRIES, "an answer has more keys, and may have another url", ASSET_KEYS),
    Rule(("*",), Kind.NULLS, "null and absent come back alike, but for this delay", ("new_host_delay",)),
    Rule(("type",), Kind.SYNONYM, "Datadog moves metric monitors between its two names for them", METRIC_TYPES),
    Rule(("query",), Kind.TRIMMED, "never rewritten beyond that"),
    Rule(("message",), Kind.TRIMMED, "never rewritten beyond that"),
    Rule(("message",), Kind.FILLED, "every answer has a message", ""),
    Rule(("tags",), Kind.SET, "kept in the order sent, which says nothing"),
    Rule(("tags",), Kind.FILLED, "every answer has tags", []),
    Rule(("priority",), Kind.NUMBER, '"5" becomes 5'),
    Rule(("priority",), Kind.ZERO, "0 becomes null"),
    Rule(("priority",), Kind.FILLED, "every answer has a priority, null for none"),
    Rule(("restricted_roles",), Kind.SET, "a set of role ids"),
    Rule(("draft_status",), Kind.FILLED, "filled in since the field exists, missing in older answers", "published"),
    Rule(("options",), Kind.FILLED, "every answer has options", {}),
    *(Rule(("options", key), Kind.NUMBER, "integrations ship some as texts") for key in NUMERIC_OPTIONS),
    Rule(("options", "thresholds"), Kind.FILLED, "{} is dropped", {}),
    Rule(("options", "thresholds", "*"), Kind.NUMBER, "come back as floats"),
    Rule(("options", "thresholds", "critical"), Kind.STATED, "has to equal the query's number where it is given"),
    Rule(("options", "escalation_message"), Kind.TRIMMED, "never rewritten beyond that"),
    Rule(("options", "renotify_statuses"), Kind.SET, "a set of states"),
    Rule(("options", "notify_by"), Kind.SET, "a set of tag keys"),
    Rule(("options", "notify_audit"), Kind.FILLED, "always filled in", False),
    Rule(("options", "include_tags"), Kind.FILLED, "always filled in", True),
    Rule(("options", "notify_no_data"), Kind.FILLED, "filled in unless on_missing_data is set; means the same", False),
    Rule(("options", "new_host_delay"), Kind.FILLED, "filled in", 300, unless=("options", "new_group_delay")),
    Rule(("options", "groupby_simple_monitor"), Kind.FILLED, "filled in for log alerts and their like", False),
    Rule(("options", "locked"), Kind.FILLED, "filled in until 2022; nobody can lock monitors this way since", False),
    Rule(("options", "on_missing_data"), Kind.FILLED, "dropped from answers", "default", when=CUSTOM_SCHEDULE),
    Rule(("options", "avalanche_window"), Kind.ADDED, "10 or 20 in some answers since 2025, undocumented"),
)

DOWNTIME_FIELDS_OF_DATADOG = ("canceled", "created", "modified", "status")
END_STATES = ["alert", "no data", "warn"]

DOWNTIME_RULES: tuple[Rule, ...] = (
    *(Rule((field,), Kind.READ_ONLY, "set by Datadog") for field in DOWNTIME_FIELDS_OF_DATADOG),
    Rule(("schedule", "current_downtime"), Kind.READ_ONLY, "the occurrence of the moment, moves with time"),
    Rule(("*",), Kind.NULLS, "null and absent come back alike", ()),
    Rule(("message",), Kind.TRIMMED, "blanks at its ends say nothing"),
    Rule(("message",), Kind.FILLED, "an answer without a message has null", ""),
    Rule(("display_timezone",), Kind.SYNONYM, "an empty text becomes UTC", {"": "UTC"}),
    Rule(("display_timezone",), Kind.FILLED, "always filled in", "UTC"),
    Rule(("mute_first_recovery_notification",), Kind.FILLED, "always filled in", False),
    Rule(("notify_end_states",), Kind.SET, "comes back in random order"),
    Rule(("notify_end_states",), Kind.FILLED, "always filled in", END_STATES),
    Rule(("notify_end_types",), Kind.SET, "comes back in random order"),
    Rule(("notify_end_types",), Kind.FILLED, "always filled in", ["expired"]),
    Rule(("monitor_identifier", "monitor_tags"), Kind.SET, "a set of tags"),
    Rule(("schedule",), Kind.FILLED, "without one it starts now and has no end", {}),
    Rule(("schedule", "start"), Kind.INSTANT, "comes back with +00:00 and perhaps microseconds"),
    Rule(("schedule", "end"), Kind.INSTANT, "comes back with +00:00 and perhaps microseconds"),
    Rule(("schedule", "recurrences", "*", "start"), Kind.LOCAL_TIME, "local to the schedule's time zone"),
    Rule(("schedule", "timezone"), Kind.FILLED, "filled in", "UTC", when=("schedule", "recurrences")),
)
