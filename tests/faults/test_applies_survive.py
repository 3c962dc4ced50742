"""Whole applies against a Datadog that loses answers, refuses, breaks off and shows damaged pages.

A normal run does a few dozen of each; with DDGUARD_NIGHTLY set it is hundreds, which the docs speak of.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import pytest

from ddguard.apply import carry_out
from ddguard.cli.remote import plan_for
from ddguard.datadog import Clock, Datadog, settings_from
from ddguard.errors import DatadogError
from ddguard.plan import Plan, Result
from ddguard.sandbox.faults import parse_fault
from ddguard.sandbox.server import Sandbox
from ddguard.spec.load import Specs, load

NIGHTLY = bool(os.environ.get("DDGUARD_NIGHTLY"))
APPLIES = 200 if NIGHTLY else 20
KILLS = 50 if NIGHTLY else 4
READINGS = 1000 if NIGHTLY else 60
PAIRS = 100 if NIGHTLY else 6

LOSSES = ("drop-after:20%", "503:10%", "429:10%")
DAMAGES = ("repeat-page:20%", "missing-page:20%", "short-page:20%", "truncate:GET:10%", "cut-body:GET:10%")
MONITOR = """\
id: part-{number}
name: Part {number}
type: query alert
query: avg(last_5m):avg:parts.errors{{part:{number}}} > {number}
message: "{message} @slack-parts"
---
"""
COMPOSITE = """\
id: both-{number}
type: composite
name: Both {number}
query: ${{monitor:part-{number}}} && ${{monitor:part-{next}}}
message: "{message}, at both @slack-parts"
---
"""
DOWNTIME = """\
kind: downtime
id: quiet-{number}
scope: "part:{number}"
monitor_identifier: {{monitor: part-{number}}}
schedule: {{start: "2040-01-01T00:00:00Z", end: "2040-01-02T00:00:00Z"}}
message: "{message}"
---
"""


@dataclass
class SleeplessTime:
    """A clock that takes every pause at once, for all threads."""

    passed: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def now(self) -> float:
        with self.lock:
            return self.passed

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.passed += seconds
        time.sleep(0)

    def clock(self, seed: int) -> Clock:
        return Clock(self.now, self.sleep, random.Random(seed).random)  # noqa: S311 - jitter, no secret


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Specs:
    """40 monitors, 5 of them composites' parts, 5 composites and 5 downtimes: 50 objects."""
    return written(tmp_path_factory.mktemp("parts"), "look at it")


@pytest.fixture(scope="module")
def later_specs(tmp_path_factory: pytest.TempPathFactory) -> Specs:
    """The same 50 as the next commit has them, each of them changed."""
    return written(tmp_path_factory.mktemp("later"), "look twice")


def written(folder: Path, message: str) -> Specs:
    (folder / "ddguard.yaml").write_text("project: parts\nprune: {max_share: 1}\n")
    text = "".join(MONITOR.format(number=number, message=message) for number in range(40))
    text += "".join(COMPOSITE.format(number=number, next=number + 1, message=message) for number in range(5))
    text += "".join(DOWNTIME.format(number=number, message=message) for number in range(5))
    (folder / "specs.yaml").write_text(text)
    specs = load(str(folder), None, {}, {})
    assert specs.findings == ()
    assert len(specs.monitors) + len(specs.downtimes) == 50
    return specs


@contextmanager
def connected(sandbox: Sandbox, seed: int) -> Iterator[Datadog]:
    with Datadog(settings_from({}, api_url=sandbox.url), SleeplessTime().clock(seed)) as datadog:
        yield datadog


def plan_of(specs: Specs, datadog: Datadog, *, prune: bool = True) -> Plan:
    return plan_for(specs, datadog, datetime.now(UTC), prune=prune, max_deletes=None)


def apply_once(specs: Specs, datadog: Datadog) -> Counter[Result]:
    """One apply as the command does it; what could not even be planned counts as failed."""
    try:
        plan = plan_of(specs, datadog)
    except DatadogError:
        return Counter({Result.FAILED: 1})
    assert not plan.refusals
    return Counter(outcome.result for outcome in carry_out(plan, datadog, 8, datetime.now(UTC)))


def apply_until_done(specs: Specs, datadog: Datadog) -> int:
    """How often it had to be repeated until all was done."""
    for repeated in range(APPLIES):
        if set(apply_once(specs, datadog)) <= {Result.DONE}:
            return repeated
    raise AssertionError("an apply hardly ever succeeds")


