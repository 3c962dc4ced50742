"""`ddguard schema`."""

import json

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit
from ddguard.errors import ExitCode
from ddguard.spec.schema import KINDS, for_editors


@click.command("schema")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@common_options("json")
def command(common: Common, kind: str) -> int:  # noqa: ARG001 - every command takes the common options
    """Print the JSON Schema (2020-12) of one KIND of file: project, monitor, downtime or test.

    Save it, and begin a spec with a line such as `# yaml-language-server: $schema=monitor.schema.json`.
    """
    emit(json.dumps(for_editors(kind), indent=2, ensure_ascii=False))
    return ExitCode.DONE
