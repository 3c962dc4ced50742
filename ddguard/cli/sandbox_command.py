"""`ddguard sandbox`."""

import sys
from contextlib import suppress
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.errors import ExitCode
from ddguard.sandbox.server import Sandbox


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes any free one.")
@click.option(
    "--data", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in a SQLite file."
)
@common_options("text")
def command(common: Common, port: int, data: Path | None) -> int:
    """Serve a local Datadog on the loopback interface until interrupted.

    The first line on stdout is its URL: give it to other commands with --api-url or DDGUARD_API_URL. Any keys do.
    """
    sandbox = Sandbox(port=port, data=data)
    emit(sandbox.url)
    sys.stdout.flush()
    say("serving until Ctrl-C", common)
    with suppress(KeyboardInterrupt):
        sandbox.serve_forever()
    return ExitCode.DONE
