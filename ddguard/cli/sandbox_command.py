"""`ddguard sandbox`."""

import sys
from contextlib import suppress
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.errors import ExitCode
from ddguard.sandbox.faults import parse_fault
from ddguard.sandbox.server import Sandbox


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes any free one.")
@click.option(
    "--data", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in a SQLite file."
)
@click.option(
    "--fault",
    multiple=True,
    metavar="SPEC",
    help="Break something on purpose, such as drop-after:POST:/api/v1/monitor:20%. Repeatable.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses which requests the faults hit.")
@common_options("text")
def command(common: Common, port: int, data: Path | None, fault: tuple[str, ...], seed: int) -> int:
    """Serve a local Datadog on the loopback interface until interrupted.

    The first line on stdout is its URL: give it to other commands with --api-url or DDGUARD_API_URL. Any keys do.
    """
    sandbox = Sandbox(port=port, data=data, faults=[parse_fault(text) for text in fault], seed=seed)
    emit(sandbox.url)
    sys.stdout.flush()
    say("serving until Ctrl-C", common)
    with suppress(KeyboardInterrupt):
        sandbox.serve_forever()
    return ExitCode.DONE
