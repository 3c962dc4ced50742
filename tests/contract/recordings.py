"""Recorded conversations with Datadog, and their replay against the sandbox's store."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ddguard.sandbox.calls import Access, Answer, Change, Request
from ddguard.sandbox.normalise import normalised
from ddguard.sandbox.queries import composed_of
from ddguard.sandbox.state import FIRST_MONITOR_ID, ORG_ID, State
from ddguard.sandbox.store import answer, route

FILE = Path(__file__).parents[3] / "shared" / "corpus" / "pairs.jsonl"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ONE_MONITOR = re.compile(r"/api/v[12]/monitor/(\d+)(?:/\w+)?")
ONE_DOWNTIME = re.compile(rf"/api/v2/downtime/({UUID.pattern})")
DUPLICATE = re.compile(r"Duplicate of an existing monitor_id:(\d+)")
REFERENCE = re.compile(r"monitor \[(\d+),(.*)\] is referenced in composite monitors: \[(\d+),(.*)\]")

EARLIER = "2020-01-01T00:00:00+00:00"
EXAMPLE = {"type": "log alert", "query": 'logs("*").index("*").rollup("count").last("5m") > 1', "name": "earlier"}
EXAMPLE_DOWNTIME = {
    "scope": "*",
    "monitor_identifier": {"monitor_tags": ["*"]},
    "schedule": {"start": EARLIER, "end": None},
    "display_timezone": "UTC",
    "message": None,
    "mute_first_recovery_notification": False,
    "notify_end_states": ["alert", "no data", "warn"],
    "notify_end_types": ["expired"],
    "canceled": None,
    "created": EARLIER,
    "modified": EARLIER,
}


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded request and its answer. `year` is 0 where the recording has no date."""

    source: str
    index: int
    year: int
    method: str
    path: str
    query: Mapping[str, str]
    request: Any
    status: int
    response: Any

    @property
    def served(self) -> bool:
        """Whether the sandbox has this operation."""
        return route(Request(self.method, self.path)) is not None

    @property
    def made(self) -> str:
        """The id of what the request made, empty where it made nothing."""
        if self.method != "POST" or self.status != 200 or not isinstance(self.response, dict):
            return ""
        return str((self.response.get("data") or self.response).get("id", ""))


def conversations() -> list[list[Interaction]]:
    """The recordings, each in its order."""
    found: dict[str, list[Interaction]] = defaultdict(list)
    with FILE.open(encoding="utf-8") as lines:
        for line in lines:
            row = {key: value for key, value in json.loads(line).items() if key in Interaction.__slots__}
            found[row["source"]].append(Interaction(**row | {"year": row["year"] or 0}))
    return [sorted(rows, key=lambda row: row.index) for rows in found.values()]


@dataclass(slots=True)
class Replay:
    """One conversation with the sandbox's store.

    Monitors get the numbers that they have in the recording; `uuids` maps recorded downtimes to the sandbox's.
    """

    state: State = field(default_factory=State)
    uuids: dict[str, str] = field(default_factory=dict)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    turn: int = 0

    def ask(self, row: Interaction) -> Answer:
        """Send the recorded request and make the changes that it comes to."""
        self.now = written_at(row.response) or self.now
        self.turn += 1
        self.count_up_to(row)
        request = Request(
            row.method,
            UUID.sub(lambda found: self.uuids.get(found[0], found[0]), row.path),
            row.query,
            row.request,
            self.now,
            self.turn,
            access(row),
        )
        outcome = answer(self.state, request)
        self.state = self.state.after(outcome.changes)
        self.learn(row.response, outcome.answer.body)
        return outcome.answer

    def count_up_to(self, row: Interaction) -> None:
        """Make the next monitor's number the recorded one."""
        if isinstance(row.response, dict) and isinstance(row.response.get("id"), int):
            made = row.response["id"] - FIRST_MONITOR_ID
            self.state = self.state.after([Change("settings", "monitors_made", made)])

    def learn(self, recorded: Any, ours: Any) -> None:
        """Remember which of the sandbox's downtimes stands for the recorded one."""
        theirs = recorded.get("data") if isinstance(recorded, dict) else None
        mine = ours.get("data") if isinstance(ours, dict) else None
        if isinstance(theirs, dict) and isinstance(mine, dict) and "id" in theirs and "id" in mine:
            self.uuids.setdefault(theirs["id"], mine["id"])

    def prepare(self, rows: Sequence[Interaction]) -> None:
        """Put in place what lists show and no request of the conversation made."""
        made = {row.made for row in rows}
        changes = [change for row in rows if row.served for change in listed(row) if str(change.key) not in made]
        self.state = self.state.after(changes)
        self.uuids |= {str(change.key): str(change.key) for change in changes if change.table == "downtimes"}

    def seed(self, row: Interaction) -> bool:
        """Put in place what a request speaks of and no earlier one made; whether there was something to put."""
        needed = [*self.earlier_monitors(row), *self.earlier_downtimes(row)]
        self.state = self.state.after(needed)
        return bool(needed)

    def earlier_monitors(self, row: Interaction) -> Iterator[Change]:
        """The monitors that the answer shows to exist."""
        for number, definition in spoken_of(row).items():
            if number not in self.state.monitors:
                yield Change("monitors", number, earlier_monitor(number, definition))

    def earlier_downtimes(self, row: Interaction) -> Iterator[Change]:
        """The downtimes that the answer shows to exist."""
        for uuid, attributes in downtimes_spoken_of(row).items():
            if uuid not in self.uuids:
                self.uuids[uuid] = uuid
                yield Change("downtimes", uuid, earlier_downtime(attributes))


