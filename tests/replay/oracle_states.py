"""States and notifications of one group, round by round, written from the documentation alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Test = Callable[[float, float], bool]
COMPARE: dict[str, Test] = {
    ">": lambda v, t: v > t,
    ">=": lambda v, t: v >= t,
    "<": lambda v, t: v < t,
    "<=": lambda v, t: v <= t,
    "==": lambda v, t: v == t,
    "!=": lambda v, t: v != t,
}
RECOVERED: dict[str, Test] = {
    ">": lambda v, t: v <= t,
    ">=": lambda v, t: v < t,
    "<": lambda v, t: v >= t,
    "<=": lambda v, t: v > t,
}


@dataclass
class Options:
    """What the state machine goes by; durations in seconds."""

    operator: str
    critical: float
    warning: float | None = None
    critical_recovery: float | None = None
    warning_recovery: float | None = None
    missing: str = "keep"
    no_data_after: int = 0
    timeout: int | None = None
    retention: int | None = None
    delay: int = 0
    window: int = 300
    assume: dict[str, str] = field(default_factory=dict)


def next_state(options: Options, before: str | None, value: float) -> str:
    """The documented state machine."""
    over = COMPARE[options.operator]

    def held(threshold: float | None) -> bool:
        if threshold is None or options.operator not in RECOVERED:
            return False
        return not RECOVERED[options.operator](value, threshold)

    warned = options.warning is not None and over(value, options.warning)
    if over(value, options.critical):
        return "Alert"
    if before == "Alert" and held(options.critical_recovery):
        drops = warned and options.assume.get("critical-recovery") == "warn"
        return "Warn" if drops else "Alert"
    if warned:
        return "Warn"
    if before == "Warn" and held(options.warning_recovery):
        return "Warn"
    if before == "Alert" and held(options.warning_recovery):
        return "Warn" if options.assume.get("warning-recovery-after-alert") == "warn" else "OK"
    return "OK"


def states(  # noqa: C901 - one loop, on purpose
    options: Options, rounds: list[tuple[int, int, float | None, bool]], points: list[int]
) -> list[str | None]:
    """The state in each round. A round is its name, its second, its value, and whether its window was full."""
    found: list[str | None] = []
    state: str | None = None
    memory: str | None = None
    missing_since: int | None = None
    resolved = False
    retrigger = False
    eligible = min(points, default=2**62) + options.delay
    for at, now, value, full in rounds:
        seen = state if state != "No Data" or options.assume.get("recovery-memory") != "keep" else memory
        if now < eligible:
            pass
        elif value is not None:
            missing_since, resolved, retrigger = None, False, False
            if full:
                state = next_state(options, seen, value)
        elif state is not None:
            missing_since = at if missing_since is None else missing_since
            for_ = at - missing_since
            if retrigger:
                state, retrigger = next_state(options, "OK", 0.0), False
            elif options.missing == "zero" and for_ == 0:
                state = next_state(options, seen, 0.0)
            elif options.missing == "resolve":
                state = "OK"
            elif options.missing == "no data" and not resolved and for_ + options.window >= options.no_data_after:
                state = "No Data"
            gone = options.retention is not None and for_ >= options.retention
            if options.timeout and for_ >= options.timeout and found[-1] != "OK" and state != "OK" and not resolved:
                state, resolved = "OK", True
                retrigger = options.missing == "zero" and not gone
            elif gone:
                state, memory, missing_since, resolved, retrigger = None, None, None, False, False
                eligible = min((point for point in points if point > now), default=2**62) + options.delay
        if state not in {None, "No Data"}:
            memory = state
        found.append(state)
    return found


def transitions(rounds: list[int], found: list[str | None]) -> list[tuple[int, str | None, str | None]]:
    """Changes of state; a first state of OK is none."""
    changes = []
    before: str | None = None
    for at, state in zip(rounds, found, strict=True):
        if state != before and not (before is None and state == "OK"):
            changes.append((at, before, state))
        before = state
    return changes


KINDS = {"Alert": "alert", "Warn": "warn", "No Data": "no data", "OK": "recovery"}


def notifications(
    rounds: list[int],
    found: list[str | None],
    offset: int,
    *,
    tells_no_data: bool,
    renotify: dict[str, Any] | None,
    mutes: list[dict[str, Any]],
) -> list[tuple[int, str, str, bool]]:
    """What is sent, as (round, kind, state, whether a downtime held it back). `mutes` are downtimes of this group."""
    sent: list[tuple[int, str, str, bool]] = []
    before: str | None = None
    open_, told = False, False
    last, repeats = 0, 0
    was_at: int | None = None
    for at, state in zip(rounds, found, strict=True):
        now = at + offset
        muting = [mute for mute in mutes if mute["start"] <= now < mute["end"]]
        ended = (
            [] if was_at is None else [m for m in mutes if was_at + offset < m["end"] <= now and m["start"] < m["end"]]
        )
        kind = None
        muted = bool(muting)
        worth = state is not None and state != "OK" and (state != "No Data" or tells_no_data)
        if state != before:
            repeats = 0
            if state == "OK" and open_:
                kind = "recovery"
                muted = muted and not (told and not any(mute.get("first") for mute in muting))
            elif worth:
                kind = KINDS[str(state)]
            if state is None or (state == "OK" and not open_):
                open_ = told = False
        elif worth and not muting and any(
            KINDS[str(state)] in m.get("states", ("alert", "warn", "no data")) and m.get("expired", True) for m in ended
        ):  # fmt: skip
            kind, muted = KINDS[str(state)], False
        elif renotify and worth and open_ and KINDS[str(state)] in renotify["statuses"] and (
            at >= last + renotify["interval"] and repeats < renotify.get("occurrences", 2**62)
        ):  # fmt: skip
            kind = "renotify"
            repeats += 1
        if kind:
            sent.append((at, kind, str(state), muted))
            last = at
            open_ = state != "OK"
            told = open_ and (told or not muted)
        before = state
        was_at = at
    return sent
