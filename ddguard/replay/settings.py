"""What Datadog leaves open, as named choices with defaults, and the pace of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ddguard.errors import UsageError
from ddguard.model import EMPTY


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that Datadog's documentation leaves open.

    `choices` are the values that `--assume NAME=VALUE` takes, the default first; with one choice it can't be changed.
    """

    name: str
    text: str
    choices: tuple[str, ...]

    @property
    def default(self) -> str:
        """What holds unless the user says otherwise."""
        return self.choices[0]


ASSUMPTIONS = (
    Assumption(
        "as-count-path",
        "every arithmetic with as_count() is done once, on sums over the window (older documentation: divisions only)",
        ("arithmetic", "division"),
    ),
    Assumption(
        "default-zero-empty",
        "default_zero() gives 0 where a window holds no point at all (older documentation: it has no effect there)",
        ("zero", "nothing"),
    ),
    Assumption(
        "legacy-no-data",
        "with notify_no_data false a group without data goes to No Data silently "
        "(older documentation: it keeps its state)",
        ("no-data", "keep"),
    ),
    Assumption(
        "no-data-timeframe",
        "an omitted no_data_timeframe is this many evaluation windows (API specification: 2, a correction of 2020: 1)",
        ("2", "1"),
    ),
    Assumption(
        "critical-recovery",
        "an Alert holds until critical_recovery is met, also where a warning threshold lies between "
        "(the other reading: it drops to Warn as soon as the alert condition is false)",
        ("hold", "warn"),
    ),
    Assumption(
        "warning-recovery-after-alert",
        "an Alert that falls below the warning threshold goes to OK, whatever warning_recovery says "
        "(the other reading: it goes to Warn until warning_recovery is met)",
        ("ok", "warn"),
    ),
    Assumption(
        "count-queries",
        "on_missing_data default means 0 for queries with as_count() (the other reading: for every sum: too)",
        ("as_count", "sum"),
    ),
    Assumption(
        "bucket-table",
        "without .rollup the bucket width is the documented one for API queries of that length (or that of bar graphs)",
        ("api", "bar"),
    ),
    Assumption(
        "last-bucket",
        "the last bucket holds every point known at the round, also those later than the evaluation delay reaches "
        "(the other reading: it is cut there)",
        ("full", "truncated"),
    ),
    Assumption(
        "recovery-memory",
        "No Data makes a group forget that it was in Alert or Warn, so recovery thresholds don't hold it afterwards",
        ("forget", "keep"),
    ),
    Assumption(
        "integral",
        "integral() adds up seconds times value (documentation to the letter: seconds times change of value)",
        ("value", "change"),
    ),
    Assumption(
        "interpolation-at-points",
        "where several gauges are combined, each is interpolated at the buckets in which another one has a point",
        ("points",),
    ),
    Assumption(
        "monotonic-diff",
        "monotonic_diff() and per_second() and its kin leave out steps down instead of counting them as 0",
        ("drop",),
    ),
    Assumption("ewma-alpha", "ewma_N weighs the newest point with 2 / (N + 1)", ("span",)),
    Assumption(
        "composite-tags",
        "for the scopes of downtimes a composite's groups carry what the filters of its constituents fix, too "
        "(the other reading: the tags of their own keys alone)",
        ("filters", "keys"),
    ),
    Assumption(
        "merged-groups",
        "notify_by puts several groups into one notification, which follows the worst of their states",
        ("worst",),
    ),
)

BY_NAME: Mapping[str, Assumption] = {assumption.name: assumption for assumption in ASSUMPTIONS}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is paced and which reading holds where Datadog leaves one.

    `every` (seconds between rounds) and `bucket` (seconds, for queries without `.rollup`) are None for Datadog's
    documented tables. A round at `t` happens at the second `t + offset`. `assume` has only names of ASSUMPTIONS.
    """

    every: int | None = None
    offset: int = 1
    bucket: int | None = None
    assume: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def choice(self, name: str) -> str:
        """The reading that holds for the assumption `name`."""
        return self.assume.get(name, BY_NAME[name].default)


def parse_assumptions(pairs: Iterable[str]) -> dict[str, str]:
    """The choices written as `NAME=VALUE`. An unknown name or value is a UsageError that lists the known ones."""
    chosen = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        chosen[name.strip()] = value.strip()
    check_assumptions(chosen)
    return chosen


def check_assumptions(chosen: Mapping[str, str]) -> None:
    """A UsageError for the first name or value that ASSUMPTIONS doesn't have."""
    for name, value in chosen.items():
        if name not in BY_NAME:
            raise UsageError(f"there is no assumption {name!r}", f"known: {', '.join(BY_NAME)}")
        if value not in BY_NAME[name].choices:
            raise UsageError(
                f"the assumption {name} has no choice {value!r}", f"choices: {', '.join(BY_NAME[name].choices)}"
            )
