"""Loading the project that a command works on, and telling its mistakes."""

import os
from collections.abc import Mapping, Sequence

from click.exceptions import Exit

from ddguard.cli.options import Common
from ddguard.cli.output import emit, say, show
from ddguard.cli.workspace import in_repository
from ddguard.errors import ExitCode
from ddguard.findings import Finding, Severity, has_errors, no_less_than
from ddguard.model import EMPTY
from ddguard.spec.documents import Document
from ddguard.spec.load import BrokenProjectError, Specs, load

MARKDOWN_WIDTH = 120


def load_specs(common: Common, files: Sequence[str] = ()) -> Specs:
    """The whole project; a broken `ddguard.yaml` ends the command, with what is wrong with the files named."""
    try:
        return load(common.directory, common.environment, common.variables, os.environ)
    except BrokenProjectError as error:
        tell_broken(error.narrow(files), common)
        raise Exit(ExitCode.FINDINGS) from None


def tell_broken(error: BrokenProjectError, common: Common) -> None:
    """Tells the mistakes of `ddguard.yaml`, and those of specs that can be told without it."""
    tell_findings(error.findings, error.texts, {"files": len(error.texts)}, common)
    if len(error.texts) > 1:
        say("while ddguard.yaml is broken, the variables and checks of other files aren't looked at", common)


def sound_specs(common: Common) -> Specs:
    """The whole project without a mistake in any file; what the checks say doesn't count."""
    return require_sound(load_specs(common), common)


def require_sound(specs: Specs, common: Common) -> Specs:
    """The same project; errors among its findings end the command."""
    if has_errors(specs.findings):
        errors = tuple(finding for finding in specs.findings if finding.severity is Severity.ERROR)
        tell_findings(errors, specs.texts, checked(specs), common)
        raise Exit(ExitCode.FINDINGS)
    return specs


def checked(specs: Specs) -> dict[str, int]:
    """How much was looked at."""
    return {
        "files": len(specs.files),
        "monitors": len(specs.monitors),
        "downtimes": len(specs.downtimes),
        "tests": sum(_tests_in(document) for document in specs.tests),
    }


def _tests_in(document: Document) -> int:
    tests = document.value.get("tests") if isinstance(document.value, dict) else None
    return len(tests) if isinstance(tests, list) else 0


def tell_findings(
    findings: Sequence[Finding],
    texts: Mapping[str, str],
    looked_at: Mapping[str, int],
    common: Common,
    least: Severity = Severity.INFO,
) -> None:
    """Prints findings in the format that the user chose: those no less severe than `least`, and how many there are."""
    from ddguard.report import findings as report
    from ddguard.report import github, machine, markdown
    from ddguard.report.terminal import rendered

    kinds = {kind.removesuffix("s"): count for kind, count in looked_at.items() if kind != "files"}
    summary = report.findings_summary(findings, looked_at["files"], kinds)
    told = no_less_than(least, findings)
    if common.format == "json":
        emit(machine.as_json(common.command, machine.findings_object(told, looked_at)))
    elif common.format == "markdown":
        text = rendered(report.findings_text(told, texts), width=MARKDOWN_WIDTH, color=False)
        emit(markdown.findings_markdown(text, summary))
    elif common.format == "github":
        emit(github.annotations(in_repository(told, texts)[0], summary))
    elif common.format == "sarif":
        from ddguard.report.sarif import sarif

        emit(sarif(*in_repository(told, texts)))
    else:
        shown, more = (told, EMPTY) if common.loudness > 0 else report.without_repeats(told)
        show(report.findings_text(shown, texts, among=findings, more=more), common)
        emit(summary)
