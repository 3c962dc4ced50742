"""How an answer travels: its bytes, its headers, and what a fault does to them."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ddguard.model import EMPTY
from ddguard.sandbox.calls import Answer
from ddguard.sandbox.faults import ERRORS, Fault
from ddguard.sandbox.store import Limit

JSON_TYPE = "application/json"
PROXY_TYPE = "text/html"
REASONS: Mapping[int, str] = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    512: "Timeout",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes over the wire: a status of 0 ends the connection without a word.

    `length` is what Content-Length says: where it is more than the content, the connection ends early. `delay` comes
    before the first byte, `trickle` is spread over the content, both in seconds.
    """

    status: int
    content: bytes = b""
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    length: int = 0
    delay: float = 0.0
    trickle: float = 0.0


def delivered(answer: Answer, headers: Mapping[str, str], faults: Sequence[Fault]) -> Delivery:
    """An answer that was carried out, with what the faults do to it on its way."""
    content = b"" if answer.body is None else json.dumps(answer.body).encode()
    delay = sum(fault.seconds for fault in faults if fault.kind == "latency")
    trickle = sum(fault.seconds for fault in faults if fault.kind == "slow-body")
    kinds = {fault.kind for fault in faults}
    if "drop-after" in kinds:
        return Delivery(0, delay=delay)
    for status in ERRORS:
        if f"{status}-after" in kinds:
            return failed(status, None, delay)
    half = content[: len(content) // 2]
    if "cut-body" in kinds and half:
        return Delivery(answer.status, half, headers=headers, length=len(content), delay=delay)
    if "truncate" in kinds:
        content = half
    return Delivery(answer.status, content, JSON_TYPE, headers, len(content), delay, trickle)


def refused(faults: Sequence[Fault], limit: Limit | None) -> Delivery | None:
    """What is sent instead of carrying a request out, None where it is carried out."""
    delay = sum(fault.seconds for fault in faults if fault.kind == "latency")
    for fault in faults:
        if fault.kind == "drop-before":
            return Delivery(0, delay=delay)
        if fault.kind == "429":
            return too_many(fault, limit or Limit(12000, 60), delay)
        if fault.kind.isdigit():
            return failed(int(fault.kind), fault, delay)
    return None


def too_many(fault: Fault, limit: Limit, delay: float) -> Delivery:
    """A 429 that says when to come back."""
    wait = 1 if fault.value is None else math.ceil(fault.seconds)
    told = f"Rate limit of {limit.limit} requests in {limit.period} seconds reached. Please try again later."
    content = json.dumps({"status": "error", "code": 429, "errors": [told]}).encode()
    headers = rate_headers(limit, remaining=0, reset=wait)
    return Delivery(429, content, JSON_TYPE, headers, len(content), delay)


def failed(status: int, fault: Fault | None, delay: float) -> Delivery:
    """A 5xx: Datadog's own 500 is JSON, the others come from proxies and are none."""
    reason = REASONS[status]
    content = json.dumps({"errors": [reason]}) if status == 500 else f"<html><h1>{status} {reason}</h1></html>"
    headers = {"Retry-After": str(math.ceil(fault.seconds))} if fault and fault.value is not None else EMPTY
    kind = JSON_TYPE if status == 500 else PROXY_TYPE
    return Delivery(status, content.encode(), kind, headers, len(content), delay)


def rate_headers(limit: Limit, remaining: int, reset: int) -> dict[str, str]:
    """The headers of a rate limit, as recorded."""
    headers = {
        "X-RateLimit-Limit": str(limit.limit),
        "X-RateLimit-Period": str(limit.period),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset),
    }
    return headers | ({"X-RateLimit-Name": limit.name} if limit.name else {})


def seconds_left(limit: Limit, now: datetime) -> int:
    """How long the period that `now` lies in still lasts."""
    return limit.period - int(now.timestamp()) % limit.period
