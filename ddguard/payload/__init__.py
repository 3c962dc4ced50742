"""Between ddguard's model and Datadog's JSON: what is sent, what comes back, and what differs.

Everything here is a pure function. The rules by which Datadog changes what it is sent stand in `tables`.
"""

from ddguard.payload.allowances import AllowanceError, with_allowances
from ddguard.payload.changes import FieldChange
from ddguard.payload.downtimes import (
    downtime_changes,
    downtime_request,
    downtime_update,
    has_ended,
    moves_running_window,
    window_missed,
)
from ddguard.payload.exports import Exported, exported
from ddguard.payload.identity import named_in_tags
from ddguard.payload.imports import (
    import_specs,
    running_snoozes,
    spec_from_downtime,
    spec_from_monitor,
    without_other_stacks,
    without_tags_of_others,
)
from ddguard.payload.live import is_protected, live_downtime, live_monitor
from ddguard.payload.monitors import (
    monitor_changes,
    monitor_request,
    monitor_update,
    type_may_change,
    with_tags_of_others,
)
from ddguard.payload.references import monitors_used_by, with_numbers
from ddguard.payload.values import ABSENT, Absent

__all__ = [
    "ABSENT",
    "Absent",
    "AllowanceError",
    "Exported",
    "FieldChange",
    "downtime_changes",
    "downtime_request",
    "downtime_update",
    "exported",
    "has_ended",
    "import_specs",
    "is_protected",
    "live_downtime",
    "live_monitor",
    "monitor_changes",
    "monitor_request",
    "monitor_update",
    "monitors_used_by",
    "moves_running_window",
    "named_in_tags",
    "running_snoozes",
    "spec_from_downtime",
    "spec_from_monitor",
    "type_may_change",
    "window_missed",
    "with_allowances",
    "with_numbers",
    "with_tags_of_others",
    "without_other_stacks",
    "without_tags_of_others",
]
