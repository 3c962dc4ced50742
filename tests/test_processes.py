"""Work in shares: how many, by whom, and that nothing is lost where a process is."""

import os
import signal
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from textwrap import dedent

import pytest

from ddguard.cli import processes
from ddguard.cli.processes import best_shares, in_shares, send_share

IN_A_FOLDER_OF_ITS_OWN = """\
import os, sys
from ddguard.cli.processes import in_shares
parent = os.getpid()
"""


def printed(program: str) -> str:
    """What a program with one thread prints, in a process of its own: forks are safe there."""
    code = IN_A_FOLDER_OF_ITS_OWN + dedent(program)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


@pytest.fixture
def four_processors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux with four processors and this one thread; the folder lists it."""
    (tmp_path / "1").touch()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(processes, "THREADS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("things", "shares"), [(0, 1), (1, 1), (299, 1), (300, 2), (450, 3), (599, 3), (100_000, 4)])
def test_there_are_as_many_shares_as_pay(four_processors: Path, things: int, shares: int) -> None:
    assert best_shares(things) == shares


def test_there_are_no_more_shares_than_processors(four_processors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 7}, raising=False)
    assert best_shares(100_000) == 2


def test_there_are_never_more_than_four_shares(four_processors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert best_shares(100_000) == 4


def test_a_process_with_threads_is_not_forked(four_processors: Path) -> None:
    (four_processors / "2").touch()
    assert best_shares(100_000) == 1


def test_where_threads_cannot_be_counted_nothing_is_forked(
    four_processors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "THREADS", four_processors / "nowhere")
    assert best_shares(100_000) == 1


def test_other_systems_do_it_in_one_process(four_processors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert best_shares(100_000) == 1


def test_each_share_is_done_by_a_process_of_its_own_the_first_one_here() -> None:
    program = """
    done = in_shares(lambda share, shares: (share, shares, os.getpid()), 3)
    print([one[:2] for one in done], len({pid for _, _, pid in done}), done[0][2] == parent)
    """
    assert printed(program) == "[(0, 3), (1, 3), (2, 3)] 3 True\n"


def test_large_and_empty_results_come_back() -> None:
    program = """
    done = in_shares(lambda share, shares: [] if share == 1 else ["x" * 1_000_000] * share, 3)
    print([len(one) for one in done])
    """
    assert printed(program) == "[0, 0, 2]\n"


@pytest.mark.parametrize(
    "end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 2)", "sys.exit(1)", "1 / 0"]
)
def test_the_share_of_a_process_that_is_lost_is_done_here(end: str) -> None:
    program = f"""
    def work(share, shares):
        if os.getpid() != parent:
            {end}
        return share
    print(in_shares(work, 3))
    """
    assert printed(program) == "[0, 1, 2]\n"


def test_a_result_that_cannot_be_sent_is_made_here() -> None:
    program = """
    done = in_shares(lambda share, shares: lambda: share, 2)
    print([one() for one in done])
    """
    assert printed(program) == "[0, 1]\n"


def test_where_no_process_can_be_started_all_is_done_here() -> None:
    program = """
    import multiprocessing.context
    def refused(self):
        raise BlockingIOError("Resource temporarily unavailable")
    multiprocessing.context.ForkProcess.start = refused
    print(in_shares(lambda share, shares: (share, os.getpid() == parent), 3))
    """
    assert printed(program) == "[(0, True), (1, True), (2, True)]\n"


def test_a_failure_here_is_nobody_elses() -> None:
    def work(share: int, shares: int) -> int:
        raise ValueError(f"share {share} of {shares}")

    with pytest.raises(ValueError, match="share 0 of 1"):
        in_shares(work, 1)


def test_a_failure_elsewhere_is_met_here_again() -> None:
    program = """
    def work(share, shares):
        if share:
            raise ValueError("here" if os.getpid() == parent else "there")
    try:
        in_shares(work, 2)
    except ValueError as error:
        print(error)
    """
    assert printed(program) == "here\n"


def test_what_a_process_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[tuple[int, object]] = []
    monkeypatch.setattr(signal, "signal", lambda number, handler: handlers.append((number, handler)))
    reader, writer = Pipe(duplex=False)
    with reader, writer:
        send_share(writer, lambda share, shares: share / (shares - 2), 1, 2)
        assert not reader.poll()
        send_share(writer, lambda share, shares: (share, shares), 1, 2)
        assert reader.recv() == (1, 2)
    assert handlers == [(signal.SIGINT, signal.SIG_DFL)] * 2
