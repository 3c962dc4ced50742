"""`ddguard test`."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import click
from click.exceptions import Exit

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say, show, width
from ddguard.cli.project import checked, tell_broken, tell_findings
from ddguard.cli.workspace import in_repository
from ddguard.errors import ExitCode, InputError, UsageError
from ddguard.findings import Finding, Position, Severity
from ddguard.replay.cases import Case, known_names, sound_cases
from ddguard.replay.coverage import Coverage, coverage
from ddguard.replay.running import CaseResult, Outcome, run_case
from ddguard.replay.variants import Variants
from ddguard.report.junit import Stop, junit_xml
from ddguard.spec.files import PROJECT_FILE
from ddguard.spec.load import BrokenProjectError, Specs, load

WIDEST = 100
"""Columns of a chart where no terminal says how many there are."""


@click.command("test")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "-k", "pattern", metavar="PATTERN", help="Only tests whose name or monitor holds PATTERN (* and ? match)."
)
@click.option("--junit", metavar="FILE", help="Also write the results as JUnit XML.")
@click.option("--coverage", "shows_coverage", is_flag=True, help="Tell what tests show of each monitor and what not.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 100), metavar="N", help="Fail if the tests show less than N per cent."
)
@common_options("text", "json", "github")
def command(
    common: Common,
    files: tuple[str, ...],
    pattern: str | None,
    junit: str | None,
    shows_coverage: bool,
    min_coverage: float | None,
) -> int:
    """Run the tests of the project, or only those in the FILEs named and of the monitors in them. No network.

    Exit code 1: a test failed or could not be run, or the coverage is too low. A run that matches no test fails.
    Mistakes in specs are told; the tests of monitors without any run nevertheless.
    With -v each test shows the notifications that it would have sent, and a failure its chart. The format github is the
    text, with annotations at the lines of what failed.
    """
    _make_place(junit)
    specs = _loaded(common, files, junit)
    narrowed = specs.narrow(files)
    mistakes = [one for one in narrowed.findings if one.severity is Severity.ERROR]
    try:
        chosen = _chosen(specs, files, pattern)
    except InputError as error:
        is_explained = bool(mistakes) and pattern is None
        stop = Stop("no-test", Position(PROJECT_FILE), error.message, error.hint)
        _write_junit(junit, (), [*_stops(mistakes), *([] if is_explained else [stop])])
        if mistakes:
            tell_findings(mistakes, specs.texts, checked(narrowed), common)
        if not is_explained:
            raise
        return ExitCode.FINDINGS
    known, variants = known_names(specs), Variants(specs)
    results = [run_case(case, known, variants) for case in chosen]
    covered = _coverage(specs, results, whole=not files and pattern is None)
    _write_junit(junit, results, _stops(mistakes))
    if mistakes and common.format != "json":
        tell_findings(mistakes, specs.texts, checked(narrowed), common)
    _tell(results, covered, mistakes, common, shows_coverage=shows_coverage or min_coverage is not None)
    too_low = min_coverage is not None and covered.percent < min_coverage
    if too_low:
        say(f"the tests show less than {min_coverage:g} % of the monitors", common)
    failed = any(result.outcome is not Outcome.PASSED for result in results)
    return ExitCode.FINDINGS if failed or too_low or mistakes else ExitCode.DONE


def _loaded(common: Common, files: Sequence[str], junit: str | None) -> Specs:
    """The whole project; a broken `ddguard.yaml` ends the command."""
    try:
        return load(common.directory, common.environment, common.variables, os.environ)
    except BrokenProjectError as error:
        narrowed = error.narrow(files)
        _write_junit(junit, (), _stops(narrowed.findings))
        tell_broken(narrowed, common)
        raise Exit(ExitCode.FINDINGS) from None


def _chosen(specs: Specs, files: Sequence[str], pattern: str | None) -> list[Case]:
    """The tests to run: those in the files named, and those of monitors that stand in them."""
    named = frozenset(specs.narrow(files).files)
    ids = [one.value.get("id") for one in specs.documents if one.path in named and isinstance(one.value, dict)]
    fitting = [case for case in sound_cases(specs) if case.position.path in named or case.monitor in ids]
    chosen = [case for case in fitting if _matches(case, pattern)]
    if not specs.tests:
        raise InputError("this project has no tests", "they stand in *.test.yaml files below ddguard.yaml")
    if not fitting:
        raise InputError("the files named hold no test, and no test is about the monitors in them")
    if not chosen:
        raise InputError(f"no test matches {pattern!r}", "-k looks at the names of tests and at the ids of monitors")
    return chosen


def _matches(case: Case, pattern: str | None) -> bool:
    """Whether the test's name or its monitor's id holds the pattern; of its characters only * and ? are special."""
    if pattern is None:
        return True
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return any(re.search(expression, text, re.IGNORECASE | re.DOTALL) for text in (case.name, case.monitor))


def _coverage(specs: Specs, results: Sequence[CaseResult], *, whole: bool) -> Coverage:
    """What was shown of all monitors, or after a choice of those that the chosen tests are about."""
    tested = {result.case.monitor for result in results}
    monitors = [monitor for monitor in specs.monitors if whole or monitor.id in tested]
    return coverage(monitors, {monitor.id: monitor for monitor in specs.monitors}, results)


def _stops(mistakes: Sequence[Finding]) -> list[Stop]:
    return [Stop(one.check, one.position, one.message, one.hint) for one in mistakes]


def _make_place(path: str | None) -> None:
    """Sees to it that the file can be written: what the tests say would be lost otherwise."""
    if path is None:
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).open("a").close()
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from None


def _write_junit(path: str | None, results: Sequence[CaseResult], stops: Sequence[Stop]) -> None:
    if path is None:
        return
    try:
        Path(path).write_text(junit_xml(results, stops), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from None


def _tell(
    results: Sequence[CaseResult],
    covered: Coverage,
    mistakes: Sequence[Finding],
    common: Common,
    *,
    shows_coverage: bool,
) -> None:
    from ddguard.report import cases, github, machine

    if common.format == "json":
        emit(machine.as_json("test", cases.cases_object(results, covered, mistakes)))
        return
    show(cases.cases_text(results, loudness=common.loudness, width=min(width(), WIDEST)), common)
    if common.loudness >= 0:
        show(cases.assumptions_text(results), common)
    if shows_coverage:
        show(cases.coverage_text(covered), common)
    summary = cases.cases_summary(results)
    if common.format == "github":
        failures, _ = in_repository(list(cases.failures(results)), {})
        emit(github.annotations(failures, summary))
    else:
        emit(summary)
