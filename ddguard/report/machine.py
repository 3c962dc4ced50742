"""Results as JSON objects: the shapes that scripts hold on to."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ddguard.errors import DdguardError
from ddguard.findings import Finding
from ddguard.model import Json

VERSION = 1
STEERING = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


def as_json(command: str, body: Mapping[str, Json]) -> str:
    """One JSON object with the version of its shape and the command that made it.

    Characters that steer a terminal or hide something, and those that no UTF-8 has, come as escapes.
    """
    text = json.dumps({"version": VERSION, "command": command, **body}, indent=2, ensure_ascii=False)
    return STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


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
