"""Speaks with the sandbox's store without HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ddguard.sandbox.calls import Access, Answer, Request
from ddguard.sandbox.state import State
from ddguard.sandbox.store import answer

START = datetime(2026, 1, 5, 3, 0, 0, tzinfo=UTC)
QUERY = "sum(last_1h):sum:streampay.streams.created{env:prod} by {tenant}.as_count() > 100"
BURST = {
    "type": "query alert",
    "name": "burst",
    "query": QUERY,
    "message": "look @slack-risk",
    "tags": ["team:risk"],
    "options": {"thresholds": {"critical": 100}},
}


@dataclass(slots=True)
class Conversation:
    """Requests one after the other, a second apart."""

    state: State = field(default_factory=State)
    now: datetime = START
    turn: int = 0

    def ask(
        self, method: str, path: str, body: Any = None, access: Access = Access.GRANTED, **query: str
    ) -> tuple[int, Any]:
        """The status and body of the answer. Underscores in `page_offset` and the like stand for brackets."""
        brackets = {"page_offset": "page[offset]", "page_limit": "page[limit]"}
        named = {brackets.get(name, name): value for name, value in query.items()}
        outcome = answer(self.state, Request(method, path, named, body, self.now, self.turn, access))
        self.state = self.state.after(outcome.changes)
        self.turn += 1
        self.now += timedelta(seconds=1)
        assert isinstance(outcome.answer, Answer)
        return outcome.answer.status, outcome.answer.body

    def ok(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The body of an answer that has to be a 200."""
        status, answered = self.ask(method, path, body, **query)
        assert status == 200, answered
        return answered

    def refused(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, str]:
        """The status of a refusal and its only reason."""
        status, answered = self.ask(method, path, body, **query)
        (reason,) = answered["errors"]
        return status, reason

    def monitor(self, **changes: Any) -> int:
        """The number of a new monitor like `BURST`."""
        made: int = self.ok("POST", "/api/v1/monitor", BURST | changes)["id"]
        return made

    def downtime(self, **attributes: Any) -> Any:
        """The `data` of a new downtime; all of tenant acme's by default."""
        wanted = {"scope": "tenant:acme", "monitor_identifier": {"monitor_tags": ["*"]}} | attributes
        return self.ok("POST", "/api/v2/downtime", in_envelope(wanted))["data"]

    def group(self, monitor: int, group: str, status: str, **more: Any) -> Any:
        """Set the state of a group."""
        return self.ok("POST", f"/sandbox/monitor/{monitor}/group", {"group": group, "status": status} | more)


def in_envelope(attributes: Any) -> Any:
    """The body of a request that writes a downtime."""
    return {"data": {"type": "downtime", "attributes": attributes}}
