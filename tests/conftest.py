"""What all tests share: expected files that one option writes anew, and a width of output that is no terminal's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")
"""No example fails because a machine was busy; all else is as it was, in CI as hypothesis has it there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write expected files and generated pages anew, compare nothing"
    )


@pytest.fixture(autouse=True)
def _no_terminal_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output as wide as nobody's terminal, also where a shell exports the width of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Holds a text to the file that keeps it; under `--update-golden` writes the file instead."""

    def hold(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run pytest with --update-golden"
        assert path.read_text(encoding="utf-8") == text

    return hold
