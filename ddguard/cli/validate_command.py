"""`ddguard validate`."""

import click

from ddguard.cli.checked import checked_specs, with_findings
from ddguard.cli.options import Common, common_options
from ddguard.cli.project import checked, tell_findings
from ddguard.errors import ExitCode
from ddguard.findings import Severity, has_errors
from ddguard.replay.cases import findings_of_tests


@click.command("validate")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--remote", is_flag=True, help="Also ask Datadog about the monitors that an apply would change.")
@click.option(
    "--min-severity",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.INFO.value,
    show_default=True,
    help="Tell nothing less severe; the last line counts it nevertheless.",
)
@common_options("text", "json", "github", "sarif")
def command(common: Common, files: tuple[str, ...], remote: bool, min_severity: str) -> int:
    """Check every spec of the project, or only the FILEs named.

    Looks at schema, variables, references, queries and test files, and runs all checks, without any network unless
    --remote is given. `ddguard explain CHECK` tells more about one of them. Of the infos of a check the first few are
    shown; -v shows all. Exit code 1: there are errors.
    """
    specs = checked_specs(common, files)
    specs = with_findings(specs, findings_of_tests(specs)).narrow(files)
    if remote:
        from ddguard.cli.remote_checks import remote_findings

        specs = with_findings(specs, remote_findings(specs, common))
    tell_findings(specs.findings, specs.texts, checked(specs), common, Severity(min_severity))
    return ExitCode.FINDINGS if has_errors(specs.findings) else ExitCode.DONE
