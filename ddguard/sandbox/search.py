"""`monitor/search` and `monitor/groups/search`."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ddguard.model import Json
from ddguard.sandbox.calls import Outcome, RefusalError, Request, found, whole
from ddguard.sandbox.expressions import Expression, SyntaxProblem, Term, holds, parse, terms
from ddguard.sandbox.live import SEVERITY, Moment, epoch, overall
from ddguard.sandbox.queries import metrics, scopes
from ddguard.sandbox.schedules import instant
from ddguard.sandbox.state import State

PER_PAGE = 30
MAX_PER_PAGE = 1000
FOREVER = 9223372036854775807
"""The end of a mute without end, as Datadog writes it."""
STATUS_KEYS = ("status", "group_status")
HANDLE = re.compile(r"@([\w.@-]*[\w-])")

CLASSIFICATIONS: Mapping[str, str] = {"query alert": "metric", "metric alert": "metric", "service check": "custom"}
"""By type; all other types are classified by the first word of theirs."""


def monitors(state: State, request: Request) -> Outcome:
    """GET monitor/search."""
    moment = Moment.of(state, request.now)
    entries = [monitor_entry(moment, monitor) for monitor in state.monitors.values()]
    return page(request, "monitors", entries, monitor_keys)


def groups(state: State, request: Request) -> Outcome:
    """GET monitor/groups/search: every known group of every monitor."""
    moment = Moment.of(state, request.now)
    entries = [
        group_entry(moment, monitor, record)
        for monitor in state.monitors.values()
        for record in moment.groups(monitor).values()
    ]
    return page(request, "groups", entries, group_keys)


Facts = Mapping[str, Iterable[str]]


def page(request: Request, name: str, entries: list[dict[str, Any]], keys: Callable[[Json], Facts]) -> Outcome:
    """The page of the entries that the query leaves, with what they count."""
    query = parsed_query(request.query.get("query", ""))
    kept = [entry for entry in entries if matches(query, keys(entry))]
    order_by(kept, request.query.get("sort", ""))
    number = whole(request.query, "page", 0)
    size = max(1, min(whole(request.query, "per_page", PER_PAGE), MAX_PER_PAGE))
    metadata = {"page": number, "page_count": -(-len(kept) // size), "per_page": size, "total_count": len(kept)}
    shown = kept[number * size : (number + 1) * size]
    return found({"counts": counts(kept, keys), name: shown, "metadata": metadata})


def monitor_entry(moment: Moment, monitor: Mapping[str, Json]) -> dict[str, Any]:
    """A monitor as the search shows it: another shape than the API object, without options."""
    known = moment.groups(monitor)
    shown = moment.shown(monitor)
    modified = shown["overall_state_modified"]
    return {
        "id": monitor["id"],
        "org_id": monitor["org_id"],
        "name": monitor["name"],
        "type": monitor["type"],
        "query": monitor["query"],
        "classification": classification(monitor),
        "status": overall(known),
        "tags": monitor["tags"],
        "scopes": [scope for text in scopes(monitor["query"]) for scope in text.split(",")],
        "metrics": list(metrics(monitor["query"])),
        "notifications": notifications(monitor["message"]),
        "priority": monitor["priority"],
        "creator": {key: monitor["creator"].get(key) for key in ("id", "name", "handle")},
        "restricted_roles": monitor["restricted_roles"] or [],
        "last_triggered_ts": max((record["last_triggered_ts"] or 0 for record in known.values()), default=0) or None,
        "muted_until_ts": muted_until(moment, monitor, "*"),
        "overall_state_modified": epoch(instant(modified, "modified")) if modified else None,
    }


def group_entry(moment: Moment, monitor: Mapping[str, Json], record: Mapping[str, Json]) -> dict[str, Any]:
    """A group as the search shows it."""
    name = record["name"]
    until = muted_until(moment, monitor, name)
    return {
        "monitor_id": monitor["id"],
        "monitor_name": monitor["name"],
        "group": name,
        "group_tags": name.split(","),
        "all_tags": monitor["tags"],
        "env_tags": [tag for tag in monitor["tags"] if tag.startswith("env:")],
        "team_tags": [tag for tag in monitor["tags"] if tag.startswith("team:")],
        "status": record["status"],
        "priority": monitor["priority"],
        "last_triggered_ts": record["last_triggered_ts"] or 0,
        "last_nodata_ts": record["last_nodata_ts"] or 0,
        "muted": until is not None,
        "muted_until_ts": until,
        "muted_remaining": until if until in {None, FOREVER} else max(0, until - int(moment.now.timestamp())),
        "downtimes": [
            {
                "id": downtime.number,
                "monitor_id": downtime.attributes["monitor_identifier"].get("monitor_id"),
                "monitor_tags": downtime.attributes["monitor_identifier"].get("monitor_tags", []),
                "scope": [downtime.attributes["scope"]],
                "start_dt": epoch(downtime.time[0]),
                "end_dt": epoch(downtime.time[1]),
                "modified": epoch(instant(downtime.attributes["modified"], "modified")),
            }
            for downtime, muted in moment.matches(monitor)
            if muted == ("*",) or name in muted
        ],
    }


def muted_until(moment: Moment, monitor: Mapping[str, Json], group: str) -> int | None:
    """When the last mute of a group, or of the whole monitor (`*`), ends, in epoch seconds."""
    ends = [
        FOREVER if downtime.time[1] is None else int(downtime.time[1].timestamp())
        for downtime, muted in moment.matches(monitor)
        if muted == ("*",) or group in muted
    ]
    return max(ends, default=None)


def classification(monitor: Mapping[str, Json]) -> str:
    """The kind of monitor that the search counts by; Datadog also tells integrations' metrics apart."""
    kind = str(monitor["type"])
    return CLASSIFICATIONS.get(kind, kind.removesuffix(" alert"))


