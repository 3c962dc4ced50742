"""Small projects to run tests in."""

from collections.abc import Mapping
from pathlib import Path

from ddguard.replay.cases import cases_of, known_names
from ddguard.replay.running import CaseResult, run_case
from ddguard.replay.variants import Variants
from ddguard.spec.load import Specs, load

PROJECT = """\
project: shop
default_environment: staging
variables: {limit: 10}
environments:
  staging: {variables: {limit: 20}}
  prod: {}
"""

BURST = """\
id: burst
name: "Burst by {{tenant.name}}"
type: query alert
query: sum(last_5m):sum:jobs{env:${env}} by {tenant}.as_count() > ${limit}
message: "{{#is_alert}}{{value}} jobs of {{tenant.name}}{{/is_alert}}{{#is_recovery}}calm{{/is_recovery}}"
options:
  thresholds: {critical: "${limit}"}
  on_missing_data: default
"""

LEVEL = """\
id: level
name: Level
type: query alert
query: avg(last_5m):avg:level{*} > 10
message: ""
options:
  thresholds: {critical: 10, warning: 5}
  on_missing_data: show_and_notify_no_data
"""

FILES = {"ddguard.yaml": PROJECT, "burst.yaml": BURST, "level.yaml": LEVEL}


def specs_in(folder: Path, files: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Specs:
    """The project that these files make, beside those of FILES."""
    for name, text in {**FILES, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load(str(folder), None, variables or {}, {})


def run_tests(folder: Path, tests: str, files: Mapping[str, str] | None = None) -> list[CaseResult]:
    """What becomes of the tests of one test file."""
    specs = specs_in(folder, {**(files or {}), "a.test.yaml": tests})
    assert [finding for finding in specs.findings if finding.severity == "error"] == []
    known, variants = known_names(specs), Variants(specs)
    return [run_case(case, known, variants) for case in cases_of(specs.tests)]


def case_text(expect: str, monitor: str = "burst", more: str = "", values: str = "0x9 5x9 0x20") -> str:
    """A test file with one test: a noisy tenant `a` and a quiet one `b`, and what is expected."""
    series = {
        "burst": f"""\
      - {{metric: jobs, type: count, tags: [env:staging, tenant:a], values: "{values}"}}
      - {{metric: jobs, type: count, tags: [env:staging, tenant:b], values: "1x39"}}
""",
        "level": f"""\
      - {{metric: level, values: "{values}"}}
""",
    }[monitor]
    return f"""\
tests:
  - name: a test
    monitor: {monitor}
{more}    series:
{series}    expect:
      - {expect}
"""


def wrong(folder: Path, expect: str, monitor: str = "burst", more: str = "", values: str = "0x9 5x9 0x20") -> list[str]:
    """What one expectation of one test comes to: `expected / actual` for each mismatch."""
    (result,) = run_tests(folder, case_text(expect, monitor, more, values))
    assert not result.error, result.error
    return [f"{one.expected} / {one.actual}" for one in result.mismatches]


def error(folder: Path, tests: str, files: Mapping[str, str] | None = None) -> str:
    """Why the only test of a file can't be run: `line:column message (hint)`."""
    (result,) = run_tests(folder, tests, files)
    assert result.outcome == "error"
    assert result.error_at is not None
    hint = f" ({result.hint})" if result.hint else ""
    return f"{result.error_at.line}:{result.error_at.column} {result.error}{hint}"
