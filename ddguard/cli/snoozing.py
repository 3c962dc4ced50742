"""How a snooze comes about and is listed: what is read, what is asked, what is told."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from click.exceptions import Exit

from ddguard.cli import clock
from ddguard.cli.failures import fail
from ddguard.cli.granting import Seen, Wish, grant, read_downtimes
from ddguard.cli.interrupts import nothing_changed
from ddguard.cli.options import Common
from ddguard.cli.output import say
from ddguard.cli.progress import told_if_slow
from ddguard.cli.project import tell_broken
from ddguard.cli.remote import settings_for, waited_for
from ddguard.datadog import Datadog, Readers
from ddguard.errors import ExitCode, InputError, RefusedError, UsageError
from ddguard.model import Json, SnoozePolicy, Stack
from ddguard.payload import live_monitor
from ddguard.payload.snoozes import Target
from ddguard.snooze import (
    AnyTerm,
    Audience,
    audience_of,
    checked_author,
    checked_reason,
    ends_before,
    find_monitor,
    listed,
    oldest_running,
    overlaps,
    shown_scopes,
    snooze_end,
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


DONE_ALL_THE_SAME = "what is told above was done: `ddguard snooze end` takes it back"

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

    @property
    def asks(self) -> bool:
        """Whether a person has to agree."""
        return not (self.sure or self.dry_run)


def snooze(common: Common, asked: Asked, aim: Aim) -> int:
    """The whole way from the command line to the downtime, and what is told of it."""
    from ddguard.cli.snooze_output import notes_on, tell_granted

    specs, now = project_for(common), clock.now()
    wish = _wish(specs, asked, aim, now)
    if asked.asks and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "give --yes to snooze without a question")
    with Datadog(settings_for(common, specs, CALLS)) as datadog:
        with nothing_changed():
            with told_if_slow(common):
                wish, seen = _seen(datadog, specs, wish, asked)
            seen = _agreed(wish, seen, asked, common)
        with told_if_slow(common):
            granted = grant(datadog, wish, seen.raw_monitors, now, seen.downtimes, dry_run=asked.dry_run)
    notes = notes_on(granted, wish, specs.project.snooze)
    tell_granted(granted, wish, seen, now, notes, common, dry_run=asked.dry_run)
    if granted.interrupted:
        return fail("interrupted", DONE_ALL_THE_SAME, ExitCode.INTERRUPTED)
    return ExitCode.DONE


def _wish(specs: Specs, asked: Asked, aim: Aim, now: datetime) -> Wish:
    policy = specs.project.snooze
    return Wish(
        aim(specs.stack, policy),
        snooze_end(now, asked.length, asked.until, policy, datetime.astimezone),
        checked_reason(asked.reason, policy),
        checked_author([asked.author, *(os.environ.get(name) for name in AUTHORS)]),
    )


def _seen(datadog: Datadog, specs: Specs, wish: Wish, asked: Asked) -> tuple[Wish, Seen]:
    """What is to be done, narrowed to a monitor where one is named, and what there is to be seen before."""
    from ddguard.cli.snooze_output import unknown_names

    raw_monitors = waited_for(datadog.monitors_with_groups, specs.stack.tag)
    wish = _narrowed(wish, asked.monitor, raw_monitors)
    audience = _audience(wish.target, raw_monitors)
    if not asked.force:
        _check_audible(specs, wish.target, audience)
    unknown = unknown_names(wish.target, audience, raw_monitors)
    return wish, _look_around(datadog, specs, wish.target, Seen(raw_monitors, audience, unknown))


def _agreed(wish: Wish, seen: Seen, asked: Asked, common: Common) -> Seen:
    """What was seen, once it was shown and agreed to. An answer may take long: the downtimes are read anew after it."""
    from ddguard.cli.snooze_output import ask, tell_preview

    asks = asked.asks and not (seen.running and not ends_before(seen.running, wish.end))
    tell_preview(wish, seen, common, asks=asks)
    if not asks:
        return seen
    ask(wish, seen.running)
    if wish.end <= clock.now():
        raise RefusedError("the end of the snooze is past by now", "nothing was changed; run the command again")
    return replace(seen, downtimes=None)


def _narrowed(wish: Wish, monitor: str | None, raw_monitors: Sequence[Mapping[str, Json]]) -> Wish:
    if monitor is None:
        return wish
    found = find_monitor(monitor, [live_monitor(raw) for raw in raw_monitors])
    return replace(wish, target=replace(wish.target, monitor=found.remote_id))


def _audience(target: Target, raw_monitors: Sequence[Mapping[str, Json]]) -> Audience:
    return audience_of(target.terms, raw_monitors, None if target.monitor is None else {target.monitor})


def _look_around(datadog: Datadog, specs: Specs, target: Target, seen: Seen) -> Seen:
    """What silences the target already. The downtimes are read only if Datadog shows one beside a monitor."""
    if not shown_scopes(seen.raw_monitors):
        return seen
    downtimes = read_downtimes(datadog)
    entries = listed(specs.stack, downtimes, seen.raw_monitors, specs.project.snooze, terms_of)
    already = overlaps(target, seen.audience, entries, seen.raw_monitors, terms_of)
    return replace(seen, already=already, downtimes=downtimes, running=oldest_running(downtimes, target))


def _check_audible(specs: Specs, target: Target, audience: Audience) -> None:
    if audience.members:
        return
    keys = ", ".join(sorted({term.key for term in target.terms}))
    whose = f"no monitor of {target.stack} is" if target.monitor is None else f"monitor {target.monitor} isn't"
    perhaps = f"; of {len(audience.unread)} the query doesn't tell" if audience.unread else ""
    others = _others(specs)
    elsewhere = f"is another environment meant ({others})? " if others else ""
    raise RefusedError(
        f"nothing would fall silent: {whose} grouped by {keys}, nor filtered on {target.scope}{perhaps}",
        f"{elsewhere}--force makes the downtime all the same",
    )


def list_snoozes(common: Common) -> int:
    """Reads what is snoozed, and tells it."""
    from ddguard.cli.snooze_output import tell_list

    specs = project_for(common)
    with Datadog(settings_for(common, specs, CALLS)) as datadog, Readers(1) as readers, told_if_slow(common):
        listing = readers.begin(datadog.monitors_with_groups, specs.stack.tag)
        downtimes = read_downtimes(datadog)
        raw_monitors = listing.result()
    entries = listed(specs.stack, downtimes, raw_monitors, specs.project.snooze, terms_of)
    tell_list(entries, clock.now(), specs.stack, common)
    if not entries:
        say_where(specs, common)
    return ExitCode.DONE


def say_where(specs: Specs, common: Common) -> None:
    """Says of what was looked for without `--env`, and not found, that there are other places."""
    others = _others(specs)
    if others and common.environment is None:
        say(f"this was {specs.environment.name}, the default environment; elsewhere: {others}", common)


def _others(specs: Specs) -> str:
    """The options that name the project's other environments: `--env prod or --env qa`."""
    return " or ".join(f"--env {name}" for name in specs.project.environments if name != specs.environment.name)


def terms_of(scope: str) -> Sequence[AnyTerm] | None:
    """The terms of a downtime's scope; None where it can't be read."""
    from ddguard.replay.scopes import parse_scope

    try:
        return parse_scope(scope).terms
    except InputError:
        return None


def project_for(common: Common) -> Specs:
    """The project, its environment and its stack; a broken `ddguard.yaml` ends the command."""
    try:
        return load_project(common.directory, common.environment)
    except BrokenProjectError as error:
        tell_broken(error, common)
        raise Exit(ExitCode.FINDINGS) from None
