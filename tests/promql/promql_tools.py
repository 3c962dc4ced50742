"""promtool, and monitors to export, for tests."""

import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ddguard.findings import Position
from ddguard.model import EMPTY, Monitor, Stack
from ddguard.model import Path as SpecPath
from ddguard.promql import MonitorRules, Names, definition_rules

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian package prometheus)")

STACK = Stack("shop", "prod")
DAY = date(2026, 1, 5)


class Nowhere:
    """A spec's source in tests."""

    def at(self, path: SpecPath = (), offset: int = 0, width: int = 0) -> Position:
        return Position("monitors/made.yaml", 1, 1)

    def key_at(self, path: SpecPath) -> Position:
        return Position("monitors/made.yaml", 1, 1)


def promtool(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROMTOOL), *arguments], cwd=folder, capture_output=True, text=True, check=False)


def definition(query: str, options: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"type": "query alert", "query": query, "options": options or {}, **fields}


def rules(query: str, options: Mapping[str, Any] | None = None, **fields: Any) -> MonitorRules:
    return definition_rules("made", definition(query, options, **fields), Names(EMPTY))


def expression(query: str, options: Mapping[str, Any] | None = None, severity: str = "critical") -> str:
    return next(rule.expression for rule in rules(query, options).rules if rule.severity == severity)


def monitor(name: str, query: str, **fields: Any) -> Monitor:
    own = {key: fields.pop(key) for key in ("allow", "hold") if key in fields}
    return Monitor(name, {"type": "query alert", "query": query, **fields}, Nowhere(), **own)
