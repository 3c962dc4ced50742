"""Finding a project on disk and reading its files. The only room of `spec` that touches the disk."""

import os
import stat
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


def is_test(path: str) -> bool:
    """Whether a file's name says that it holds tests."""
    return path.endswith(TEST_ENDINGS)


def find_project(directory: str | None) -> Path:
    """The folder that holds `ddguard.yaml`: the one named, else the current one, else `monitors` in it."""
    if directory is not None:
        if not _is_file(Path(directory) / PROJECT_FILE):
            raise UsageError(f"there is no {PROJECT_FILE} in {directory}", "`ddguard init` makes a project")
        return Path(directory)
    for candidate in (Path(), Path("monitors")):
        if _is_file(candidate / PROJECT_FILE):
            return candidate
    raise UsageError(
        f"there is no {PROJECT_FILE} here or in ./monitors",
        "name its folder with --dir, or make one with `ddguard init`",
    )


def read_project_file(directory: Path) -> ReadFile:
    """The project's own file."""
    return _read(directory / PROJECT_FILE)


def read_spec_files(directory: Path) -> Iterator[ReadFile]:
    """Every YAML file below the folder in a stable order, hidden folders and the project's own file aside.

    Links to files are followed, links to folders aren't. A folder that can't be listed comes as a file without text.
    """
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(directory, onerror=unlisted.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if name.endswith(ENDINGS) and not name.startswith(".") and path != directory / PROJECT_FILE:
                yield _read(path)
    for error in unlisted:
        message = f"the folder can't be listed: {error.strerror}"
        yield _unreadable(Path(error.filename), "DDG008", "unreadable-file", message)


def shown(path: Path) -> str:
    """A path as findings show it."""
    return path.as_posix()


def named_files(names: Sequence[str], known: Sequence[str]) -> frozenset[str]:
    """Those of the known files that the user named, folders meaning all below; a name that matches none is an error."""
    below: dict[Path, list[str]] = {}
    for path in known:
        real = _real(path)
        for one in (real, *real.parents):
            below.setdefault(one, []).append(path)
    chosen: set[str] = set()
    for name in names:
        matching = below.get(_real(name))
        if not matching:
            exists = os.path.lexists(name)
            raise UsageError(
                f"{name} {'is no spec of this project' if exists else 'does not exist'}",
                "name .yaml files below the project's folder",
            )
        chosen.update(matching)
    return frozenset(chosen)


def _real(name: str) -> Path:
    """The file that a path leads to, its links followed; one that leads in a circle is taken as it is."""
    return Path(os.path.realpath(name))


def _is_file(path: Path) -> bool:
    """Whether there is a file that could be read; a path that can't even be looked at leads to none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _read(path: Path) -> ReadFile:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _unreadable(path, "DDG008", "unreadable-file", "the file can't be read: it is no regular file")
        if status.st_size > MAX_BYTES:
            message = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
            return _unreadable(path, "DDG006", "too-large", message, "split it: a file may hold one spec or many")
        text = decode(shown(path), path.read_bytes())
    except OSError as error:
        hint = "the link leads nowhere" if path.is_symlink() else ""
        return _unreadable(path, "DDG008", "unreadable-file", f"the file can't be read: {error.strerror}", hint)
    if isinstance(text, Finding):
        return ReadFile(shown(path), None, text)
    return ReadFile(shown(path), text)


def _unreadable(path: Path, code: str, check: str, message: str, hint: str = "") -> ReadFile:
    position = Position(shown(path), 1, 1)
    return ReadFile(shown(path), None, Finding(position, code, check, Severity.ERROR, message, hint))


def read_text(path: str) -> str:
    """The text of a file that the user named; `InputError` tells why it can't be read."""
    if not _is_file(Path(path)):
        raise UsageError(f"{path} is not a file")
    read = _read(Path(path))
    if read.finding is not None:
        raise InputError(f"{path}: {read.finding.message}", read.finding.hint)
    return read.text or ""
