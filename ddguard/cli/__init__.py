"""The command line. Each command is a module of its own, imported when it is called."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ddguard import __version__
from ddguard.cli.failures import fail, fail_as_bug
from ddguard.cli.streams import lasting, lost_output, open_input
from ddguard.errors import DdguardError, ExitCode, InterruptedRun

COMMANDS = {
    "init": "Write a small project to begin with.",
    "validate": "Check specs: schema, variables, references, queries.",
    "test": "Run the test files: series in, states and notifications out.",
    "replay": "Run one monitor over recorded series.",
    "plan": "Show what apply would do.",
    "apply": "Make Datadog hold what the specs say.",
    "import": "Print existing monitors as specs.",
    "snooze": "Silence one tenant, only that, for a while.",
    "holds": "Show the tenants that carry the flag for manual review.",
    "export": "Write the rules that Prometheus can express.",
    "schema": "Print a JSON Schema, for editors.",
    "explain": "Tell what a check finds, why, and what to write instead.",
    "sandbox": "Serve a local Datadog until interrupted.",
    "demo": "The whole tour on a sandbox of its own, no account needed.",
}
"""Every command in the order of `--help`, with its one line; the module is `ddguard.cli.<name>_command`."""


LOST_OUTPUT = ExitCode.FINDINGS
"""As for other tools (`gh`, the coreutils): 1. A command that ends otherwise keeps its own exit code."""


class Commands(click.Group):
    """A group whose commands are imported when they are needed: `ddguard --help` reads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ddguard.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, with a suggestion where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ddguard", message="%(prog)s %(version)s")
def group() -> None:
    """Datadog monitors and downtimes as code.

    Specs are YAML files below a ddguard.yaml. Keys come from DD_API_KEY and DD_APP_KEY.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and leaves the process with its exit code.

    Python isn't to look for garbage: trees of specs and queries are many objects and none of it, and all goes with the
    process. With 1,000 monitors this saves a fifth of a plan's time. What serves for long turns it on again.
    """
    gc.disable()
    sys.stdin, sys.stdout, sys.stderr = open_input(sys.stdin), lasting(sys.stdout), lasting(sys.stderr)
    code = _as_told(run(arguments))
    gc.freeze()
    sys.exit(code)


def _as_told(code: int) -> int:
    """The exit code of a command that came to its end, where what it said may be lost."""
    reason = lost_output(sys.stdout)
    if not reason:
        return code
    failed = fail(
        f"the output can't be written: {reason}", "the command came to its end, but what it said is lost", LOST_OUTPUT
    )
    return failed if code in {ExitCode.DONE, ExitCode.CHANGES} else code


def _hint_about(error: click.ClickException) -> str:
    """Where to read on; an option before the command's name is one of the command's."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context and isinstance(context.command, click.Group):
        return f"options stand behind the command's name: ddguard validate {error.option_name} ..."
    return f"see {context.command_path if context else 'ddguard'} --help"


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code. Nothing escapes as a traceback but a bug in ddguard."""
    try:
        return int(group.main(arguments, prog_name="ddguard", standalone_mode=False) or ExitCode.DONE)
    except (click.Abort, KeyboardInterrupt):
        return fail("interrupted", "", ExitCode.INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        return fail(" ".join(error.format_message().split()), _hint_about(error), ExitCode.USAGE)
    except DdguardError as error:
        if isinstance(error, InterruptedRun):
            click.echo(err=True)  # below the ^C or the question that stands on the line
        return fail(error.message, error.hint, error.exit_code)
    except Exception:  # noqa: BLE001 - the last handler: a bug must say that it is one
        return fail_as_bug()
