"""What the command line hands to the checks."""

import pytest

from ddguard.cli import checked
from ddguard.spec.documents import read_documents


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (
            "tests:\n  - {name: a, monitor: one}\n  - {name: b, monitor: two}\n  - {name: c, monitor: one}\n",
            {"one", "two"},
        ),
        ("tests:\n  - {name: a}\n  - {monitor: 5}\n  - just words\n", set()),
        ("tests: none\n", set()),
        ("- a list\n", set()),
    ],
)
def test_the_monitors_that_test_files_name(text: str, ids: set[str]) -> None:
    documents, _ = read_documents("a.test.yaml", text)
    assert checked.tested_ids(documents) == ids
