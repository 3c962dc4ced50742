"""Monitors that are silent on purpose."""

from ddguard.checks.base import Subject, Surroundings


def is_draft(subject: Subject) -> bool:
    """Whether Datadog keeps the monitor from notifying anybody."""
    return subject.monitor.definition.get("draft_status") == "draft"


def is_silent_on_purpose(subject: Subject, surroundings: Surroundings) -> bool:
    """Whether a monitor is a draft, or a composite of the project notifies in its place."""
    return is_draft(subject) or subject.monitor.id in surroundings.composites
