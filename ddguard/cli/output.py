"""Printing: results to stdout, all else to stderr."""

import csv
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import islice
from typing import Any

import click

from ddguard.cli.options import Common

USUAL_WIDTH = 100
ROWS_AT_ONCE = 10_000
UNWRAPPED = 1_000_000
"""Columns. Lines aren't wrapped where no person reads them on a screen."""


def width(*, err: bool = False) -> int:
    """The number of columns to write for: the terminal's, or those that COLUMNS asks for."""
    if (sys.stderr if err else sys.stdout).isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return max(20, shutil.get_terminal_size((USUAL_WIDTH, 24)).columns)
    return UNWRAPPED


def show(parts: Iterable[Any], common: Common, *, err: bool = False) -> None:
    """Prints results: the renderable parts that the report layer makes; with `err` to stderr, where they are none."""
    from ddguard.report.terminal import rendered

    text = rendered(parts, width=width(err=err), color=common.color)
    if text:
        click.echo(text, nl=False, err=err)


def emit(text: str) -> None:
    """Prints a result that is text already."""
    click.echo(text)


def emit_rows(rows: Iterable[Sequence[str]]) -> None:
    """Prints a table as CSV, some rows after the others: there may be more of them than the memory holds."""
    left = iter(rows)
    while some := list(islice(left, ROWS_AT_ONCE)):
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(some)
        click.echo(text.getvalue(), nl=False)


def say(text: str, common: Common, *, at: int = 0) -> None:
    """Tells something that is no result: at the loudness 0 not with --quiet, at 1 only with --verbose."""
    from ddguard.report.escape import printable

    if common.loudness >= at:
        click.echo(printable(text), err=True)
