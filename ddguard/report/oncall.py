"""Snoozes for a terminal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from ddguard.payload.snoozes import Snooze, Target
from ddguard.report.escape import printable_line
from ddguard.report.findings import counted
from ddguard.report.layout import Hanging, facts, indented, whole
from ddguard.snooze import Aftermath, Alerting, Audience, Ending, Listed, Member, Outcome, Overlap, ends_before
from ddguard.spec.durations import duration_text

ToLocal = Callable[[datetime], datetime]
"""A moment on the user's wall clock."""

STATE_COLORS = {"Alert": "bold red", "Warn": "yellow", "No Data": "dim", "OK": "green"}
WHEN = "%a %d %b %Y %H:%M"
MINUTE = 60
MOST_NAMES = 5
"""Monitors that are named of all that a downtime silences."""
MOST_GROUPS = 20
"""Alerting groups that are shown: a tenant with hundreds of hosts must not push the rest off the screen."""


def moment_text(moment: datetime | None, to_local: ToLocal) -> str:
    """A moment for the user, and in UTC where that is another time: `Mon 05 Jan 2026 11:00 CET (10:00 UTC)`."""
    if moment is None:
        return "without end"
    local, utc = _on_the_clock(moment, to_local), moment.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return utc.strftime(f"{WHEN} UTC")
    day = "" if local.date() == utc.date() else "%a "
    return f"{local.strftime(f'{WHEN} %Z')} ({utc.strftime(f'{day}%H:%M UTC')})"


def _on_the_clock(moment: datetime, to_local: ToLocal) -> datetime:
    """The moment on the user's clock; in UTC where that clock has no year for it: 9999 stands for no end."""
    try:
        return to_local(moment)
    except (OverflowError, ValueError, OSError):
        return moment.astimezone(UTC)


def _until(moment: datetime | None, to_local: ToLocal) -> str:
    return f"until {moment_text(moment, to_local)}" if moment else "without end"


def length_text(seconds: float) -> str:
    """A length of time, to the next minute where it has minutes: `1h12m`, `40s`."""
    unit = MINUTE if seconds >= MINUTE else 1
    return duration_text(timedelta(seconds=unit * round(seconds / unit)))


def preview(
    target: Target,
    audience: Audience,
    already: tuple[Snooze | None, Sequence[Overlap]],
    about: tuple[datetime, str, str],
    to_local: ToLocal,
) -> Iterator[RenderableType]:
    """What would fall silent, and what silences it already: the snooze of the same target, and other downtimes.

    `about` is until when, why and by whom.
    """
    (running, overlaps), (end, reason, author) = already, about
    where = f" on {counted(len(audience.members), 'monitor')} of "
    yield Text.assemble(("Silence ", "bold"), (target.scope, "bold cyan"), where, (target.stack, "bold"))
    yield from _members(audience, "may fall silent too")
    yield from alerting_text(audience.alerting, to_local)
    if running is not None:
        yield indented(_running(running, end, to_local), 2)
    for overlap in overlaps:
        where = "" if overlap.is_whole else f" on {overlap.monitors} of {counted(len(audience.members), 'monitor')}"
        head = (f"silenced already{where}: ", "yellow")
        yield indented(Text.assemble(head, *_other(overlap.entry, to_local)), 2)
    yield facts([("until", moment_text(end, to_local)), ("reason", reason or "-"), ("by", author)])


def _running(snooze: Snooze, end: datetime, to_local: ToLocal) -> Text:
    """The snooze that there is, and what becomes of it."""
    becomes = "is extended" if ends_before(snooze, end) else "stays as it is"
    why = f" ({printable_line(snooze.reason)})" if snooze.reason else ""
    told = f"{_until(snooze.end, to_local)}{_by(snooze)}{why}: it {becomes}"
    return Text.assemble(("snoozed already: ", "yellow"), told, (f"  ({snooze.downtime.remote_id})", "dim"))


def _members(audience: Audience, perhaps: str) -> Iterator[RenderableType]:
    for member in audience.members:
        yield Hanging(_member(member), 2)
    if audience.unread:
        yield Hanging(Text(f"{perhaps}, which their queries don't tell:", "yellow"), 2)
        for member in audience.unread:
            yield Hanging(_member(member), 4)


