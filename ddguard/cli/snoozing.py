"""How a snooze comes about: what is read, what is asked, which calls are made."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from click.exceptions import Exit

from ddguard.cli import clock
from ddguard.cli.options import Common
from ddguard.cli.project import tell_findings
from ddguard.cli.remote import settings_for
from ddguard.datadog import Datadog
from ddguard.errors import DatadogError, ExitCode, InputError, RefusedError, UsageError
from ddguard.model import Json, LiveDowntime, SnoozePolicy, Stack
from ddguard.payload import live_downtime, live_monitor
from ddguard.payload.snoozes import Snooze, Target, snooze_extension, snooze_in, snooze_request
from ddguard.snooze import (
    AnyTerm,
    Audience,
    Outcome,
    audience_of,
    checked_author,
    checked_reason,
    ends_before,
    find_monitor,
    is_shown,
    listed,
    oldest_running,
    own_snoozes,
    settle,
    snooze_end,
    times_snoozed,
)
from ddguard.spec.load import BrokenProjectError, Specs, load_project

CALLS = 2
"""Connections that a snooze keeps open."""

AUTHORS = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "USER",
    "LOGNAME",
    "USERNAME",
)
"""Environment variables that say who acts: in CI whoever started the run, else the user of the machine."""


Aim = Callable[[Stack, SnoozePolicy], Target]
"""Says what shall be silenced, or refuses it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of a snooze say. `monitor` is a spec's id, or a number in Datadog."""

    length: str | None
    until: str | None
    reason: str | None
    author: str | None
    monitor: str | None
    sure: bool
    dry_run: bool
    force: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: silence for the target until `end` (UTC), and why."""

    target: Target
    end: datetime
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a wish. `snooze` is None where it was only tried; `times` counts the snoozes of the last week."""

    outcome: Outcome
    snooze: Snooze | None
    times: int = 1


