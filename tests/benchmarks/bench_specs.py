"""Validates monitor specs, beside reading their YAML alone.

    python tests/benchmarks/bench_specs.py [SPECS ...]      (1000 if none are given)

The YAML alone is its files read from disk and made into plain values: by PyYAML's `safe_load_all`, as its documentation
has it, and by its loader in C, which is the floor. `load` is reading, variables, schema and references; `validate` has
the checks on top: all that the command does before it prints. Each number is the best of three runs. `command` is the
whole `ddguard validate --format json` in a process of its own: start-up and output included.
"""

import gc
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import yaml
from commands import best_run

from ddguard.cli.checked import checked_specs
from ddguard.cli.options import Common
from ddguard.findings import Finding
from ddguard.spec.files import read_spec_files
from ddguard.spec.load import load

SPEC = """\
id: stream-creation-burst-{number}
name: "[StreamPay] Stream creation burst by {{{{tenant.name}}}} ({number})"
type: query alert
query: sum(last_1h):sum:streampay.created.{number}{{env:${{env}}}} by {{tenant}}.as_count() > ${{stream_burst_per_hour}}
message: |
  {{{{#is_alert}}}}
  The tenant {{{{tenant.name}}}} opened {{{{value}}}} streams of kind {number} an hour; {{{{threshold}}}} are allowed.
  A script gone wild, a stolen key and a retry loop look alike from here.

  1. Look at the tenant's streams by the hour: is it still going on?
  2. Ask the tenant's account owner whether a campaign or a load test is running.

  Nothing is frozen automatically: streams and payments of this tenant go on.
  Runbook: ${{runbook}}#stream-creation-burst
  ${{risk_channel}}
  {{{{/is_alert}}}}
tags: [service:streampay, guardrail:stream-creation]
priority: 2
options:
  thresholds: {{critical: "${{stream_burst_per_hour}}"}}
  on_missing_data: default
  notify_audit: false
  include_tags: true
  require_full_window: false
  renotify_interval: 0
hold:
  review: "@webhook-streampay-review"
  reason: a burst may be fraud, abuse or a bug in the tenant's integration
"""
PROJECT = """\
project: streampay
variables:
  stream_burst_per_hour: 100
  risk_channel: "@slack-streampay-risk"
  runbook: https://runbooks.example.com/streampay
environments: {prod: {}}
tags: [team:risk]
"""
IN_ONE_FILE = 100
HEAD = ("specs", "in a file", "safe_load", "C loader", "load", "validate", "command", "safe_load", "C loader", "memory")


def write(folder: Path, specs: int, in_one_file: int) -> None:
    """A project of so many specs."""
    (folder / "ddguard.yaml").write_text(PROJECT)
    for first in range(0, specs, in_one_file):
        texts = [SPEC.format(number=number) for number in range(first, min(specs, first + in_one_file))]
        (folder / f"{first}.yaml").write_text("---\n".join(texts))


def seconds(work: Callable[[], object]) -> float:
    """The best of three runs."""
    best = float("inf")
    for _ in range(3):
        begin = perf_counter()
        work()
        best = min(best, perf_counter() - begin)
    return best


def by_pyyaml(folder: Path) -> list[object]:
    """All values, by PyYAML's loader in C."""
    return [value for file in read_spec_files(folder) for value in yaml.load_all(file.text or "", yaml.CSafeLoader)]


def as_documented(folder: Path) -> list[object]:
    """All values, the way that PyYAML's documentation has it."""
    return [value for file in read_spec_files(folder) for value in yaml.safe_load_all(file.text or "")]


def validated(folder: Path) -> Sequence[Finding]:
    """All that `validate` finds, in as many processes as it would take: here for each monitor that it has no test."""
    return checked_specs(Common(str(folder), None, {}, "json", color=False, loudness=0, api_url=None)).findings


def measured(specs: int, in_one_file: int) -> tuple[str, ...]:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, specs, in_one_file)
        assert {finding.check for finding in validated(folder)} == {"untested"}
        documented, floor = seconds(lambda: as_documented(folder)), seconds(lambda: by_pyyaml(folder))
        loaded, whole = seconds(lambda: load(name, None, {}, {})), seconds(lambda: validated(folder))
        run = best_run("validate", "--dir", name, "--format", "json")
    taken = (f"{one:.2f} s" for one in (documented, floor, loaded, whole, run.seconds))
    ratios = (f"{whole / documented:.1f} x", f"{whole / floor:.1f} x")
    return (f"{specs:,}", str(in_one_file), *taken, *ratios, f"{run.megabytes:.0f} MB")


def main() -> None:
    """All sizes, one spec a file and many."""
    gc.disable()
    print(" ".join(f"{title:>10}" for title in HEAD))
    for specs in [int(argument) for argument in sys.argv[1:]] or [1000]:
        for in_one_file in (1, IN_ONE_FILE):
            print(" ".join(f"{value:>10}" for value in measured(specs, in_one_file)), flush=True)


if __name__ == "__main__":
    main()
