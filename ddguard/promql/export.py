"""A project's monitors as rules: each exact, nearly the same, or left out for a reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ddguard.model import Monitor, Stack, monitors_referred_to
from ddguard.promql.composites import composite_rules
from ddguard.promql.fetching import Names
from ddguard.promql.reasons import CannotExportError
from ddguard.promql.rules import MonitorRules, monitor_rules, requested


@dataclass(frozen=True, slots=True)
class Export:
    """What became of some monitors, by id: their rules, or the reason why they are left out."""

    rules: Mapping[str, MonitorRules]
    left_out: Mapping[str, str]


def export(
    monitors: Mapping[str, Monitor], wanted: Iterable[str], stack: Stack, day: date, names: Names, *, approximate: bool
) -> Export:
    """The rules of the monitors `wanted`, in their order; `monitors` are all of the project, for composites.

    What can't be said exactly is left out unless `approximate`. Allowances count as they do on `day` (UTC).
    """
    exporter = _Exporter(monitors, stack, day, names)
    rules, left_out = {}, {}
    for name in wanted:
        try:
            found = exporter.rules(name)
        except CannotExportError as error:
            left_out[name] = error.reason
            continue
        if found.differences and not approximate:
            left_out[name] = "; ".join(difference.text for difference in found.differences)
        else:
            rules[name] = found
    return Export(rules, left_out)


@dataclass(frozen=True, slots=True)
class _Exporter:
    """Makes rules of single monitors, with those of their parts."""

    monitors: Mapping[str, Monitor]
    stack: Stack
    day: date
    names: Names

    def rules(self, name: str) -> MonitorRules:
        monitor = self.monitors[name]
        if monitor.type != "composite":
            return monitor_rules(monitor, self.stack, self.day, self.names)
        definition = requested(monitor, self.stack, self.day)
        used = sorted(monitors_referred_to(definition.get("query")) & set(self.monitors))
        parts = {one: found for one in used if (found := self._part(one)) is not None}
        return composite_rules(name, definition, parts)

    def _part(self, name: str) -> MonitorRules | None:
        if self.monitors[name].type == "composite":
            return None
        try:
            return monitor_rules(self.monitors[name], self.stack, self.day, self.names)
        except CannotExportError:
            return None