def _member(member: Member) -> Text:
    return Text.assemble(printable_line(member.name), (f"  ({printable_line(_called(member))})", "dim"))


def _called(member: Member) -> str:
    return member.id or str(member.number)


def alerting_text(alerting: Sequence[Alerting], to_local: ToLocal) -> Iterator[RenderableType]:
    """The groups that are alerting now, the worst first."""
    if not alerting:
        yield indented(Text("none of their groups is alerting now", "dim"), 2)
        return
    yield indented(Text(f"alerting now: {counted(len(alerting), 'group')}"), 2)
    for group in alerting[:MOST_GROUPS]:
        since = f" since {moment_text(group.since, to_local)}" if group.since else ""
        state = (group.state, STATE_COLORS.get(group.state, ""))
        name = (printable_line(group.monitor_name), "dim")
        yield Hanging(Text.assemble(state, f"  {printable_line(group.group)}{since}  ", name), 4)
    more = len(alerting) - MOST_GROUPS
    if more > 0:
        yield indented(Text(f"and {more} more: --format json has them all", "dim"), 4)


def question(target: Target, running: Snooze | None, end: datetime, to_local: ToLocal) -> str:
    """What a person is asked before a snooze, or before the one that there is gets longer."""
    until = f"in {target.stack} until {moment_text(end, to_local)}?"
    return f"Silence {_what(target)} {until}" if running is None else f"Extend the snooze of {_what(target)} {until}"


def _what(target: Target) -> str:
    return target.scope if target.monitor is None else f"{target.scope} on monitor {target.monitor}"


def outcome_text(outcome: Outcome, snooze: Snooze, to_local: ToLocal) -> Iterator[RenderableType]:
    """One line that says how it ended."""
    until = _until(snooze.end, to_local)
    verb, color, told = {
        Outcome.CREATED: ("Snoozed: ", "green", until),
        Outcome.EXTENDED: ("Extended: ", "green", until),
        Outcome.UNCHANGED: ("Unchanged: ", "yellow", f"is snoozed{_by(snooze)} {until} already"),
    }[outcome]
    yield Text.assemble(
        (verb, f"bold {color}"), f"{_what(snooze.target)} {told}", (f"  ({snooze.downtime.remote_id})", "dim")
    )


def tried_text(
    outcome: Outcome, target: Target, snooze: Snooze | None, end: datetime, to_local: ToLocal
) -> Iterator[RenderableType]:
    """One line that says what would have been done."""
    before = snooze.end if snooze else None
    longer = f"from {moment_text(before, to_local)} to {moment_text(end, to_local)}"
    would = {
        Outcome.CREATED: f"begin a snooze of {_what(target)}",
        Outcome.EXTENDED: f"extend the snooze{_by(snooze)} {longer}",
        Outcome.UNCHANGED: f"change nothing: there is a snooze{_by(snooze)} {_until(before, to_local)}",
    }[outcome]
    yield Text(f"Nothing was done. Without --dry-run this would {would}.")


def _by(snooze: Snooze | None) -> str:
    return f" by {printable_line(snooze.author)}" if snooze and snooze.author else ""


def notes_text(notes: Sequence[str]) -> Iterator[RenderableType]:
    """What the reader should know besides."""
    for note in notes:
        yield Hanging(Text.assemble(("note: ", "cyan"), printable_line(note)))


def list_text(entries: Sequence[Listed], now: datetime, stack: str, to_local: ToLocal) -> Iterator[RenderableType]:
    """Every snooze and other downtime with its time left, reason, author, and what it silences."""
    if not entries:
        yield Text(f"Nothing is snoozed in {stack}.")
    for entry in entries:
        yield Text.assemble((printable_line(entry.scope), "bold cyan"), f"  {_left(entry, now)}", _mark(entry))
        yield facts(
            [
                ("until", moment_text(entry.end, to_local)),
                ("reason", printable_line(entry.reason) or "-"),
                ("by", _author(entry)),
                ("silences", _silenced(entry, stack)),
            ]
        )
        yield whole(Text.assemble(("  downtime  ", "dim"), printable_line(entry.downtime.remote_id)))