def snooze(common: Common, asked: Asked, aim: Aim) -> int:
    """The whole way from the command line to the downtime, and what is told of it."""
    from ddguard.cli.snooze_output import ask, notes_on, tell_granted, tell_preview

    specs, now = project_for(common), clock.now()
    wish = _wish(specs, asked, aim, now)
    if not (asked.sure or asked.dry_run or sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on", "give --yes to snooze without a question")
    with Datadog(settings_for(common, specs, CALLS)) as datadog:
        raw_monitors = datadog.monitors_with_groups(specs.stack.tag)
        wish = _narrowed(wish, asked.monitor, raw_monitors)
        audience = _audience(wish.target, raw_monitors)
        if not asked.force:
            _check_audible(wish.target, audience)
        tell_preview(wish, audience, common)
        if not (asked.sure or asked.dry_run):
            ask(wish)
        granted = _granted(datadog, wish, raw_monitors, now, dry_run=asked.dry_run)
    notes = notes_on(granted, wish, audience, raw_monitors, specs.project.snooze)
    tell_granted(granted, wish, audience, now, notes, common, dry_run=asked.dry_run)
    return ExitCode.DONE


def _wish(specs: Specs, asked: Asked, aim: Aim, now: datetime) -> Wish:
    policy = specs.project.snooze
    return Wish(
        aim(specs.stack, policy),
        snooze_end(now, asked.length, asked.until, policy, datetime.astimezone),
        checked_reason(asked.reason, policy),
        checked_author([asked.author, *(os.environ.get(name) for name in AUTHORS)]),
    )


def _narrowed(wish: Wish, monitor: str | None, raw_monitors: Sequence[Mapping[str, Json]]) -> Wish:
    if monitor is None:
        return wish
    found = find_monitor(monitor, [live_monitor(raw) for raw in raw_monitors])
    return replace(wish, target=replace(wish.target, monitor=found.remote_id))


def _audience(target: Target, raw_monitors: Sequence[Mapping[str, Json]]) -> Audience:
    return audience_of(target.terms, raw_monitors, None if target.monitor is None else {target.monitor})


def _check_audible(target: Target, audience: Audience) -> None:
    if audience.members:
        return
    keys = ", ".join(sorted({term.key for term in target.terms}))
    whose = f"no monitor of {target.stack} is" if target.monitor is None else f"monitor {target.monitor} isn't"
    perhaps = f"; of {len(audience.unread)} the query doesn't tell" if audience.unread else ""
    raise RefusedError(
        f"nothing would fall silent: {whose} grouped by {keys}, nor filtered on {target.scope}{perhaps}",
        "--force makes the downtime all the same",
    )


def _granted(
    datadog: Datadog, wish: Wish, raw_monitors: Sequence[Mapping[str, Json]], now: datetime, *, dry_run: bool
) -> Granted:
    """What is done for a wish: at most two calls, where nobody else wishes the same at the same time."""
    if not dry_run and not is_shown(wish.target, raw_monitors):
        return create(datadog, wish, now)
    downtimes = read_downtimes(datadog)
    running = oldest_running(downtimes, wish.target)
    times = times_snoozed(downtimes, wish.target, now)
    if running is None:
        return Granted(Outcome.CREATED, None, times + 1) if dry_run else create(datadog, wish, now)
    if dry_run:
        return Granted(Outcome.EXTENDED if ends_before(running, wish.end) else Outcome.UNCHANGED, running, times)
    return Granted(*extend(datadog, wish, running), times)


def list_snoozes(common: Common) -> int:
    """Reads what is snoozed, and tells it."""
    from ddguard.cli.snooze_output import tell_list

    specs = project_for(common)
    with Datadog(settings_for(common, specs, CALLS)) as datadog:
        raw_monitors = datadog.monitors_with_groups(specs.stack.tag)
        downtimes = read_downtimes(datadog)
    entries = listed(specs.stack, downtimes, raw_monitors, specs.project.snooze, _terms)
    tell_list(entries, clock.now(), specs.stack, common)
    return ExitCode.DONE


def _terms(scope: str) -> Sequence[AnyTerm] | None:
    from ddguard.replay.scopes import parse_scope

    try:
        return parse_scope(scope).terms
    except InputError:
        return None


def end_snoozes(common: Common, aim: Aim) -> int:
    """Ends every snooze of one target, narrowed to a monitor or not, and tells what is audible again."""
    from ddguard.cli.snooze_output import tell_ended

    specs = project_for(common)
    target = aim(specs.stack, specs.project.snooze)
    with Datadog(settings_for(common, specs, CALLS)) as datadog:
        downtimes = read_downtimes(datadog)
        ended = [one for one in own_snoozes(downtimes, target.stack) if one.target.terms == target.terms]
        for one in ended:
            datadog.cancel_downtime(one.downtime.remote_id)
        raw_monitors = datadog.monitors_with_groups(specs.stack.tag) if ended else []
    tell_ended(target, ended, audience_of(target.terms, raw_monitors, _numbers(ended)), common)
    return ExitCode.DONE


def _numbers(ended: Sequence[Snooze]) -> set[int] | None:
    """The monitors that the snoozes were narrowed to; None where one was about the whole stack."""
    numbers = {one.target.monitor for one in ended}
    return None if None in numbers else {number for number in numbers if number is not None}


def project_for(common: Common) -> Specs:
    """The project, its environment and its stack; a broken `ddguard.yaml` ends the command."""
    try:
        return load_project(common.directory, common.environment)
    except BrokenProjectError as error:
        tell_findings(error.findings, error.texts, {"files": 1}, common)
        raise Exit(ExitCode.FINDINGS) from None


def read_downtimes(datadog: Datadog) -> list[LiveDowntime]:
    """All downtimes that Datadog lists, those that are over included."""
    return [live_downtime(raw) for raw in datadog.downtimes()]


def extend(datadog: Datadog, wish: Wish, running: Snooze) -> tuple[Outcome, Snooze]:
    """Lets a snooze run on to the end that is wished for. One that ends later stays as it is."""
    if not ends_before(running, wish.end):
        return Outcome.UNCHANGED, running
    raw = datadog.update_downtime(
        running.downtime.remote_id, snooze_extension(running, wish.end, wish.reason, wish.author)
    )
    return Outcome.EXTENDED, _snooze(raw)


def create(datadog: Datadog, wish: Wish, now: datetime) -> Granted:
    """Makes a snooze. Should an older one of the same target turn up, that one is extended and this one ends."""
    request = snooze_request(wish.target, wish.end, wish.reason, wish.author)
    made = live_downtime(datadog.create_downtime(request, wish.target.marker).raw)
    by_id = {downtime.remote_id: downtime for downtime in read_downtimes(datadog)}
    downtimes = list(({made.remote_id: made} | by_id).values())
    settlement = settle(downtimes, wish.target, wish.end)
    if settlement is None:
        raise RefusedError(
            f"the downtime {made.remote_id} carries the mark of this snooze, but somebody changed what it silences",
            "look at it in Datadog; `ddguard snooze end` ends it",
        )
    outcome, kept = extend(datadog, wish, settlement.kept)
    for spare in settlement.spare:
        datadog.cancel_downtime(spare.downtime.remote_id)
    is_new = kept.downtime.remote_id == made.remote_id and outcome is Outcome.UNCHANGED
    gone = {spare.downtime.remote_id for spare in settlement.spare}
    left = [downtime for downtime in downtimes if downtime.remote_id not in gone]
    return Granted(Outcome.CREATED if is_new else outcome, kept, times_snoozed(left, wish.target, now))


def _snooze(raw: Mapping[str, Json]) -> Snooze:
    snooze = snooze_in(live_downtime(raw))
    if snooze is None:
        raise DatadogError("the downtime lost the mark of its snooze while it was extended", "look at it in Datadog")
    return snooze
