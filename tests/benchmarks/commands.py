"""Whole commands, each in a process of its own, as they run where ddguard is installed: compiled beforehand."""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from time import perf_counter

RUNS = 3
MEASURED = """\
import sys
from ddguard.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write(open("/proc/self/status").read())
"""
"""The command, and what Linux knows of its process at the end: what `wait4` says of memory counts the parent's, too."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, seconds of processor time, megabytes at most, and what it printed."""

    seconds: float
    processor: float
    megabytes: float
    told: str


def best_run(*arguments: str) -> Run:
    """The fastest of a few runs of `ddguard` with these arguments, after one more that compiles its modules."""
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        _, *runs = [_run(arguments, environment) for _ in range(1 + RUNS)]
    return min(runs, key=lambda run: run.seconds)


def _run(arguments: tuple[str, ...], environment: dict[str, str]) -> Run:
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as status:
        start = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", MEASURED, *arguments], stdout=told, stderr=status, env=environment
        )
        _, _, used = os.wait4(process.pid, 0)
        taken = perf_counter() - start
        process.returncode = 0
        told.seek(0)
        status.seek(0)
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
        assert peak is not None
        return Run(taken, used.ru_utime + used.ru_stime, int(peak[1]) / 1024, told.read())
