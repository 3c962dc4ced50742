"""The sandbox without HTTP: what apply asks of Datadog, answered by the pure store."""

import json
import threading
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plan_worlds import NOW, STACK

from ddguard.errors import AnswerError
from ddguard.model import ID_TAG, STACK_TAG, Identity, Stack
from ddguard.payload import live_downtime, live_monitor
from ddguard.plan import World
from ddguard.sandbox.calls import Request
from ddguard.sandbox.state import State
from ddguard.sandbox.store import answer

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    raw: Body
    adopted: bool = False


@dataclass(slots=True)
class Store:
    """A Datadog in this process. `turn` counts the requests, `writes` those that were no reads."""

    state: State = field(default_factory=State)
    now: datetime = NOW
    turn: int = 0
    writes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, method: str, path: str, body: Body | None = None, query: Mapping[str, str] | None = None) -> Any:
        sent = None if body is None else json.loads(json.dumps(body))
        with self.lock:
            self.turn += 1
            self.writes += method != "GET"
            outcome = answer(self.state, Request(method, path, query or {}, sent, self.now, self.turn))
            self.state = self.state.after(outcome.changes)
        if outcome.answer.status >= 400:
            raise AnswerError(f"{method} {path}", outcome.answer.status, outcome.answer.body["errors"])
        return json.loads(json.dumps(outcome.answer.body))

    def world(self) -> World:
        """What a plan of the stack sees."""
        monitors = self.ask("GET", "/api/v1/monitor", query={"monitor_tags": STACK.tag})
        return World([live_monitor(one) for one in monitors], [live_downtime(one) for one in self.downtimes()])

    def create_monitor(self, definition: Body, identity: Identity, known: Container[int] = ()) -> Made:
        return Made(self.ask("POST", "/api/v1/monitor", definition))

    def monitors_with(self, identity: Identity) -> list[Body]:
        tags = f"{STACK_TAG}:{identity.stack},{ID_TAG}:{identity.id}"
        listed: list[Body] = self.ask("GET", "/api/v1/monitor", query={"monitor_tags": tags})
        return listed

    def monitors_of(self, stack: Stack) -> list[Body]:
        listed: list[Body] = self.ask("GET", "/api/v1/monitor", query={"monitor_tags": stack.tag})
        return listed

    def update_monitor(self, remote_id: int, definition: Body) -> Body:
        changed: Body = self.ask("PUT", f"/api/v1/monitor/{remote_id}", definition)
        return changed

    def delete_monitor(self, remote_id: int) -> None:
        self.ask("DELETE", f"/api/v1/monitor/{remote_id}")

    def create_downtime(self, attributes: Body, marker: str, known: Container[str] = ()) -> Made:
        body = {"data": {"type": "downtime", "attributes": attributes}}
        return Made(self.ask("POST", "/api/v2/downtime", body)["data"])

    def downtimes(self) -> list[Body]:
        listed: list[Body] = self.ask("GET", "/api/v2/downtime", query={"page[limit]": "1000"})["data"]
        return listed

    def update_downtime(self, remote_id: str, attributes: Body) -> Body:
        body = {"data": {"type": "downtime", "id": remote_id, "attributes": attributes}}
        changed: Body = self.ask("PATCH", f"/api/v2/downtime/{remote_id}", body)
        return changed

    def cancel_downtime(self, remote_id: str) -> None:
        self.ask("DELETE", f"/api/v2/downtime/{remote_id}")
