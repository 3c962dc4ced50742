"""The command line. Each command is a module of its own, imported when it is called."""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from ddguard import __version__
from ddguard.errors import DdguardError, ExitCode

COMMANDS = {
    "validate": "Check specs: schema, variables, references, queries.",
    "plan": "Show what apply would do.",
    "apply": "Make Datadog hold what the specs say.",
    "import": "Print existing monitors as specs.",
    "schema": "Print a JSON Schema, for editors.",
    "sandbox": "Serve a local Datadog until interrupted.",
    "demo": "The whole tour on a sandbox of its own, no account needed.",
}
"""Every command in the order of `--help`, with its one line; the module is `ddguard.cli.<name>_command`."""

SECRETS = ("DD_API_KEY", "DD_APP_KEY", "DATADOG_API_KEY", "DATADOG_APP_KEY")


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
    """Runs the command line and leaves the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code. Nothing escapes as a traceback but a bug in ddguard."""
    try:
        return int(group.main(arguments, prog_name="ddguard", standalone_mode=False) or ExitCode.DONE)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", "", ExitCode.INTERRUPTED)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "ddguard"
        return _fail(error.format_message(), f"see {command} --help", ExitCode.USAGE)
    except DdguardError as error:
        return _fail(error.message, error.hint, error.exit_code)
    except Exception as error:  # noqa: BLE001 - the last handler: a bug must say that it is one
        return _reader_left() if isinstance(error, BrokenPipeError) else _bug()


def _reader_left() -> int:
    """Whoever read our output stopped reading (`| head`): nothing more to say, and nothing wrong."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(ExitCode.DONE)


def _fail(message: str, hint: str, code: ExitCode) -> int:
    from ddguard.report.escape import printable

    click.echo(f"ddguard: {_without_secrets(printable(message))}", err=True)
    if hint:
        click.echo(f"  {_without_secrets(printable(hint))}", err=True)
    return int(code)


def _bug() -> int:
    click.echo(_without_secrets(traceback.format_exc()), err=True)
    click.echo(f"This is a bug in ddguard {__version__}. Please report it, with the lines above.", err=True)
    return int(ExitCode.BUG)


def _without_secrets(text: str) -> str:
    """The text with every key of the environment blacked out, whatever brought it there."""
    for name in SECRETS:
        value = os.environ.get(name, "")
        if len(value) >= 8:
            text = text.replace(value, "********")
    return text
