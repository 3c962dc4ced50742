"""`/sandbox/...`: what only the sandbox has. Needs no keys."""

from collections.abc import Mapping
from datetime import timedelta

from ddguard.model import EMPTY, Json
from ddguard.sandbox.calls import Change, Outcome, RefusalError, Request, found, instant_text
from ddguard.sandbox.live import SEVERITY, Moment, epoch, overall
from ddguard.sandbox.monitors import known
from ddguard.sandbox.schedules import instant, length
from ddguard.sandbox.state import State

TRIGGERED = ("Alert", "Warn", "No Data")


def overview(state: State, request: Request) -> Outcome:
    """GET /sandbox: the sandbox's time and what it holds."""
    counts = {"monitors": len(state.monitors), "downtimes": len(state.downtimes)}
    return found({"now": instant_text(request.now)} | counts)


def reset(state: State, request: Request) -> Outcome:
    """POST /sandbox/reset: forget everything, the numbers that were given too."""
    del request
    return found({}, *state.emptied())


def set_clock(state: State, request: Request) -> Outcome:
    """POST /sandbox/clock: `{"advance": "2h"}` or `{"now": "2026-01-05T03:00:00Z"}`. Time goes on from there."""
    asked = sent(request)
    shift = timedelta(seconds=state.settings.get("clock_shift", 0))
    if "advance" in asked:
        moved = length(asked["advance"])
    elif "now" in asked:
        moved = instant(asked["now"], "now") - request.now
    else:
        raise RefusalError(400, "say advance or now")
    change = Change("settings", "clock_shift", (shift + moved).total_seconds())
    return found({"now": instant_text(request.now + moved)}, change)


def set_group(state: State, request: Request, text: str) -> Outcome:
    """POST /sandbox/monitor/{id}/group: `{"group": "tenant:acme", "status": "Alert", "value": 155, "at": "..."}`.

    `value` and `at` (default: now) may be left out. A group of a monitor without groups is `*`.
    """
    monitor = known(state, text)
    asked = sent(request)
    group, status = asked.get("group"), asked.get("status")
    if not isinstance(group, str) or not group:
        raise RefusalError(400, "group is required")
    if status not in SEVERITY:
        raise RefusalError(400, f"status is one of {', '.join(SEVERITY)}")
    when = instant(asked["at"], "at") if asked.get("at") else request.now
    moment = Moment.of(state, when)
    before = moment.groups(monitor)
    record = dict(before.get(group, EMPTY)) or new_group(group)
    if record["status"] != status:
        record |= {"status": status} | times(status, epoch(when))
        if not any(groups == ("*",) or group in groups for _, groups in moment.matches(monitor)):
            record["last_notified_ts"] = epoch(when)
    if "value" in asked:
        record["triggering_value"] = {"value": asked["value"], "from_ts": epoch(when), "to_ts": epoch(when)}
    after = dict(before) | {group: record}
    modified = state.groups.get(monitor["id"], EMPTY).get("overall_state_modified")
    if modified is None or overall(before) != overall(after):
        modified = instant_text(when.replace(microsecond=0))
    row = {"groups": after, "overall_state_modified": modified}
    return found(record, Change("groups", monitor["id"], row))


def new_group(group: str) -> dict[str, Json]:
    """A group of which nothing is known yet."""
    stamps = ("last_triggered_ts", "last_resolved_ts", "last_nodata_ts", "last_notified_ts")
    return {"name": group, "status": None} | dict.fromkeys(stamps)


def times(status: str, when: int | None) -> dict[str, Json]:
    """The stamps that a change to that status moves."""
    if status not in TRIGGERED:
        return {"last_resolved_ts": when}
    return {"last_triggered_ts": when} | ({"last_nodata_ts": when} if status == "No Data" else {})


def sent(request: Request) -> Mapping[str, Json]:
    """The object in the body."""
    if not isinstance(request.body, Mapping):
        raise RefusalError(400, "the body is a JSON object")
    return request.body
