"""Plans and outcomes as JSON objects."""

from collections.abc import Sequence

from ddguard.model import Json
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Change, Outcome, Plan


def plan_object(plan: Plan) -> dict[str, Json]:
    """A plan."""
    return {
        "project": plan.stack.project,
        "environment": plan.stack.environment,
        "fingerprint": plan.fingerprint,
        "summary": plan.summary,
        "changes": [change_object(change) for change in plan.changes],
        "notes": list(plan.notes),
        "refusals": [{"message": refusal.message, "hint": refusal.hint} for refusal in plan.refusals],
    }


def change_object(change: Change) -> dict[str, Json]:
    """One change with its fields."""
    return {
        "action": change.action.value,
        "kind": change.kind.value,
        "id": change.id,
        "remote_id": change.remote_id,
        "name": change.name,
        "fields": [field_object(field) for field in change.fields],
    }


def field_object(field: FieldChange) -> dict[str, Json]:
    """One field before and after; null where there is nothing."""
    return {
        "path": ".".join(str(part) for part in field.path),
        "before": None if field.before is ABSENT else field.before,
        "after": None if field.after is ABSENT else field.after,
    }


def outcome_object(outcome: Outcome) -> dict[str, Json]:
    """One change and what became of it."""
    described = {**change_object(outcome.change), "remote_id": outcome.remote_id}
    return {**described, "outcome": outcome.result.value, "error": outcome.error, "adopted": outcome.adopted}


def apply_object(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Json]:
    """A plan with the outcome of each change, in the plan's order."""
    order = {id(change): place for place, change in enumerate(plan.changes)}
    told = sorted(outcomes, key=lambda outcome: order[id(outcome.change)])
    return {**plan_object(plan), "changes": [outcome_object(outcome) for outcome in told]}
