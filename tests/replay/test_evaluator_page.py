"""docs/evaluator.md lists the assumptions as they are."""

from collections.abc import Callable
from pathlib import Path

from ddguard.replay.settings import ASSUMPTIONS

PAGE = Path(__file__).parents[2] / "docs" / "evaluator.md"
BEGIN, END = "<!-- assumptions -->\n", "<!-- end of assumptions -->"


def test_the_page_lists_every_assumption(golden: Callable[[Path, str], None]) -> None:
    rows = ["| name | choices | what it means |", "|---|---|---|"]
    rows += [f"| `{one.name}` | {', '.join(f'`{c}`' for c in one.choices)} | {one.text} |" for one in ASSUMPTIONS]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    golden(PAGE, before + BEGIN + "\n" + "\n".join(rows) + "\n\n" + END + rest.partition(END)[2])