def specs_held(sandbox: Sandbox) -> list[str]:
    """The spec ids that the sandbox's monitors and live downtimes carry, one for each object."""
    tags = [tag for monitor in sandbox.state.monitors.values() for tag in monitor["tags"]]
    messages = [one["message"] for one in sandbox.state.downtimes.values() if not one.get("canceled")]
    marked = [tag for tag in tags if tag.startswith("ddguard_id:")]
    return [mark.partition("ddguard_id:")[2] for mark in [*marked, *messages]]


def assert_exactly_one_each(specs: Specs, sandbox: Sandbox) -> None:
    wanted = [spec.id for spec in (*specs.monitors, *specs.downtimes)]
    assert sorted(specs_held(sandbox)) == sorted(wanted)
    quiet = Sandbox()
    quiet.state = sandbox.state
    with quiet, connected(quiet, 0) as datadog:
        assert plan_of(specs, datadog).changes == ()


def test_applies_end_with_exactly_one_object_for_each_spec(specs: Specs) -> None:
    again = 0
    for seed in range(APPLIES):
        with (
            Sandbox(faults=[parse_fault(fault) for fault in LOSSES], seed=seed) as sandbox,
            connected(sandbox, seed) as datadog,
        ):
            results = apply_once(specs, datadog)
            while results[Result.FAILED] + results[Result.SKIPPED]:
                again += 1
                assert again < APPLIES, "an apply hardly ever succeeds"
                results = apply_once(specs, datadog)
            assert_exactly_one_each(specs, sandbox)
    print(f"{APPLIES} applies under {', '.join(LOSSES)}: {again} had to be repeated")
    assert again <= APPLIES // 10


def test_damaged_pages_never_lead_to_a_create_or_a_delete(specs: Specs) -> None:
    with Sandbox() as whole, connected(whole, 0) as datadog:
        assert set(apply_once(specs, datadog)) == {Result.DONE}
        state = whole.state
    refused = 0
    for seed in range(READINGS):
        damaged = Sandbox(faults=[parse_fault(fault) for fault in DAMAGES], seed=seed)
        damaged.state = state
        with damaged, connected(damaged, seed) as datadog:
            try:
                plan = plan_of(specs, datadog)
            except DatadogError:
                refused += 1
                continue
            assert plan.changes == ()
    print(f"{READINGS} plans under {', '.join(DAMAGES)}: {refused} were given up, none planned anything")
    assert refused < READINGS


def test_a_kill_in_the_middle_leaves_nothing_that_the_next_apply_cannot_mend(specs: Specs) -> None:
    command = [sys.executable, "-m", "ddguard", "apply", "--yes", "--quiet", "--dir", str(specs.directory)]
    dice = random.Random(7)  # noqa: S311 - chooses moments
    cut = 0
    for _ in range(KILLS):
        with Sandbox(faults=[parse_fault("latency=10ms")]) as sandbox:
            environment = {**os.environ, "DDGUARD_API_URL": sandbox.url}
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _wait_for_requests(sandbox, dice.randrange(3, 50), process)
            process.send_signal(signal.SIGKILL)
            process.wait()
            cut += len(specs_held(sandbox)) < 50
            with connected(sandbox, 0) as datadog:
                assert set(apply_once(specs, datadog)) <= {Result.DONE}
            assert_exactly_one_each(specs, sandbox)
    print(f"{KILLS} applies killed, {cut} of them in the middle")
    assert cut > KILLS // 2


def _wait_for_requests(sandbox: Sandbox, count: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while len(sandbox.requests) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def test_two_applies_at_the_same_time_end_as_one_after_the_other(specs: Specs) -> None:
    command = [sys.executable, "-m", "ddguard", "apply", "--yes", "--format", "json", "--dir", str(specs.directory)]
    with Sandbox(faults=[parse_fault("latency=5ms")]) as sandbox:
        environment = {**os.environ, "DDGUARD_API_URL": sandbox.url}
        both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
        for process in both:
            process.communicate(timeout=60)
            assert process.returncode == 0
        assert_exactly_one_each(specs, sandbox)


def test_applies_of_two_commits_at_the_same_time_leave_one_object_for_each_spec(
    specs: Specs, later_specs: Specs
) -> None:
    wanted = sorted(spec.id for spec in (*specs.monitors, *specs.downtimes))
    for seed in range(PAIRS):
        with (
            Sandbox(faults=[parse_fault(fault) for fault in LOSSES], seed=seed) as sandbox,
            connected(sandbox, seed) as one,
            connected(sandbox, seed + PAIRS) as other,
            ThreadPoolExecutor(2) as pool,
        ):
            runs = [pool.submit(apply_until_done, *pair) for pair in ((specs, one), (later_specs, other))]
            assert all(run.result() < APPLIES for run in runs)
            assert sorted(specs_held(sandbox)) == wanted
            apply_until_done(later_specs, one)
            assert_exactly_one_each(later_specs, sandbox)
