"""Runs the checks over a project: findings at their places, minus what specs ignore, plus ignores that are no good."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
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
from ddguard.query.nodes import MonitorReference

Hits = Mapping[str, Sequence[tuple[Check, Found]]]
"""What checks say about specs, by the specs' ids."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a project is checked: every `of`th monitor, beginning with the one at `first`, and what for.

    So several processes can check one project together; the first one has the downtimes too. With `errors_only` the
    checks that find less than an error aren't run: whoever shows errors alone need not wait for them.
    """

    errors_only: bool = False
    first: int = 0
    of: int = 1

    def monitors(self, monitors: Sequence[Monitor]) -> Sequence[Monitor]:
        """Those of a project's monitors that are meant."""
        return monitors[self.first :: self.of]

    def downtimes(self, downtimes: Sequence[Downtime]) -> Sequence[Downtime]:
        """Those of a project's downtimes that are meant."""
        return () if self.first else downtimes


ALL = Extent()

TOGETHER = 100
"""Monitors that are looked at together: as many as the processor's caches hold."""


@dataclass(frozen=True, slots=True)
class _Running:
    """The checks that run, out of those that there are; whether an `ignore` is idle only all of them can tell."""

    checks: Sequence[Check]
    names: Sequence[str]
    are_all: bool


class _Subjects(Mapping[str, Subject]):
    """Monitors by their ids, each read when it is first asked for: a share needs few beyond its own."""

    def __init__(self, monitors: Iterable[Monitor]) -> None:
        self._monitors = {monitor.id: monitor for monitor in monitors}
        self._read: dict[str, Subject] = {}

    def __getitem__(self, name: str) -> Subject:
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = subject(self._monitors[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._monitors)

    def __len__(self) -> int:
        return len(self._monitors)


def check_project(
    project: Project,
    monitors: Sequence[Monitor],
    downtimes: Sequence[Downtime],
    tested: frozenset[str],
    today: date,
    checks: Sequence[Check] = CHECKS,
    extent: Extent = ALL,
) -> list[Finding]:
    """What all checks say about all specs, by place. `tested` are the ids that test files name, `today` is in UTC.

    With a smaller `extent` it is what some of the checks say, or all about some of the specs.
    """
    subjects = _Subjects(monitors)
    surroundings = Surroundings(
        project,
        today,
        monitors=subjects,
        downtimes={downtime.id: downtime for downtime in downtimes},
        tested=tested,
        composites=_composites(monitors, subjects),
        names=_names(monitors),
    )
    wanted = [check for check in checks if check.severity is Severity.ERROR or not extent.errors_only]
    running = _Running(wanted, [check.name for check in checks], are_all=not extent.errors_only)
    meant = extent.monitors(monitors)
    findings: list[Finding] = []
    for start in range(0, len(meant), TOGETHER):
        some = [subjects[monitor.id] for monitor in meant[start : start + TOGETHER]]
        findings += _in_monitors(some, surroundings, running)
    findings += _in_downtimes(extent.downtimes(downtimes), surroundings, running)
    return sorted(findings, key=lambda finding: finding.order)


def _composites(monitors: Sequence[Monitor], subjects: Mapping[str, Subject]) -> dict[str, tuple[str, ...]]:
    """For each monitor that is a part of composites the ids of those."""
    found: dict[str, tuple[str, ...]] = {}
    for monitor in monitors:
        if monitor.type == "composite":
            for part in dict.fromkeys(node.id for node in subjects[monitor.id].found(MonitorReference)):
                found[part] = (*found.get(part, ()), monitor.id)
    return found


def _names(monitors: Sequence[Monitor]) -> dict[str, tuple[str, ...]]:
    """The ids of the monitors of each name."""
    found: dict[str, tuple[str, ...]] = {}
    for monitor in monitors:
        found[monitor.name] = (*found.get(monitor.name, ()), monitor.id)
    return found


def _in_monitors(subjects: Sequence[Subject], surroundings: Surroundings, running: _Running) -> list[Finding]:
    """What the checks say about some monitors, and about their ignores.

    One check looks at all of them before the next does: so its code stays at hand, which saves a sixth of the time.
    """
    hits: defaultdict[str, list[tuple[Check, Found]]] = defaultdict(list)
    for check in running.checks:
        for one in subjects:
            for found in check.examine(one, surroundings):
                hits[one.monitor.id].append((check, found))
    unsure = {one.monitor.id for one in subjects if not one.query}
    specs = [one.monitor for one in subjects]
    return [finding for spec in specs for finding in _in_spec(spec, hits, running, surroundings.today, unsure)]


def _in_downtimes(downtimes: Sequence[Downtime], surroundings: Surroundings, running: _Running) -> list[Finding]:
    """What the checks say about downtimes, and about their ignores."""
    hits = {
        downtime.id: [
            (check, found) for check in running.checks for found in check.examine_downtime(downtime, surroundings)
        ]
        for downtime in downtimes
    }
    return [finding for spec in downtimes for finding in _in_spec(spec, hits, running, surroundings.today)]


def _in_spec(
    spec: Monitor | Downtime, all_hits: Hits, running: _Running, today: date, unsure: Container[str] = ()
) -> Iterator[Finding]:
    """The hits that aren't silenced, and what is wrong with the ignores.

    Those of the `unsure`, whose query can't be read, may be needed another day.
    """
    hits = all_hits.get(spec.id, ())
    if not hits and not spec.ignore:
        return
    silenced = {ignore.check for ignore in spec.ignore if runs_on(ignore, today)}
    for check, found in hits:
        if check.name not in silenced:
            yield _finding(check, found, spec.source)
    for found in unknown_ignores(spec.ignore, running.names):
        yield _finding(UNKNOWN, found, spec.source)
    if running.are_all:
        used = {check.name for check, _ in hits} | (silenced if spec.id in unsure else set())
        for found in idle_ignores(spec.ignore, running.names, used, today):
            yield _finding(IDLE, found, spec.source)


def _finding(rule: Rule, found: Found, source: Source) -> Finding:
    place = source.key_at(found.path) if found.key else source.at(found.path, found.offset, found.width)
    return Finding(place, rule.code, rule.name, rule.severity, found.message, found.hint, found.private)
