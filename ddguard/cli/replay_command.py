"""`ddguard replay`."""

from collections.abc import Mapping, Sequence

import click

from ddguard.cli.clock import now
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, emit_rows, show, width
from ddguard.cli.project import sound_specs
from ddguard.cli.replay_sources import Source, check_variable, history, tallies, tell_tallies
from ddguard.cli.replay_times import seconds, stretch
from ddguard.cli.series_file import series_in
from ddguard.errors import ExitCode, UsageError
from ddguard.model import Monitor
from ddguard.replay.cases import near
from ddguard.replay.evaluate import Run
from ddguard.replay.monitors import Replayed, replay_monitor, silences_of
from ddguard.replay.outcome import GroupReplay, Replay
from ddguard.replay.series import SeriesSet
from ddguard.replay.settings import Settings, parse_assumptions
from ddguard.spec.load import Specs

WIDEST = 100
"""Columns of a chart where no terminal says how many there are."""


@click.command("replay")
@click.argument("monitor_id", metavar="ID")
@click.option("--series", "series_file", metavar="FILE", help="CSV, Datadog's JSON or YAML; - is stdin.")
@click.option("--prometheus", metavar="URL", help="Read the history from this Prometheus server.")
@click.option("--datadog", is_flag=True, help="Read the history from Datadog.")
@click.option("--last", "length", metavar="LENGTH", help="How much of it, up to its end (history: 24h).")
@click.option("--step", metavar="LENGTH", help="Prometheus: the scrape interval (default: 1m).")
@click.option("--set", "values", metavar="NAME=V1,V2", help="Compare what these values of a variable would do.")
@click.option("--from", "first", metavar="TIME", help="The first round (default: the first point).")
@click.option("--to", "last", metavar="TIME", help="The last round (default: the last point).")
@click.option("--group", "groups", metavar="GROUP", multiple=True, help="Tell of this group only. Repeatable.")
@click.option("--messages", is_flag=True, help="Show the title and the text of each notification.")
@click.option("--every", metavar="LENGTH", help="The time between rounds (default: Datadog's, by window).")
@click.option("--offset", type=click.IntRange(0, 59), default=1, show_default=True, help="Seconds after the minute.")
@click.option("--bucket", metavar="LENGTH", help="The width of buckets without .rollup (default: Datadog's table).")
@click.option("--assume", metavar="NAME=VALUE", multiple=True, help="Another reading of what Datadog leaves open.")
@common_options("text", "json", "csv")
def command(
    common: Common,
    monitor_id: str,
    series_file: str | None,
    prometheus: str | None,
    datadog: bool,
    length: str | None,
    step: str | None,
    values: str | None,
    first: str | None,
    last: str | None,
    groups: tuple[str, ...],
    messages: bool,
    every: str | None,
    offset: int,
    bucket: str | None,
    assume: tuple[str, ...],
) -> int:
    """Run the monitor ID of the project over recorded series and tell its timeline.

    The series come from a file, or as history from Prometheus or Datadog (then --to is now unless it is given).

    The project's downtimes hold back what they would at Datadog.
    """
    specs = sound_specs(common)
    monitors = {monitor.id: monitor for monitor in specs.monitors}
    if monitor_id not in monitors:
        raise UsageError(f"there is no monitor {monitor_id!r} in this project", near(monitor_id, monitors))
    settings = Settings(seconds("--every", every), offset, seconds("--bucket", bucket), parse_assumptions(assume))
    asked = stretch(first, last, length, settings.every)
    monitor = monitors[monitor_id]
    source = Source(prometheus, datadog, seconds("--step", step), settings.every)
    if values is not None:
        check_variable(values, monitor, specs)
        _refuse_details(groups, messages=messages)
    if source.is_given(series_file):
        rounds = asked.up_to(int(now().timestamp()))
        series = history(source, monitor, specs, *rounds, common)
    else:
        series = series_in(series_file or "", common)
        rounds = asked.within(series)
    run = Run(*rounds, settings)
    if values is not None:
        name, found_values = tallies(
            values, monitor, specs, lambda one, others: _replayed(one, others, series, run, specs)
        )
        tell_tallies(name, found_values, monitor.id, common)
        return ExitCode.DONE
    found = _replayed(monitor, monitors, series, run, specs)
    _tell(found, _chosen(found.replay, groups), common, messages=messages)
    return ExitCode.DONE


def _refuse_details(groups: Sequence[str], *, messages: bool) -> None:
    if groups or messages:
        raise UsageError("--set counts the alerts of all groups", "leave --group and --messages away")


def _replayed(monitor: Monitor, monitors: Mapping[str, Monitor], series: SeriesSet, run: Run, specs: Specs) -> Replayed:
    silences = silences_of(monitor, specs.downtimes, specs.stack, run.first, run.last)
    return replay_monitor(monitor, monitors.get, series, Run(run.first, run.last, run.settings, silences), specs.stack)


def _chosen(replay: Replay, names: Sequence[str]) -> Sequence[GroupReplay]:
    if not names:
        return replay.groups
    known = {group.group: group for group in replay.groups}
    for name in names:
        if name not in known:
            count = f"there are {len(known)} groups" if len(known) != 1 else f"there is one: {next(iter(known))}"
            raise UsageError(f"the group {name!r} never appears", near(name, known) or count)
    return [known[name] for name in dict.fromkeys(names)]


def _tell(found: Replayed, groups: Sequence[GroupReplay], common: Common, *, messages: bool) -> None:
    from ddguard.report import machine, replays

    if common.format == "json":
        emit(machine.as_json("replay", replays.replay_object(found, groups, messages=messages)))
    elif common.format == "csv":
        emit_rows(replays.replay_rows(found.replay, groups))
    else:
        show(replays.replay_text(found, groups, min(width(), WIDEST), messages=messages), common)
