"""`ddguard export promql`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import click

from ddguard.cli.clock import now
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.cli.project import sound_specs
from ddguard.errors import ExitCode, UsageError
from ddguard.model import Monitor, Stack
from ddguard.promql import Export, MonitorRules, Names, export, rule_file
from ddguard.promql.unit_tests import UnitTest, unit_test_file
from ddguard.replay.cases import Case
from ddguard.replay.variants import Variants
from ddguard.spec.load import Specs

SHORTEST_STEP = 1


@click.group("export")
def command() -> None:
    """Write what Datadog watches for other systems."""


@command.command("promql", short_help="Print alerting rules for Prometheus.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--tests", "with_tests", is_flag=True, help="Also write the monitors' own tests, for promtool.")
@click.option("--approximate", is_flag=True, help="Also what is only nearly the same, with a comment that says how.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write rules.yml (and tests) into DIR.")
@click.option(
    "--step",
    type=click.IntRange(SHORTEST_STEP, 3600),
    metavar="SECONDS",
    default=60,
    show_default=True,
    help="The scrape interval: subqueries look at their gauges that often.",
)
@common_options("yaml")
def promql(
    common: Common, ids: tuple[str, ...], with_tests: bool, approximate: bool, out: Path | None, step: int
) -> int:
    """Print alerting rules for Prometheus with the same meaning as the monitors (all of them, or those with the IDs).

    What PromQL can't say is left out, and why is told on stderr and in the file. Exit code 1: a monitor that was named
    is left out.
    """
    if with_tests and out is None:
        raise UsageError("--tests writes several files", "name a folder for them with --out")
    specs = sound_specs(common)
    monitors = {monitor.id: monitor for monitor in specs.monitors}
    for name in ids:
        if name not in monitors:
            near = get_close_matches(name, monitors, n=1)
            hint = f"did you mean {near[0]}?" if near else ""
            raise UsageError(f"there is no monitor {name!r} in this project", hint)
    names = Names(specs.project.prometheus_metrics, step)
    wanted = ids or tuple(monitors)
    found = export(monitors, wanted, specs.stack, now().date(), names, approximate=approximate)
    for name, reason in found.left_out.items():
        say(f"{name} is left out: {reason}", common)
    text = rule_file(specs.stack.name, tuple(found.rules.values()), found.left_out)
    if out is None:
        emit(text.rstrip("\n"))
    else:
        files = {"rules.yml": text} | (_tests(specs, found, names, common) if with_tests else {})
        _write(out, files)
        say(f"{len(found.rules)} of {len(wanted)} monitors written to {out}", common)
    return ExitCode.FINDINGS if ids and found.left_out else ExitCode.DONE


def _write(folder: Path, files: Mapping[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            emit(str(folder / name))
    except OSError as error:
        raise UsageError(f"{folder} can't be written to: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class _Tested:
    """A monitor's rules as some of its tests have them, and those tests."""

    rules: MonitorRules
    pace: int
    tests: list[UnitTest]


def _tests(specs: Specs, found: Export, names: Names, common: Common) -> dict[str, str]:
    """The test files: one for each form that a monitor's rules take under the variables of its tests."""
    by_file: dict[str, list[_Tested]] = {}
    for monitor, tested in _tested(specs, found, names, common):
        by_file.setdefault(monitor, []).append(tested)
    files = {}
    for monitor, variants in by_file.items():
        for place, tested in enumerate(variants):
            name = monitor if place == 0 else f"{monitor}-{place + 1}"
            rules = "rules.yml"
            if tested.rules != found.rules[monitor]:
                rules = f"{name}.rules.yml"
                files[rules] = rule_file(specs.stack.name, [tested.rules], {})
            files[f"{name}.test.yml"] = unit_test_file(tested.rules, [rules], tested.pace, tested.tests)
    return files


def _tested(specs: Specs, found: Export, names: Names, common: Common) -> Sequence[tuple[str, _Tested]]:
    from ddguard.cli.promtool_tests import CannotTestError, promtool_test
    from ddguard.replay.cases import cases_of, known_names
    from ddguard.replay.running import run_case

    variants, known = Variants(specs), known_names(specs)
    tested: list[tuple[str, _Tested]] = []
    for case in cases_of(specs.tests):
        if case.monitor not in found.rules:
            continue
        result = run_case(case, known, variants)
        if result.found is None:
            say(f"{case.monitor}: the test {case.name!r} is left out: {result.error}", common)
            continue
        rules = _as_tested(case, variants, names)
        if rules is None:
            say(f"{case.monitor}: the test {case.name!r} is left out: with its variables there are no rules", common)
            continue
        try:
            test, pace = promtool_test(case, rules, result.found)
        except CannotTestError as error:
            say(f"{case.monitor}: the test {case.name!r} is left out: {error}", common)
            continue
        same = [one for monitor, one in tested if monitor == case.monitor and one.rules == rules]
        if same:
            same[0].tests.append(test)
        else:
            tested.append((case.monitor, _Tested(rules, pace, [test])))
    return tested


def _as_tested(case: Case, variants: Variants, names: Names) -> MonitorRules | None:
    """The rules as they are in the environment and with the variables of a test."""
    environment, variables = case.value.get("environment"), case.value.get("variables") or {}
    built = {one.id: variants.monitor(one.id, environment, variables) for one in variants.specs.monitors}
    monitors = {name: one for name, one in built.items() if isinstance(one, Monitor)}
    stack = Stack(variants.specs.project.name, environment or variants.specs.environment.name)
    day = datetime.fromtimestamp(case.start, UTC).date()
    wanted = [case.monitor] if case.monitor in monitors else []
    return export(monitors, wanted, stack, day, names, approximate=True).rules.get(case.monitor)
