"""Where files stand in the repository that a CI job checked out: its annotations are looked up by that."""

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ddguard.findings import Finding

WORKSPACE = "GITHUB_WORKSPACE"
"""GitHub's variable for the folder of the repository; a step may work in a folder below it."""


def in_repository(findings: Sequence[Finding], texts: Mapping[str, str]) -> tuple[Sequence[Finding], Mapping[str, str]]:
    """The findings and the texts of files under paths from the repository's root; as they are outside of a job."""
    below = _folder_below_root()
    if below is None:
        return findings, texts
    moved = [
        replace(finding, position=replace(finding.position, path=_joined(below, finding.position.path)))
        for finding in findings
    ]
    return moved, {_joined(below, path): text for path, text in texts.items()}


def _folder_below_root() -> str | None:
    """The current folder as seen from the repository's root; None in the root itself and outside of it."""
    root = os.environ.get(WORKSPACE)
    if not root:
        return None
    here, there = Path.cwd().resolve(), Path(root).resolve()
    return here.relative_to(there).as_posix() if here != there and here.is_relative_to(there) else None


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))
