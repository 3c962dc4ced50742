"""The title and the text of each notification of a replay."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ddguard.model import EMPTY, Json
from ddguard.replay.notifications import Kind, Notification
from ddguard.replay.outcome import GroupReplay, Replay, Transition
from ddguard.replay.states import State
from ddguard.replay.templates import Facts, moment, number, render

PREFIXES = {
    Kind.ALERT: "Triggered",
    Kind.WARN: "Warn",
    Kind.NO_DATA: "No Data",
    Kind.RECOVERY: "Recovered",
}
REPEATED = {State.ALERT: "Re-Triggered", State.WARN: "Re-Warn", State.NO_DATA: "Re-No Data"}
"""https://docs.datadoghq.com/integrations/webhooks/ ($ALERT_TRANSITION)."""

STATE_CONDITIONS = {
    State.ALERT: "is_alert",
    State.WARN: "is_warning",
    State.NO_DATA: "is_no_data",
    State.OK: "is_recovery",
}
RECOVERIES = {
    State.ALERT: "is_alert_recovery",
    State.WARN: "is_warning_recovery",
    State.NO_DATA: "is_no_data_recovery",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A notification as its reader sees it."""

    title: str
    text: str


def message(
    definition: Mapping[str, Json], replay: Replay, letter: Notification, more: Mapping[str, str] = EMPTY
) -> Message:
    """The notification's title and text, with the values of `more` variables beside its own.

    TemplateError where a template's blocks don't fit together.
    """
    options = definition.get("options") or {}
    group = _group(replay, letter)
    facts = _facts(definition, replay, letter, group)
    facts = replace(facts, variables={**facts.variables, **more})
    template = str(definition.get("message") or "")
    if letter.kind is Kind.RENOTIFY and options.get("escalation_message"):
        template = f"{template}\n\n{options['escalation_message']}"
    prefix = REPEATED[letter.state] if letter.kind is Kind.RENOTIFY else PREFIXES[letter.kind]
    if options.get("include_tags", True) and letter.group != "*":
        prefix = f"{prefix} on {{{letter.group}}}"
    return Message(f"[{prefix}] {render(str(definition.get('name') or ''), facts)}", render(template, facts))


def _group(replay: Replay, letter: Notification) -> GroupReplay:
    """The group that the notification is about; of several that share it, the first in the same state."""
    exact = replay.group(letter.group)
    if exact is not None:
        return exact
    parts = set() if letter.group == "*" else set(letter.group.split(","))
    shared = [group for group in replay.groups if parts <= set(group.group.split(","))]
    return next((group for group in shared if group.state_at(letter.at) is letter.state), shared[0])


def _facts(definition: Mapping[str, Json], replay: Replay, letter: Notification, group: GroupReplay) -> Facts:
    first, last = _triggered(group, letter.at)
    moments = {"first_triggered_at": first, "last_triggered_at": last}
    variables = {
        "value": number(group.value_at(letter.at)),
        "triggered_duration_sec": str(letter.at - first),
        **{name: moment(second) for name, second in moments.items()},
        **{f"{name}_epoch": str(second * 1000) for name, second in moments.items()},
        **_tags(group),
        **_thresholds(replay),
    }
    priority = definition.get("priority")
    return Facts(_conditions(letter), variables, moments, f"P{priority}" if priority else "")


def _conditions(letter: Notification) -> frozenset[str]:
    found = {STATE_CONDITIONS[letter.state]}
    if letter.kind is Kind.RENOTIFY:
        found.add("is_renotify")
    if letter.kind is Kind.RECOVERY and letter.came_from in RECOVERIES:
        found.add(RECOVERIES[letter.came_from])
    if letter.state is State.WARN and letter.came_from is State.ALERT:
        found.add("is_alert_to_warning")
    return frozenset(found)


def _triggered(group: GroupReplay, second: int) -> tuple[int, int]:
    """When the group left OK, and when it last moved into a state other than OK, up to that second."""
    first = last = second
    calm = True
    for change in _changes(group, second):
        if change.after not in {State.OK, None}:
            first = change.at if calm else first
            last = change.at
        calm = change.after in {State.OK, None}
    return first, last


def _changes(group: GroupReplay, second: int) -> list[Transition]:
    return [change for change in group.transitions() if change.at <= second]


def _tags(group: GroupReplay) -> dict[str, str]:
    """`key.name` for each key, several values joined by commas."""
    values: dict[str, list[str]] = {}
    for tag in sorted(group.tags):
        key, _, value = tag.partition(":")
        values.setdefault(f"{key}.name", []).append(value)
    return {name: ",".join(found) for name, found in values.items()}


def _thresholds(replay: Replay) -> dict[str, str]:
    known = replay.thresholds
    if known is None:
        return {}
    return {
        "threshold": number(known.critical),
        "warn_threshold": number(known.warning),
        "alert_recovery_threshold": number(known.critical_recovery),
        "warn_recovery_threshold": number(known.warning_recovery),
        "comparator": known.comparator,
    }
