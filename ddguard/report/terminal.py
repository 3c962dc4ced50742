"""Rich values -> text of a given width, with or without colours."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, Group, RenderableType


def rendered(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """The parts one below the other, as text for a terminal of that width, without blanks at the ends of lines."""
    output = StringIO()
    console = Console(
        file=output,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(Group(*parts), crop=False)
    return "\n".join(line.rstrip() for line in output.getvalue().split("\n"))
