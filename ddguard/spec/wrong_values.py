"""The finding for a value that has the form of one and can't be meant: schemas tell of all other ones."""

from ddguard.findings import Finding, Severity
from ddguard.model import Path, Source
from ddguard.spec.wording import dotted


def wrong_value(path: Path, message: str, hint: str, source: Source, offset: int = 0, width: int = 0) -> Finding:
    """DDG013 at a value, or at `width` of its characters from `offset` on; `hint` may be empty."""
    position = source.at(path, offset, width)
    return Finding(position, "DDG013", "wrong-value", Severity.ERROR, f"{dotted(path)}: {message}", hint)
