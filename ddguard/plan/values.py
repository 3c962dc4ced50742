"""A plan as a value: changes, refusals, notes, and the fingerprint over them."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from ddguard.findings import Position
from ddguard.model import Json, LiveDowntime, LiveMonitor, PrunePolicy, Stack
from ddguard.payload import FieldChange
from ddguard.payload.normal import parsed_time


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

    `remote_id` is Datadog's, as text, None before a create. `version` is when Datadog says that the object was last
    written (ISO 8601): the state that the change was planned on. `wanted` is the whole object as it shall be,
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

    @property
    def last_written(self) -> str:
        """The version in UTC with `Z` and whole seconds; empty before a create, or where Datadog doesn't tell."""
        moment = parsed_time(self.version)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment and moment.tzinfo else ""


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

    @property
    def summary(self) -> dict[str, int]:
        """The number of objects by what happens to them."""
        counts = Counter(change.action for change in self.changes)
        shown = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.REPLACE)
        return {**{action.value: counts[action] for action in shown}, "unchanged": self.unchanged}

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over what shall be done and the versions of what it was planned on, whatever the order."""
        seen = [
            [change.kind, change.id, change.action, change.remote_id or "", change.version, change.wanted]
            for change in self.changes
        ]
        seen.sort(key=lambda told: told[:4])
        text = json.dumps([self.stack.name, seen], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Result(StrEnum):
    """How one change ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change. `remote_id` is the object's after it.

    `error` tells why it failed or was skipped, `hint` what to do about it; both may be empty. `adopted` tells that the
    object was there already: an earlier answer had been lost. `unreached` tells that it failed because Datadog could
    not be used: nothing that is known of was changed.
    """

    change: Change
    result: Result
    remote_id: str | None = None
    error: str = ""
    hint: str = ""
    adopted: bool = False
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What Datadog has.

    `monitors` are those that carry the stack's tag, `downtimes` all there are, those of others and those that are over
    too; `adopted` are the monitors that specs take over by `remote_id`, by their numbers.
    """

    monitors: Sequence[LiveMonitor]
    downtimes: Sequence[LiveDowntime]
    adopted: Mapping[int, LiveMonitor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a plan is made: at which time, whether what has no spec is deleted, and how much of that is too much.

    `max_deletes` stands in for the policy's share where the user gives it. `narrowed` tells that only some of the
    specs are at hand: then nothing is deleted. `all_ids` are the ids of all specs of the project, also of those that
    couldn't be read. Tags with `ignored_tag_keys` are those of other systems.
    """

    now: datetime
    prune: bool = False
    policy: PrunePolicy = field(default_factory=PrunePolicy)
    max_deletes: int | None = None
    narrowed: bool = False
    all_ids: frozenset[str] = frozenset()
    ignored_tag_keys: frozenset[str] = frozenset()
