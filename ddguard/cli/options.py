"""The options that every command takes, and what they mean."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from ddguard.cli.failures import without_secrets
from ddguard.errors import DdguardError, UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Common:
    """What every command is told. `environment` is the one named with `--env`; `loudness` is -1, 0 or 1.

    `command` is the command's own name, such as `plan` or `snooze list`.
    """

    directory: str | None
    environment: str | None
    variables: Mapping[str, str]
    format: str
    color: bool
    loudness: int
    api_url: str | None
    command: str = ""


def common_options(*formats: str, command: str = "") -> Callable[[Function], Function]:
    """Adds the options of every command and hands them over as one `common`; the first format is the usual one.

    `command` is what JSON calls the command, where that isn't the words by which it was called.
    """

    def decorate(function: Function) -> Function:
        def wrapped(**values: Any) -> Any:
            common = Common(
                directory=values.pop("directory"),
                environment=values.pop("environment"),
                variables=_variables(values.pop("var")),
                format=values.pop("format"),
                color=_wants_color(values.pop("no_color")),
                loudness=values.pop("verbose") - values.pop("quiet"),
                api_url=values.pop("api_url"),
                command=command or click.get_current_context().command_path.partition(" ")[2],
            )
            with _told_in_json(common):
                return function(common=common, **values)

        wrapped.__name__ = function.__name__
        wrapped.__doc__ = function.__doc__
        wrapped.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        for option in reversed(_options(formats)):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[return-value]

    return decorate


@contextmanager
def _told_in_json(common: Common) -> Iterator[None]:
    """What stops a command is told on stdout too where a script waits for JSON there."""
    try:
        yield
    except DdguardError as error:
        if common.format == "json":
            from ddguard.report import machine

            click.echo(without_secrets(machine.as_json(common.command, {"error": machine.error_object(error)})))
        raise


def _options(formats: tuple[str, ...]) -> list[Callable[[Any], Any]]:
    return [
        click.option("--dir", "directory", metavar="DIR", help="The folder that holds ddguard.yaml."),
        click.option("--env", "environment", metavar="NAME", help="The environment of ddguard.yaml to work in."),
        click.option("--var", metavar="NAME=VALUE", multiple=True, help="Give a variable a value. Repeatable."),
        click.option(
            "--api-url",
            metavar="URL",
            envvar="DDGUARD_API_URL",
            help="Another server than Datadog's, such as a sandbox.",
        ),
        click.option(
            "--format", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print results."
        ),
        click.option("--no-color", is_flag=True, help="No colours, even on a terminal. NO_COLOR works too."),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            help="Nothing on stderr but errors and questions; `apply` shows its plan only to ask about it.",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Cut no long value, and tell what is read from where."),
    ]


def _variables(pairs: tuple[str, ...]) -> dict[str, str]:
    variables = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--var {pair!r}: expected NAME=VALUE", "such as --var stream_burst_per_hour=200")
        variables[name] = value
    return variables


def _wants_color(refused: bool) -> bool:
    return not refused and not os.environ.get("NO_COLOR") and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
