"""Monitors as Prometheus alerting rules. Everything here is a pure function.

`export` makes rules of monitors and tells what can't be said; `rule_file` writes them, `unit_tests` writes
tests of them for promtool. `docs/prometheus.md` says what is exact and which differences remain.
"""

from ddguard.promql.export import Export, export
from ddguard.promql.fetching import Names
from ddguard.promql.reasons import CannotExportError, Difference
from ddguard.promql.rulefile import rule_file
from ddguard.promql.rules import MonitorRules, Rule, definition_rules

__all__ = [
    "CannotExportError",
    "Difference",
    "Export",
    "MonitorRules",
    "Names",
    "Rule",
    "definition_rules",
    "export",
    "rule_file",
]
