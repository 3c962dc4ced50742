"""How the snoozes of a target end, and what is told of those that don't."""

from collections.abc import Sequence

from ddguard.cli.failures import fail
from ddguard.cli.granting import read_downtimes
from ddguard.cli.interrupts import nothing_changed
from ddguard.cli.options import Common
from ddguard.cli.progress import told_if_slow
from ddguard.cli.remote import settings_for, waited_for
from ddguard.cli.snoozing import CALLS, Aim, project_for, say_where, terms_of
from ddguard.datadog import Datadog
from ddguard.errors import DatadogError, ExitCode, InterruptedRun
from ddguard.model import LiveDowntime
from ddguard.payload.snoozes import Snooze, Target
from ddguard.snooze import Aftermath, Ending, aftermath, listed, own_snoozes
from ddguard.spec.load import Specs

HALF_DONE = "what is told above was done: `ddguard snooze list` tells what is left"


def end_snoozes(common: Common, aim: Aim) -> int:
    """Ends every snooze of one target, narrowed to a monitor or not, and tells what is audible again."""
    from ddguard.cli.snooze_output import tell_ended

    specs = project_for(common)
    target = aim(specs.stack, specs.project.snooze)
    with Datadog(settings_for(common, specs, CALLS)) as datadog, told_if_slow(common):
        with nothing_changed():
            downtimes = read_downtimes(datadog)
        own = [one for one in own_snoozes(downtimes, target.stack) if one.target.terms == target.terms]
        endings = _end(datadog, own)
        after, stopped = _look_around(datadog, specs, target, downtimes, endings)
    tell_ended(target, endings, after, common)
    if not endings:
        say_where(specs, common)
    if stopped or any(isinstance(one.error, InterruptedRun) for one in endings):
        return fail("interrupted", HALF_DONE, ExitCode.INTERRUPTED)
    return ExitCode.PARTLY if any(one.error for one in endings) else ExitCode.DONE


def _end(datadog: Datadog, snoozes: Sequence[Snooze]) -> list[Ending]:
    """What becomes of each. One that doesn't end keeps no other from ending; Ctrl-C does."""
    endings: list[Ending] = []
    for snooze in snoozes:
        is_stopped = bool(endings) and isinstance(endings[-1].error, InterruptedRun)
        endings.append(Ending(snooze, InterruptedRun("interrupted")) if is_stopped else _ending(datadog, snooze))
    failures = [one.error for one in endings if isinstance(one.error, DatadogError)]
    if failures and len(failures) == len(endings):
        raise failures[0]
    return endings


def _ending(datadog: Datadog, snooze: Snooze) -> Ending:
    try:
        datadog.cancel_downtime(snooze.downtime.remote_id)
    except DatadogError as error:
        return Ending(snooze, error)
    except KeyboardInterrupt:
        return Ending(snooze, InterruptedRun("interrupted, it may have ended all the same"))
    return Ending(snooze)


def _look_around(
    datadog: Datadog, specs: Specs, target: Target, downtimes: Sequence[LiveDowntime], endings: Sequence[Ending]
) -> tuple[Aftermath, bool]:
    """What holds now, and whether Ctrl-C kept it from being read. Once something ended, nothing hides that."""
    try:
        raw_monitors = waited_for(datadog.monitors_with_groups, specs.stack.tag)
    except (DatadogError, KeyboardInterrupt) as error:
        if not endings:
            raise
        interrupted = isinstance(error, KeyboardInterrupt)
        return Aftermath(None, unread="interrupted" if interrupted else str(error)), interrupted
    gone = {one.snooze.downtime.remote_id for one in endings if one.error is None}
    left = [downtime for downtime in downtimes if downtime.remote_id not in gone]
    entries = listed(specs.stack, left, raw_monitors, specs.project.snooze, terms_of)
    return aftermath(target, endings, entries, raw_monitors, terms_of), False
