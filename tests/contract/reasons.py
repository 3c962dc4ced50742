"""Why the sandbox answers differently from a recording: Datadog changed since, or what it rests on isn't served."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.contract.comparison import ABSENT, Difference
from tests.contract.recordings import Interaction


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of difference. `path` is matched in full; `last` is the last year in which Datadog answered like that."""

    text: str
    path: str
    last: int
    fits: Callable[[Any, Any], bool]

    def explains(self, row: Interaction, difference: Difference) -> bool:
        """Whether the difference is of this kind."""
        return (
            (row.year or 2026) <= self.last
            and re.fullmatch(self.path, difference.path) is not None
            and self.fits(difference.recorded, difference.ours)
        )


def added(value: Any) -> Callable[[Any, Any], bool]:
    """The recording lacks the field, the sandbox has that value."""
    return lambda recorded, ours: recorded == ABSENT and ours == value


def gone(recorded: Any, ours: Any) -> bool:
    """The recording has a field that the sandbox lacks."""
    return bool(recorded != ABSENT and ours == ABSENT)


def anything(recorded: Any, ours: Any) -> bool:
    """Whatever the two say."""
    return bool(recorded != ours or type(recorded) is not type(ours))


CHANGED_SINCE = (
    Reason("priority came in 2020", r"(\[\]\.)?priority", 2020, lambda recorded, _: recorded == ABSENT),
    Reason("draft_status came in 2025", r"(\[\]\.)?draft_status", 2025, added("published")),
    Reason("restriction_policy came in 2024", "restriction_policy", 2024, added(None)),
    Reason("assets came in 2025", "assets", 2025, added([])),
    Reason("a plain GET had assets in 2025", "assets", 2025, gone),
    Reason("options.locked was filled in until 2022", r"(\[\]\.)?options\.locked", 2022, gone),
    Reason("options.locked went with restricted_roles until 2022", r"(\[\]\.)?options\.locked", 2022, anything),
    Reason(
        "groupby_simple_monitor is filled in since 2021",
        r"(\[\]\.)?options\.groupby_simple_monitor",
        2020,
        added(False),
    ),
    Reason("new_host_delay: null became 300 until 2021", r"options\.new_host_delay", 2021, anything),
    Reason("a name was the query in backticks until 2021", r"name|errors\.\d+\[\]", 2021, anything),
    Reason("thresholds stayed whole numbers in January 2022", r"options\.thresholds\.\w+", 2022, anything),
    Reason("restricted_roles were dropped by a PUT in 2020", "restricted_roles", 2020, anything),
    Reason("monitor_ids had another message in 2020", r"errors\[\]", 2020, anything),
)
"""What Datadog itself answers differently today. The sandbox is the API of 2026."""

NOT_SERVED = (
    Reason("an account of Datadog's own has fields more", r"run_as|restricted|options\.avalanche_window", 2026, gone),
    Reason("muted by the v1 downtime or mute endpoints", r"options\.silenced\..*", 2026, gone),
    Reason("roles set by a restriction policy", "restricted_roles", 2026, anything),
    Reason("held by an SLO", "status", 2026, lambda recorded, ours: (recorded, ours) == (409, 200)),
    Reason("counts a whole account", r"(counts|metadata|monitors)(\..*)?", 2026, anything),
    Reason("v1 downtimes of the whole account", r"\[\]\.matching_downtimes", 2026, anything),
)
"""What rests on things that the sandbox doesn't have."""


def reason_for(row: Interaction, difference: Difference) -> Reason | None:
    """Why a difference is there, None where nobody knows."""
    return next((reason for reason in (*CHANGED_SINCE, *NOT_SERVED) if reason.explains(row, difference)), None)
