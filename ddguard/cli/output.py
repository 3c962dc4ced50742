"""Printing: results to stdout, all else to stderr."""

import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click

from ddguard.cli.options import Common

NO_TERMINAL_WIDTH = 1000
"""Lines aren't wrapped where no person reads them on a screen."""


def width() -> int:
    """The number of columns to write for."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else NO_TERMINAL_WIDTH


def show(parts: Iterable[Any], common: Common) -> None:
    """Prints results: the renderable parts that the report layer makes."""
    from ddguard.report.terminal import rendered

    text = rendered(parts, width=width(), color=common.color)
    if text:
        click.echo(text, nl=False)


def emit(text: str) -> None:
    """Prints a result that is text already."""
    click.echo(text)


def say(text: str, common: Common) -> None:
    """Tells something that is no result; not with --quiet."""
    from ddguard.report.escape import printable

    if common.loudness >= 0:
        click.echo(printable(text), err=True)
