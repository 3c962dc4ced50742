"""What the snooze commands tell, as text, as JSON, or with --quiet as the downtime's id alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

import click

from ddguard.cli.failures import fail
from ddguard.cli.granting import Granted, Seen, Wish
from ddguard.cli.options import Common
from ddguard.cli.output import emit, show
from ddguard.errors import RefusedError
from ddguard.model import Json, SnoozePolicy, Stack
from ddguard.payload.groups import live_groups
from ddguard.payload.snoozes import Snooze, Target
from ddguard.report import oncall, oncall_machine
from ddguard.report.machine import as_json
from ddguard.snooze import Aftermath, Audience, Ending, Listed

RENEWED_OFTEN = 3
"""Snoozes of one target within a week, from which on `allow` is pointed to."""

to_local = datetime.astimezone
"""A moment on the clock of whoever runs the command."""


def tell_preview(wish: Wish, seen: Seen, common: Common, *, asks: bool) -> None:
    """Shows what would fall silent, and which names nobody knows; on stderr where only a question needs it."""
    is_result = common.format == "text" and common.loudness >= 0
    if is_result or asks:
        about = (wish.end, wish.reason, wish.author)
        preview = oncall.preview(wish.target, seen.audience, (seen.running, seen.already), about, to_local)
        show([*preview, *oncall.notes_text(seen.unknown)], common, err=not is_result)


def ask(wish: Wish, running: Snooze | None) -> None:
    """Asks on the terminal; a no is a refusal."""
    if not click.confirm(oncall.question(wish.target, running, wish.end, to_local), default=False, err=True):
        raise RefusedError("not snoozed: the answer was no", "nothing was changed")


def tell_granted(
    granted: Granted,
    wish: Wish,
    seen: Seen,
    now: datetime,
    notes: Sequence[str],
    common: Common,
    *,
    dry_run: bool,
) -> None:
    """Tells what became of a wish. What was seen before was told with the preview, where there was one."""
    found = granted.snooze
    if common.format == "json":
        asked = (now, wish.end, wish.reason, wish.author)
        body = oncall_machine.snooze_object(granted.outcome, wish.target, found, seen.audience, asked)
        already: list[Json] = [overlap.entry.downtime.remote_id for overlap in seen.already]
        told: dict[str, Json] = {"dry_run": dry_run, "notes": [*seen.unknown, *notes]}
        emit(as_json("snooze", {**body, "silenced_already_by": already, **told}))
    elif common.loudness < 0:
        if found is not None:
            emit(found.downtime.remote_id)
    else:
        if dry_run:
            show(oncall.tried_text(granted.outcome, wish.target, found, wish.end, to_local), common)
        elif found is not None:
            show(oncall.outcome_text(granted.outcome, found, to_local), common)
        show(oncall.notes_text(notes), common)


def notes_on(granted: Granted, wish: Wish, policy: SnoozePolicy) -> list[str]:
    """What whoever snoozed should know: what went wrong besides, and that a snooze isn't the right thing any more."""
    if granted.times < RENEWED_OFTEN and not _runs_long(granted, wish, policy):
        return list(granted.notes)
    often = (
        f"was snoozed {granted.times} times within a week" if granted.times >= RENEWED_OFTEN else "is snoozed for long"
    )
    allow = f"{wish.target.scope} {often}: what is meant to stay silent goes into `allow` of the spec"
    return [*granted.notes, allow]


def _runs_long(granted: Granted, wish: Wish, policy: SnoozePolicy) -> bool:
    """Whether it lasts longer than one snooze may, be it extended again and again, or made longer in Datadog."""
    snooze = granted.snooze
    if snooze is None or snooze.start is None:
        return False
    return snooze.end is None or max(snooze.end, wish.end) - snooze.start > max(policy.max, timedelta(days=1))


def unknown_names(target: Target, audience: Audience, raw_monitors: Sequence[Mapping[str, Json]]) -> list[str]:
    """Tags that no group has now: a slip of the pen, or a tenant that sends nothing yet."""
    if audience.groups or not audience.members:
        return []
    known = {tag for monitor in raw_monitors for group in live_groups(monitor) for tag in group.tags}
    notes = []
    for key, value in ((term.key, value) for term in target.terms if not term.negated for value in term.values):
        if f"{key}:{value}" not in known:
            near = get_close_matches(value, [tag.removeprefix(f"{key}:") for tag in known if tag.startswith(f"{key}:")])
            meant = f": did you mean {near[0]}?" if near else ""
            notes.append(f"no group is known with {key}:{value} now{meant}")
    return notes


def tell_list(entries: Sequence[Listed], now: datetime, stack: Stack, common: Common) -> None:
    """Tells what is snoozed."""
    if common.format == "json":
        objects = [oncall_machine.listed_object(entry, now) for entry in entries]
        emit(as_json("snooze list", {"stack": stack.name, "snoozes": objects}))
    elif common.loudness < 0:
        for entry in entries:
            emit(entry.downtime.remote_id)
    else:
        show(oncall.list_text(entries, now, stack.name, to_local), common)


def tell_ended(target: Target, endings: Sequence[Ending], after: Aftermath, common: Common) -> None:
    """Tells which snoozes were ended and which weren't, what is audible again, and what isn't."""
    if common.format == "json":
        emit(as_json("snooze end", oncall_machine.ended_object(target, endings, after)))
    elif common.loudness < 0:
        for one in endings:
            if one.error is None:
                emit(one.snooze.downtime.remote_id)
            else:
                fail(f"not ended: {one.error}", one.error.hint, one.error.exit_code)
    else:
        show(oncall.ended_text(target, endings, after, to_local), common)
