"""`ddguard holds`."""

from functools import partial

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show
from ddguard.cli.progress import told_if_slow
from ddguard.cli.remote import settings_for, waited_for
from ddguard.cli.snooze_output import to_local
from ddguard.cli.snoozing import project_for, say_where, terms_of
from ddguard.datadog import SITES, Datadog, Settings
from ddguard.errors import ExitCode
from ddguard.holds import held_groups
from ddguard.report import holds as report
from ddguard.report import oncall_machine
from ddguard.report.machine import as_json
from ddguard.snooze import scopes_silencing


@click.command("holds")
@common_options("text", "json")
def command(common: Common) -> int:
    """Show the tenants that carry the flag for manual review now, the newest first.

    It reads only. The flag asks a person for a review; nothing is frozen by it.
    """
    specs = project_for(common)
    settings = settings_for(common, specs)
    with Datadog(settings) as datadog, told_if_slow(common):
        raw_monitors = waited_for(datadog.monitors_with_groups, specs.stack.tag)
    silencing = partial(scopes_silencing, raw_monitors=raw_monitors, read=terms_of)
    holds = held_groups(raw_monitors, app_url(settings), silencing)
    if common.format == "json":
        emit(
            as_json("holds", {"stack": specs.stack.name, "holds": [oncall_machine.hold_object(held) for held in holds]})
        )
    else:
        show(report.holds_text(holds, specs.stack.name, to_local), common)
    if not holds:
        say_where(specs, common)
    return ExitCode.DONE


def app_url(settings: Settings) -> str:
    """Where the pages are that belong to an API: `https://app.datadoghq.eu`, `https://us3.datadoghq.com`.

    https://docs.datadoghq.com/getting_started/site/
    """
    site = settings.host.removeprefix("api.")
    if site not in SITES:
        return settings.api_url
    return f"https://{site}" if site.count(".") > 1 else f"https://app.{site}"
