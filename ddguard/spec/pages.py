"""The pages that explain what can be wrong with files themselves, before any check looks at what they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ddguard.findings import Severity
from ddguard.spec.schema import shipped

HEAD = re.compile(r"^# (DDG0\d\d) ([a-z0-9-]+) (error|warning)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means: the name and the severity of its findings, and what to say of them in Markdown."""

    code: str
    name: str
    severity: Severity
    text: str


@cache
def pages() -> Mapping[str, Page]:
    """The pages by code, in the order of the codes."""
    _, *parts = HEAD.split(shipped("pages.md"))
    found = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return {code: Page(code, name, Severity(severity), body.strip() + "\n") for code, name, severity, body in found}
