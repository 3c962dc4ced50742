import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ddguard.sandbox.server import Sandbox
from ddguard.sandbox.state import State
from tests.oncall.desk import PROJECT, SPEC, Desk

FOREIGN = ("DD_", "DDGUARD_", "GITHUB_", "GITLAB_", "BUILDKITE_", "CIRCLE_", "COLUMNS")


def settle_in(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """An environment in Paris that knows of nothing else."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        patch.delenv(name)
    patch.setenv("TZ", "Europe/Paris")
    patch.setenv("USER", "alice")
    patch.chdir(folder)
    time.tzset()


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> State:
    """What a sandbox holds once the desk's two monitors are applied."""
    folder = tmp_path_factory.mktemp("applied")
    with Sandbox() as sandbox, pytest.MonkeyPatch.context() as patch:
        settle_in(patch, folder)
        patch.setenv("DDGUARD_API_URL", sandbox.url)
        desk = Desk(sandbox, folder, patch)
        desk.write(ddguard=PROJECT, specs=SPEC)
        assert desk.do("apply", "--yes", "-q", "--workers", "1").code == 0
        return sandbox.state


@pytest.fixture
def desk(applied: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk in Paris with two monitors applied, one of them by tenant."""
    settle_in(monkeypatch, tmp_path)
    with Sandbox() as sandbox:
        sandbox.state = applied
        monkeypatch.setenv("DDGUARD_API_URL", sandbox.url)
        desk = Desk(sandbox, tmp_path, monkeypatch)
        desk.write(ddguard=PROJECT, specs=SPEC)
        yield desk
    monkeypatch.undo()
    time.tzset()
