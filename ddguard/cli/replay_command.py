"""`ddguard replay`."""

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

import click
from click.exceptions import Exit

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show, width
from ddguard.cli.project import sound_specs, tell_findings
from ddguard.errors import ExitCode, InputError, UsageError
from ddguard.findings import has_errors
from ddguard.model import Monitor, monitors_referred_to
from ddguard.payload import monitor_request
from ddguard.replay.evaluate import Run, evaluate
from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.reading import read_series
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import Settings, parse_assumptions
from ddguard.spec.durations import parse_duration
from ddguard.spec.files import read_text
from ddguard.spec.load import Specs


@click.command("replay")
@click.argument("monitor_id", metavar="ID")
@click.option("--series", "series_file", metavar="FILE", required=True, help="CSV, Datadog's JSON or YAML; - is stdin.")
@click.option("--from", "first", metavar="TIME", help="The first round (default: the first point).")
@click.option("--to", "last", metavar="TIME", help="The last round (default: the last point).")
@click.option("--group", "groups", metavar="GROUP", multiple=True, help="Tell of this group only. Repeatable.")
@click.option("--every", metavar="LENGTH", help="The time between rounds (default: Datadog's, by window).")
@click.option("--offset", type=click.IntRange(0, 59), default=1, show_default=True, help="Seconds after the minute.")
@click.option("--bucket", metavar="LENGTH", help="The width of buckets without .rollup (default: Datadog's table).")
@click.option("--assume", metavar="NAME=VALUE", multiple=True, help="Another reading of what Datadog leaves open.")
@common_options("text", "json", "csv")
def command(
    common: Common,
    monitor_id: str,
    series_file: str,
    first: str | None,
    last: str | None,
    groups: tuple[str, ...],
    every: str | None,
    offset: int,
    bucket: str | None,
    assume: tuple[str, ...],
) -> int:
    """Run the monitor ID of the project over recorded series and tell its timeline."""
    specs = sound_specs(common)
    monitors = {monitor.id: monitor for monitor in specs.monitors}
    if monitor_id not in monitors:
        near = get_close_matches(monitor_id, monitors, n=1)
        raise UsageError(
            f"there is no monitor {monitor_id!r} in this project", f"did you mean {near[0]}?" if near else ""
        )
    series = _series(series_file, common)
    settings = Settings(_seconds("--every", every), offset, _seconds("--bucket", bucket), parse_assumptions(assume))
    run = Run(_moment("--from", first, series.first), _moment("--to", last, series.last), settings)
    replay = _replay(monitors[monitor_id], monitors, series, run, specs)
    _tell(replay, _chosen(replay, groups), common)
    return ExitCode.DONE


def _series(name: str, common: Common) -> SeriesSet:
    text = sys.stdin.read() if name == "-" else read_text(name)
    path = "<stdin>" if name == "-" else name
    reading = read_series(text, path)
    if has_errors(reading.findings):
        tell_findings(reading.findings, {path: text}, {"files": 1}, common)
        raise Exit(ExitCode.FINDINGS)
    if reading.series.first is None:
        raise InputError(f"{path} holds no points")
    return reading.series


def _seconds(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        seconds = int(parse_duration(text).total_seconds())
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if seconds == 0:
        raise UsageError(f"{option}: must be longer than nothing")
    return seconds


def _moment(option: str, text: str | None, otherwise: int | None) -> int:
    if text is None:
        return otherwise or 0
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        hint = "such as 2026-01-05T10:00:00Z, or seconds since the epoch"
        raise UsageError(f"{option}: {text!r} is no time", hint) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _replay(monitor: Monitor, monitors: Mapping[str, Monitor], series: SeriesSet, run: Run, specs: Specs) -> Replay:
    """The monitor over the series; a composite after the monitors that it combines."""
    constituents = {
        name: _replay(monitors[name], monitors, series, run, specs)
        for name in sorted(monitors_referred_to(monitor.definition.get("query")))
    }
    day = datetime.fromtimestamp(run.last, UTC).date()
    definition = monitor_request(monitor, specs.stack, {}, day)
    return evaluate(definition, series, Run(run.first, run.last, run.settings, (), constituents), monitor.id)


def _chosen(replay: Replay, names: Sequence[str]) -> Sequence[GroupReplay]:
    if not names:
        return replay.groups
    known = {group.group: group for group in replay.groups}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {len(known)} groups"
            raise UsageError(f"the group {name!r} never appears", hint)
    return [known[name] for name in names]


def _tell(replay: Replay, groups: Sequence[GroupReplay], common: Common) -> None:
    from ddguard.report import machine, replays

    if common.format == "json":
        emit(machine.as_json("replay", replays.replay_object(replay, groups)))
    elif common.format == "csv":
        output = io.StringIO()
        csv.writer(output, lineterminator="\n").writerows(replays.replay_rows(replay, groups))
        emit(output.getvalue().rstrip("\n"))
    else:
        show(replays.replay_text(replay, groups, min(width(), 100)), common)
