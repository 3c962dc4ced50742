"""The safety rules: what a plan must not do. Each broken one is a refusal, and nothing of the plan may be applied."""

from collections.abc import Iterator, Mapping, Sequence

from ddguard.model import Downtime, LiveMonitor, Monitor
from ddguard.payload import is_protected
from ddguard.plan.order import NUMBERED_ANEW
from ddguard.plan.values import Action, Change, Kind, Refusal, Rules


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
    elif total >= rules.policy.min_objects and doomed > total * rules.policy.max_share:
        yield Refusal(
            f"{doomed} of {total} objects would be deleted: more than {rules.policy.max_share:.0%} (prune.max_share)",
            f"if that is meant: --max-deletes {doomed}",
        )
