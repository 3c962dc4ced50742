"""Monitors and downtimes for the tests of the payload room."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path as FilePath
from typing import Any

import pytest

from ddguard.findings import Position
from ddguard.model import Downtime, LiveDowntime, LiveMonitor, Monitor, Path, Stack

CORPUS = FilePath(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded corpus is not beside the repository")

STACK = Stack("streampay", "prod")
DAY = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
OURS = ["ddguard_stack:streampay/prod", "ddguard_id:burst"]
QUERY = "sum(last_1h):sum:streams.created{env:prod} by {tenant}.as_count() > 100"
UUID = "2f1e7d0a-0000-4000-8000-000000000001"


class Nowhere:
    """A source that knows one place only."""

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:
        return Position("monitors/burst.yaml", 3, 1)

    def key_at(self, path: Path) -> Position:
        return self.at(path)


def monitor(definition: Mapping[str, Any] | None = None, **keys: Any) -> Monitor:
    """The monitor `burst`; `definition` adds to `type` and `query`."""
    return Monitor("burst", {"type": "query alert", "query": QUERY, **(definition or {})}, Nowhere(), **keys)


def live(definition: Mapping[str, Any]) -> LiveMonitor:
    return LiveMonitor(7, definition, None)


def downtime(attributes: Mapping[str, Any] | None = None, **keys: Any) -> Downtime:
    """The downtime `nightly` for `env:prod`."""
    return Downtime("nightly", {"scope": "env:prod", **(attributes or {})}, Nowhere(), **keys)


def live_attributes(attributes: Mapping[str, Any]) -> LiveDowntime:
    return LiveDowntime(UUID, attributes, None)