def _left(entry: Listed, now: datetime) -> str:
    if entry.downtime.status == "scheduled" and entry.start and entry.start > now:
        return f"begins in {length_text((entry.start - now).total_seconds())}"
    if entry.end is None:
        return "no end"
    return f"{length_text(max(0.0, (entry.end - now).total_seconds()))} left"


def _mark(entry: Listed) -> tuple[str, str]:
    return ("  foreign", "yellow") if entry.is_foreign else ("", "")


def _author(entry: Listed) -> str:
    if entry.was_for:
        return f"{printable_line(entry.author) or 'somebody'} (for {entry.was_for}, changed in Datadog since)"
    if entry.author:
        return printable_line(entry.author)
    if entry.spec:
        return f"the spec {printable_line(entry.spec)}"
    return "made in Datadog" if entry.is_foreign else "somebody"


def _silenced(entry: Listed, stack: str) -> str:
    if entry.audience is None:
        return "its scope can't be read: look in Datadog"
    members, unread = entry.audience.members, entry.audience.unread
    if not members:
        return f"perhaps {_names(unread)}: the queries don't tell" if unread else "nothing"
    whole = f"everything in {stack}: " if entry.is_everything else ""
    more = f"; perhaps {counted(len(unread), 'monitor')} more" if unread else ""
    return f"{whole}{_names(members)}{more}"


def _names(members: Sequence[Member]) -> str:
    names = ", ".join(printable_line(_called(member)) for member in members[:MOST_NAMES])
    more = len(members) - MOST_NAMES
    return f"{names} and {more} more" if more > 0 else names


def ended_text(
    target: Target, endings: Sequence[Ending], after: Aftermath, to_local: ToLocal
) -> Iterator[RenderableType]:
    """Which snoozes were ended and which weren't, what is audible again, and what isn't."""
    if not endings:
        what = "has no snooze of its own" if after.still else "isn't snoozed"
        yield Text(f"Nothing to end: {target.scope} {what} in {target.stack}.")
    for one in endings:
        yield _ending(one, to_local)
    for entry in after.still:
        yield _still(entry, to_local)
    if after.audible is None:
        yield from notes_text([f"what is audible again wasn't read: {after.unread}"])
    elif any(one.error is None for one in endings):
        yield from _audible(after.audible, to_local)


def _ending(one: Ending, to_local: ToLocal) -> Text:
    until = _until(one.snooze.end, to_local)
    number = (f"  ({one.snooze.downtime.remote_id})", "dim")
    changed = f" was changed in Datadog to {printable_line(one.snooze.changed_to)} and" if one.snooze.changed_to else ""
    whose = f"the snooze of {_what(one.snooze.target)}{_by(one.snooze)}, which{changed}"
    if one.error is None:
        return Text.assemble(("Ended: ", "bold green"), f"{whose} would have lasted {until}", number)
    return Text.assemble(
        ("Not ended: ", "bold red"), f"{whose} lasts {until}: {printable_line(str(one.error))}", number
    )


def _still(entry: Listed, to_local: ToLocal) -> Text:
    return Text.assemble(("Still silenced: ", "bold yellow"), *_other(entry, to_local))


def _other(entry: Listed, to_local: ToLocal) -> tuple[str, tuple[str, str]]:
    by = f"by {_author(entry)}" if entry.author or entry.spec or entry.was_for else "made in Datadog"
    downtime = f"by a downtime of {printable_line(entry.scope)}, {by}, {_until(entry.end, to_local)}"
    return downtime, (f"  ({entry.downtime.remote_id})", "dim")


def _audible(audience: Audience, to_local: ToLocal) -> Iterator[RenderableType]:
    if not audience.members and not audience.unread:
        yield Text("Audible again: no monitor")
        return
    yield Text(f"Audible again: {counted(len(audience.members), 'monitor')}")
    yield from _members(audience, "may be audible again too")
    yield from alerting_text(audience.alerting, to_local)
    if audience.alerting:
        yield indented(Text("Datadog sends nothing because a snooze was ended: look at them now.", "yellow"), 2)
