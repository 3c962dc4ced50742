"""Runs the checks over a project: findings at their places, minus what specs ignore, plus ignores that are no good."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ddguard.checks.base import Check, Found, Rule, Subject, Surroundings, subject
from ddguard.checks.idle_ignore import RULE as IDLE
from ddguard.checks.idle_ignore import idle_ignores, runs_on
from ddguard.checks.listing import CHECKS
from ddguard.checks.unknown_ignore import RULE as UNKNOWN
from ddguard.checks.unknown_ignore import unknown_ignores
from ddguard.findings import Finding, Severity
from ddguard.model import Downtime, Monitor, Project, Source
from ddguard.query.nodes import Composite, MonitorReference


@dataclass(frozen=True, slots=True)
class _Running:
    """The checks that run, out of those that there are; whether an `ignore` is idle only all of them can tell."""

    checks: Sequence[Check]
    names: Sequence[str]
    are_all: bool


def check_project(
    project: Project,
    monitors: Sequence[Monitor],
    downtimes: Sequence[Downtime],
    tested: frozenset[str],
    today: date,
    checks: Sequence[Check] = CHECKS,
    *,
    errors_only: bool = False,
) -> list[Finding]:
    """What all checks say about all specs, by place. `tested` are the ids that test files name, `today` is in UTC.

    With `errors_only` the checks that find less than an error aren't run: whoever shows errors alone needs not wait.
    """
    subjects = {monitor.id: subject(monitor) for monitor in monitors}
    surroundings = Surroundings(
        project,
        today,
        monitors=subjects,
        downtimes={downtime.id: downtime for downtime in downtimes},
        tested=tested,
        composites=_composites(subjects.values()),
        names=_names(monitors),
    )
    wanted = [check for check in checks if check.severity is Severity.ERROR or not errors_only]
    running = _Running(wanted, [check.name for check in checks], are_all=not errors_only)
    findings = [finding for one in subjects.values() for finding in _in_monitor(one, surroundings, running)]
    findings += [finding for downtime in downtimes for finding in _in_downtime(downtime, surroundings, running)]
    return sorted(findings, key=lambda finding: finding.order)


def _composites(subjects: Iterable[Subject]) -> dict[str, tuple[str, ...]]:
    """For each monitor that is a part of composites the ids of those."""
    found: dict[str, tuple[str, ...]] = {}
    for one in subjects:
        if isinstance(one.query, Composite):
            for part in dict.fromkeys(node.id for node in one.found(MonitorReference)):
                found[part] = (*found.get(part, ()), one.monitor.id)
    return found


def _names(monitors: Sequence[Monitor]) -> dict[str, tuple[str, ...]]:
    """The ids of the monitors of each name."""
    found: dict[str, tuple[str, ...]] = {}
    for monitor in monitors:
        found[monitor.name] = (*found.get(monitor.name, ()), monitor.id)
    return found


def _in_monitor(one: Subject, surroundings: Surroundings, running: _Running) -> Iterator[Finding]:
    """What the checks say about a monitor, and about its ignores."""
    hits = [(check, found) for check in running.checks for found in check.examine(one, surroundings)]
    unsure = [] if one.query else [ignore.check for ignore in one.monitor.ignore]
    yield from _in_spec(one.monitor, hits, unsure, running, surroundings.today)


def _in_downtime(downtime: Downtime, surroundings: Surroundings, running: _Running) -> Iterator[Finding]:
    """What the checks say about a downtime, and about its ignores."""
    hits = [(check, found) for check in running.checks for found in check.examine_downtime(downtime, surroundings)]
    yield from _in_spec(downtime, hits, (), running, surroundings.today)


def _in_spec(
    spec: Monitor | Downtime,
    hits: Sequence[tuple[Check, Found]],
    unsure: Sequence[str],
    running: _Running,
    today: date,
) -> Iterator[Finding]:
    """The hits that aren't silenced, and what is wrong with the ignores; `unsure` ones may be needed another day."""
    silenced = {ignore.check for ignore in spec.ignore if runs_on(ignore, today)}
    for check, found in hits:
        if check.name not in silenced:
            yield _finding(check, found, spec.source)
    for found in unknown_ignores(spec.ignore, running.names):
        yield _finding(UNKNOWN, found, spec.source)
    if running.are_all:
        used = {check.name for check, _ in hits} | (silenced & set(unsure))
        for found in idle_ignores(spec.ignore, running.names, used, today):
            yield _finding(IDLE, found, spec.source)


def _finding(rule: Rule, found: Found, source: Source) -> Finding:
    place = source.key_at(found.path) if found.key else source.at(found.path, found.offset, found.width)
    return Finding(place, rule.code, rule.name, rule.severity, found.message, found.hint, found.private)
