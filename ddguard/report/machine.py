"""Results as JSON objects: the shapes that scripts hold on to."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from ddguard.errors import DdguardError
from ddguard.findings import Finding
from ddguard.model import Json
from ddguard.report.escape import is_harmless

VERSION = 1
NOT_PLAIN = re.compile(r"[^\n -~]")


def as_json(command: str, body: Mapping[str, Json]) -> str:
    """One JSON object with the version of its shape and the command that made it.

    Characters that steer a terminal or hide something, and those that no UTF-8 has, come as escapes.
    """
    text = json.dumps({"version": VERSION, "command": command, **body}, indent=2, ensure_ascii=False)
    return NOT_PLAIN.sub(lambda found: _shown(found.group()), text)


@lru_cache(maxsize=1024)
def _shown(character: str) -> str:
    """The character, or its JSON escape where a terminal mustn't get it."""
    return character if is_harmless(character) else json.dumps(character)[1:-1]


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC with `Z`, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error_object(error: DdguardError) -> dict[str, Json]:
    """What stopped a command."""
    return {"message": error.message, "hint": error.hint, "exit_code": int(error.exit_code)}


def finding_object(finding: Finding) -> dict[str, Json]:
    """One finding."""
    position = finding.position
    return {
        "path": position.path,
        "line": position.line,
        "column": position.column,
        "code": finding.code,
        "check": finding.check,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
    }


def findings_object(findings: Sequence[Finding], checked: Mapping[str, int]) -> dict[str, Json]:
    """What `validate` found and how much it looked at."""
    return {"findings": [finding_object(finding) for finding in findings], "checked": dict(checked)}
