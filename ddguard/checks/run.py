"""Runs the checks over a project: findings at their places, minus what specs ignore, plus ignores that are no good."""

from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, subject
from ddguard.checks.listing import CHECKS
from ddguard.findings import Finding, Position, Severity
from ddguard.model import Downtime, Ignore, Monitor, Project

SYNTAX_CODE, SYNTAX = "DDG100", "query-syntax"
IGNORE_CODE, IGNORE = "DDG590", "ignore"
"""The two findings that are no checks: a query that can't be read, an `ignore` that does nothing (or no more)."""


def check_project(
    project: Project,
    monitors: Sequence[Monitor],
    downtimes: Sequence[Downtime],
    tested: frozenset[str],
    today: date,
    checks: Sequence[Check] = CHECKS,
) -> list[Finding]:
    """What all checks say about all monitors. `tested` are the ids that test files name, `today` is in UTC."""
    subjects = {monitor.id: subject(monitor) for monitor in monitors}
    surroundings = Surroundings(project, today, subjects, {downtime.id: downtime for downtime in downtimes}, tested)
    return [finding for one in subjects.values() for finding in _check_monitor(one, surroundings, checks)]


def _check_monitor(one: Subject, surroundings: Surroundings, checks: Sequence[Check]) -> Iterator[Finding]:
    yield from _syntax(one)
    ignores = {_named(ignore.check, checks): ignore for ignore in one.monitor.ignore}
    used: set[str] = set()
    for check in checks:
        for found in check.examine(one, surroundings):
            ignore = ignores.get(check.name)
            if ignore is not None:
                used.add(check.name)
                if _runs(ignore, surroundings.today):
                    continue
            yield Finding(_position(one, found), check.code, check.name, check.severity, found.message, found.hint)
    yield from _idle_ignores(one, used, surroundings.today, checks)


def _named(text: str, checks: Sequence[Check]) -> str:
    """The check's name, also where its code is given."""
    return next((check.name for check in checks if check.code == text), text)


def _runs(ignore: Ignore, today: date) -> bool:
    return ignore.until is None or today <= ignore.until


def _position(one: Subject, found: Found) -> Position:
    source = one.monitor.source
    return source.key_at(found.path) if found.key else source.at(found.path, found.offset, found.width)


def _syntax(one: Subject) -> Iterator[Finding]:
    """The query that can't be read, with a caret under what is wrong with it."""
    mistake = one.mistake
    if mistake is not None:
        position = one.monitor.source.at(("query",), mistake.span.offset, mistake.span.width)
        yield Finding(position, SYNTAX_CODE, SYNTAX, Severity.ERROR, f"query: {mistake.message}", mistake.hint)


def _idle_ignores(one: Subject, used: set[str], today: date, checks: Sequence[Check]) -> Iterator[Finding]:
    """An ignore that names no check is an error; one that is over, or that nothing was found for, a warning."""
    names = {check.name for check in checks}
    for place, ignore in enumerate(one.monitor.ignore):
        name = _named(ignore.check, checks)
        severity, message, hint = Severity.WARNING, "", ""
        if name not in names:
            near = get_close_matches(ignore.check, [*names, *(check.code for check in checks)], n=1)
            severity, message = Severity.ERROR, f"there is no check {ignore.check!r}"
            hint = f"did you mean {near[0]}?" if near else "`ddguard explain` lists them"
        elif not _runs(ignore, today):
            message, hint = f"the ignore of {name} ended on {ignore.until}", "mend the monitor, or give a later day"
        elif name not in used:
            message, hint = f"{name} finds nothing here: this ignore is not needed", "remove it"
        if message:
            position = one.monitor.source.at(("ignore", place, "check"))
            yield Finding(position, IGNORE_CODE, IGNORE, severity, message, hint)
