"""Runs the checks over a project: findings at their places, minus what specs ignore, plus ignores that are no good."""

from collections.abc import Iterator, Sequence
from datetime import date

from ddguard.checks.base import Check, Found, Rule, Subject, Surroundings, subject
from ddguard.checks.idle_ignore import RULE as IDLE
from ddguard.checks.idle_ignore import idle_ignores, runs_on
from ddguard.checks.listing import CHECKS
from ddguard.checks.unknown_ignore import RULE as UNKNOWN
from ddguard.checks.unknown_ignore import unknown_ignores
from ddguard.findings import Finding
from ddguard.model import Downtime, Monitor, Project, Source


def check_project(
    project: Project,
    monitors: Sequence[Monitor],
    downtimes: Sequence[Downtime],
    tested: frozenset[str],
    today: date,
    checks: Sequence[Check] = CHECKS,
) -> list[Finding]:
    """What all checks say about all specs, by place. `tested` are the ids that test files name, `today` is in UTC."""
    subjects = {monitor.id: subject(monitor) for monitor in monitors}
    surroundings = Surroundings(project, today, subjects, {downtime.id: downtime for downtime in downtimes}, tested)
    findings = [finding for one in subjects.values() for finding in _in_monitor(one, surroundings, checks)]
    for downtime in downtimes:
        findings += _in_ignores(downtime, frozenset(), checks, today)
    return sorted(findings, key=lambda finding: finding.order)


def _in_monitor(one: Subject, surroundings: Surroundings, checks: Sequence[Check]) -> Iterator[Finding]:
    """What the checks say about a monitor, and about its ignores."""
    today = surroundings.today
    silenced = {ignore.check for ignore in one.monitor.ignore if runs_on(ignore, today)}
    used: set[str] = set()
    for check in checks:
        for found in check.examine(one, surroundings):
            used.add(check.name)
            if check.name not in silenced:
                yield _finding(check, found, one.monitor.source)
    if one.query is None:
        used |= silenced
    yield from _in_ignores(one.monitor, frozenset(used), checks, today)


def _in_ignores(
    spec: Monitor | Downtime, used: frozenset[str], checks: Sequence[Check], today: date
) -> Iterator[Finding]:
    """What is wrong with a spec's ignores; `used` are the checks that found something in it."""
    names = [check.name for check in checks]
    for found in unknown_ignores(spec.ignore, names):
        yield _finding(UNKNOWN, found, spec.source)
    for found in idle_ignores(spec.ignore, names, used, today):
        yield _finding(IDLE, found, spec.source)


def _finding(rule: Rule, found: Found, source: Source) -> Finding:
    place = source.key_at(found.path) if found.key else source.at(found.path, found.offset, found.width)
    return Finding(place, rule.code, rule.name, rule.severity, found.message, found.hint)
