"""Recorded metric monitors: each is exported exactly, nearly or not at all, and promtool takes all that is exported."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from promql_tools import needs_promtool, promtool

from ddguard.model import EMPTY
from ddguard.promql import CannotExportError, MonitorRules, Names, definition_rules, rule_file

REPOSITORY = Path(__file__).parents[2]
RECORDED = REPOSITORY.parent / "shared" / "corpus" / "monitors.jsonl"
PAGE = REPOSITORY / "docs" / "prometheus.md"
OPENING, CLOSING = "<!-- shares -->\n", "<!-- /shares -->\n"

needs_corpus = pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded monitors aren't there")


def recorded() -> Iterator[dict[str, Any]]:
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        monitor = json.loads(line)["monitor"]
        if monitor.get("type") in {"query alert", "metric alert"}:
            yield monitor


def exported() -> tuple[list[MonitorRules], Counter[str]]:
    """The rules of all that can be exported, and how often each reason stands against the rest."""
    found: list[MonitorRules] = []
    refused: Counter[str] = Counter()
    for place, monitor in enumerate(recorded()):
        try:
            found.append(definition_rules(f"monitor-{place}", monitor, Names(EMPTY)))
        except CannotExportError as error:
            refused[error.reason.split()[0] if error.code == "function" else error.code] += 1
    return found, refused


def shares() -> str:
    found, refused = exported()
    differing = [one for one in found if one.differences]
    count = len(found) + refused.total()
    different = Counter(difference.code for one in differing for difference in one.differences)
    rows = [
        ("exactly", len(found) - len(differing), ""),
        ("with --approximate", len(differing), reasons(different)),
        ("not at all", refused.total(), reasons(refused)),
    ]
    lines = [f"| {name} | {number} of {count} ({number / count:.0%}) | {why} |" for name, number, why in rows]
    return "\n".join(["", "| | monitors | why (a monitor may have several reasons) |", "|---|---|---|", *lines, "", ""])


def reasons(counted: Counter[str]) -> str:
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"`{name}` {number}" for name, number in ordered)


@needs_corpus
def test_the_shares_in_the_docs(golden: Callable[[Path, str], None]) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(OPENING)
    after = rest.partition(CLOSING)[2]
    golden(PAGE, f"{before}{OPENING}{shares()}{CLOSING}{after}")


@needs_corpus
@needs_promtool
def test_promtool_takes_all_of_them(tmp_path: Path) -> None:
    found, _ = exported()
    (tmp_path / "rules.yml").write_text(rule_file("recorded", found, {}), encoding="utf-8")
    checked = promtool(tmp_path, "check", "rules", "rules.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{sum(len(one.rules) for one in found)} rules found" in checked.stdout
