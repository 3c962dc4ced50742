"""Where a replay's series come from beside files, and a variable's values side by side."""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ddguard.cli.options import Common
from ddguard.cli.output import emit, emit_rows, say
from ddguard.errors import InputError, UsageError
from ddguard.history.needs import Needs, needs_of
from ddguard.history.what_if import Tally, columns, parse_values, tally
from ddguard.model import Json, Monitor
from ddguard.replay.cases import known_names, near
from ddguard.replay.monitors import Replayed, constituents_of
from ddguard.replay.rounds import check_length, pace
from ddguard.replay.series import SeriesSet
from ddguard.replay.variants import Variants
from ddguard.spec.load import Specs
from ddguard.spec.project import ENVIRONMENT_VARIABLE

MOST_TENANTS = 5
"""Groups that a row of the table names."""


STEP = 60
"""Seconds. Prometheus's usual scrape interval."""
USED = re.compile(r"\$\{\s*([A-Za-z_]\w*)\s*\}")


@dataclass(frozen=True, slots=True)
class Source:
    """What the command line says of the history: a Prometheus server's URL, or Datadog.

    `step` are seconds, and so are `every`, those between rounds; None where it doesn't say.
    """

    prometheus: str | None
    datadog: bool
    step: int | None
    every: int | None = None

    def is_given(self, series_file: str | None) -> bool:
        """Whether history is asked for. UsageError unless exactly one source of series is named."""
        if (series_file is not None) + (self.prometheus is not None) + self.datadog != 1:
            raise UsageError("name one source of series", "--series FILE, --prometheus URL or --datadog")
        if self.step is not None and self.prometheus is None:
            raise UsageError("--step is the scrape interval of a Prometheus server", "it goes with --prometheus alone")
        return series_file is None


def history(source: Source, monitor: Monitor, specs: Specs, first: int, last: int, common: Common) -> SeriesSet:
    """The series that the monitor looks at between two seconds; InputError where there are none."""
    needs = needs_of(one.definition for one in _with_parts(monitor, specs))
    check_length(first, last, source.every or pace(needs.window))
    series = _read(source, needs, specs, first, last, common)
    if series.first is None:
        raise InputError(
            f"there is no history of what {monitor.id} looks at",
            "are the metrics called like that there? ddguard.yaml's prometheus.metrics names them"
            if source.prometheus
            else "",
        )
    return series


def _with_parts(monitor: Monitor, specs: Specs) -> Iterable[Monitor]:
    if monitor.type != "composite":
        return [monitor]
    used = constituents_of(monitor.definition)
    return [one for one in specs.monitors if one.id in used]


def _read(source: Source, needs: Needs, specs: Specs, first: int, last: int, common: Common) -> SeriesSet:
    if source.prometheus is not None:
        from ddguard.history import prometheus

        server = prometheus.server(source.prometheus)
        found = prometheus.series_from(
            server, needs, specs.project.prometheus_metrics, first, last, source.step or STEP
        )
        for warning in server.warnings:
            say(f"{server.url} warns: {warning}", common)
        return found
    from ddguard.datadog import Datadog, settings_from
    from ddguard.history import datadog

    settings = settings_from(os.environ, site=specs.environment.site, api_url=common.api_url)
    with Datadog(settings) as account:
        return datadog.series_from(account.query_series, needs, first, last)


def check_variable(text: str, monitor: Monitor, specs: Specs) -> None:
    """UsageError for values of a variable that says nothing about the monitor: all of them would come to the same."""
    name, _ = parse_values(text)
    if name == ENVIRONMENT_VARIABLE:
        raise UsageError("env is always the environment's name: no variable can set it", "choose it with --env")
    ids = {one.id for one in _with_parts(monitor, specs)}
    own = [one for one in specs.documents if isinstance(one.value, dict) and one.value.get("id") in ids]
    used = {found for one in own for found in USED.findall(json.dumps(one.value, default=str))} - {ENVIRONMENT_VARIABLE}
    if name in used:
        return
    known = known_names(specs).variables
    if known is not None and name not in known:
        hint = near(name, used) or near(name, known) or "declare it under `variables`, or name it in a spec"
        raise UsageError(f"--set {name}: no variable of that name is declared or used", hint)
    hint = f"it uses {', '.join(sorted(used))}" if used else "it uses none"
    raise UsageError(f"--set {name}: {monitor.id} doesn't use this variable", near(name, used) or hint)


def tallies(
    text: str, monitor: Monitor, specs: Specs, replayed: Callable[[Monitor, Mapping[str, Monitor]], Replayed]
) -> tuple[str, list[Tally]]:
    """The variable's name, and what the monitor would have done with each of its values."""
    name, values = parse_values(text)
    variants = Variants(specs)
    found = []
    for value in values:
        built = {one.id: variants.monitor(one.id, None, {name: _scalar(value)}) for one in specs.monitors}
        monitors = {key: one for key, one in built.items() if isinstance(one, Monitor)}
        if monitor.id not in monitors:
            raise UsageError(f"--set {name}={value}: {monitor.id} has a mistake with it", "is it a number there?")
        found.append(tally(value, replayed(monitors[monitor.id], monitors).replay))
    return name, found


def _scalar(text: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def tell_tallies(name: str, found: Sequence[Tally], monitor: str, common: Common) -> None:
    """Prints the table: one row for each value."""
    from ddguard.report import machine
    from ddguard.report.escape import printable_line

    if common.format == "json":
        emit(machine.as_json("replay", {"monitor": monitor, "variable": name, "values": list(map(_object, found))}))
        return
    if common.format == "csv":
        emit_rows([("value", *COLUMNS), *map(_row, found)])
        return
    rows = [(name, "alerts", "groups", "hours in alert", "first", "last", "which")]
    rows += [
        (
            one.value,
            str(one.alerts),
            str(len(one.groups)),
            f"{one.hours:.1f}",
            _time(one.first) or "-",
            _time(one.last) or "-",
            _named(one.groups),
        )
        for one in found
    ]
    emit("\n".join(columns([[printable_line(cell) for cell in row] for row in rows])))


COLUMNS = ("alerts", "groups", "hours_in_alert", "first", "last")
"""What the CSV table tells of a value; its groups stand with blanks between."""


def _row(one: Tally) -> tuple[str, ...]:
    first, last = _time(one.first) or "", _time(one.last) or ""
    return one.value, str(one.alerts), " ".join(one.groups), f"{one.hours:.12g}", first, last


def _object(one: Tally) -> dict[str, Json]:
    return {
        "value": one.value,
        "alerts": one.alerts,
        "groups": list(one.groups),
        "hours_in_alert": one.hours,
        "first": _time(one.first),
        "last": _time(one.last),
    }


def _named(groups: Sequence[str]) -> str:
    more = f" and {len(groups) - MOST_TENANTS} more" if len(groups) > MOST_TENANTS else ""
    return " ".join(groups[:MOST_TENANTS]) + more


def _time(second: int | None) -> str | None:
    from datetime import UTC, datetime

    from ddguard.report.machine import time_text

    return None if second is None else time_text(datetime.fromtimestamp(second, UTC))
