"""Reads and checks monitor specs, beside reading their YAML alone.

    python tests/benchmarks/bench_specs.py [SPECS ...]      (1000 if none are given)

The YAML alone is its files read from disk and made into plain values, by PyYAML's own safe loader at C speed and by
ddguard's reader, which is what `load` itself uses. `load` is all that `ddguard validate` does before its checks:
reading, variables, schema, references. Each number is the best of three runs.
"""

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import yaml

from ddguard.spec.documents import read_documents
from ddguard.spec.files import read_spec_files
from ddguard.spec.load import load

SPEC = """\
id: stream-creation-burst-{number}
name: "[StreamPay] Stream creation burst by {{{{tenant.name}}}} ({number})"
type: query alert
query: sum(last_1h):sum:streampay.streams.created{{env:${{env}}}} by {{tenant}}.as_count() > ${{stream_burst_per_hour}}
message: |
  {{{{#is_alert}}}}
  The tenant {{{{tenant.name}}}} opened {{{{value}}}} streams within an hour; {{{{threshold}}}} are allowed.
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
    """All values, by PyYAML's own safe loader."""
    return [value for file in read_spec_files(folder) for value in yaml.load_all(file.text or "", yaml.CSafeLoader)]


def by_ddguard(folder: Path) -> list[object]:
    """All values, by ddguard's reader."""
    return [
        document.value for file in read_spec_files(folder) for document in read_documents(file.path, file.text or "")[0]
    ]


def measure(specs: int, in_one_file: int) -> None:
    """Prints one line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, specs, in_one_file)
        loaded = load(name, None, {}, {})
        assert (len(loaded.monitors), loaded.findings) == (specs, ())
        del loaded
        usual, own = seconds(lambda: by_pyyaml(folder)), seconds(lambda: by_ddguard(folder))
        whole = seconds(lambda: load(name, None, {}, {}))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{specs:>7,} specs, {in_one_file:>3} a file: PyYAML {usual * 1000:6.0f} ms, YAML alone {own * 1000:6.0f} ms, "
        f"load {whole * 1000:6.0f} ms: {whole / usual:.1f} x PyYAML, {whole / own:.1f} x alone; {memory:.0f} MB"
    )


def main() -> None:
    """All sizes, one spec a file and many."""
    for specs in [int(argument) for argument in sys.argv[1:]] or [1000]:
        for in_one_file in (1, IN_ONE_FILE):
            measure(specs, in_one_file)


if __name__ == "__main__":
    main()
