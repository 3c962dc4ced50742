"""What can go wrong on the way to Datadog and back, on purpose.

A fault is spelled `KIND[=VALUE][:METHOD][:PATH][:SHARE%][:TIMESx]`, such as `drop-after:POST:/api/v1/monitor:20%`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from hashlib import blake2b

from ddguard.errors import UsageError
from ddguard.model import Json
from ddguard.sandbox.calls import Answer, Request, number

EXAMPLE = "Spell it like latency=100ms, 503:10% or drop-after:POST:/api/v1/monitor:20%."
KINDS: Mapping[str, str] = {
    "latency": "the answer comes VALUE later (latency=100ms)",
    "429": "refused with rate-limit headers, to be repeated after VALUE (429=2s; 1s without)",
    "500": "refused, nothing is carried out; the same for 502, 503, 504 and 512; VALUE becomes Retry-After",
    "500-after": "carried out, but the answer is an error; the same for 502, 503, 504 and 512",
    "drop-before": "the connection ends, nothing is carried out",
    "drop-after": "carried out, but the connection ends before the answer",
    "cut-body": "carried out, but the connection ends in the middle of the answer",
    "truncate": "carried out, but the answer is half of the JSON",
    "slow-body": "the answer's body trickles in over VALUE (slow-body=1s)",
    "repeat-page": "a list shows the page before the one asked for",
    "missing-page": "a list shows nothing",
    "short-page": "a list lacks its last entry",
}
"""What each kind does, for the help."""

ERRORS = (500, 502, 503, 504, 512)
PAGE_KINDS = frozenset({"repeat-page", "missing-page", "short-page"})
TIMED_KINDS = frozenset({"latency", "slow-body"})
NAMES = frozenset(KINDS) | {f"{status}{ending}" for status in ERRORS for ending in ("", "-after")}
LISTS = ("/api/v1/monitor", "/api/v2/downtime")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)?")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
SHARE = re.compile(r"(\d+(?:\.\d+)?)%")
TIMES = re.compile(r"(\d+)x")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, where and how often. `value` is None where none was spelled."""

    kind: str
    value: timedelta | None = None
    method: str = "*"
    path: str = "*"
    share: float = 1.0
    times: int | None = None

    def concerns(self, request: Request) -> bool:
        """Whether the request is one that this fault may strike."""
        if self.kind in PAGE_KINDS and not is_list(request):
            return False
        return self.method in {"*", request.method} and fnmatchcase(request.path, self.path)

    @property
    def seconds(self) -> float:
        """The value in seconds, 0 without one."""
        return self.value.total_seconds() if self.value else 0.0


def is_list(request: Request) -> bool:
    """Whether the request lists monitors or downtimes."""
    return request.method == "GET" and request.path in LISTS


def parse_fault(text: str) -> Fault:
    """The fault that a spelling means; raises `UsageError`. The parts after the kind may come in any order."""
    kind, *parts = text.split(":")
    kind, equals, value = kind.partition("=")
    if kind not in NAMES:
        raise UsageError(f"{text}: there is no fault {kind!r}", f"{EXAMPLE} Kinds: {', '.join(KINDS)}.")
    if kind in TIMED_KINDS and not equals:
        raise UsageError(f"{text}: {kind} needs a time", EXAMPLE)
    fault = Fault(kind, duration(value, text) if equals else None)
    for part in parts:
        fault = narrowed(fault, part, text)
    return fault


def narrowed(fault: Fault, part: str, text: str) -> Fault:
    """The fault with one more restriction."""
    if part == "*":
        return fault
    if part in METHODS:
        return replace(fault, method=part)
    if part.startswith("/"):
        return replace(fault, path=part)
    if match := SHARE.fullmatch(part):
        share = float(match[1]) / 100
        if 0 < share <= 1:
            return replace(fault, share=share)
    if match := TIMES.fullmatch(part):
        return replace(fault, times=int(match[1]))
    raise UsageError(f"{text}: {part!r} is no method, path, share (20%) or number of times (3x)", EXAMPLE)


def duration(value: str, text: str) -> timedelta:
    """`100ms`, `2s`, `1m`; a number alone is seconds."""
    match = DURATION.fullmatch(value)
    if match is None:
        raise UsageError(f"{text}: {value!r} is no time", "Spell it like 100ms, 2s or 1m.")
    return timedelta(seconds=float(match[1]) * SECONDS[match[2] or "s"])


@dataclass(slots=True)
class Faults:
    """Faults with their dice: the same seed strikes the same requests of each kind, counted one by one."""

    faults: Sequence[Fault]
    seed: int = 0
    seen: dict[Fault, int] = field(default_factory=dict)
    struck: dict[Fault, int] = field(default_factory=dict)

    def striking(self, request: Request) -> tuple[Fault, ...]:
        """The faults that strike this request. Times add up; of the others only the first strikes."""
        found: list[Fault] = []
        for fault in self.faults:
            if not fault.concerns(request):
                continue
            self.seen[fault] = self.seen.get(fault, 0) + 1
            taken = any(other.kind not in TIMED_KINDS for other in found)
            if not self.strikes(fault) or (taken and fault.kind not in TIMED_KINDS):
                continue
            self.struck[fault] = self.struck.get(fault, 0) + 1
            found.append(fault)
        return tuple(found)

    def strikes(self, fault: Fault) -> bool:
        """Whether the dice say that the request seen last is struck."""
        if fault.times is not None and self.struck.get(fault, 0) >= fault.times:
            return False
        roll = blake2b(f"{self.seed} {fault} {self.seen[fault]}".encode(), digest_size=8).digest()
        return int.from_bytes(roll) / 2**64 < fault.share


def earlier_page(request: Request) -> Request:
    """The same list request for the page before; the first page has none."""
    query = dict(request.query)
    steps = {"page": 1, "page[offset]": number(query.get("page[limit]", "")) or 30}
    for name, step in steps.items():
        page = number(query.get(name, ""))
        if page is not None:
            query[name] = str(max(0, page - step))
    return replace(request, query=query)


def with_entries(answer: Answer, kind: str) -> Answer:
    """A list's answer with the entries that `missing-page` or `short-page` leaves."""
    if answer.status != 200:
        return answer
    end = 0 if kind == "missing-page" else -1
    body: Json = answer.body
    return replace(answer, body=body[:end] if isinstance(body, list) else body | {"data": body["data"][:end]})
