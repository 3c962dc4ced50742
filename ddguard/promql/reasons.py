"""Why a monitor can't be said in PromQL, and what differs where it can be said nearly."""

from dataclasses import dataclass

from ddguard.errors import InputError


class CannotExportError(InputError):
    """A monitor that has no PromQL counterpart. `code` names the kind of reason, `reason` says it in a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a rule doesn't mean quite what the monitor means; `code` names the kind."""

    code: str
    text: str


SUM_OF_GAUGE = Difference(
    "sum-over-gauge", "a sum over a gauge's points depends on how often each side takes one; export with its --step"
)
AS_RATE = Difference(
    "as-rate", "as_rate() averages the buckets that hold points, rate() the whole window and extrapolates to its ends"
)
AVG_OF_COUNTS = Difference(
    "avg-of-counts", "avg: over as_count() leaves sources out of a bucket that sent nothing; here every counter counts"
)
LONG_WINDOW = Difference(
    "bucket-averages", "over so long a window Datadog compares averages of buckets, here every sample counts"
)
ROLLUP = Difference(
    "rollup", "Datadog's buckets begin on multiples of the rollup's length, so the window's ends move in steps"
)
FILL = Difference("fill", "gaps are bridged by Prometheus' own 5 minutes of lookback, not by fill()")
CLAMPED_GAPS = Difference("clamped-gaps", "clamp_min() and clamp_max() turn gaps into the limit; here they stay gaps")
DEFAULT_ZERO = Difference("default-zero", "default_zero() counts gaps as 0; here they are left out")
KEEPS_STATE = Difference(
    "keeps-state", "an alert whose data ends stays in Datadog (on_missing_data: default); here it resolves"
)
GONE_COUNTER = Difference(
    "gone-counter", "0 is beyond the threshold: Datadog alerts for a count that isn't sent, here the counter must exist"
)
SILENT_COUNTER = Difference(
    "silent-counter", "No Data: Datadog misses a count that isn't sent, here a counter is there until its target goes"
)
FULL_WINDOW = Difference(
    "full-window", "require_full_window: Datadog skips a window with gaps and keeps the state; here it is evaluated"
)
RECOVERY_OF_EQUALS = Difference("recovery-of-equals", "recovery thresholds of == and != are left out")
COMMON_GROUPS = Difference(
    "common-groups", "a composite looks at the groups that all its parts have; here one part's groups are enough for ||"
)
