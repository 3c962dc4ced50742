"""The table of malformed inputs: its cases, and what is told of one, in the table's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ddguard.findings import Finding
from ddguard.spec.load import BrokenProjectError, load

TABLE = Path(__file__).with_name("malformed.txt")
CASE = re.compile(r"^=== (.+)\n", re.MULTILINE)
PART = re.compile(r"^--- (tells|\S+\.yaml(?: \(escaped\))?)\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One malformed input: `files` are texts by path, as the table writes them; `told` is what is said of them."""

    name: str
    files: Mapping[str, str]
    told: str

    def write(self, folder: Path) -> None:
        """Writes the files, and a project where there is none among them."""
        for path, text in {"ddguard.yaml": "project: shop\n", **self.files}.items():
            file = folder / path.removesuffix(" (escaped)")
            file.parent.mkdir(parents=True, exist_ok=True)
            escaped = path.endswith(" (escaped)")
            file.write_bytes(text.encode().decode("unicode_escape").encode("latin-1") if escaped else text.encode())

    def __str__(self) -> str:
        files = "".join(f"--- {path}\n{text}" for path, text in self.files.items())
        return f"=== {self.name}\n{files}--- tells\n{self.told}\n"


def preface_and_cases() -> tuple[str, list[Case]]:
    """The table: what stands before its first case, and the cases."""
    preface, *rest = CASE.split(TABLE.read_text(encoding="utf-8"))
    return preface, [_case(name, text) for name, text in zip(rest[::2], rest[1::2], strict=True)]


def _case(name: str, text: str) -> Case:
    _, *rest = PART.split(text)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    return Case(name, files, files.pop("tells").removesuffix("\n"))


def findings() -> tuple[tuple[Finding, ...], Mapping[str, str]]:
    """What loading the project in the current folder finds, and the texts of its files."""
    try:
        specs = load(None, None, {}, {})
    except BrokenProjectError as broken:
        return broken.findings, broken.texts
    return specs.findings, specs.texts


def told() -> str:
    """What loading the project in the current folder finds, in the table's words."""
    found, texts = findings()
    return "".join(line + "\n" for one in found for line in _lines(one, texts))


def _lines(finding: Finding, texts: Mapping[str, str]) -> Iterator[str]:
    place = finding.position
    yield f"{place.path}:{place.line}:{place.column} {finding.code} {finding.severity} {finding.message}"
    line = (texts.get(place.path) or "").split("\n")[place.line - 1 : place.line]
    if line and line[0].strip():
        yield f"  | {line[0].replace(chr(9), ' ')}" if line[0].isprintable() or "\t" in line[0] else f"  | {line[0]!r}"
        yield f"  | {' ' * (place.column - 1)}{'^' * place.width}"
    if finding.hint:
        yield f"  = {finding.hint}"
