"""`ddguard sandbox`."""

import gc
import sys
from contextlib import suppress
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.errors import ExitCode
from ddguard.sandbox.faults import KINDS, parse_fault
from ddguard.sandbox.server import Sandbox

FAULTS = "\n".join(f"  {kind:<13} {does}" for kind, does in KINDS.items())


@click.command(
    "sandbox",
    epilog=f"""\b
A --fault is spelled KIND[=VALUE][:METHOD][:PATH][:SHARE%][:TIMESx], such as
drop-after:POST:/api/v1/monitor:20%. The kinds are:
{FAULTS}
""",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes any free one.")
@click.option(
    "--data", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in a SQLite file."
)
@click.option("--fault", "faults", metavar="FAULT", multiple=True, help="What goes wrong on purpose. Repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Whom the faults strike.")
@common_options("text")
def command(common: Common, port: int, data: Path | None, faults: tuple[str, ...], seed: int) -> int:
    """Serve a local Datadog on the loopback interface until interrupted.

    The first line on stdout is its URL: give it to other commands with --api-url or DDGUARD_API_URL. Any keys do.
    """
    gc.enable()
    sandbox = Sandbox(port=port, data=data, faults=map(parse_fault, faults), seed=seed)
    emit(sandbox.url)
    sys.stdout.flush()
    say("serving until Ctrl-C", common)
    with suppress(KeyboardInterrupt):
        sandbox.serve_forever()
    return ExitCode.DONE
