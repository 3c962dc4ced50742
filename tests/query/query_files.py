"""Reads the files of queries beside the tests, and those recorded from Datadog."""

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
RECORDED = HERE.parents[2] / "shared" / "corpus" / "queries.txt"


class Row(NamedTuple):
    """A line of a file: `kind` is Datadog's monitor type."""

    kind: str
    text: str
    rest: tuple[str, ...] = ()


def rows(path: Path) -> list[Row]:
    """The lines that are no remarks; `\\n` in a query stands for a newline."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    fields = (line.split("\t") for line in lines if line)
    return [Row(kind, text.replace("\\n", "\n"), tuple(rest)) for kind, text, *rest in fields]


CORPUS = rows(HERE / "corpus.txt")
ERRORS = rows(HERE / "errors.txt")


def without_blanks(text: str) -> str:
    return "".join(text.split())
