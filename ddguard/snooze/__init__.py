"""Silencing one tenant for a while: what may be silenced, for how long, who falls silent, and what has to be done.

Pure: the calls are made in `ddguard.cli`.
"""

from ddguard.snooze.audience import (
    Alerting,
    Audience,
    Member,
    audience_of,
    find_monitor,
    is_shown,
    scopes_silencing,
    shown_scopes,
)
from ddguard.snooze.decisions import (
    Outcome,
    Settlement,
    ends_before,
    oldest_running,
    own_snoozes,
    settle,
    times_snoozed,
)
from ddguard.snooze.endings import Aftermath, Ending, aftermath
from ddguard.snooze.facts import AnyTerm
from ddguard.snooze.lengths import snooze_end
from ddguard.snooze.listing import Listed, listed
from ddguard.snooze.names import checked_author, checked_reason, scope_target, tag_target
from ddguard.snooze.overlaps import Overlap, overlaps

__all__ = [
    "Aftermath",
    "Alerting",
    "AnyTerm",
    "Audience",
    "Ending",
    "Listed",
    "Member",
    "Outcome",
    "Overlap",
    "Settlement",
    "aftermath",
    "audience_of",
    "checked_author",
    "checked_reason",
    "ends_before",
    "find_monitor",
    "is_shown",
    "listed",
    "oldest_running",
    "overlaps",
    "own_snoozes",
    "scope_target",
    "scopes_silencing",
    "settle",
    "shown_scopes",
    "snooze_end",
    "tag_target",
    "times_snoozed",
]
