"""Recorded requests against their recorded answers: nothing that Datadog does to an object may look like a change."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ddguard.model import Path
from ddguard.payload import downtime_changes, live_downtime, live_monitor, monitor_changes
from tests.payload.examples import CORPUS, needs_corpus

pytestmark = needs_corpus

MONITOR = re.compile(r"/api/v1/monitor(?:/\d+)?")
DOWNTIME = re.compile(r"/api/v2/downtime(?:/[^/]+)?")

EXCEPTIONS: dict[tuple[str, int, Path], tuple[int, str]] = {
    ("POST", 2020, ("priority",)): (3, "the field was new: the server didn't know it yet"),
    ("POST", 2021, ("options", "locked")): (10, "restricted roles locked a monitor then, whatever was sent"),
    ("PUT", 2021, ("options", "locked")): (1, "the same"),
    ("PUT", 2021, ("options", "new_host_delay")): (2, "null became 300; it stays null since 2023"),
}
"""Method, year and path of the differences that stay, how often, and why."""


def rows() -> Iterator[dict[str, Any]]:
    with (CORPUS / "pairs.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def written(path: re.Pattern[str]) -> list[dict[str, Any]]:
    """The successful writes; an update is compared in the fields that it sends."""
    methods = {"POST", "PUT", "PATCH"}
    return [row for row in rows() if row["status"] == 200 and row["method"] in methods and path.fullmatch(row["path"])]


def test_monitors_as_sent_and_as_answered() -> None:
    pairs = written(MONITOR)
    differences: Counter[tuple[str, int, Path]] = Counter()
    for row in pairs:
        for change in monitor_changes(row["request"], live_monitor(row["response"])):
            if row["method"] == "POST" or change.path[0] in row["request"]:
                differences[(row["method"], row["year"], change.path)] += 1
    assert len(pairs) > 900
    assert differences == {key: count for key, (count, _) in EXCEPTIONS.items()}


def test_monitors_as_sent_and_as_read_later() -> None:
    sent: dict[tuple[str, int], Any] = {}
    compared = 0
    for row in sorted(rows(), key=lambda row: (row["source"], row["index"])):
        if row["status"] != 200 or not MONITOR.fullmatch(row["path"]) or not isinstance(row["response"], dict):
            continue
        key = (row["source"], row["response"].get("id"))
        if row["method"] == "POST":
            sent[key] = row["request"]
        elif row["method"] == "GET" and key in sent:
            compared += 1
            assert monitor_changes(sent[key], live_monitor(row["response"])) == ()
        else:
            sent.pop(key, None)
    assert compared > 70


def test_downtimes_as_sent_and_as_answered() -> None:
    pairs = written(DOWNTIME)
    for row in pairs:
        wanted, live = row["request"]["data"]["attributes"], live_downtime(row["response"]["data"])
        now = datetime.fromisoformat(live.attributes["modified"])
        found = [
            change
            for change in downtime_changes(wanted, live, now)
            if row["method"] == "POST" or change.path[0] in wanted
        ]
        assert found == []
    assert len(pairs) > 90


def test_a_changed_value_in_a_recorded_answer_is_seen() -> None:
    for row in written(MONITOR)[::9]:
        answer = row["response"]
        options = {**answer["options"], "timeout_h": 23}
        assert monitor_changes(answer, live_monitor({**answer, "options": options}))
        assert monitor_changes(answer, live_monitor({**answer, "tags": [*answer["tags"], "foreign:1"]}))
        assert not monitor_changes(answer, live_monitor(answer))