def notifications(message: str) -> list[dict[str, str]]:
    """The handles that a message mentions, each once."""
    return [{"handle": handle, "name": handle} for handle in dict.fromkeys(HANDLE.findall(message))]


def monitor_keys(entry: Json) -> Facts:
    """What can be searched for in a monitor."""
    return {
        "": [entry["name"]],
        "title": [entry["name"]],
        "id": [str(entry["id"])],
        "status": [entry["status"]],
        "type": [entry["classification"]],
        "tag": entry["tags"],
        "scope": entry["scopes"],
        "metric": entry["metrics"],
        "notification": [handle["handle"] for handle in entry["notifications"]],
        "muted": [str(entry["muted_until_ts"] is not None).lower()],
        "priority": [f"p{entry['priority']}"] if entry["priority"] else [],
    }


def group_keys(entry: Json) -> Facts:
    """What can be searched for in a group."""
    return {
        "": [entry["monitor_name"], entry["group"]],
        "title": [entry["monitor_name"]],
        "id": [str(entry["monitor_id"])],
        "group": [entry["group"], *entry["group_tags"]],
        "status": [entry["status"]],
        "group_status": [entry["status"]],
        "tag": entry["all_tags"],
        "muted": [str(entry["muted"]).lower()],
        "priority": [f"p{entry['priority']}"] if entry["priority"] else [],
    }


def parsed_query(text: str) -> Expression:
    """A search as an expression."""
    try:
        query = parse(text)
    except SyntaxProblem as problem:
        raise RefusalError(400, f"Query parsing error: {problem}") from problem
    statuses = {status.lower() for status in SEVERITY}
    for term in terms(query):
        if term.key.lower() in STATUS_KEYS and term.value.lower() not in statuses:
            raise RefusalError(400, f"Query parsing error: '{term.value}' is not a valid monitor status")
    return query


def matches(query: Expression, facts: Facts) -> bool:
    """Whether an entry with these facts is searched for. A word without a key is looked for inside names."""

    def said(term: Term) -> bool:
        if not term.key:
            return any(term.value.strip("*").lower() in text.lower() for text in facts[""])
        if term.key.lower() not in facts:
            return any(f"{term.key}:{term.value}".lower() == tag.lower() for tag in facts["tag"])
        return any(term.accepts(text) for text in facts[term.key.lower()])

    return holds(query, said)


def counts(entries: list[dict[str, Any]], keys: Callable[[Json], Facts]) -> dict[str, Any]:
    """How many entries there are of each status, kind, tag, and muted or not; the most frequent first."""
    counted = {
        "status": Counter(entry["status"] for entry in entries),
        "muted": Counter("true" in keys(entry)["muted"] for entry in entries),
        "tag": Counter(tag for entry in entries for tag in keys(entry)["tag"]),
        "type": Counter(kind for entry in entries for kind in keys(entry).get("type", [])),
    }
    return {
        name: [{"name": value, "count": count} for value, count in sorted(counter.items(), key=most_frequent)]
        for name, counter in counted.items()
    }


def most_frequent(counted: tuple[Any, int]) -> tuple[int, str]:
    """Sorts by falling count, then by name."""
    return -counted[1], str(counted[0])


def order_by(entries: list[dict[str, Any]], sort: str) -> None:
    """Sort by one field, `name,desc`; the order of creation where none is named."""
    field, _, direction = sort.partition(",")
    if field and entries and field in entries[0]:
        entries.sort(key=lambda entry: str(entry[field]).lower(), reverse=direction == "desc")
