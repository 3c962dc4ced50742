"""Telling what stopped a command, without a key in it."""

import os
import traceback

import click

from ddguard import __version__
from ddguard.errors import ExitCode

SECRETS = ("DD_API_KEY", "DD_APP_KEY", "DATADOG_API_KEY", "DATADOG_APP_KEY")
SHORTEST_SECRET = 8
"""Characters. What is shorter is no key, and blacking it out would only garble the text."""


def fail(message: str, hint: str, code: ExitCode) -> int:
    """Says on stderr what went wrong and what to do about it; gives the exit code."""
    from ddguard.report.escape import printable

    click.echo(f"ddguard: {without_secrets(printable(message))}", err=True)
    if hint:
        click.echo(f"  {without_secrets(printable(hint))}", err=True)
    return int(code)


def fail_as_bug() -> int:
    """Says that ddguard itself is at fault, with the traceback of the exception at hand."""
    click.echo(without_secrets(traceback.format_exc()), err=True)
    click.echo(f"This is a bug in ddguard {__version__}. Please report it, with the lines above.", err=True)
    return int(ExitCode.BUG)


def without_secrets(text: str) -> str:
    """The text with every key of the environment blacked out, whatever brought it there."""
    for name in SECRETS:
        value = os.environ.get(name, "")
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "********")
    return text
