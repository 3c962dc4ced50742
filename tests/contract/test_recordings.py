"""The sandbox is held to recorded traffic: the same requests in the same order get the same status and body."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract.comparison import differences
from tests.contract.reasons import CHANGED_SINCE, NOT_SERVED, Reason, reason_for
from tests.contract.recordings import FILE, Interaction, Replay, conversations

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"the recordings are not there: {FILE}")


@dataclass
class Tally:
    """What became of the recorded interactions. `unexplained` names those that differ for no known reason."""

    not_served: int = 0
    put_in_place: int = 0
    refused_keys: int = 0
    equal: int = 0
    changed_since: int = 0
    differ: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        return self.equal + self.changed_since + self.differ

    def count(self, row: Interaction, replay: Replay) -> None:
        """Replay one interaction."""
        if not row.served:
            self.not_served += 1
            return
        seeded = replay.seed(row)
        found = differences(row, replay.ask(row))
        reasons = [reason_for(row, difference) for difference in found]
        self.unexplained += [
            f"{row.source} #{row.index}: {difference}"
            for difference, reason in zip(found, reasons, strict=True)
            if reason is None
        ]
        self.reasons.update({reason.text for reason in reasons if reason})
        if row.status == 403:
            self.refused_keys += 1
        elif seeded and row.method in {"GET", "DELETE"} and row.status < 300:
            self.put_in_place += 1
        else:
            self.sort_in(reasons)

    def sort_in(self, reasons: list[Reason | None]) -> None:
        """Count a compared interaction by the reasons of its differences."""
        if not reasons:
            self.equal += 1
        elif all(reason in CHANGED_SINCE for reason in reasons):
            self.changed_since += 1
        else:
            self.differ += 1

    def __str__(self) -> str:
        agreeing = self.equal + self.changed_since
        lines = [
            f"{self.compared} interactions compared, {agreeing} agree ({agreeing / self.compared:.1%}):",
            f"  {self.equal} equal, {self.changed_since} but for what Datadog changed since, {self.differ} differ",
            f"  {self.not_served + self.put_in_place + self.refused_keys} are not compared; docs/sandbox.md says why",
        ]
        return "\n".join(lines)


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    """All interactions, and those of the last recorded year."""
    found = {"all": Tally(), "2026": Tally()}
    for rows in conversations():
        replay, again = Replay(), Replay()
        replay.prepare(rows)
        again.prepare(rows)
        for row in rows:
            found["all"].count(row, replay)
            if row.year == 2026:
                found["2026"].count(row, again)
    return found


def test_the_sandbox_agrees_with_the_recordings(tallies: dict[str, Tally], capsys: pytest.CaptureFixture[str]) -> None:
    tally = tallies["all"]
    with capsys.disabled():
        print(f"\n{tally}")
    assert (tally.equal + tally.changed_since) / tally.compared >= 0.95
    assert tally.unexplained == []


def test_the_page_on_the_sandbox_tells_these_numbers(tallies: dict[str, Tally]) -> None:
    tally = tallies["all"]
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    agreeing = tally.equal + tally.changed_since
    share = f"{agreeing} of {tally.compared} compared interactions agree, {agreeing / tally.compared:.1%}"
    for told in (
        share.replace("%", " %"),
        f"{tally.equal} are equal, {tally.changed_since} but for what Datadog itself does differently",
        f"{tally.differ} differ, since they rest on what the sandbox doesn't have",
        f"{tally.not_served} with operations that the sandbox doesn't serve, {tally.put_in_place} reads and deletes",
        f"and {tally.refused_keys} with refused keys",
        *(f"| {reason} | {count} |" for reason, count in tally.reasons.items()),
    ):
        assert told in page


def test_each_reason_is_needed(tallies: dict[str, Tally]) -> None:
    assert set(tallies["all"].reasons) == {reason.text for reason in (*CHANGED_SINCE, *NOT_SERVED)}


def test_nothing_changed_since_2026(tallies: dict[str, Tally]) -> None:
    tally = tallies["2026"]
    assert tally.changed_since == 0
    assert tally.equal / tally.compared >= 0.95
