"""The safety rules: what a plan must not do. Each broken one is a refusal, and nothing of the plan may be applied."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ddguard.model import Downtime, LiveMonitor, Monitor
from ddguard.payload import is_protected, monitors_used_by
from ddguard.plan.order import NUMBERED_ANEW
from ddguard.plan.values import Action, Change, Kind, Plan, Refusal, Rules

REMOVING = frozenset({Action.DELETE, Action.REPLACE})
"""What takes an object out of Datadog."""

_COMPOSITES = re.compile(r"is referenced in composite monitors: (.*)", re.DOTALL)
_NUMBERED = re.compile(r"\[(\d+),")


def broken_rules(
    changes: Sequence[Change],
    specs: Sequence[Monitor | Downtime],
    numbers: Mapping[str, int],
    refused: frozenset[str],
) -> Iterator[Refusal]:
    """What creates, updates and replacements must not do. `refused` are the ids of specs that were refused before."""
    by_id = {spec.id: spec for spec in specs}
    for change in changes:
        if change.action is Action.REPLACE:
            yield from _refused_replacement(change, by_id[change.id])
    yield from _without_numbers(changes, numbers, refused)


def _refused_replacement(change: Change, spec: Monitor | Downtime) -> Iterator[Refusal]:
    """Replacing means deleting the old one: refused where that is protected, or named by its number."""
    if spec.protect or (change.live is not None and is_protected(change.live)):
        yield Refusal(
            f"{change.id} is protected, and {_why_replaced(change)}",
            "take `protect` away first, or leave that as it is",
            change.position,
        )
    elif spec.remote_id is not None:
        yield Refusal(
            f"remote_id: {_why_replaced(change)}: {change.kind} {spec.remote_id} would be deleted and made anew",
            "leave that as it is, or take remote_id out",
            spec.source.at(("remote_id",)),
        )


def _why_replaced(change: Change) -> str:
    if isinstance(change.live, LiveMonitor):
        before, after = change.live.definition.get("type"), (change.wanted or {}).get("type")
        return f"its type can't be changed in place from {before} to {after}"
    return "its start can't be changed while it runs"


def _without_numbers(
    changes: Sequence[Change], numbers: Mapping[str, int], refused: frozenset[str]
) -> Iterator[Refusal]:
    """References to monitors that neither exist nor are made along: possible where only some files are planned."""
    made = {change.id for change in changes if change.kind is Kind.MONITOR and change.action in NUMBERED_ANEW}
    for change in changes:
        for need in sorted(change.needs - made - numbers.keys() - refused):
            yield Refusal(
                f"{change.id} refers to the monitor {need}, which isn't in Datadog yet",
                "name its file too, or plan the whole project",
                change.position,
            )


def refused_deletes(doomed: Sequence[Change], doubles: frozenset[str], total: int, rules: Rules) -> list[Refusal]:
    """What deletes must not do. `doubles` are the remote ids of objects that repeat one that is kept.

    `total` is the number of the stack's objects in Datadog.
    """
    protected = [change for change in doomed if change.live is not None and is_protected(change.live)]
    return [
        *(_protected_double(change) if change.remote_id in doubles else _protected(change) for change in protected),
        *_too_many(len(doomed), total, rules),
    ]


def _protected(change: Change) -> Refusal:
    return Refusal(
        f"{change.kind} {change.id} ({change.remote_id}) is protected and has no spec any more",
        "bring its spec back with `protect: false`, apply, then remove it",
    )


def _protected_double(change: Change) -> Refusal:
    return Refusal(
        f"{change.kind} {change.id} ({change.remote_id}) is protected, and doubles another one",
        "decide in Datadog which one may go, and delete it there",
    )


def _too_many(doomed: int, total: int, rules: Rules) -> Iterator[Refusal]:
    """The prune guard: a wrong folder or a wrong branch must not empty a stack."""
    objects = "1 object" if doomed == 1 else f"{doomed} objects"
    if rules.max_deletes is not None:
        if doomed > rules.max_deletes:
            yield Refusal(f"{objects} would be deleted, more than --max-deletes {rules.max_deletes}")
    elif doomed and total >= rules.policy.min_objects and doomed / total > rules.policy.max_share:
        share = f"{rules.policy.max_share * 100:g}%"
        yield Refusal(
            f"{doomed} of {total} objects would be deleted: more than {share} (prune.max_share)",
            f"if that is meant: --max-deletes {doomed}",
        )


def monitors_removed(plan: Plan) -> list[int]:
    """The numbers of the monitors that the plan deletes, those that it replaces included."""
    return [int(change.remote_id or 0) for change in plan.changes if _removes_monitor(change)]


def _removes_monitor(change: Change) -> bool:
    return change.kind is Kind.MONITOR and change.action in REMOVING


def refusing_held(plan: Plan, held: Mapping[int, Sequence[str]]) -> Plan:
    """The plan, refused where it removes a monitor that something refers to and goes on to refer to.

    `held` says of each monitor what refers to it, in Datadog's words; of these the composites count no more that the
    plan removes too, or makes of other monitors.
    """
    refusals = (
        Refusal(
            f"{change.id} can't be {'deleted' if change.action is Action.DELETE else 'replaced'}: {reason}",
            "name the files of all that refers to it, or plan the whole project; "
            "what ddguard doesn't manage has to let go of it in Datadog first",
            change.position,
        )
        for change in plan.changes
        if _removes_monitor(change)
        for number in [int(change.remote_id or 0)]
        for reason in held.get(number, ())
        if not _lets_go(reason, _letting_go(plan, number))
    )
    return replace(plan, refusals=(*plan.refusals, *refusals))


def _letting_go(plan: Plan, number: int) -> dict[int, str]:
    """The composites by number, each with its name in Datadog, that don't use a monitor any more after the plan."""
    found: dict[int, str] = {}
    for change in plan.changes:
        live = change.live
        if isinstance(live, LiveMonitor) and (change.action in REMOVING or not _uses(change, live, number)):
            found[live.remote_id] = str(live.definition.get("name") or "")
    return found


def _uses(change: Change, live: LiveMonitor, number: int) -> bool:
    """Whether the monitor will be made of the one with this number."""
    return number in monitors_used_by(replace(live, definition=change.wanted or {}))


def _lets_go(reason: str, composites: Mapping[int, str]) -> bool:
    """Whether all that a reason names is among these composites. A name may hold what looks like a number."""
    told = _COMPOSITES.search(reason)
    if told is None or not _NUMBERED.search(told[1]):
        return False
    left = told[1]
    for number, name in composites.items():
        left = left.replace(f"[{number},{name}]", "")
    return all(int(number) in composites for number in _NUMBERED.findall(left))