def listed(row: Interaction) -> Iterator[Change]:
    """What a list shows."""
    if row.method == "GET" and row.status == 200 and row.path == "/api/v1/monitor":
        for entry in row.response:
            yield Change("monitors", entry["id"], earlier_monitor(entry["id"], entry))
    if row.method == "GET" and row.status == 200 and row.path == "/api/v2/downtime":
        for entry in row.response["data"]:
            yield Change("downtimes", entry["id"], earlier_downtime(entry["attributes"]))


def spoken_of(row: Interaction) -> dict[int, Mapping[str, Any]]:
    """The monitors that an answer shows to exist, as they may have been before the request."""
    found: dict[int, Mapping[str, Any]] = {}
    match = ONE_MONITOR.fullmatch(row.path)
    if match and row.status in {200, 400}:
        found[int(match[1])] = earlier_definition(row)
    if row.status == 400:
        found |= {int(number): row.request for number in DUPLICATE.findall(row.response["errors"][0])}
    for entry in row.response.get("included", ()) if isinstance(row.response, dict) else ():
        if entry["type"] == "monitor":
            found[entry["id"]] = EXAMPLE | entry["attributes"]
    if row.status == 409:
        for number, reasons in row.response["errors"].items():
            for _, name, other, title in REFERENCE.findall(reasons[0]):
                found |= {int(number): EXAMPLE | {"name": name}, int(other): composite(number, title)}
    if row.status == 200 and isinstance(row.request, dict) and row.request.get("type") == "composite":
        found |= dict.fromkeys(composed_of(row.request["query"]), EXAMPLE)
    return found


def downtimes_spoken_of(row: Interaction) -> dict[str, Mapping[str, Any]]:
    """The downtimes that an answer shows to exist, with what it tells of them."""
    match = ONE_DOWNTIME.fullmatch(row.path)
    if match and row.status < 300:
        return {match[1]: row.response["data"]["attributes"] if row.response else {}}
    if row.path.endswith("/downtime_matches") and row.status == 200:
        return {entry["id"]: {"schedule": one_time(entry["attributes"])} for entry in row.response["data"]}
    return {}


def composite(query: str, name: str) -> Mapping[str, Any]:
    """A composite monitor."""
    return {"type": "composite", "query": query, "name": name}


def earlier_definition(row: Interaction) -> Mapping[str, Any]:
    """What a monitor may have been before a recorded request: its answer, with other options where those are sent."""
    if not isinstance(row.response, dict) or "query" not in row.response:
        return EXAMPLE
    options = row.response["options"]
    if isinstance(row.request, dict) and "options" in row.request:
        options = {"silenced": options.get("silenced", {})}
    return row.response | {"options": options}


def earlier_monitor(number: int, definition: Mapping[str, Any]) -> dict[str, Any]:
    """A stored monitor of that number."""
    kept = {"id": number, "org_id": ORG_ID, "created": EARLIER, "created_at": 0, "modified": EARLIER, "deleted": None}
    return normalised(definition) | kept | {"creator": {}}


def earlier_downtime(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A stored downtime with these attributes, those of `EXAMPLE_DOWNTIME` where there are none."""
    return EXAMPLE_DOWNTIME | {key: value for key, value in attributes.items() if key in EXAMPLE_DOWNTIME}


def one_time(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule with that start and end."""
    return {"start": attributes["start"], "end": attributes["end"]}


def written_at(response: Any) -> datetime | None:
    """When the answered object was last written."""
    data = response.get("data", response) if isinstance(response, dict) else None
    found = data.get("attributes", data).get("modified") if isinstance(data, dict) else None
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def access(row: Interaction) -> Access:
    """Recordings keep no keys: where Datadog refused them, so does the replay."""
    if row.status != 403:
        return Access.GRANTED
    return Access.MISSING if row.response == {"errors": ["API key required"]} else Access.REFUSED
