"""Which monitors of the project a downtime means, and for how long."""

from ddguard.checks.base import Subject, Surroundings
from ddguard.model import Downtime


def targets(downtime: Downtime, surroundings: Surroundings) -> tuple[Subject, ...]:
    """The project's monitors that a downtime means: the one that it names, or those that carry all of its tags."""
    if downtime.monitor is not None:
        found = surroundings.monitors.get(downtime.monitor)
        return (found,) if found else ()
    tags = (downtime.attributes.get("monitor_identifier") or {}).get("monitor_tags") or ()
    wanted = {str(tag) for tag in tags} - {"*"}
    return tuple(one for one in surroundings.monitors.values() if tags and wanted.issubset(one.tags))


def has_no_end(downtime: Downtime) -> bool:
    """Whether a downtime goes on until somebody cancels it. Recurring ones end every time."""
    schedule = downtime.attributes.get("schedule") or {}
    return not schedule.get("recurrences") and schedule.get("end") is None
