"""Finding a project on disk and reading its files. The only room of `spec` that touches the disk."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ddguard.errors import InputError, UsageError
from ddguard.findings import Finding, Position, Severity
from ddguard.spec.documents import decode

PROJECT_FILE = "ddguard.yaml"
ENDINGS = (".yaml", ".yml")
TEST_ENDINGS = (".test.yaml", ".test.yml")
MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file's text under the path that findings show; `text` is None where it couldn't be read as text."""

    path: str
    text: str | None
    finding: Finding | None = None

    @property
    def is_test(self) -> bool:
        """Whether the name says that it holds tests."""
        return self.path.endswith(TEST_ENDINGS)


def find_project(directory: str | None) -> Path:
    """The folder that holds `ddguard.yaml`: the one named, else the current one, else `monitors` in it."""
    if directory is not None:
        if not (Path(directory) / PROJECT_FILE).is_file():
            raise UsageError(f"there is no {PROJECT_FILE} in {directory}", "`ddguard init` makes a project")
        return Path(directory)
    for candidate in (Path(), Path("monitors")):
        if (candidate / PROJECT_FILE).is_file():
            return candidate
    raise UsageError(
        f"there is no {PROJECT_FILE} here or in ./monitors",
        "name its folder with --dir, or make one with `ddguard init`",
    )


def read_project_file(directory: Path) -> ReadFile:
    """The project's own file."""
    return _read(directory / PROJECT_FILE)


def read_spec_files(directory: Path) -> Iterator[ReadFile]:
    """Every YAML file below the folder in a stable order, hidden folders and the project's own file aside."""
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if name.endswith(ENDINGS) and not name.startswith(".") and path != directory / PROJECT_FILE:
                yield _read(path)


def shown(path: Path) -> str:
    """A path as findings show it."""
    return path.as_posix()


def named_files(names: Sequence[str], known: Sequence[str]) -> frozenset[str]:
    """Those of the known files that the user named, folders meaning all below; a name that matches none is an error."""
    chosen: set[str] = set()
    for name in names:
        wanted = Path(name).resolve()
        matching = {path for path in known if Path(path).resolve() == wanted or wanted in Path(path).resolve().parents}
        if not matching:
            exists = Path(name).exists()
            raise UsageError(
                f"{name} {'is no spec of this project' if exists else 'does not exist'}",
                "name .yaml files below the project's folder",
            )
        chosen |= matching
    return frozenset(chosen)


def _read(path: Path) -> ReadFile:
    try:
        if path.stat().st_size > MAX_BYTES:
            message = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
            return _unreadable(path, "DDG006", "too-large", message)
        text = decode(shown(path), path.read_bytes())
    except OSError as error:
        return _unreadable(path, "DDG008", "unreadable-file", f"the file can't be read: {error.strerror}")
    if isinstance(text, Finding):
        return ReadFile(shown(path), None, text)
    return ReadFile(shown(path), text)


def _unreadable(path: Path, code: str, check: str, message: str) -> ReadFile:
    return ReadFile(shown(path), None, Finding(Position(shown(path), 1, 1), code, check, Severity.ERROR, message))


def read_text(path: str) -> str:
    """The text of a file that the user named; `InputError` tells why it can't be read."""
    if not Path(path).is_file():
        raise UsageError(f"{path} is not a file")
    read = _read(Path(path))
    if read.finding is not None:
        raise InputError(f"{path}: {read.finding.message}", read.finding.hint)
    return read.text or ""
