"""Holds for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from ddguard.holds import Held
from ddguard.report.escape import printable_line
from ddguard.report.layout import Hanging, facts, whole
from ddguard.report.oncall import STATE_COLORS, ToLocal, moment_text


def holds_text(holds: Sequence[Held], stack: str, to_local: ToLocal) -> Iterator[RenderableType]:
    """Every group that carries the flag."""
    if not holds:
        yield Text(f"Nobody in {stack} carries the flag for manual review.")
    for held in holds:
        state = (held.state, STATE_COLORS.get(held.state, ""))
        since = f"  since {moment_text(held.since, to_local)}" if held.since else ""
        yield Hanging(Text.assemble(state, "  ", (printable_line(held.group), "bold"), since))
        yield facts(
            [
                ("monitor", f"{printable_line(held.monitor)}  {printable_line(held.name)}".rstrip()),
                ("review", printable_line(held.review) or "-"),
                *(("muted", _muted(scope)) for scope in held.silenced_by),
            ]
        )
        yield whole(Text.assemble(("  link     ", "dim"), printable_line(held.url)))


def _muted(scope: str) -> str:
    return f"by a downtime of {printable_line(scope)}: perhaps nobody was told"
