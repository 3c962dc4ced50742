"""Plans and outcomes as JSON objects."""

from collections.abc import Sequence

from ddguard.model import Json
from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Change, Outcome, Plan, Refusal, Result


def plan_object(plan: Plan) -> dict[str, Json]:
    """A plan."""
    return {
        "project": plan.stack.project,
        "environment": plan.stack.environment,
        "fingerprint": plan.fingerprint,
        "summary": plan.summary,
        "changes": [change_object(change) for change in plan.changes],
        "notes": list(plan.notes),
        "refusals": [refusal_object(refusal) for refusal in plan.refusals],
    }


def change_object(change: Change) -> dict[str, Json]:
    """One change with its fields.

    `path` and `line` are the place of its spec, null for a delete; `last_written` is when Datadog says that the
    object was, null for a create.
    """
    return {
        "action": change.action.value,
        "kind": change.kind.value,
        "id": change.id,
        "remote_id": change.remote_id,
        "name": change.name,
        "path": change.position.path if change.position else None,
        "line": change.position.line if change.position else None,
        "last_written": change.last_written or None,
        "fields": [field_object(field) for field in change.fields],
    }


def field_object(field: FieldChange) -> dict[str, Json]:
    """One field before and after; null where there is nothing."""
    return {
        "path": ".".join(str(part) for part in field.path),
        "before": None if field.before is ABSENT else field.before,
        "after": None if field.after is ABSENT else field.after,
    }


def refusal_object(refusal: Refusal) -> dict[str, Json]:
    """A safety rule that is broken; `path` and `line` are null where no spec is meant."""
    position = refusal.position
    return {
        "message": refusal.message,
        "hint": refusal.hint,
        "path": position.path if position else None,
        "line": position.line if position else None,
    }


def outcome_object(outcome: Outcome) -> dict[str, Json]:
    """One change and what became of it."""
    return {
        **change_object(outcome.change),
        "remote_id": outcome.remote_id,
        "outcome": outcome.result.value,
        "error": outcome.error,
        "hint": outcome.hint,
        "adopted": outcome.adopted,
    }


def apply_object(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Json]:
    """A plan with the outcome of each change, in the plan's order; without outcomes none was begun."""
    by_change = {id(outcome.change): outcome for outcome in outcomes}
    told = [
        by_change.get(id(change)) or Outcome(change, Result.SKIPPED, change.remote_id, "the plan was refused")
        for change in plan.changes
    ]
    return {**plan_object(plan), "changes": [outcome_object(outcome) for outcome in told]}
