"""A plan as a value: changes, refusals, notes, and the fingerprint over them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ddguard.findings import Position
from ddguard.model import Json, LiveDowntime, LiveMonitor, PrunePolicy, Stack
from ddguard.payload import FieldChange


class Action(StrEnum):
    """What happens to one object."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class Kind(StrEnum):
    """What sort of object it is."""

    MONITOR = "monitor"
    DOWNTIME = "downtime"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do. `id` is the spec's (for a delete: that of the spec that is gone).

    `remote_id` is Datadog's, as text, None before a create. `version` changes with every write to the object in
    Datadog: it is the state that the change was planned on. `wanted` is the whole object as it shall be,
    `${monitor:ID}` standing where the number isn't known yet; `needs` are the ids of the monitors that it refers to.
    `live` is the object as it was found, `position` the spec's place.
    """

    action: Action
    kind: Kind
    id: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    remote_id: str | None = None
    version: str = ""
    wanted: Mapping[str, Json] | None = None
    needs: frozenset[str] = frozenset()
    live: LiveMonitor | LiveDowntime | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A safety rule that the plan breaks: nothing of it may be applied."""

    message: str
    hint: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to be done for one stack, in an order that works: creates and updates by need, deletes last.

    `numbers` are the monitors' numbers by spec id, as far as they are known; a monitor that is replaced has none yet.
    `notes` are sentences for the reader.
    """

    stack: Stack
    changes: tuple[Change, ...]
    unchanged: int
    numbers: Mapping[str, int]
    notes: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def count(self, action: Action) -> int:
        """How many changes of one kind there are."""
        return sum(change.action is action for change in self.changes)

    @property
    def summary(self) -> dict[str, int]:
        """The number of objects by what happens to them."""
        counts = {action.value: self.count(action) for action in (Action.CREATE, Action.UPDATE, Action.DELETE)}
        return {**counts, Action.REPLACE.value: self.count(Action.REPLACE), "unchanged": self.unchanged}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what shall be done and the versions of what it was planned on."""
        seen = [
            [change.action, change.kind, change.id, change.remote_id, change.version, change.wanted]
            for change in self.changes
        ]
        text = json.dumps([self.stack.name, seen], sort_keys=True, separators=(",", ":"), default=dict)
        return hashlib.sha256(text.encode()).hexdigest()


class Result(StrEnum):
    """How one change ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change. `remote_id` is the object's after it; `error` tells why it failed or was skipped.

    `adopted` tells that the object was there already: an earlier answer had been lost.
    """

    change: Change
    result: Result
    remote_id: str | None = None
    error: str = ""
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What Datadog has: the objects that carry the stack's mark, and the monitors that specs adopt by `remote_id`."""

    monitors: Sequence[LiveMonitor]
    downtimes: Sequence[LiveDowntime]
    adopted: Mapping[int, LiveMonitor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a plan is made: at which time, whether what has no spec is deleted, and how much of that is too much.

    `max_deletes` stands in for the policy's share where the user gives it. `narrowed` tells that only some of the
    specs are at hand: then nothing is deleted. `all_ids` are the ids of all specs of the project.
    """

    now: datetime
    prune: bool = False
    policy: PrunePolicy = field(default_factory=PrunePolicy)
    max_deletes: int | None = None
    narrowed: bool = False
    all_ids: frozenset[str] = frozenset()
