"""A project with what the checks say about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ddguard.checks import OF_TEXTS, Extent, check_project
from ddguard.cli import clock
from ddguard.cli.options import Common
from ddguard.cli.processes import best_shares, in_shares
from ddguard.cli.project import load_specs, require_sound
from ddguard.findings import Finding
from ddguard.spec.documents import Document
from ddguard.spec.load import Specs


def checked_specs(common: Common, files: Sequence[str] = (), *, errors_only: bool = False) -> Specs:
    """The whole project, what the checks find among its findings; with `errors_only` they look for nothing less.

    If `ddguard.yaml` is broken, only what is wrong with it and with the `files` is told.
    """
    specs = load_specs(common, files)
    today = clock.now().date()
    tested = tested_ids(specs.tests)

    def found_in(share: int, shares: int) -> list[Finding]:
        extent = Extent(errors_only, share, shares)
        return check_project(specs.project, specs.monitors, specs.downtimes, tested, today, extent=extent)

    found = in_shares(found_in, best_shares(len(specs.monitors)))
    return with_findings(specs, [*(finding for share in found for finding in share), *_in_sketches(specs, today)])


def _in_sketches(specs: Specs, today: date) -> list[Finding]:
    """What is wrong with the texts of monitors that have other mistakes, where nothing is told yet."""
    told = {finding.position for finding in specs.findings}
    found = check_project(specs.project, specs.sketches, (), frozenset(), today, OF_TEXTS)
    return [finding for finding in found if finding.position not in told]


def fit_specs(common: Common, files: Sequence[str] = ()) -> Specs:
    """The project, or what stands in the files named, fit for Datadog: errors in any of it end the command."""
    return require_sound(checked_specs(common, files, errors_only=True).narrow(files), common)


def with_findings(specs: Specs, more: Sequence[Finding]) -> Specs:
    """The same project with further findings, all of them by their places."""
    findings = sorted((*specs.findings, *more), key=lambda finding: finding.order)
    return replace(specs, findings=tuple(findings))


def tested_ids(documents: Sequence[Document]) -> frozenset[str]:
    """The ids of the monitors that test files name."""
    return frozenset(_named(documents))


def _named(documents: Sequence[Document]) -> Iterator[str]:
    for document in documents:
        tests = document.value.get("tests") if isinstance(document.value, Mapping) else None
        for test in tests if isinstance(tests, list) else ():
            if isinstance(test, Mapping) and isinstance(test.get("monitor"), str):
                yield test["monitor"]
