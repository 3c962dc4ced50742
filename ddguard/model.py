"""The things ddguard speaks about: projects, stacks, monitors, downtimes, as wished for and as found in Datadog."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from ddguard.findings import Position

Json = Any
Scalar = str | int | float | bool | None
Path = tuple[str | int, ...]
"""The way to a value inside a spec: `("options", "thresholds", "critical")`."""

STACK_TAG = "ddguard_stack"
ID_TAG = "ddguard_id"
PROTECT_TAG = "ddguard_protect:true"
"""Marks what a spec protects, so that it stays protected when the spec is gone."""
HOLD_TAG = "hold:manual-review"
RESERVED_TAG_KEYS = (STACK_TAG, ID_TAG, "ddguard_protect")

BRACED_MONITOR = r"\{monitor:([a-z0-9][a-z0-9_.-]*)\}"
"""What stands behind the dollar sign of a reference, as a pattern."""
MONITOR_REFERENCE = re.compile(rf"\${BRACED_MONITOR}")
DOLLARS_AND_MONITOR = re.compile(rf"(?<!\$)(\$+){BRACED_MONITOR}")
"""All dollar signs before `{monitor:ID}`: two are one, and where one is left over it makes a reference."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reference:
    """A `${monitor:ID}`: whose `id` it names, and where in its text it begins and ends."""

    id: str
    start: int
    end: int


class Source(Protocol):
    """Knows where each value of one spec stands in its file."""

    def at(self, path: Path = (), offset: int = 0, width: int = 0) -> Position:
        """The place of the value at `path`, or of its nearest parent that exists.

        `offset` and `width` mean characters of the value as it is after variables were filled in; the place is that
        of the same characters in the file. A width of 0 means the whole value, as far as it stands on one line.
        """

    def key_at(self, path: Path) -> Position:
        """The place of the key at the end of `path`; the nearest parent's value where there is no such key."""


@dataclass(frozen=True, slots=True)
class PrunePolicy:
    """At most `max_share` of a stack may be deleted at once, once it has `min_objects` or more."""

    max_share: float = 0.3
    min_objects: int = 10


@dataclass(frozen=True, slots=True)
class SnoozePolicy:
    """Which tag keys may be snoozed, for how long by default and at most, and whether a reason must be given."""

    keys: tuple[str, ...] = ("tenant",)
    default: timedelta = timedelta(hours=1)
    max: timedelta = timedelta(hours=24)
    reason_required: bool = True


@dataclass(frozen=True, slots=True)
class Environment:
    """One place a project is applied to. `site` is Datadog's (datadoghq.eu), None for the usual one."""

    name: str
    site: str | None = None
    variables: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Project:
    """What `ddguard.yaml` says.

    `ignored_tag_keys` are those of tags that other systems put on monitors. `prometheus_metrics` are Datadog's metric
    names and what Prometheus calls them.
    """

    name: str
    source: Source
    default_environment: str | None = None
    variables: Mapping[str, Scalar] = field(default_factory=lambda: EMPTY)
    environments: Mapping[str, Environment] = field(default_factory=lambda: EMPTY)
    tags: tuple[str, ...] = ()
    ignored_tag_keys: frozenset[str] = frozenset()
    prune: PrunePolicy = PrunePolicy()
    snooze: SnoozePolicy = SnoozePolicy()
    private_group_keys_allowed: frozenset[str] = frozenset()
    prometheus_metrics: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Stack:
    """One project in one environment: the owner of everything that ddguard creates."""

    project: str
    environment: str

    @property
    def name(self) -> str:
        """`streampay/prod`."""
        return f"{self.project}/{self.environment}"

    @property
    def tag(self) -> str:
        """The monitor tag by which Datadog finds everything of this stack."""
        return f"{STACK_TAG}:{self.name}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """A group that a monitor leaves out: `tag` is `key:value`; it counts to the end of the day `expires` (UTC)."""

    tag: str
    reason: str
    expires: date

    def runs_on(self, day: date) -> bool:
        """Whether the group is still left out on that day (UTC)."""
        return day <= self.expires


@dataclass(frozen=True, slots=True)
class Hold:
    """A flag that asks `review` (a Datadog handle) for a manual review. It never moves or freezes money."""

    review: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """A check that a spec doesn't want, why, and until when (the end of that day, None: for good)."""

    check: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor as its spec wants it.

    `definition` is the API object: variables filled in, the project's tags added, `${monitor:ID}` still standing, and
    `$${monitor:ID}`, which is that text and no reference.
    It carries neither identity tags nor what `allow` and `hold` add: those come in `ddguard.payload`.
    """

    id: str
    definition: Mapping[str, Json]
    source: Source
    protect: bool = False
    remote_id: int | None = None
    allow: tuple[Allowance, ...] = ()
    hold: Hold | None = None
    ignore: tuple[Ignore, ...] = ()

    @property
    def type(self) -> str:
        """Datadog's monitor type, such as `query alert`."""
        return str(self.definition["type"])

    @property
    def name(self) -> str:
        """The monitor's title; Datadog makes one up where the spec has none."""
        return str(self.definition.get("name") or "")


@dataclass(frozen=True, slots=True)
class Downtime:
    """A downtime as its spec wants it.

    `attributes` are those of `/api/v2/downtime`, variables filled in. `monitor` is the id of the spec that
    `monitor_identifier: {monitor: ID}` names; `attributes` then has no `monitor_identifier`.
    """

    id: str
    attributes: Mapping[str, Json]
    source: Source
    monitor: str | None = None
    protect: bool = False
    remote_id: str | None = None
    ignore: tuple[Ignore, ...] = ()

    @property
    def name(self) -> str:
        """What a reader sees first: the scope."""
        return str(self.attributes.get("scope", ""))


@dataclass(frozen=True, slots=True)
class Identity:
    """Which spec of which stack (`project/environment`) an object in Datadog belongs to."""

    stack: str
    id: str


@dataclass(frozen=True, slots=True)
class LiveMonitor:
    """A monitor as Datadog has it. `definition` is the answer's JSON as it came."""

    remote_id: int
    definition: Mapping[str, Json]
    identity: Identity | None

    @property
    def version(self) -> str:
        """Changes with every write to the monitor."""
        return str(self.definition.get("modified", ""))


@dataclass(frozen=True, slots=True)
class LiveDowntime:
    """A downtime as Datadog has it. `attributes` is the answer's JSON as it came."""

    remote_id: str
    attributes: Mapping[str, Json]
    identity: Identity | None

    @property
    def status(self) -> str:
        """`scheduled`, `active`, `ended` or `canceled`."""
        return str(self.attributes.get("status", ""))

    @property
    def version(self) -> str:
        """Changes with every write to the downtime."""
        return str(self.attributes.get("modified", ""))


def texts(value: Json) -> Iterator[str]:
    """Every text inside a JSON value, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)


def monitors_referred_to(value: Json) -> frozenset[str]:
    """The ids in every reference inside a JSON value."""
    return frozenset(found.id for text in texts(value) for found in references_in(text))


def references_in(text: str) -> Iterator[Reference]:
    """Every `${monitor:ID}` in a text; `$$` before it is a dollar sign, and so `$${monitor:ID}` is none."""
    for found in DOLLARS_AND_MONITOR.finditer(text) if "${monitor:" in text else ():
        if len(found[1]) % 2 == 1:
            yield Reference(found[2], found.end(1) - 1, found.end())


def with_texts(value: Json, change: Callable[[str], str]) -> Json:
    """The same JSON value with `change` applied to every text in it, keys aside."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: with_texts(inner, change) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_texts(inner, change) for inner in value]
    return value
