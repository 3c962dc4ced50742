"""`ddguard validate`."""

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.project import checked, load_specs, tell_findings
from ddguard.errors import ExitCode
from ddguard.findings import has_errors


@click.command("validate")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@common_options("text", "json")
def command(common: Common, files: tuple[str, ...]) -> int:
    """Check every spec of the project, or only the FILEs named.

    Looks at schema, variables, references and queries without any network. Exit code 1: there are errors.
    """
    specs = load_specs(common).narrow(files)
    tell_findings(specs.findings, specs.texts, checked(specs), common)
    return ExitCode.FINDINGS if has_errors(specs.findings) else ExitCode.DONE
