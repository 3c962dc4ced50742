r"""Values -> YAML as a person would write it: blocks, messages in literal style, quotes only where they are needed.

What is written reads back as the same values by YAML 1.2, as specs are read, and by YAML 1.1, as most other tools read.
Characters that steer a terminal or hide stand there as escapes (`"\u202E"`): people read what is written.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping

import yaml

from ddguard.model import Json

NUMBER_OR_LETTER = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[yYnN]"
)
"""Texts that YAML 1.2 takes for numbers, or some reader of YAML 1.1 for yes and no, and that PyYAML writes plain."""

NOT_IN_BLOCKS = re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")
"""Characters that need an escape: control characters, tabs, and line breaks that only some readers take for one."""


HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what steers or hides: control, format (bidi, zero width), unassigned, line separators."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's own way
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - the same
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> yaml.emitter.ScalarAnalysis:
        """PyYAML keeps blanks before a line break out of blocks, where they are as good as any other character."""
        analysis = super().analyze_scalar(scalar)
        analysis.allow_block = analysis.multiline and not NOT_IN_BLOCKS.search(scalar)
        return analysis

    def choose_scalar_style(self) -> str:
        style = str(super().choose_scalar_style())
        text = getattr(self.event, "value", "")
        return '"' if style == "'" and not {'"', "\\"} & set(text) else style


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if NOT_IN_BLOCKS.search(text) or NUMBER_OR_LETTER.fullmatch(text) or _hidden_in(text) - {"\n"}:
        return '"'
    if "\n" in text:
        return "|" if text.strip() else '"'
    return None


def _hidden_in(text: str) -> frozenset[str]:
    """The characters of a text that a reader wouldn't see, line breaks among them."""
    if text.isascii() and text.isprintable():
        return frozenset()
    return frozenset(one for one in set(text) if unicodedata.category(one) in HIDDEN_CATEGORIES)


_Dumper.add_representer(str, _text)


def dump_document(value: Mapping[str, Json]) -> str:
    """One document, its keys in their order; it ends in a newline."""
    text: str = yaml.dump(
        dict(value), Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=sys.maxsize
    )
    return _with_escapes(text)


def _with_escapes(text: str) -> str:
    """The YAML with escapes for what hides: it stands in double quotes already, where PyYAML writes most of it raw."""
    return text.translate({ord(one): f"\\u{ord(one):04X}" for one in _hidden_in(text) - {"\n"}})


def dump_documents(values: Iterable[Mapping[str, Json]]) -> str:
    """Several documents with `---` between them; empty if there are none."""
    return "---\n".join(map(dump_document, values))
