"""How long ddguard takes to begin: `python tests/benchmarks/bench_startup.py`.

Each line is the best and the median of several processes, and the best of their processor times, beside what Python and
click take by themselves.
"""

import os
import statistics
import subprocess
import sys
from time import perf_counter

RUNS = 15
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import click'": ["-c", "import click"],
    "ddguard --version": ["-m", "ddguard", "--version"],
    "ddguard --help": ["-m", "ddguard", "--help"],
    "ddguard plan --help": ["-m", "ddguard", "plan", "--help"],
    "ddguard validate --help": ["-m", "ddguard", "validate", "--help"],
    "ddguard schema monitor": ["-m", "ddguard", "schema", "monitor"],
}


def seconds(arguments: list[str]) -> list[tuple[float, float]]:
    """How long each of the runs took, on the wall and on the processor."""
    taken = []
    for _ in range(RUNS):
        start = perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken.append((perf_counter() - start, used.ru_utime + used.ru_stime))
        assert process.returncode == 0
    return taken


def main() -> None:
    """Prints a table."""
    print(f"{'':26} {'best':>9} {'median':>9} {'processor':>11}")
    for name, arguments in COMMANDS.items():
        wall, processor = zip(*seconds(arguments), strict=True)
        print(f"{name:26} {min(wall):7.3f} s {statistics.median(wall):7.3f} s {min(processor):9.3f} s")


if __name__ == "__main__":
    main()
