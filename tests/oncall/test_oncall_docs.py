"""The runbook's commands do what it says, and its tables name what the code has."""

import re
import shlex
from pathlib import Path

from ddguard.cli.snoozing import AUTHORS
from tests.oncall.desk import Desk

DOCS = Path(__file__).parents[2] / "docs"
RUNBOOK = (DOCS / "oncall.md").read_text(encoding="utf-8")
PAGES = ("oncall.md", "tenant-privacy.md", "security.md")


def test_every_command_of_the_runbook_works(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    commands = [shlex.split(line)[1:] for line in re.findall(r"^ +(ddguard .+)$", RUNBOOK, re.MULTILINE)]
    assert [command[:2] for command in commands] == [
        ["holds"],
        ["snooze", "tenant"],
        ["snooze", "list"],
        ["snooze", "end"],
    ]
    for command in commands:
        said = desk.do(*command, answer="y\n")
        assert (said.code, "acme" in said.out) == (0, True), command


def test_the_runbook_names_the_authors_variables() -> None:
    assert all(f"`{name}`" in RUNBOOK for name in AUTHORS)


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        text = (DOCS / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#][^)]*)\)", text):
            file, _, anchor = link.partition("#")
            if file == "testing.md":
                continue
            target = DOCS / file
            assert target.exists(), f"{page}: {link}"
            if anchor:
                heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}
