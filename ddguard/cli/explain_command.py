"""`ddguard explain`."""

from difflib import get_close_matches

import click

from ddguard.checks import RULES, Rule, file_rules
from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, show
from ddguard.errors import ExitCode, UsageError
from ddguard.report import machine, rules


@click.command("explain")
@click.argument("check", required=False, metavar="[CHECK]")
@common_options("text", "json")
def command(common: Common, check: str | None) -> int:
    """Print a check's page: what it finds, why, an example, what to write instead. Without CHECK: the list of all.

    CHECK is a name such as `threshold-differs` or a code such as `DDG101`.
    """
    chosen = [_named(check)] if check else [*RULES, *file_rules()]
    if common.format == "json":
        emit(machine.as_json("explain", {"checks": [rules.rule_object(rule) for rule in chosen]}))
    else:
        show(rules.page_text(chosen[0]) if check else rules.rules_text(chosen), common)
    return ExitCode.DONE


def _named(text: str) -> Rule:
    every = (*RULES, *file_rules())
    for rule in every:
        if text.lower() in {rule.name, rule.code.lower()}:
            return rule
    near = get_close_matches(text.lower(), [rule.name for rule in every], n=1)
    hint = f"did you mean {near[0]}?" if near else "`ddguard explain` lists them"
    raise UsageError(f"there is no check {text!r}", hint)
