"""`ddguard test`."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show
from ddguard.cli.project import sound_specs
from ddguard.errors import ExitCode, InputError, UsageError
from ddguard.model import Monitor, Scalar
from ddguard.replay.cases import Case, CaseResult, MonitorsAs, Outcome, cases_of, run_case
from ddguard.replay.coverage import Coverage, coverage
from ddguard.spec.load import Specs, monitors_as


@click.command("test")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "-k", "pattern", metavar="PATTERN", help="Only tests whose name or monitor holds PATTERN (* and ? match)."
)
@click.option("--junit", metavar="FILE", help="Also write the results as JUnit XML.")
@click.option("--coverage", "shows_coverage", is_flag=True, help="Tell what no test shows of each monitor.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 100), metavar="N", help="Fail if the tests show less than N per cent."
)
@common_options("text", "json")
def command(
    common: Common,
    files: tuple[str, ...],
    pattern: str | None,
    junit: str | None,
    shows_coverage: bool,
    min_coverage: float | None,
) -> int:
    """Run the tests of the project, or only those in the FILEs named (*.test.yaml). No network.

    Exit code 1: a test failed or could not be run, or the coverage is too low. A run that matches no test fails.
    """
    specs = sound_specs(common)
    chosen = [case for case in cases_of(specs.narrow(files).tests) if _matches(case, pattern)]
    if not chosen:
        raise InputError("no test matches", "tests stand in *.test.yaml files below ddguard.yaml")
    results = [run_case(case, specs.project.name, specs.environment.name, _variants(specs)) for case in chosen]
    covered = coverage(specs.monitors, results)
    if junit is not None:
        _write_junit(junit, results)
    _tell(results, covered, common, shows_coverage=shows_coverage or min_coverage is not None)
    too_low = min_coverage is not None and covered.percent < min_coverage
    failed = any(result.outcome is not Outcome.PASSED for result in results)
    return ExitCode.FINDINGS if failed or too_low else ExitCode.DONE


def _matches(case: Case, pattern: str | None) -> bool:
    if pattern is None:
        return True
    glob = f"*{pattern.lower()}*"
    return any(fnmatchcase(text.lower(), glob) for text in (case.name, case.monitor))


def _variants(specs: Specs) -> MonitorsAs:
    """The monitors in another environment or with other variables, each combination built once."""

    @cache
    def built(environment: str | None, variables: tuple[tuple[str, Scalar], ...]) -> Mapping[str, Monitor]:
        return monitors_as(specs, environment, dict(variables))

    return lambda environment, variables: built(environment, tuple(sorted(variables.items())))


def _write_junit(path: str, results: Sequence[CaseResult]) -> None:
    from ddguard.report.junit import junit_xml

    try:
        Path(path).write_text(junit_xml(results), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from None


def _tell(results: Sequence[CaseResult], covered: Coverage, common: Common, *, shows_coverage: bool) -> None:
    from ddguard.report import cases, machine

    if common.format == "json":
        emit(machine.as_json("test", cases.cases_object(results, covered)))
        return
    show(cases.cases_text(results, shows_passed=common.loudness >= 0), common)
    if shows_coverage:
        show(cases.coverage_text(covered), common)
    emit(cases.cases_summary(results))
