"""The reference page of tests: its example passes, its tables are complete, its links lead somewhere."""

import re
from pathlib import Path

import pytest
from case_projects import run_tests

from ddguard.replay.expectations import COMPARISONS
from ddguard.replay.generate import PARAMETERS
from ddguard.replay.notation import parse_values
from ddguard.replay.notifications import Kind
from ddguard.replay.states import State

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "testing.md").read_text(encoding="utf-8")
PACK = Path(__file__).parents[2] / "monitors"


def test_the_example_passes(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    files = {
        "ddguard.yaml": (PACK / "ddguard.yaml").read_text(encoding="utf-8"),
        "burst.yaml": (PACK / "streampay" / "stream-creation-burst.yaml").read_text(encoding="utf-8"),
        "level.yaml": "",
    }

    (result,) = run_tests(tmp_path, example, files)

    assert (result.error, result.mismatches) == ("", ())


def test_every_word_is_explained() -> None:
    for word in (*COMPARISONS, *PARAMETERS, *Kind, *State):
        assert f"`{word}`" in PAGE or f" {word}:" in PAGE, word
    for shape, parameters in PARAMETERS.items():
        (row,) = (line for line in PAGE.split("\n") if line.startswith(f"| `{shape}` |"))
        assert [name for name in parameters if f"`{name}`" not in row] == []


@pytest.mark.parametrize(("text", "values"), [("5+2x3", [5, 7, 9, 11]), ("5-2x3", [5, 3, 1, -1]), ("5x3", [5] * 4)])
def test_the_notation_means_what_the_page_says(text: str, values: list[float]) -> None:
    assert parse_values(text).tolist() == values


@pytest.mark.parametrize("name", ["testing.md", "tutorial.md"])
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (DOCS / name).read_text(encoding="utf-8")):
        assert (DOCS / target).is_file(), target
